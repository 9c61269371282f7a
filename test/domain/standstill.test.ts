import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { GateRow, LinkGatePolicy } from '../../src/domain/gate';
import { judgeAsk } from '../../src/domain/judge-ask';
import { combined, gatesToday, judgeHeld, standingKept } from '../../src/domain/judge-grant';
import type { DecisionRecord } from '../../src/domain/rollout';
import { settingsSchema, type Policy } from '../../src/domain/settings';
import { freeFrom, gatesFor, nextChangeMs, standstillsFor, stopsFor, type Bound } from '../../src/domain/standstill';
import type { StoppedApp } from '../../src/domain/stop';

const now = Date.parse('2026-12-24T16:00:00Z');
const at = '2026-12-24T10:00:00.000Z';
function policyOf(written: object): Policy {
  const settings = settingsSchema.parse({
    azure: { subscription: 's', resourceGroup: 'g' },
    people: { team: ['team@example.com'] },
    apps: {},
    policies: { careful: written },
  });
  return settings.policies['careful']!;
}
const gateOf = (name: string, more: object = {}) => ({ name, kind: 'signed-link', approvers: ['ann@example.com'], ...more });
const freezes = [{ from: '2026-12-20', to: '2027-01-03', reason: 'holidays' }];
const windows = [{ days: ['mon' as const], from: '09:00', to: '16:00' }];
const stop: StoppedApp = { app: null, by: 'olga', reason: 'the database moves', at };
const deploy: Bound = { kind: 'deploy' };

describe('why no swap may be', () => {
  const asks = { gates: [gateOf('release')] };
  const strict = policyOf({ ...asks, calendar: { freezes, windows }, hotfix: { passes: ['stop', 'window'] } });
  const kinds = (bound: Bound, policies: Policy[], stops: StoppedApp[] = [stop]) =>
    standstillsFor(bound, policies, stops, now).map(({ kind }) => kind);

  it('is whatever any of the policies says, each reason once', () => {
    expect(kinds(deploy, [strict, strict])).toEqual(['stop', 'freeze', 'window']);
    expect(kinds(deploy, [policyOf({}), strict])).toEqual(['stop', 'freeze', 'window']);
    expect(kinds(deploy, [policyOf({})], [])).toEqual([]);
  });

  it('binds no revert, and no override to windows and freezes', () => {
    expect(kinds({ kind: 'revert' }, [strict])).toEqual([]);
    expect(kinds({ kind: 'deploy', override: { by: 'olga', reason: 'x', at } }, [strict])).toEqual(['stop']);
  });

  it('is passed by a hotfix as far as each policy says', () => {
    const hotfix: Bound = { kind: 'deploy', hotfix: 'a leak' };
    expect(kinds(hotfix, [strict])).toEqual(['freeze']);
    expect(kinds(hotfix, [strict, policyOf({ ...asks, hotfix: {} })])).toEqual(['freeze']);
    expect(kinds(hotfix, [strict, policyOf({})])).toEqual(['freeze', 'stop']);
  });

  it('is a stop for a rollout, but no revert, and no hotfix that every policy lets pass it', () => {
    const passing = policyOf({ ...asks, hotfix: { passes: ['stop'] } });
    const hotfix: Bound = { ...deploy, hotfix: 'it burns' };
    expect(stopsFor(deploy, [passing], [stop])).toEqual([stop]);
    expect(stopsFor({ ...deploy, kind: 'revert' }, [policyOf({})], [stop])).toEqual([]);
    expect(stopsFor(hotfix, [passing], [stop])).toEqual([]);
    expect(stopsFor(hotfix, [passing, policyOf({})], [stop])).toEqual([stop]);
  });

  it('is said with who stopped what', () => {
    const said = (app: string | null) => standstillsFor(deploy, [policyOf({})], [{ ...stop, app }], now)[0]?.sentence;
    expect(said(null)).toBe('olga stopped the line at 2026-12-24 10:00 UTC: the database moves.');
    expect(said('hello')).toBe('olga stopped the line of hello at 2026-12-24 10:00 UTC: the database moves.');
  });

  it('ends by itself at a time, or never', () => {
    const both = standstillsFor(deploy, [policyOf({ calendar: { freezes, windows } })], [], now);
    // The first window would open on a Monday within the freeze; the one after the freeze is the day it ends.
    expect(nextChangeMs(both)).toBe(Date.parse('2026-12-28T09:00:00Z'));
    expect(freeFrom(deploy, [policyOf({ calendar: { freezes, windows } })], [], now)).toBe(Date.parse('2027-01-04T09:00:00Z'));
    expect(freeFrom(deploy, [policyOf({})], [], now)).toBe(now);
    expect(freeFrom(deploy, [policyOf({})], [stop], now)).toBeUndefined();
    const endless = Array.from({ length: 101 }, (_, n) => ({ from: `${2026 + n}-01-01`, to: `${2026 + n}-12-31`, reason: 'for good' }));
    expect(freeFrom(deploy, [policyOf({ calendar: { freezes: endless } })], [], now)).toBeUndefined();
  });
});

