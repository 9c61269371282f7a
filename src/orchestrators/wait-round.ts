import type { OrchestrationContext } from 'durable-functions';
import type { Telling } from './act';

/** The rounds of one story: every wait has a number of its own, only ever larger. */
export interface Rounds {
  context: OrchestrationContext;
  round: number;
}

export const nowMs = ({ context }: Pick<Rounds, 'context'>): number => context.df.currentUtcDateTime.getTime();

/**
 * Waits until somebody wakes this round or the time comes. The caller has just looked (an activity wrote the round's number, then read
 * the rows), so a change before the look was seen and one after it raises this round's event. A fresh event name and a fresh timer each
 * time, the timer cancelled if the event won, neither ever used again: every simpler pattern gives later results to the wrong task.
 */
export function* waitRound(rounds: Rounds, untilMs: number): Telling<void> {
  const { df } = rounds.context;
  // Says, beside the rows, how far the story has come: rows that name a smaller round have lost writes.
  df.setCustomStatus({ round: rounds.round });
  const wake = df.waitForExternalEvent(`wake-${rounds.round}`);
  const timer = df.createTimer(new Date(Math.max(untilMs, nowMs(rounds))));
  const first = yield df.Task.any([wake, timer]);
  if (first === wake) timer.cancel();
  rounds.round += 1;
}

/** Sleeps for a while on a fresh timer: for stories that nobody wakes. */
export function* sleepFor(context: OrchestrationContext, seconds: number): Telling<void> {
  yield context.df.createTimer(new Date(nowMs({ context }) + seconds * 1000));
}
