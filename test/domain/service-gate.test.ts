import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { judgeAsk } from '../../src/domain/judge-ask';
import { phases, type RolloutRow } from '../../src/domain/rollout';
import {
  applySight,
  asksTheSame,
  judgeSight,
  requestOf,
  serviceInWords,
  standing,
  type AskedThere,
  type ServiceGatePolicy,
  type ServiceSight,
} from '../../src/domain/service-gate';
import { iso, opened } from '../mail/world';
import { asked, askers, byLink, change, nameless, petra, request, sight, sightsOf, waiting, zoe } from './service-gates';

const approved: ServiceSight = { kind: 'approved', by: [petra] };
const pending: ServiceSight = { kind: 'waiting', says: 'is in Authorize' };
const unreadable: ServiceSight = { kind: 'unknown', why: "can't be read" };
const refused: ServiceSight = { kind: 'rejected', by: petra, comment: 'not today' };

const seconds = (n: number): number => opened + n * 1000;
const askOf = ({ ask }: RolloutRow): NonNullable<RolloutRow['ask']> => {
  if (!ask) throw new Error('The rollout has no ask.');
  return ask;
};
const thereIn = (row: RolloutRow) => askOf(row).decisions.filter(({ service }) => service !== undefined);

/** The row after one look; the same row where it changed nothing. */
const after = (row: RolloutRow, one: ServiceSight, at = 60, there: AskedThere = asked): RolloutRow =>
  applySight(row, there, one, seconds(at)) ?? row;

/** As the ask is judged at each look at it. */
function judged(row: RolloutRow, combine: 'all' | 'any' = 'all', at = 60): RolloutRow {
  const ask = askOf(row);
  if (ask.state !== 'open') return row;
  const gates = [
    { gate: 'change', needed: 1, approvers: [], isService: true },
    { gate: 'release', needed: 1, approvers: ['ann@example.com'] },
  ];
  const verdict = judgeAsk(gates, combine, standing(ask), seconds(at), Date.parse(ask.expiresAt));
  return verdict === 'waiting' || verdict === 'held' ? row : { ...row, ask: { ...ask, state: verdict } };
}

