import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { judgeAsk, nextDue, viewOf, type GateView } from '../../src/domain/judge-ask';
import type { DecisionRecord } from '../../src/domain/rollout';

const names = ['ann@example.com', 'bob@example.com', 'cid@example.com', 'dee@example.com'];
const anyone = fc.constantFrom(...names, ...names.map((name) => name.toUpperCase()));

const gates: fc.Arbitrary<GateView[]> = fc.uniqueArray(
  fc.record({
    gate: fc.constantFrom('release', 'security', 'business'),
    needed: fc.integer({ min: 1, max: 3 }),
    approvers: fc.subarray(names, { minLength: 1 }),
  }),
  { selector: ({ gate }) => gate, maxLength: 3 },
);
const decision = (answer: fc.Arbitrary<'yes' | 'no'>): fc.Arbitrary<DecisionRecord> =>
  fc.record({
    gate: fc.constantFrom('release', 'security', 'business', 'gone'),
    approver: anyone,
    answer,
    at: fc.constant('2026-11-23T10:00:00.000Z'),
  });
const yesses = fc.array(decision(fc.constant('yes' as const)), { maxLength: 8 });
const combine = fc.constantFrom('all' as const, 'any' as const);
const time = fc.nat({ max: 1000 });

/** The rule said another way: for each gate, how many of its approvers are among those who said yes to it. */
function isGranted(all: GateView[], how: 'all' | 'any', decisions: DecisionRecord[]): boolean {
  const isOpenTo = ({ gate, needed, approvers }: GateView): boolean =>
    approvers.filter((one) => decisions.some((said) => said.gate === gate && said.approver.toLowerCase() === one)).length < needed;
  return all.length === 0 || (how === 'all' ? !all.some(isOpenTo) : !all.every(isOpenTo));
}

describe('judging an ask', () => {
  it('is rejected by one no, however gates combine, however many said yes, and whenever', () => {
    fc.assert(
      fc.property(
        gates,
        combine,
        yesses,
        decision(fc.constant('no' as const)),
        fc.nat(),
        time,
        time,
        (all, how, said, no, place, now, until) => {
          const decisions = said.toSpliced(place % (said.length + 1), 0, no);
          expect(judgeAsk(all, how, decisions, now, until)).toBe('rejected');
        },
      ),
    );
  });

  it('is granted by as many of a gate’s own approvers as it needs, and by nothing less', () => {
    fc.assert(
      fc.property(gates, combine, yesses, time, time, (all, how, said, now, until) => {
        expect(judgeAsk(all, how, said, now, until) === 'granted').toBe(isGranted(all, how, said));
      }),
      { numRuns: 500 },
    );
  });

  it('counts a yes that came in time after the expiry too', () => {
    fc.assert(
      fc.property(gates, combine, yesses, time, time, (all, how, said, now, until) => {
        const verdict = judgeAsk(all, how, said, now, until);
        if (verdict === 'granted') expect(judgeAsk(all, how, said, until + now, until)).toBe('granted');
        else expect(verdict).toBe(now >= until ? 'expired' : 'waiting');
      }),
    );
  });

  it('counts nobody twice, and nobody who is not listed', () => {
    fc.assert(
      fc.property(gates, combine, yesses, anyone, time, (all, how, said, extra, now) => {
        const again = said.flatMap((one) => [one, { ...one, approver: one.approver.toUpperCase() }]);
        expect(judgeAsk(all, how, again, now, 500)).toBe(judgeAsk(all, how, said, now, 500));
        const strangers = all.map(({ gate }) => ({ gate, approver: `x${extra}`, answer: 'yes' as const, at: '' }));
        expect(judgeAsk(all, how, [...said, ...strangers], now, 500)).toBe(judgeAsk(all, how, said, now, 500));
      }),
    );
  });

  it('expires at the very time it says', () => {
    const gate = { gate: 'release', needed: 1, approvers: names };
    expect([999, 1000, 1001].map((now) => judgeAsk([gate], 'all', [], now, 1000))).toEqual(['waiting', 'expired', 'expired']);
  });

  it('is granted where policy asks nobody', () => {
    expect(judgeAsk([], 'all', [], 0, 1)).toBe('granted');
    expect(judgeAsk([], 'any', [], 2, 1)).toBe('granted');
  });
});

