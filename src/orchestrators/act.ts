import * as df from 'durable-functions';
import type { OrchestrationContext, Task } from 'durable-functions';
import type { ActivityName, Catalogue } from '../activities/catalogue';

/** A part of a story: yields tasks, ends in a T. */
export type Telling<T> = Generator<Task, T, unknown>;

const firstRetryMs = 5_000;
const attempts = 5;

/** Runs one activity of the catalogue and gives back its result, typed. A throw inside it is tried again: 5, 10, 20, 40 s apart. */
export function* act<Name extends ActivityName>(
  context: OrchestrationContext,
  name: Name,
  input: Catalogue[Name]['input'],
): Telling<Catalogue[Name]['output']> {
  const retry = new df.RetryOptions(firstRetryMs, attempts);
  retry.backoffCoefficient = 2;
  return (yield context.df.callActivityWithRetry(name, retry, input)) as Catalogue[Name]['output'];
}