describe('what a sight comes to', () => {
  it('is a yes for an approval alone, a no for what was rejected or taken back there, and neither for what could not be told', () => {
    fc.assert(
      fc.property(sight, fc.boolean(), (one, notRequester) => {
        const { kind, ...said } = judgeSight(one, { ...change, notRequester }, askers);
        const answer = 'answer' in said ? said.answer : kind;
        if (one.kind === 'approved') expect(answer).toBe(!notRequester || one.by.some((by) => by === petra) ? 'yes' : 'waiting');
        else expect(answer).toBe({ rejected: 'no', cancelled: 'no', waiting: 'waiting', unknown: 'unknown' }[one.kind]);
      }),
    );
  });

  it('names everybody whose approval counts, and the service’s own rules where nobody is named', () => {
    const yes = (by: { name: string; mail?: string }[], notRequester = false) =>
      judgeSight({ kind: 'approved', by }, { ...change, notRequester }, askers);
    expect(yes([petra, nameless])).toEqual({ kind: 'answer', answer: 'yes', approver: 'petra@example.com, Noa Nomail' });
    expect(yes([])).toEqual({ kind: 'answer', answer: 'yes', approver: "ServiceNow's own rules" });
    expect(yes([zoe, petra], true)).toEqual({ kind: 'answer', answer: 'yes', approver: 'petra@example.com' });
    expect(yes([], true)).toEqual({
      kind: 'waiting',
      says: 'is approved, but ServiceNow names nobody who did: somebody else has to approve it',
    });
    expect(yes([zoe, nameless], true)).toEqual({
      kind: 'waiting',
      says: 'is approved, but ServiceNow names Zoe@Example.com, Noa Nomail, who asked for it or whose address it does not tell: somebody else has to approve it',
    });
  });

  it('names whoever said no, and somebody where the service does not say who', () => {
    const no = (one: ServiceSight) => judgeSight(one, change, askers);
    expect(no(refused)).toEqual({ kind: 'answer', answer: 'no', approver: 'petra@example.com', comment: 'not today' });
    expect(no({ ...refused, by: undefined })).toMatchObject({ approver: 'somebody in ServiceNow', comment: 'not today' });
    expect(no({ kind: 'cancelled', by: nameless, says: 'was moved' })).toMatchObject({ approver: 'Noa Nomail', comment: 'was moved' });
    expect(no({ kind: 'cancelled', by: undefined, says: 'was moved' })).toMatchObject({ approver: 'somebody in ServiceNow' });
  });

  it('is of a length that rows and mails can hold, and shows no name turned round, whatever the service tells', () => {
    const long = 'x'.repeat(40_000);
    const turned = { name: `Petra\u202e\nPeer` };
    const tell = (one: ServiceSight, notRequester = false) => judgeSight(one, { ...change, notRequester }, askers);
    const by = Array.from({ length: 1000 }, () => ({ name: long, mail: long }));
    expect(tell({ kind: 'rejected', by: { name: long }, comment: long })).toEqual({
      ...{ kind: 'answer', answer: 'no', approver: `${'x'.repeat(319)}…`, comment: `${'x'.repeat(999)}…` },
    });
    expect(tell({ kind: 'rejected', by: turned, comment: 'no\n\u202eyes\u0000' })).toMatchObject({
      approver: 'Petra Peer',
      comment: 'no\nyes',
    });
    for (const kind of ['approved', 'cancelled', 'waiting', 'unknown'] as const)
      expect(JSON.stringify(tell({ kind, by: kind === 'cancelled' ? by[0] : by, says: long, why: long } as never)).length).toBeLessThan(
        8000,
      );
    expect(JSON.stringify(tell({ kind: 'approved', by: by.map(({ name }) => ({ name })) }, true)).length).toBeLessThan(8000);
    expect(tell({ kind: 'waiting', says: 'is in New\r\nor so' })).toEqual({ kind: 'waiting', says: 'is in New or so' });
    expect(tell({ kind: 'approved', by: Array.from({ length: 22 }, (_, n) => ({ name: `P${n}` })) })).toMatchObject({
      approver: expect.stringMatching(/^P0, .*, P19, 2 more$/),
    });
  });
});

