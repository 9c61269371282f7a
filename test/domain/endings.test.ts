import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import * as endings from '../../src/domain/endings';
import type { Problem } from '../../src/domain/problem';
import { outcomes, type Intent } from '../../src/domain/rollout';

const problem: fc.Arbitrary<Problem> = fc.record({
  code: fc.stringMatching(/^[a-z-]{1,20}$/),
  sentence: fc.stringMatching(/^[A-Z][a-z ]{1,20}\.$/),
  next: fc.stringMatching(/^[A-Z][a-z ]{1,20}\.$/),
});
const untouched = 'Slipway did not touch production.';
const at = '2026-11-23T10:00:00.000Z';
const intent = (kind: Intent['kind']): Intent => ({ kind, by: 'ann', reason: 'The window closes.', at });
const no = { gate: 'release', approver: 'bob@example.com', answer: 'no' as const, at };
const problems: (() => Problem)[] = [
  () => endings.fault('staging'),
  () => endings.checkFailed('health', 'status 500', true),
  () => endings.swapRefused('It is warming up.', 'conflict'),
  () => endings.swapNotDone,
  () => endings.swapNotPosted,
  () => endings.laneTaken('hello-1'),
  () => endings.laneBlockedBy('hello-1'),
  () => endings.pushRefused('No host.json.'),
  () => endings.pushTooLate,
  () => endings.packageNotFetched,
  () => endings.deploymentFailed('It broke.'),
  () => endings.stagingUnproven('its host does not start.'),
];

/** Every way a rollout may end, with what it must end as. */
const all: [string, () => endings.EndingText][] = [
  ['deployed', () => endings.deployed('2.0.0', true, true)],
  ['deployed', () => endings.deployed('2.0.0', false, false)],
  ['unchanged', () => endings.unchanged('Production serves it already.')],
  ['rejected', () => endings.rejected(no)],
  ['expired', () => endings.expired(at, [])],
  ['expired', () => endings.expired(at, ['Frozen until Mon 2027-01-04 06:00 (UTC): holidays.'])],
  ['cancelled', () => endings.endingOfIntent(intent('cancel'))],
  ['superseded', () => endings.endingOfIntent(intent('supersede'))],
  ...problems.map((one): [string, () => endings.EndingText] => ['failed', () => endings.failed(one())]),
  ['rolled-back', () => endings.endingOfIntent(intent('roll-back'))],
  ['rolled-back', () => endings.swapReverted('at once')],
  ['rolled-back', () => endings.healthBreach('7 of 10 samples failed')],
  ['rolled-back', () => endings.rolledBackAfter(endings.failed(endings.swapNotDone))],
  ['rolled-back', () => endings.rolledBackUnproven(endings.healthBreach('7 of 10 samples failed'))],
  ['needs-attention', () => endings.needsAttention('swap-unclear', 'Both slots hold something else.')],
  ['needs-attention', () => endings.withoutLane(endings.needsAttention('story-lost', 'Its story stopped.'))],
];

