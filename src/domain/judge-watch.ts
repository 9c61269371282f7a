import type { Check, Verdict } from './verdict';

/** One look at production while it is watched. */
export interface Sample {
  /** When the look began. */
  atMs: number;
  /** Over all checks. */
  verdict: Verdict;
}

/** Only these are sent to production again and again: a smoke test that writes is made once, in staging. */
export const isWatchCheck = ({ method }: Pick<Check, 'method'>): boolean => method === 'GET' || method === 'HEAD';

/** Whether a policy's watch looks at anything, so that a release can be said to have been healthy. */
export const isWatched = ({ watch, checks }: { watch: { for: number }; checks: readonly Pick<Check, 'method'>[] }): boolean =>
  watch.for > 0 && checks.some(isWatchCheck);

export interface WatchRule {
  /** A rate over this window is judged, not one answer. */
  windowSeconds: number;
  /** A breach: more than this part of the window was failing. */
  failing: number;
  /** The pace samples are taken at. */
  everySeconds: number;
}

/**
 * Judges the window that ends now. A sample stands until the next one began, the last for one pace at least: so slow answers and
 * gaps between samples weigh as long as they were. Until samples cover a whole window nothing is a breach: a few bad answers right
 * after a swap are no rate.
 *
 * An inconclusive sample counts as failing: production that does not answer serves nobody, and no data is never healthy.
 */
export function judgeWatch(samples: readonly Sample[], rule: WatchRule, nowMs: number): 'breach' | 'fine' {
  const kept = recentSamples(samples, rule, nowMs);
  const last = kept.at(-1);
  if (!last) return 'fine';
  const endMs = Math.max(nowMs, last.atMs + rule.everySeconds * 1000);
  const startMs = endMs - rule.windowSeconds * 1000;
  if (kept.every(({ atMs }) => atMs > startMs)) return 'fine';
  const failingMs = kept.reduce((sum, { atMs, verdict }, n) => {
    if (verdict === 'healthy') return sum;
    const untilMs = kept[n + 1]?.atMs ?? endMs;
    return sum + Math.max(0, untilMs - Math.max(atMs, startMs));
  }, 0);
  return failingMs > rule.failing * rule.windowSeconds * 1000 ? 'breach' : 'fine';
}

/**
 * What a later judgement may need, oldest first: two windows, because the sample that stands at the window's beginning began before
 * it. What is older says nothing of now (nobody may have looked for an hour).
 */
export function recentSamples(samples: readonly Sample[], { windowSeconds }: Pick<WatchRule, 'windowSeconds'>, nowMs: number): Sample[] {
  return samples.filter(({ atMs }) => atMs >= nowMs - 2 * windowSeconds * 1000 && atMs <= nowMs).sort((a, b) => a.atMs - b.atMs);
}
