import type { OrchestrationContext } from 'durable-functions';
import * as endings from '../domain/endings';
import { act, type Telling } from './act';

/** Ends a rollout whose own story can't: started by the watchdog as `end-<rollout id>`. What was ended before is told again, not changed. */
export function* endRollout(context: OrchestrationContext): Telling<{ outcome: string }> {
  const { rolloutId, why } = context.df.getInput<{ rolloutId: string; why: string }>();
  const ending = endings.needsAttention(
    'story-lost',
    `The rollout's story stopped by itself (${why}), so nobody here can say what it did last.`,
  );
  const closed = yield* act(context, 'closeRollout', { rolloutId, ending, by: 'watchdog' });
  yield* act(context, 'terminateStory', { rolloutId });
  // Only `deployed` can be held up by something that is asked of a rollout.
  if (closed.kind !== 'closed') throw new Error(`Rollout ${rolloutId} was to end ${ending.outcome}, and was kept from it.`);
  yield* act(context, 'tellPeople', { rolloutId, moment: endings.momentOf(closed.outcome) });
  yield* act(context, 'enterPhase', { rolloutId, phase: 'done' });
  return { outcome: closed.outcome };
}
