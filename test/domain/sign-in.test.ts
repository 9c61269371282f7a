import { describe, expect, it } from '@jest/globals';
import { askedBy, gateProblem, type GateRow } from '../../src/domain/gate';
import { judgeAsk, viewOf } from '../../src/domain/judge-ask';
import { judgeClaim, judgeSignIn } from '../../src/domain/judge-claim';
import { gatesToday, hasTooFew, standingKept } from '../../src/domain/judge-grant';
import type { DecisionRecord, RolloutRow } from '../../src/domain/rollout';
import type { GatePolicy } from '../../src/domain/settings';
import { ann as ann_, digest, gate as linkGate, opened, rollout, rolloutId } from '../mail/world';

/** Whoever is signed in: as an approver, as a member of a group, and as the second list that is asked later. */

const board = '5b2c0c1e-0000-4000-8000-00000000b0a2';
const at = '2026-11-23T10:00:00.000Z';
const askers = { requester: { name: 'Zoe@example.com', verified: true, via: 'http' as const } };
const policy: GatePolicy = {
  ...{ name: 'release', kind: 'signed-link', proof: 'entra', needed: 2, notRequester: true },
  approvers: ['ann@example.com', 'zoe@example.com'],
  groups: [{ id: board.toUpperCase(), mail: 'board@example.com' }],
  escalate: { after: 0.5, to: ['boss@example.com', 'ann@example.com'] },
};
const row = (decisions: DecisionRecord[] = []) => ({ value: { ...askers, ask: { decisions } } }) as unknown as { value: RolloutRow };
const gate = { value: { gate: 'release', notRequester: true } as GateRow };
const asked = askedBy(policy, askers, false);
const [ann, group] = asked as [(typeof asked)[0], (typeof asked)[0]];
const yes = (approver: string, more: Partial<DecisionRecord> = {}): DecisionRecord => ({
  gate: 'release',
  approver,
  answer: 'yes',
  at,
  ...more,
});

describe('who is asked', () => {
  it('are approvers but not whoever asked, groups, and after escalation the second list', () => {
    expect(asked.map(({ address, group: id }) => [address, id])).toEqual([
      ['ann@example.com', undefined],
      ['board@example.com', board],
    ]);
    const later = askedBy(policy, askers, true, [{ ...ann, mailNumber: 3 }]);
    expect(later.map(({ address, mailNumber }) => [address, mailNumber])).toEqual([
      ['ann@example.com', 3],
      ['boss@example.com', 1],
      ['board@example.com', 1],
    ]);
    expect(askedBy({ ...policy, groups: undefined, escalate: undefined }, askers, true)).toHaveLength(1);
  });

  it('are enough where a group is among them', () => {
    expect(gateProblem({ ...policy, needed: 9 }, askers)).toBeUndefined();
    expect(gateProblem({ ...policy, needed: 3, groups: undefined }, askers)?.code).toBe('too-few-approvers');
    expect(gateProblem({ ...policy, needed: 2, groups: undefined }, askers)).toBeUndefined();
    const today = (gates: GatePolicy[]) => gatesToday([], gates, askers)[0]!;
    expect(hasTooFew(today([{ ...policy, needed: 9 }]))).toBe(false);
    expect(hasTooFew(today([{ ...policy, needed: 9, groups: undefined }]))).toBe(true);
    const { length } = today([{ ...policy, groups: undefined }]).approvers;
    expect(hasTooFew(today([{ ...policy, needed: length, groups: undefined }]))).toBe(false);
  });
});

