import type { RequestState } from './gate';
import type { RolloutRow } from './rollout';

type Ask = Pick<NonNullable<RolloutRow['ask']>, 'openedAt' | 'reopenedAt' | 'withdrawn' | 'nudgedAt' | 'nudges'>;

/** So often a service is asked at policy's own pace before the pace slackens. */
const steadyLooks = 30;

/** However long it was waited, an answer is seen after this long. */
const slowestSeconds = 3600;

/** Nudges that come within so long of one that is heeded are answered, all of them, by one more look when it is over. */
export const nudgeWindowSeconds = 30;

/** So many nudges are more than an honest rule has in one ask. */
const honestNudges = 60;

/** Grows with the nudges that were heeded, so that whoever nudges for ever has looks grow with the root of the time alone. */
export const nudgeWindowOf = ({ nudges = 0 }: Pick<Ask, 'nudges'>): number =>
  Math.min(nudgeWindowSeconds * Math.max(1, Math.ceil(nudges / honestNudges)), slowestSeconds);

/** When a service that was asked too often may be asked again. One that names a day is asked again within the hour, as one that answers is. */
export const restUntil = (afterSeconds: number, nowMs: number): string =>
  new Date(nowMs + Math.min(afterSeconds, slowestSeconds) * 1000).toISOString();

export const isResting = ({ restUntil: until }: Pick<RequestState, 'restUntil'>, nowMs: number): boolean =>
  until !== undefined && nowMs < Date.parse(until);

/**
 * How long after a look at `nowMs` a service is asked again. Every look is a turn that reads the history of all turns before it: an answer that has taken long
 * already may take a thirtieth longer until it is seen, an hour at most, so that looks grow with the logarithm of the time and not with the time. What was
 * waited for begins anew where a yes was taken back, or could not be read before the swap.
 * No nudge shortens the rest that a service asks for.
 */
export function nextLookSeconds(pollSeconds: number, ask: Ask, nowMs: number, request: Pick<RequestState, 'restUntil'> = {}): number {
  const begins = [ask.openedAt, ask.reopenedAt, ...(ask.withdrawn ?? []).map(({ withdrawnAt }) => withdrawnAt)];
  const waitedSeconds = (nowMs - Math.max(...begins.flatMap((at) => (at === undefined ? [] : [Date.parse(at)])))) / 1000;
  const paced = Math.max(pollSeconds, Math.min(Math.ceil(waitedSeconds / steadyLooks), slowestSeconds));
  const sinceNudgeSeconds = ask.nudgedAt === undefined ? Infinity : (nowMs - Date.parse(ask.nudgedAt)) / 1000;
  // Once each is over by at least a second: a timer may fire that much early.
  const windowSeconds = nudgeWindowOf(ask);
  const next = sinceNudgeSeconds < windowSeconds ? Math.min(paced, Math.ceil(windowSeconds - sinceNudgeSeconds) + 1) : paced;
  const restSeconds = request.restUntil === undefined ? 0 : Math.ceil((Date.parse(request.restUntil) - nowMs) / 1000) + 1;
  return Math.max(next, restSeconds);
}
