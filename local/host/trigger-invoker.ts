import type { AppFunction } from './app-functions';
import type { LogLevel } from './contract';
import type { InvocationResponse, RegisteredFunction, Registry, TypedData } from './functions-core';
import { invoke } from './invoke';
import { toLevel } from './log-level';
import type { Work } from './work';

export interface InvokerWorld {
  registry: Registry;
  work: Work;
  extraInputs(fn: RegisteredFunction): { name: string; data: TypedData }[];
  writeOutputs(fn: RegisteredFunction, response: InvocationResponse): Promise<void>;
  log(level: LogLevel, text: string, functionName?: string): void;
}

/** Runs a function for its trigger, sends its outputs, and logs a failure before it passes it on. */
export type TriggerInvoker = (
  fn: AppFunction,
  inputs: { name: string; data: TypedData }[],
  metadata?: Record<string, TypedData>,
) => Promise<InvocationResponse>;

export function createTriggerInvoker(world: InvokerWorld): TriggerInvoker {
  return async (fn, inputs, metadata = {}) => {
    const done = world.work.begin();
    try {
      const response = await invoke(world.registry, fn.registered, {
        inputs: [...inputs, ...world.extraInputs(fn.registered)],
        triggerMetadata: metadata,
        log: (level, message) => world.log(toLevel(level), message, fn.name),
      });
      await world.writeOutputs(fn.registered, response);
      return response;
    } catch (error) {
      world.log(
        'error',
        `Function "${fn.name}" failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        fn.name,
      );
      throw error;
    } finally {
      done();
    }
  };
}