describe('a link', () => {
  const claim = { rolloutId, gate: 'release', approver: ann_, mailNumber: 1, digest };
  const judge = (changes: Partial<RolloutRow> = {}, more: Partial<GateRow> = {}, now = opened) =>
    judgeClaim({ ...rollout, ...changes }, { ...linkGate, ...more } as GateRow, claim, now).kind;
  const answered = (of: string) => ({
    ask: { ...rollout.ask!, decisions: [{ gate: of, approver: 'ANN@example.com', answer: 'yes' as const, at }] },
  });

  it('stands whatever its approver said at another gate, and is answered once at its own', () => {
    expect(judge()).toBe('open');
    expect(judge(answered('security'))).toBe('open');
    expect(judge(answered('release'))).toBe('already-decided');
  });

  it('stands until its time is over, to the millisecond', () => {
    expect(judge({}, {}, opened + 3_599_999)).toBe('open');
    expect(judge({}, {}, opened + 3_600_000)).toBe('expired');
  });

  it('is taken back where somebody wants the rollout to end, and not by a roll-back, which is for later', () => {
    const wanted = (kind: 'cancel' | 'supersede' | 'roll-back') => judge({ intent: { kind, by: 'zoe', reason: 'x', at } });
    expect([wanted('cancel'), wanted('supersede'), wanted('roll-back')]).toEqual(['withdrawn', 'withdrawn', 'open']);
  });

  it('is for the package that gate and rollout both name', () => {
    const other = 'f'.repeat(64);
    expect(judge({}, { digest: other })).toBe('link-refused');
    expect(judge({ release: { ...rollout.release, sha256: other } })).toBe('link-refused');
  });
});

describe('a sign-in', () => {
  const judge = (approver: typeof ann, signedInAs: string[], groups: string[] = [], decisions: DecisionRecord[] = []) =>
    judgeSignIn({ rollout: row(decisions), gate, approver }, { signedInAs, groups });

  it('answers for the approver whose address it has', () => {
    expect(judge(ann, ['ANN@example.com'])).toEqual({ kind: 'may', as: { approver: 'ann@example.com' } });
    expect(judge(ann, ['ann.other@example.com', 'ann@example.com'])).toEqual({ kind: 'may', as: { approver: 'ann@example.com' } });
    expect(judge(ann, ['bob@example.com'], [board])).toEqual({ kind: 'stranger' });
    expect(judge(ann, [])).toEqual({ kind: 'stranger' });
  });

  it('answers as a member of the group that is asked, once, and not whoever asked for the rollout', () => {
    expect(judge(group, ['bob@example.com'], [board.toUpperCase()])).toEqual({
      kind: 'may',
      as: { approver: 'bob@example.com', group: board },
    });
    expect(judge(group, ['bob@example.com'], ['another'])).toEqual({ kind: 'stranger' });
    expect(judge(group, ['zoe@example.com'], [board])).toEqual({ kind: 'asked-for-it' });
    const said = yes('bob@example.com', { group: board });
    expect(judge(group, ['BOB@example.com'], [board], [said])).toEqual({ kind: 'already-decided', decision: said });
    expect(judge(group, ['bob.other@example.com', 'bob@example.com'], [board], [said]).kind).toBe('already-decided');
  });
});

describe('a yes of a member', () => {
  const views = [viewOf({ gate: 'release', needed: 2 }, asked)];
  const [one, other] = [yes('bob@example.com', { group: board }), yes('cid@example.com', { group: board })];

  it('counts beside those of approvers, each person once', () => {
    expect(judgeAsk(views, 'all', [one, other], 0, 1)).toBe('granted');
    expect(judgeAsk(views, 'all', [one, yes('ann@example.com')], 0, 1)).toBe('granted');
    expect(judgeAsk(views, 'all', [one, one], 0, 1)).toBe('waiting');
    expect(judgeAsk(views, 'all', [one, yes('eve@example.com', { group: 'another' })], 0, 1)).toBe('waiting');
    expect(judgeAsk([{ gate: 'release', needed: 1, approvers: [] }], 'all', [one], 0, 1)).toBe('waiting');
  });

  it('stands as long as both policies name the group', () => {
    const before = [{ etag: '1', value: { gate: 'release', needed: 2, approvers: asked } as GateRow }];
    const kept = (today: GatePolicy) => standingKept(gatesToday(before, [today], askers), 'all', [one, other]);
    expect(kept(policy)).toBe(true);
    expect(kept({ ...policy, groups: undefined })).toBe(false);
  });
});