describe('a request that is looked at again and again', () => {
  const looks = fc.array(fc.record({ one: sight, isJudged: fc.boolean() }), { minLength: 1, maxLength: 8 });
  const combine = fc.constantFrom('all' as const, 'any' as const);

  it('grants by a fresh approval alone: no yes counts after a look that told anything else', () => {
    fc.assert(
      fc.property(looks, combine, (all, how) => {
        let row = waiting();
        for (const { one, isJudged } of all) {
          const before = row;
          row = after(row, one);
          const counts = standing(askOf(row)).some(({ service, answer }) => service !== undefined && answer === 'yes');
          const isOver = askOf(before).state === 'rejected' || thereIn(before).some(({ answer }) => answer === 'no');
          expect(counts).toBe(!isOver && one.kind === 'approved');
          if (isJudged) row = judged(row, how);
          if (how === 'all' && askOf(row).state === 'granted') expect(one.kind).toBe('approved');
        }
      }),
    );
  });

  it('ends by one no, whatever is seen later', () => {
    fc.assert(
      fc.property(looks, fc.oneof(sightsOf.rejected, sightsOf.cancelled), looks, combine, (first, no, later, how) => {
        const before = first.reduce((row, { one }) => after(row, one), waiting());
        const row = [{ one: no }, ...later].reduce((now, { one }) => after(now, one), before);
        expect(thereIn(row)).toHaveLength(1);
        expect(thereIn(row)[0]).toMatchObject({ answer: 'no', service: 'servicenow', request: asked.number });
        expect(askOf(judged(row, how)).state).toBe('rejected');
      }),
    );
  });

  it('says the same when it is seen the same, and leaves every other answer alone', () => {
    fc.assert(
      fc.property(looks, sight, (all, last) => {
        const row = after(
          all.reduce((now, { one }) => after(now, one), waiting()),
          last,
        );
        expect(applySight(row, asked, last, seconds(90))).toBeUndefined();
        expect(askOf(row).decisions.filter(({ service }) => service === undefined)).toEqual([byLink]);
        expect(askOf(row).requests).toHaveLength(1);
      }),
    );
  });

  it('loses no answer: each that counted stands, or is kept as withdrawn with when it was', () => {
    fc.assert(
      fc.property(looks, (all) => {
        let row = waiting();
        for (const [nth, { one }] of all.entries()) {
          const before = row;
          row = after(row, one, nth);
          const gone = thereIn(before).filter((decision) => !askOf(row).decisions.includes(decision));
          const kept = askOf(before).withdrawn ?? [];
          const withdrawn = gone.map((decision) => ({ ...decision, withdrawnAt: iso(nth) }));
          expect(askOf(row).withdrawn ?? []).toEqual([...kept, ...withdrawn]);
        }
      }),
    );
  });

  it('asks again where an approval is taken back, and is granted by the next', () => {
    const granted = judged(after(waiting(), approved, 10));
    expect(askOf(granted).state).toBe('granted');
    expect(thereIn(granted)).toEqual([
      { gate: 'change', answer: 'yes', approver: 'petra@example.com', at: iso(10), service: 'servicenow', request: 'CHG0030001' },
    ]);
    const withdrawn = after(granted, pending, 20);
    expect(askOf(withdrawn)).toMatchObject({ state: 'open', withdrawn: [{ approver: 'petra@example.com', withdrawnAt: iso(20) }] });
    expect(askOf(judged(withdrawn)).state).toBe('open');
    const { number, url } = asked;
    expect(requestOf(askOf(withdrawn), 'change')).toEqual({ gate: 'change', service: 'servicenow', number, url, says: 'is in Authorize' });
    expect(askOf(judged(after(withdrawn, approved, 30))).state).toBe('granted');
  });

  it('grants nothing while an approval can’t be read, and grants again once it can', () => {
    const doubtful = after(judged(after(waiting(), approved)), unreadable);
    expect(askOf(doubtful).state).toBe('open');
    expect(requestOf(askOf(doubtful), 'change')).toMatchObject({ says: "can't be read", isDoubtful: true });
    expect(thereIn(doubtful)).toHaveLength(1);
    expect(askOf(doubtful)).not.toHaveProperty('withdrawn');
    expect(askOf(judged(doubtful)).state).toBe('open');
    const again = after(doubtful, approved);
    expect(requestOf(askOf(again), 'change')).not.toHaveProperty('isDoubtful');
    expect(askOf(judged(again)).state).toBe('granted');
  });

  it('that is doubtful does not take back what another gate granted without it', () => {
    const doubtful = after(judged(after(waiting({ decisions: [] }), approved), 'any'), unreadable);
    expect(askOf(judged(doubtful, 'any')).state).toBe('open');
    const byOther = judged({ ...doubtful, ask: { ...askOf(doubtful), decisions: [...askOf(doubtful).decisions, byLink] } }, 'any');
    expect(askOf(byOther).state).toBe('granted');
    expect(askOf(after(byOther, { kind: 'unknown', why: 'still silent' })).state).toBe('granted');
    expect(askOf(after(byOther, refused)).state).toBe('open');
    expect(askOf(judged(after(byOther, refused), 'any')).state).toBe('rejected');
  });

  it('leaves alone what was answered at another gate, in the same service too, and what a link said at its own', () => {
    const board = { ...asked, gate: 'board', policy: { ...change, name: 'board' }, number: 'CHG0030002' };
    const said = { ...byLink, gate: 'change' };
    const both = after(after(waiting({ decisions: [said] }), approved), approved, 60, board);
    expect(thereIn(both).map(({ gate }) => gate)).toEqual(['change', 'board']);
    const one = after(both, pending);
    expect(askOf(one).decisions.map(({ gate, service }) => [gate, service])).toEqual([
      ['change', undefined],
      ['board', 'servicenow'],
    ]);
    expect(standing(askOf(after(both, unreadable))).map(({ gate, service }) => [gate, service])).toEqual([
      ['change', undefined],
      ['board', 'servicenow'],
    ]);
  });

  it('is not doubtful where it was never approved', () => {
    for (const row of [waiting(), after(waiting(), pending)])
      expect(requestOf(askOf(after(row, unreadable)), 'change')).not.toHaveProperty('isDoubtful');
  });

  it('stands beside the requests of other gates, by their names', () => {
    const board = { ...asked, gate: 'board', policy: { ...change, name: 'board' }, number: 'CHG0030002' };
    const row = after(after(waiting(), pending), approved, 60, board);
    expect(askOf(row).requests?.map(({ gate, number, says }) => [gate, number, says])).toEqual([
      ['board', 'CHG0030002', 'was answered yes'],
      ['change', 'CHG0030001', 'is in Authorize'],
    ]);
    expect(thereIn(row).map(({ gate }) => gate)).toEqual(['board']);
    expect(askOf(after(row, pending, 60, { ...board, gate: 'another' })).requests?.map(({ gate }) => gate)).toEqual([
      ...['another', 'board', 'change'],
    ]);
  });

  it('decides nothing after the expiry that was not decided before, and still takes back what was', () => {
    fc.assert(
      fc.property(fc.oneof(sightsOf.approved, sightsOf.rejected, sightsOf.cancelled), (one) => {
        expect(applySight(waiting(), asked, one, seconds(3600))).toBeUndefined();
        expect(thereIn(after(waiting(), one, 3599))).toHaveLength(1);
      }),
    );
    const open = after(waiting(), approved);
    expect(applySight(open, asked, approved, seconds(4000))).toBeUndefined();
    expect(thereIn(after(open, pending, 4000))).toEqual([]);
    expect(thereIn(after(judged(open), refused, 4000))[0]).toMatchObject({ answer: 'no' });
  });

  it('changes nothing once the ask is over, the swap began, or the rollout ended', () => {
    const { ask: _ask, ...unasked } = waiting();
    const ending = { outcome: 'cancelled' as const, at: iso(9), reason: 'It was.', next: 'Look.', serves: 'It serves.' };
    const late = phases.slice(phases.indexOf('swapping')).map((phase): RolloutRow => ({ ...waiting(), phase }));
    const over = [waiting({ state: 'rejected' }), waiting({ state: 'expired' }), { ...waiting(), ending }, unasked, ...late];
    fc.assert(
      fc.property(fc.constantFrom(...over), sight, (row, one) => {
        expect(applySight(row, asked, one, seconds(60))).toBeUndefined();
      }),
    );
  });
});