describe('whose yes counts at a gate', () => {
  const board = '5b2c0c1e-0000-4000-8000-00000000b0a2';
  const yes = { gate: 'release', approver: 'zoe@example.com', answer: 'yes' as const, at: '2026-11-23T10:00:00.000Z' };
  const byGroup = { ...yes, group: board };
  const byService = { ...yes, approver: 'ann@example.com', service: 'servicenow' as const, request: 'CHG0030001' };
  const verdict = (gate: GateView, decision: DecisionRecord) => judgeAsk([gate], 'all', [decision], 0, 1);

  it('is that of members of its groups, and of no other group’s', () => {
    const asked = [{ address: 'ann@example.com' }, { address: 'board@example.com', group: board }];
    const gate = viewOf({ gate: 'release', needed: 1 }, asked);
    expect(gate).toEqual({ gate: 'release', needed: 1, approvers: ['ann@example.com'], groups: [board] });
    expect(verdict(gate, byGroup)).toBe('granted');
    expect(verdict({ ...gate, groups: ['another'] }, byGroup)).toBe('waiting');
    const { groups: _groups, ...without } = gate;
    expect(verdict(without, byGroup)).toBe('waiting');
    expect(verdict(gate, { ...yes, approver: 'board@example.com' })).toBe('waiting');
  });

  it('is whatever its service took for one, and at no other gate, whoever is named', () => {
    const listed = viewOf({ gate: 'release', needed: 1 }, [{ address: 'ann@example.com' }]);
    const answeredThere = viewOf({ gate: 'release', needed: 1, isService: true }, []);
    expect(answeredThere).toEqual({ gate: 'release', needed: 1, isService: true, approvers: [], groups: [] });
    expect(verdict(answeredThere, byService)).toBe('granted');
    expect(verdict(listed, byService)).toBe('waiting');
    expect(verdict(answeredThere, yes)).toBe('waiting');
    expect(verdict(answeredThere, byGroup)).toBe('waiting');
  });
});

describe('when to look at an ask next', () => {
  const parts = fc.array(fc.double({ min: 0.01, max: 0.99, noNaN: true }), { maxLength: 4 });

  it('is at the reminders still to come, in order, then at the expiry', () => {
    fc.assert(
      fc.property(
        parts,
        fc.integer({ min: 0, max: 1_000_000 }),
        fc.integer({ min: 1000, max: 2_592_000_000 }),
        (remindAt, openedAt, lasts) => {
          const expiresAt = openedAt + lasts;
          const wanted = [...new Set(remindAt.map((part) => openedAt + Math.round(lasts * part)))].sort((a, b) => a - b);
          const due: number[] = [];
          let now = openedAt;
          for (;;) {
            const next = nextDue(openedAt, expiresAt, remindAt, now);
            if (next.reminder === undefined) {
              expect(next.atMs).toBe(expiresAt);
              break;
            }
            expect(next.atMs).toBeGreaterThan(now);
            due.push((now = next.atMs));
          }
          expect(due).toEqual(wanted);
        },
      ),
    );
  });

  it('numbers reminders by when they are due, however policy orders them', () => {
    const at = (now: number) => nextDue(1000, 2000, [0.8, 0.5], now);
    expect([at(1000), at(1499), at(1500), at(1799), at(1800), at(9000)]).toEqual([
      { atMs: 1500, reminder: 1 },
      { atMs: 1500, reminder: 1 },
      { atMs: 1800, reminder: 2 },
      { atMs: 1800, reminder: 2 },
      { atMs: 2000, reminder: undefined },
      { atMs: 2000, reminder: undefined },
    ]);
  });
});
