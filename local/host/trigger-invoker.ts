import type { AppFunction } from './app-functions';
import { bindingData, type BindingData } from './binding-data';
import type { LogLevel } from './contract';
import type { InvocationResponse, RegisteredFunction, Registry, TypedData } from './functions-core';
import { retryPolicy, withRetries, type RetryPolicy, type RetryTime } from './function-retry';
import { invoke, type ParameterBinding } from './invoke';
import { toLevel } from './log-level';
import type { Work } from './work';

/** One call of a function by its trigger. */
export interface TriggerCall {
  data: TypedData;
  metadata?: Record<string, TypedData>;
  /** What binding expressions of the function's inputs and outputs may name. */
  bindingData?: BindingData;
  invocationId?: string;
  /** A call that cannot be made twice, such as one whose body streams. */
  isSingle?: boolean;
}

/** Runs a function for its trigger with its inputs, outputs and retries, and logs a failure before it passes it on. */
export type TriggerInvoker = (fn: AppFunction, call: TriggerCall) => Promise<InvocationResponse>;

/** What every kind of trigger has of the host. */
export interface TriggerWorld {
  settings: NodeJS.ProcessEnv;
  invoke: TriggerInvoker;
  /** Counts a piece as work; answers its end. */
  begin(): () => void;
  log(level: LogLevel, text: string, functionName?: string): void;
}

export interface InvokerWorld {
  registry: Registry;
  work: Work;
  time: RetryTime;
  /** The policy of host.json, for functions without one of their own. */
  retry: RetryPolicy | undefined;
  readInputs(fn: RegisteredFunction, data: BindingData): Promise<ParameterBinding[]>;
  writeOutputs(fn: RegisteredFunction, response: InvocationResponse, data: BindingData): Promise<void>;
  log(level: LogLevel, text: string, functionName?: string): void;
}

export function createTriggerInvoker(functions: AppFunction[], world: InvokerWorld): TriggerInvoker {
  const { registry } = world;
  const policies = new Map(functions.map((fn) => [fn, retryPolicy(fn.registered.metadata) ?? world.retry]));
  return async (fn, call) => {
    const done = world.work.begin();
    const data = call.bindingData ?? bindingData();
    const log = (level: LogLevel, text: string): void => world.log(level, text, fn.name);
    try {
      return await withRetries(call.isSingle ? undefined : policies.get(fn), world.time, log, async (retryContext) => {
        const inputs = await world.readInputs(fn.registered, data);
        const response = await invoke(registry, fn.registered, {
          inputs: [{ name: fn.trigger.name, data: call.data }, ...inputs],
          triggerMetadata: call.metadata ?? {},
          retryContext,
          ...(call.invocationId !== undefined && { invocationId: call.invocationId }),
          log: (level, message) => log(toLevel(level), message),
        });
        await world.writeOutputs(fn.registered, response, data);
        return response;
      });
    } catch (error) {
      log('error', `Function "${fn.name}" failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      throw error;
    } finally {
      done();
    }
  };
}