describe('the decisions that count', () => {
  it('are all but a yes of a service that nobody can vouch for now', () => {
    const there = { gate: 'change', approver: 'p', at: iso(2), service: 'servicenow' as const, request: 'CHG1' };
    const [yes, no] = [
      { ...there, answer: 'yes' as const },
      { ...there, answer: 'no' as const },
    ];
    const request = { gate: 'change', service: 'servicenow' as const, says: 'x' };
    const decisions = [byLink, yes, no];
    expect(standing({ decisions })).toEqual(decisions);
    expect(standing({ decisions, requests: [request] })).toEqual(decisions);
    expect(standing({ decisions, requests: [{ ...request, isDoubtful: true }] })).toEqual([byLink, no]);
  });
});

describe('the same question', () => {
  it('is any that differs only in who signs in, how often it is looked at, and in what order it is written', () => {
    const { fields, name, ...rest } = change;
    const turned = Object.fromEntries(Object.entries(fields).reverse());
    const other: ServiceGatePolicy = { ...rest, fields: turned, login: 'OTHER_LOGIN', poll: 5, name };
    expect(asksTheSame(change, other)).toBe(true);
  });

  it.each([
    { name: 'board' },
    { instance: 'https://other.service-now.com' },
    { type: 'emergency' as const },
    { assignmentGroup: '1'.repeat(32) },
    { fields: { ...change.fields, risk: '2' } },
    { notRequester: true },
  ])('is not one with %j', (more) => {
    expect(asksTheSame(change, { ...change, ...more })).toBe(false);
  });

  it('is said with the service and where it is', () => {
    expect(serviceInWords(change)).toBe('ServiceNow (acme.service-now.com)');
    expect(serviceInWords(request)).toBe('Jira (acme.atlassian.net)');
  });
});
