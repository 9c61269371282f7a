import fc from 'fast-check';
import { isWatched, judgeWatch, recentSamples, type Sample, type WatchRule } from '../../src/domain/judge-watch';
import type { Verdict } from '../../src/domain/verdict';

const rule: WatchRule = { windowSeconds: 60, failing: 0.5, everySeconds: 10 };

/** Samples every `everySeconds` from 0 to `untilSeconds`, failing where `fails` says so. */
const samples = (untilSeconds: number, fails: (second: number) => boolean, verdict: Verdict = 'unhealthy', everySeconds = 10): Sample[] =>
  Array.from({ length: Math.floor(untilSeconds / everySeconds) + 1 }, (_, n) => n * everySeconds).map((second) => ({
    atMs: second * 1000,
    verdict: fails(second) ? verdict : 'healthy',
  }));

/** The judgement after each sample, as the watch asks for it. */
const watched = (all: Sample[]): string[] => all.map((_, n) => judgeWatch(all.slice(0, n + 1), rule, all[n]?.atMs ?? 0));

describe('judging a watch', () => {
  it('is fine without samples', () => {
    expect(judgeWatch([], rule, 1_000_000)).toBe('fine');
  });

  it('lets a burst of 15 s pass, wherever it begins', () => {
    for (let from = 0; from <= 100; from++)
      expect(watched(samples(300, (second) => second >= from && second < from + 15))).not.toContain('breach');
  });

  it('is a breach when production fails for 60 s, wherever that begins', () => {
    for (let from = 0; from <= 100; from++)
      expect(watched(samples(300, (second) => second >= from && second < from + 60))).toContain('breach');
  });

  it('lets just the rate that the rule allows pass', () => {
    expect(
      judgeWatch(
        samples(120, (second) => second >= 70 && second < 100),
        rule,
        120_000,
      ),
    ).toBe('fine');
    expect(
      judgeWatch(
        samples(120, (second) => second >= 70 && second < 110),
        rule,
        120_000,
      ),
    ).toBe('breach');
  });

  it('keeps what stood in two windows until now, oldest first', () => {
    const at = (...seconds: number[]): Sample[] => seconds.map((second) => ({ atMs: second * 1000, verdict: 'healthy' }));
    expect(recentSamples(at(301, 300, 240, 180, 179), rule, 300_000)).toEqual(at(180, 240, 300));
  });

  it('waits until a window is covered', () => {
    const failing = samples(60, () => true);
    expect(watched(failing)).toEqual(['fine', 'fine', 'fine', 'fine', 'fine', 'breach', 'breach']);
  });

  it('takes no data for no health', () => {
    expect(watched(samples(100, () => true, 'inconclusive'))).toContain('breach');
  });

  it('sees an outage in which every try hangs half a minute', () => {
    const hanging = samples(180, (second) => second >= 60, 'inconclusive', 30);
    expect(judgeWatch(hanging, rule, 180_000)).toBe('breach');
  });

  it('lets a sample before a gap stand until the next, and forgets what is too old', () => {
    const before = samples(60, () => false);
    const after: Sample[] = [
      { atMs: 100_000, verdict: 'unhealthy' },
      { atMs: 110_000, verdict: 'unhealthy' },
    ];
    expect(judgeWatch([...before, ...after], rule, 110_000)).toBe('fine');
    const anHourLater = after.map(({ atMs, verdict }) => ({ atMs: atMs + 3_600_000, verdict }));
    expect(judgeWatch([...before, ...anHourLater], rule, 3_710_000)).toBe('fine');
  });

  const times = fc.uniqueArray(fc.integer({ min: 0, max: 300_000 }), { minLength: 1, maxLength: 60 });
  const verdict = fc.constantFrom<Verdict>('healthy', 'unhealthy', 'inconclusive');
  const anyRule = fc.record({
    windowSeconds: fc.integer({ min: 1, max: 200 }),
    failing: fc.double({ min: 0, max: 0.99, noNaN: true }),
    everySeconds: fc.double({ min: 0.1, max: 10, noNaN: true }),
  });
  const history = fc.array(fc.record({ atMs: fc.integer({ min: 0, max: 300_000 }), verdict }), { maxLength: 60 });

  it('never finds a breach where all is healthy', () => {
    fc.assert(
      fc.property(times, anyRule, (all, any) => {
        const healthy = all.map((atMs) => ({ atMs, verdict: 'healthy' as const }));
        expect(judgeWatch(healthy, any, 300_000)).toBe('fine');
      }),
    );
  });

  it('never becomes fine by one more failing sample in the place of a healthy one', () => {
    fc.assert(
      fc.property(history, anyRule, fc.nat(), (all, any, pick) => {
        fc.pre(new Set(all.map(({ atMs }) => atMs)).size === all.length && all.length > 0);
        const worse = all.map((sample, n): Sample => (n === pick % all.length ? { ...sample, verdict: 'unhealthy' } : sample));
        if (judgeWatch(all, any, 300_000) === 'breach') expect(judgeWatch(worse, any, 300_000)).toBe('breach');
      }),
    );
  });

  it('does not depend on the order of samples, nor on those it says need not be kept', () => {
    fc.assert(
      fc.property(history, anyRule, fc.integer({ min: 0, max: 400_000 }), (all, any, now) => {
        fc.pre(new Set(all.map(({ atMs }) => atMs)).size === all.length);
        const judged = judgeWatch(all, any, now);
        expect(judgeWatch([...all].reverse(), any, now)).toBe(judged);
        expect(judgeWatch(recentSamples(all, any, now), any, now)).toBe(judged);
      }),
    );
  });
});

describe('whether a watch looks at anything', () => {
  const check = (method: 'GET' | 'HEAD' | 'POST') => ({ method });

  it('needs time, and a check that changes nothing', () => {
    const watched = (seconds: number, ...checks: { method: 'GET' | 'HEAD' | 'POST' }[]) => isWatched({ watch: { for: seconds }, checks });
    expect([watched(60, check('GET')), watched(60, check('POST'), check('HEAD'))]).toEqual([true, true]);
    expect([watched(0, check('GET')), watched(60), watched(60, check('POST'))]).toEqual([false, false, false]);
  });
});
