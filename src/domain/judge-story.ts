import type { Phase, RolloutRow } from './rollout';

/** What the watchdog does about one rollout. */
export type StoryVerdict =
  | { kind: 'leave' }
  /** A row was changed after the open round had looked: the wake may be lost. */
  | { kind: 'wake' }
  /** Admitted, and no instance ever began. */
  | { kind: 'start' }
  /** Its instance is gone, or shows no sign of life. */
  | { kind: 'end'; why: string };

const minute = 60_000;

/** How long a rollout may go without a write to its row, by phase. Every look writes it; `asking` has another once it is open to people. */
const limitMinutes: Record<Phase, number> = {
  queued: 80,
  planning: 15,
  announcing: 15,
  staging: 20,
  proving: 20,
  asking: 15,
  swapping: 20,
  watching: 15,
  telling: 15,
  undoing: 20,
  done: 15,
};

/**
 * `status` is what the host says of the instance. Silence counts only since `watchedSinceMs`: while Slipway itself was off, nobody could
 * have shown a sign of life. An ended rollout is looked after until its closing notices are told.
 */
export function judgeStory(row: RolloutRow, status: 'running' | 'ended' | 'unknown', nowMs: number, watchedSinceMs: number): StoryVerdict {
  if (row.phase === 'done') return { kind: 'leave' };
  const silentMs = nowMs - Math.max(Date.parse(row.lastWriteAt), watchedSinceMs);
  if (status !== 'running') {
    if (silentMs < 2 * minute) return { kind: 'leave' };
    if (row.starter === null && !row.ending && status === 'unknown') return { kind: 'start' };
    return { kind: 'end', why: status === 'ended' ? 'its instance ended without an outcome' : 'its instance is missing' };
  }
  if (isLate(row, silentMs, nowMs, watchedSinceMs))
    return { kind: 'end', why: `it was ${row.phase} and showed no sign of life for ${Math.round(silentMs / minute)} minutes` };
  return row.roundOpenedAt !== undefined && row.lastWriteAt > row.roundOpenedAt ? { kind: 'wake' } : { kind: 'leave' };
}

function isLate(row: RolloutRow, silentMs: number, nowMs: number, watchedSinceMs: number): boolean {
  if (row.phase === 'asking' && row.ask) return nowMs > Math.max(Date.parse(row.ask.expiresAt), watchedSinceMs) + 60 * minute;
  return silentMs > limitMinutes[row.phase] * minute;
}
