import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Askers, GateRow, LinkGatePolicy } from '../../src/domain/gate';
import { combined, gatesToday, hasTooFew, judgeHeld, standingKept } from '../../src/domain/judge-grant';
import { standing, type ServiceGatePolicy } from '../../src/domain/service-gate';
import { change } from './service-gates';

const askers: Askers = { requester: { name: 'zoe@example.com', verified: true, via: 'http' } };
const policy = (name: string, more: Partial<LinkGatePolicy> = {}): LinkGatePolicy => ({
  ...{ name, kind: 'signed-link', proof: 'link', notRequester: false, needed: 1, approvers: [`${name}@example.com`] },
  ...more,
});
const asked = (gate: string, more: Partial<GateRow> = {}) => {
  const approvers = [{ address: `${gate}@example.com`, mailNumber: 3, wrongCodes: 0 }];
  return { etag: `e-${gate}`, value: { gate, kind: 'signed-link', needed: 1, approvers, ...more } as GateRow };
};

describe('today’s policy beside what was asked', () => {
  it('lists every gate once: those that were asked, and those that are new', () => {
    const all = gatesToday([asked('release'), asked('gone')], [policy('new'), policy('release', { needed: 2 })], askers);
    expect(all.map(({ gate, asked: before, today, needed }) => [gate, before?.etag, today?.name, needed])).toEqual([
      ['release', 'e-release', 'release', 2],
      ['gone', 'e-gone', undefined, 1],
      ['new', undefined, 'new', 1],
    ]);
    expect(all.map(({ approvers }) => approvers.map(({ address, mailNumber }) => [address, mailNumber]))).toEqual([
      [['release@example.com', 3]],
      [],
      [['new@example.com', 1]],
    ]);
  });

  it('asks the second list where the gate was escalated, and nowhere else', () => {
    const escalates = policy('release', { escalate: { after: 60, to: ['boss@example.com'] } });
    const names = (before: Partial<GateRow>) =>
      gatesToday([asked('release', before)], [escalates], askers)[0]?.approvers.map(({ address }) => address);
    const escalation = { atMs: 0, to: [], escalated: true } as unknown as NonNullable<GateRow['escalation']>;
    expect(names({ escalation })).toEqual(['release@example.com', 'boss@example.com']);
    expect(names({ escalation: { ...escalation, escalated: false } })).toEqual(['release@example.com']);
    expect(names({})).toEqual(['release@example.com']);
  });

  it('lets one gate do only where both policies say so', () => {
    expect([combined('any', 'any'), combined('any', 'all'), combined('all', 'any'), combined('all', 'all')]).toEqual([
      'any',
      'all',
      'all',
      'all',
    ]);
  });

  it('takes a yes only of somebody whom both name', () => {
    const yes = (gate: string, approver: string) => ({ gate, approver, answer: 'yes' as const, at: '2026-11-23T10:00:00.000Z' });
    const gates = gatesToday([asked('release')], [policy('release', { approvers: ['release@example.com', 'late@example.com'] })], askers);
    expect(standingKept(gates, 'all', [yes('release', 'release@example.com')])).toBe(true);
    expect(standingKept(gates, 'all', [yes('release', 'late@example.com')])).toBe(false);
  });
});

describe('a gate that a service answers', () => {
  const put = (frozen: ServiceGatePolicy) => asked('change', { kind: frozen.kind, policy: frozen, approvers: [] });
  const yes = {
    ...{ gate: 'change', approver: 'petra@example.com', answer: 'yes' as const, at: '2026-11-23T10:00:00.000Z' },
    ...{ service: 'servicenow' as const, request: 'CHG0030001' },
  };
  const service = (frozen: ReturnType<typeof asked>[], today: Parameters<typeof gatesToday>[1]) =>
    gatesToday(frozen, today, askers).map((one) => one.service);
  const link = policy('change', { approvers: ['petra@example.com'] });

  it('stands where today’s policy puts the question that was put, and is new where it puts another or none was', () => {
    expect(service([put(change)], [{ ...change, poll: 5 }])).toEqual(['stands']);
    expect(service([put(change)], [{ ...change, type: 'emergency' }])).toEqual(['new']);
    expect(service([], [change])).toEqual(['new']);
    expect(service([asked('change')], [change])).toEqual(['new']);
    expect(service([put(change)], [link])).toEqual([undefined]);
    expect(service([put(change)], [])).toEqual([undefined]);
  });

  it('keeps its yes only while it stands: what was said to another question is no answer to this one', () => {
    const kept = (frozen: ReturnType<typeof asked>[], today: Parameters<typeof gatesToday>[1]) =>
      standingKept(gatesToday(frozen, today, askers), 'all', [yes]);
    expect(kept([put(change)], [change])).toBe(true);
    expect(kept([put(change)], [{ ...change, assignmentGroup: '1'.repeat(32) }])).toBe(false);
    expect(kept([put(change)], [link])).toBe(false);
    expect(kept([put(change)], [])).toBe(false);
    expect(kept([asked('change')], [change])).toBe(false);
  });

  it('keeps no yes that nobody can vouch for now', () => {
    const gates = gatesToday([put(change)], [change], askers);
    const request = { gate: 'change', service: 'servicenow' as const, says: 'does not answer' };
    const kept = (isDoubtful?: true) =>
      standingKept(gates, 'all', standing({ decisions: [yes], requests: [{ ...request, ...(isDoubtful ? { isDoubtful } : {}) }] }));
    expect([kept(), kept(true)]).toEqual([true, false]);
  });

  it('has never too few to answer it; a gate of mails has, unless a group is asked', () => {
    const board = { id: '5b2c0c1e-0000-4000-8000-00000000b0a2', mail: 'board@example.com' };
    const few = (today: Parameters<typeof gatesToday>[1]) => gatesToday([put(change)], today, askers).map(hasTooFew);
    expect(few([change])).toEqual([false]);
    expect(few([{ ...change, type: 'emergency' }])).toEqual([false]);
    expect(few([link])).toEqual([false]);
    expect(few([{ ...link, needed: 2 }])).toEqual([true]);
    expect(few([{ ...link, needed: 2, groups: [board] }])).toEqual([false]);
    expect(few([])).toEqual([true]);
  });
});

describe('what an ask comes to with the calendar', () => {
  it('is held where it is granted and no swap may be, until it expires; nothing else is changed by the calendar', () => {
    const verdict = fc.constantFrom('granted' as const, 'rejected' as const, 'expired' as const, 'waiting' as const);
    const standstill = { sentence: 'Frozen.' } as Parameters<typeof judgeHeld>[1][number];
    fc.assert(
      fc.property(verdict, fc.boolean(), fc.nat({ max: 20 }), (one, isStill, now) => {
        const held = judgeHeld(one, isStill ? [standstill] : [], now, 10);
        expect(held).toBe(one !== 'granted' || !isStill ? one : now >= 10 ? 'expired' : 'held');
      }),
    );
  });
});