describe('an ending', () => {
  it('exists for every outcome', () => {
    expect([...new Set(all.map(([outcome]) => outcome))].sort()).toEqual([...outcomes].sort());
  });

  it.each(all)('as %s says what happened and what to do, in sentences', (outcome, end) => {
    const text = end();
    expect(text.outcome).toBe(outcome);
    expect(text.reason).toMatch(/^\S.*[.]$/s);
    expect(text.next).toMatch(/^[A-Z].*[.]$/s);
    expect(`${text.reason} ${text.next}`).not.toMatch(/undefined|null|\. \.|\.\./);
  });

  it.each(all)('as %s says that production was not touched exactly where it was not', (outcome, end) => {
    const text = end();
    const isUntouched = ['rejected', 'expired', 'cancelled', 'superseded', 'failed'].includes(outcome);
    expect(text.reason.includes(untouched)).toBe(isUntouched);
  });

  it.each(all)('as %s has a code wherever something did not go as asked', (outcome, end) => {
    expect(end().code !== undefined).toBe(outcome !== 'deployed' && outcome !== 'unchanged');
  });

  it('has codes that scripts and the API know it by', () => {
    expect(all.flatMap(([, end]) => end().code ?? [])).toEqual([
      ...['rejected', 'expired', 'expired-held', 'cancelled', 'superseded'],
      ...['slipway-fault', 'check-unhealthy', 'swap-conflict', 'swap-not-done', 'swap-not-posted', 'lane-taken', 'lane-blocked'],
      ...['push-refused', 'push-too-late', 'package-not-fetched', 'deployment-failed', 'staging-unproven'],
      ...['rolled-back-by-person', 'swap-reverted-itself', 'health-breach', 'swap-not-done', 'health-breach', 'swap-unclear', 'story-lost'],
    ]);
  });

  it('repeats what was heard of its cause, and whom it waits for', () => {
    const told: [string, string][] = [
      [endings.fault('staging').sentence, 'while it was staging'],
      [endings.swapRefused('It is warming up.', 'conflict').sentence, 'Azure refused the swap: It is warming up.'],
      [endings.laneTaken('hello-1').sentence, 'while hello-1 is under way'],
      [endings.laneBlockedBy('hello-1').sentence, 'blocked since hello-1 ended'],
      [endings.pushRefused('No host.json.').sentence, 'refused the package: No host.json.'],
      [endings.deploymentFailed('It broke.').sentence, 'its deployment failed: It broke.'],
      [
        endings.stagingUnproven('its host does not start.').sentence,
        'Staging does not provably hold the release: its host does not start.',
      ],
      [endings.healthBreach('7 of 10 samples failed').reason, 'not healthy in production: 7 of 10 samples failed.'],
      [endings.swapReverted('at once').reason, 'took itself back at once:'],
    ];
    for (const [sentence, words] of told) expect(sentence).toContain(words);
  });

  it('as expired says whether a yes was missing, or a swap might not be', () => {
    expect(endings.expired(at, []).reason).toBe(`Too few answered in time: the ask closed at 2026-11-23 10:00 UTC. ${untouched}`);
    expect(endings.expired(at, ['Frozen until Monday.', 'The line stands.']).reason).toBe(
      `It had every yes, and no swap could be before the ask closed at 2026-11-23 10:00 UTC. Frozen until Monday. The line stands. ${untouched}`,
    );
  });

  it('as rolled back says where the swap back could not be proven', () => {
    const breach = endings.healthBreach('7 of 10 samples failed');
    expect(breach).not.toHaveProperty('isUnproven');
    expect(endings.rolledBackUnproven(breach)).toMatchObject({ isUnproven: true, reason: expect.stringContaining('could not be proven') });
  });

  it('as deployed says so when the content could not be proven', () => {
    expect(endings.deployed('2.0.0', true, true).reason).toBe('2.0.0 is in production and was healthy for the whole watch.');
    expect(endings.deployed('2.0.0', false, true).reason).toContain('could not be proven');
    expect(endings.deployed('2.0.0', true, false).reason).toBe('2.0.0 is in production; policy has no check that could watch it there.');
  });

  it('keeps what a person said apart from what follows', () => {
    const said = (reason: string) => endings.endingOfIntent({ ...intent('cancel'), reason }).reason;
    expect(said('wrong version')).toBe(`ann cancelled it: wrong version. ${untouched}`);
    expect(said('Really?')).toBe(`ann cancelled it: Really? ${untouched}`);
  });

  it('of a rollout that never had its turn blocks nothing, and asks nobody to unblock', () => {
    const { reason, next } = endings.withoutLane(endings.needsAttention('story-lost', 'Its story stopped.'));
    expect(reason).toBe('Its story stopped. It had not had its turn, so it touched nothing, and the lane is not blocked by it.');
    expect(next).not.toContain('unblock');
  });

  it('as rejected names who said no, and why where they said why', () => {
    expect(endings.rejected({ ...no, comment: 'Not today' }).reason).toBe(`bob@example.com said no: “Not today”. ${untouched}`);
    expect(endings.rejected(no).reason).toBe(`bob@example.com said no. ${untouched}`);
    expect(endings.rejected(null).reason).toBe(`An approver said no. ${untouched}`);
  });

  it('tells a check that is unhealthy from one that could not tell', () => {
    expect(endings.checkFailed('health', 'status 500', true)).toMatchObject({
      code: 'check-unhealthy',
      sentence: 'Check "health" is not healthy in staging: status 500.',
    });
    expect(endings.checkFailed('health', 'no answer', false)).toMatchObject({
      code: 'check-inconclusive',
      sentence: 'Check "health" could not tell in staging: no answer.',
    });
  });

  it('by several problems leaves none out', () => {
    fc.assert(
      fc.property(fc.array(problem, { minLength: 1 }), (some) => {
        const one = endings.together(some);
        expect(one.code.split('+')).toEqual(some.map(({ code }) => code));
        for (const { sentence, next } of some) {
          expect(one.sentence).toContain(sentence);
          expect(one.next).toContain(next);
        }
        // One after the other, as sentences are written.
        for (const text of [one.sentence, one.next]) expect(text).not.toMatch(/\.[A-Z]/);
      }),
    );
  });

  it('that turned into a swap back keeps its code and no longer says that production was not touched', () => {
    fc.assert(
      fc.property(problem, (one) => {
        const before = endings.failed(one);
        const after = endings.rolledBackAfter(before);
        expect(after).toMatchObject({ outcome: 'rolled-back', code: one.code, next: one.next });
        expect(after.reason.startsWith(`${one.sentence} It took place after all`)).toBe(true);
        expect(after.reason).not.toContain(untouched);
      }),
    );
  });
});

describe('the moment of an outcome', () => {
  it('wakes people for what went wrong, and nobody for what was wanted', () => {
    expect(Object.fromEntries(outcomes.map((outcome) => [outcome, endings.momentOf(outcome)]))).toEqual({
      deployed: 'success',
      unchanged: 'ended',
      rejected: 'failure',
      expired: 'failure',
      cancelled: 'ended',
      superseded: 'ended',
      failed: 'failure',
      'rolled-back': 'rolled-back',
      'needs-attention': 'needs-attention',
    });
  });
});