describe('the gates that bind', () => {
  const policy = policyOf({
    gates: [gateOf('release')],
    revert: { gates: [gateOf('revert')] },
    hotfix: { gates: [gateOf('on-call')] },
  });
  const names = (of: Policy, bound: Bound) => gatesFor(of, bound).map(({ name }) => name);

  it('are those of the kind of rollout', () => {
    expect(names(policy, deploy)).toEqual(['release']);
    expect(names(policy, { kind: 'revert' })).toEqual(['revert']);
    expect(names(policy, { kind: 'deploy', hotfix: 'x' })).toEqual(['on-call']);
    expect(names(policyOf({ gates: [gateOf('release')], hotfix: {} }), { kind: 'deploy', hotfix: 'x' })).toEqual(['release']);
  });
});

describe('the last word before a swap', () => {
  const people = ['ann@example.com', 'bob@example.com', 'cid@example.com'];
  const gates = fc
    .uniqueArray(
      fc.record({
        name: fc.constantFrom('release', 'security'),
        approvers: fc.subarray(people, { minLength: 1 }),
        needed: fc.integer({ min: 1, max: 2 }),
      }),
      { selector: ({ name }) => name },
    )
    .map((all) => all.map((gate): LinkGatePolicy => ({ ...gate, kind: 'signed-link', proof: 'link', notRequester: false })));
  const rowOf = ({ name, approvers, needed }: LinkGatePolicy): { value: GateRow; etag: string } => ({
    etag: '1',
    value: {
      ...{
        v: 1,
        gate: name,
        kind: 'signed-link',
        rolloutId: 'r',
        proof: 'link',
        needed,
        keyId: 'k',
        digest: '',
        openedAt: at,
        expiresAt: at,
      },
      approvers: approvers.map((address) => ({ address, mailNumber: 1, wrongCodes: 0 })),
    },
  });
  const decisions = fc.array(
    fc.record({
      gate: fc.constantFrom('release', 'security'),
      approver: fc.constantFrom(...people, 'ANN@example.com'),
      answer: fc.constantFrom('yes' as const, 'yes' as const, 'yes' as const, 'no' as const),
      at: fc.constant(at),
    }),
    { maxLength: 8 },
  );
  const combine = fc.constantFrom('all' as const, 'any' as const);
  const askers = { requester: { name: 'zoe@example.com', verified: true, via: 'http' as const } };
  const view = ({ name, approvers, needed }: LinkGatePolicy) => ({ gate: name, approvers, needed });

  it('is yes only where the frozen plan and today’s policy both say yes, gates and calendar', () => {
    const calendars = fc.constantFrom({}, { freezes }, { windows });
    let granted = 0;
    const release: LinkGatePolicy = {
      ...{ name: 'release', kind: 'signed-link', proof: 'link', notRequester: false },
      approvers: people,
      needed: 1,
    };
    const yes: DecisionRecord = { gate: 'release', approver: 'ann@example.com', answer: 'yes', at };
    fc.assert(
      fc.property(
        gates,
        gates,
        combine,
        combine,
        decisions,
        calendars,
        calendars,
        fc.boolean(),
        (frozen, today, how, howToday, said: DecisionRecord[], then, calendarToday, isStopped) => {
          const both = gatesToday(frozen.map(rowOf), today, askers);
          const isKept = standingKept(both, combined(how, howToday), said);
          const policies = [policyOf({ calendar: then }), policyOf({ calendar: calendarToday })];
          const standstills = standstillsFor(deploy, policies, isStopped ? [stop] : [], now);
          if (judgeHeld(isKept ? 'granted' : 'waiting', standstills, now, now + 1) !== 'granted') return;
          granted += 1;
          expect(judgeAsk(frozen.map(view), how, said, 0, 1)).toBe('granted');
          expect(judgeAsk(today.map(view), howToday, said, 0, 1)).toBe('granted');
          expect([then, calendarToday, isStopped]).toEqual([{}, {}, false]);
        },
      ),
      // Chance alone seldom comes to a yes.
      { numRuns: 2000, examples: [[[release], [release], 'all', 'all', [yes], {}, {}, false]] },
    );
    expect(granted).toBeGreaterThan(0);
  });

  it('waits while no swap may be, and expires so; a no is a no at any time', () => {
    const [held] = standstillsFor(deploy, [policyOf({ calendar: { freezes } })], [], now);
    expect(judgeHeld('granted', [held!], now, now + 1)).toBe('held');
    expect(judgeHeld('granted', [held!], now, now)).toBe('expired');
    expect(judgeHeld('granted', [], now, now)).toBe('granted');
    expect(judgeHeld('rejected', [held!], now, now + 1)).toBe('rejected');
  });
});
