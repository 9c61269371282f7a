import type { LogLevel } from './contract';
import type { FunctionMetadata, RetryContext } from './functions-core';

/** How often a failed call is made again in the same host, and after how long. Times in milliseconds. */
export type RetryPolicy =
  | { strategy: 'fixedDelay'; maxRetryCount: number; delayMs: number }
  | { strategy: 'exponentialBackoff'; maxRetryCount: number; minimumMs: number; maximumMs: number };

/** What a retry waits on. */
export interface RetryTime {
  /** Resolves after `ms`; false if the host stopped meanwhile. */
  sleep(ms: number): Promise<boolean>;
}

interface Duration {
  seconds?: number | null;
}

/**
 * The policy that a function was registered with. @azure/functions has rounded its times to whole seconds by then.
 * @throws Error for one that the real host refuses
 */
export function retryPolicy({ name, retryOptions }: FunctionMetadata): RetryPolicy | undefined {
  if (retryOptions === undefined || retryOptions === null) return undefined;
  const given = retryOptions as Record<string, unknown>;
  const ms = (key: string): number | undefined => {
    const seconds = (given[key] as Duration | null | undefined)?.seconds;
    return typeof seconds === 'number' ? seconds * 1000 : undefined;
  };
  return checkPolicy(
    {
      strategy: given['retryStrategy'] ?? given['strategy'],
      maxRetryCount: given['maxRetryCount'],
      delayMs: ms('delayInterval'),
      minimumMs: ms('minimumInterval'),
      maximumMs: ms('maximumInterval'),
    },
    `The retry policy of function "${name}"`,
  );
}

export interface GivenPolicy {
  strategy: unknown;
  maxRetryCount: unknown;
  delayMs: number | undefined;
  minimumMs: number | undefined;
  maximumMs: number | undefined;
}

/** @throws Error saying what is missing or wrong, as the real host's Utility.ValidateRetryOptions demands */
export function checkPolicy(given: GivenPolicy, where: string): RetryPolicy {
  const { maxRetryCount, delayMs, minimumMs, maximumMs } = given;
  if (typeof maxRetryCount !== 'number' || !Number.isInteger(maxRetryCount) || maxRetryCount < -1)
    throw new Error(`${where} needs a maxRetryCount of -1 (for ever) or more.`);
  const strategy = String(given.strategy).toLowerCase();
  if (strategy === 'fixeddelay') {
    if (delayMs === undefined) throw new Error(`${where} needs a delayInterval.`);
    return { strategy: 'fixedDelay', maxRetryCount, delayMs };
  }
  if (strategy !== 'exponentialbackoff') throw new Error(`${where} needs the strategy fixedDelay or exponentialBackoff.`);
  if (minimumMs === undefined || maximumMs === undefined) throw new Error(`${where} needs a minimumInterval and a maximumInterval.`);
  if (minimumMs > maximumMs) throw new Error(`${where} has a minimumInterval above its maximumInterval.`);
  return { strategy: 'exponentialBackoff', maxRetryCount, minimumMs, maximumMs };
}

/** The wait before the n-th retry, n from 1. `chance` from 0 to 1: the real host varies the growth by a fifth up and down. */
export function retryDelayMs(policy: RetryPolicy, attempt: number, chance: number): number {
  if (policy.strategy === 'fixedDelay') return policy.delayMs;
  if (attempt === 1) return Math.min(policy.minimumMs, policy.maximumMs);
  const growth = (0.8 + 0.4 * chance) * 2 ** (attempt - 2) * policy.minimumMs;
  return Math.min(policy.minimumMs + growth, policy.maximumMs);
}

/** Calls until it succeeds, the policy is at its end, or the host stops; rejects with the last failure. */
export async function withRetries<T>(
  policy: RetryPolicy | undefined,
  time: RetryTime,
  log: (level: LogLevel, text: string) => void,
  call: (context: RetryContext | null) => Promise<T>,
): Promise<T> {
  if (!policy) return call(null);
  const { maxRetryCount } = policy;
  let exception: RetryContext['exception'];
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await call({ retryCount: attempt, maxRetryCount, ...(exception && { exception }) });
    } catch (error) {
      if (attempt === maxRetryCount) throw error;
      const waitMs = retryDelayMs(policy, attempt + 1, Math.random());
      log('warn', `The call failed and is made again in ${Math.round(waitMs)} ms (retry ${attempt + 1} of ${maxRetryCount}).`);
      exception = exceptionOf(error);
      if (!(await time.sleep(waitMs))) throw error;
    }
  }
}

/** As the host tells the worker of a failure that came from it. */
function exceptionOf(error: unknown): NonNullable<RetryContext['exception']> {
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: '' };
  return { message: `Result: Failure\nException: ${message}\nStack: ${stack ?? ''}`, source: '', stackTrace: stack ?? '' };
}
