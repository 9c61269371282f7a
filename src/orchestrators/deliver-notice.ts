import type { OrchestrationContext } from 'durable-functions';
import type { Catalogue } from '../activities/catalogue';
import { act, type Telling } from './act';
import { sleepFor } from './wait-round';

/** One notice to one person: tries until its row says sent or given up, so that no channel holds up a rollout's story. */
export function* deliverNotice(context: OrchestrationContext): Telling<object> {
  const input = context.df.getInput<Catalogue['sendNotice']['input']>();
  for (;;) {
    const answer = yield* act(context, 'sendNotice', input);
    if (answer.kind === 'settled') return { kind: 'settled' };
    yield* sleepFor(context, answer.afterSeconds);
  }
}
