import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isResting, nextLookSeconds, nudgeWindowOf, nudgeWindowSeconds, restUntil } from '../../src/domain/request-pace';
import { iso, opened } from '../mail/world';

const day = 86_400;
const asked = { openedAt: iso(0) };
const at = (seconds: number): number => opened + seconds * 1000;

/** How often a service is asked while nobody answers. */
function looks(pollSeconds: number, seconds: number): number {
  let count = 0;
  for (let now = 0; now < seconds; now += nextLookSeconds(pollSeconds, asked, at(now))) count += 1;
  return count;
}

const ever = { poll: fc.integer({ min: 5, max: 3600 }), waited: fc.integer({ min: 0, max: 30 * day }) };

describe('how often a service is asked', () => {
  it('is at policy’s pace for half an hour, and slackens then to once an hour', () => {
    const after = (seconds: number) => nextLookSeconds(60, asked, at(seconds));
    expect([0, 1800, 3600, 6 * 3600, day, 30 * 3600, 7 * day].map(after)).toEqual([60, 60, 120, 720, 2880, 3600, 3600]);
  });

  it.each([
    [7, 60, 300],
    [7, 5, 370],
    [30, 60, 850],
    [30, 5, 920],
    [30, 3600, 720],
  ])('in an ask of %i days and a poll of %i s is at most %i times', (days, poll, most) => {
    expect(looks(poll, days * day)).toBeLessThanOrEqual(most);
    expect(looks(poll, days * day)).toBeGreaterThan(most - 10);
  });

  it('never is more often than policy says, less often than once an hour, or later by more than a thirtieth of what was waited', () => {
    fc.assert(
      fc.property(ever.poll, ever.waited, (poll, waited) => {
        const next = nextLookSeconds(poll, asked, at(waited));
        expect(next).toBeGreaterThanOrEqual(poll);
        expect(next).toBeLessThanOrEqual(Math.max(poll, Math.min(3600, waited / 30 + 1)));
      }),
    );
  });
});

describe('what is waited for begins anew', () => {
  it.each([
    ['where the ask was opened again after every yes', { ...asked, reopenedAt: iso(day) }],
    [
      'where a yes was taken back',
      {
        ...asked,
        reopenedAt: iso(60),
        withdrawn: [iso(90), iso(day)].map((withdrawnAt) => ({
          ...{ gate: 'change', approver: 'cora', answer: 'yes' as const, at: iso(30), service: 'servicenow' as const, withdrawnAt },
        })),
      },
    ],
  ])('%s', (_where, ask) => {
    expect(nextLookSeconds(60, ask, at(day))).toBe(60);
    expect(nextLookSeconds(60, ask, at(day + 3600))).toBe(120);
  });
});

describe('a nudge', () => {
  const nudged = (before: number) => ({ ...asked, nudgedAt: iso(day - before) });

  it('has another look follow, once no more nudges are answered by it', () => {
    expect(nextLookSeconds(60, nudged(0), at(day))).toBe(nudgeWindowSeconds + 1);
    expect(nextLookSeconds(60, nudged(12), at(day))).toBe(nudgeWindowSeconds - 12 + 1);
    expect(nextLookSeconds(60, nudged(nudgeWindowSeconds), at(day))).toBe(2880);
  });

  it.each([
    [1, 1200],
    [30, 6500],
  ])('without a reason, for %i days without end, comes to at most %i looks', (days, most) => {
    let looked = 0;
    for (let [nudges, now] = [0, 0]; now < days * day; nudges += 1, now += nudgeWindowOf({ nudges })) looked += 2;
    expect(looked).toBeLessThanOrEqual(most);
    expect(looked).toBeGreaterThan(most / 2);
  });

  it('is heeded as soon as any of the first sixty, and within the hour whatever came before', () => {
    expect([0, 1, 60, 61, 120, 121, 100_000].map((nudges) => nudgeWindowOf({ nudges }))).toEqual([30, 30, 30, 60, 60, 90, 3600]);
    expect(nextLookSeconds(60, { ...nudged(10), nudges: 61 }, at(day))).toBe(51);
  });

  it('slows nothing down', () => {
    expect(nextLookSeconds(5, { ...asked, nudgedAt: iso(0) }, at(0))).toBe(5);
  });

  it('that comes while one is heeded is seen by a look after it, also by a timer that fires a second early', () => {
    fc.assert(
      fc.property(ever.poll, ever.waited, fc.nat(nudgeWindowSeconds - 1), (poll, waited, sinceNudge) => {
        const ask = { ...asked, nudgedAt: iso(waited - sinceNudge) };
        expect(nextLookSeconds(poll, ask, at(waited)) - 1).toBeGreaterThanOrEqual(Math.min(poll - 1, nudgeWindowSeconds - sinceNudge));
      }),
    );
  });
});

describe('a service that wants to be left alone', () => {
  const rests = (seconds: number) => ({ restUntil: restUntil(seconds, at(0)) });

  it('is asked when that is over, by a timer that fires a second early too, whatever the pace and nudges say', () => {
    expect(nextLookSeconds(60, asked, at(0), rests(300))).toBe(301);
    expect(nextLookSeconds(60, { ...asked, nudgedAt: iso(0) }, at(0), rests(300))).toBe(301);
    expect(nextLookSeconds(60, asked, at(280), rests(300))).toBe(60);
    expect(nextLookSeconds(60, asked, at(600), rests(300))).toBe(60);
  });

  it('is, for as long as it says, and an hour at most', () => {
    expect([0, 299, 300].map((seconds) => isResting(rests(300), at(seconds)))).toEqual([true, true, false]);
    expect(isResting({}, at(0))).toBe(false);
    expect(restUntil(86_400, at(0))).toBe(iso(3600));
    expect(nextLookSeconds(60, asked, at(0), rests(86_400))).toBe(3601);
  });
});
