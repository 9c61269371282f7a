import { describe, expect, it } from '@jest/globals';
import type { Askers, GateRow, LinkGatePolicy } from '../../src/domain/gate';
import { combined, gatesToday, standingKept } from '../../src/domain/judge-grant';

const askers: Askers = { requester: { name: 'zoe@example.com', verified: true, via: 'http' } };
const policy = (name: string, more: Partial<LinkGatePolicy> = {}): LinkGatePolicy => ({
  ...{ name, kind: 'signed-link', proof: 'link', notRequester: false, needed: 1, approvers: [`${name}@example.com`] },
  ...more,
});
const asked = (gate: string, more: Partial<GateRow> = {}) => {
  const approvers = [{ address: `${gate}@example.com`, mailNumber: 3, wrongCodes: 0 }];
  return { etag: `e-${gate}`, value: { gate, needed: 1, approvers, ...more } as GateRow };
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
