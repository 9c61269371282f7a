import { randomUUID } from 'node:crypto';
import type { InvocationResponse, RegisteredFunction, Registry, TypedData } from './functions-core';

/** One call of one function, in the shapes of the real worker's protocol. */
export interface Invocation {
  inputs: { name: string; data: TypedData }[];
  triggerMetadata?: Record<string, TypedData>;
  log?: (level: string, message: string) => void;
}

/** Finds a function as the real host does: without regard to case. */
export function findFunction(registry: Registry, name: string): RegisteredFunction | undefined {
  return registry.functions.get(name.toLowerCase());
}

/** Invokes one function through the package's own invocation model, hooks included. Rejects with what the handler threw. */
export async function invoke(registry: Registry, fn: RegisteredFunction, invocation: Invocation): Promise<InvocationResponse> {
  if (!registry.model) throw new Error('No programming model is set: the app has to register its functions through @azure/functions.');
  const invocationId = randomUUID();
  const core = {
    invocationId,
    request: {
      invocationId,
      inputData: invocation.inputs,
      triggerMetadata: invocation.triggerMetadata ?? {},
      traceContext: null,
      retryContext: null,
    },
    metadata: fn.metadata,
    log: (level: string, _category: string, message: string) => invocation.log?.(level, message),
  };
  const model = registry.model.getInvocationModel(core);
  const { context, inputs } = await model.getArguments();

  const before = { hookData: {}, invocationContext: context, functionCallback: fn.callback, inputs };
  await runHooks(registry, 'preInvocation', before);
  const after: Record<string, unknown> = { ...before, result: null, error: null };
  try {
    after['result'] = await model.invokeFunction(context, before.inputs, before.functionCallback);
  } catch (error) {
    after['error'] = error;
  }
  await runHooks(registry, 'postInvocation', after);
  // `throw undefined` leaves no error behind: the real worker takes it for success too.
  if (after['error'] !== null && after['error'] !== undefined) throw after['error'];
  return model.getResponse(context, after['result']);
}

export async function runHooks(registry: Registry, hookName: string, context: Record<string, unknown>): Promise<void> {
  for (const hook of registry.hooks.get(hookName) ?? []) await hook(context);
}
