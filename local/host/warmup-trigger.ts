import { isKind, type AppFunction } from './app-functions';
import { empty, type HttpAnswer } from './http-message';
import type { TriggerInvoker } from './trigger-invoker';

/**
 * The warm-up function runs once a host, when `/admin/warmup` is asked for: Azure does so on an instance that is added while the app runs, and not at an
 * app's start. Nobody does it on a laptop but who wants to try it.
 * @throws Error for one that is not named "warmup", which the real host would never call
 */
export function createWarmUp(functions: AppFunction[], invoke: TriggerInvoker): () => Promise<HttpAnswer> {
  const [fn] = functions.filter((one) => isKind(one, 'warmupTrigger') && !one.isDisabled);
  if (fn && fn.name.toLowerCase() !== 'warmup')
    throw new Error(`Function "${fn.name}": a function with a warm-up trigger must be named "warmup", or Azure never calls it.`);
  let isDone = false;
  return async () => {
    if (!fn || isDone) return empty(200);
    isDone = true;
    return invoke(fn, { data: { json: '{}' } }).then(
      () => empty(200),
      () => empty(500),
    );
  };
}
