import { randomUUID } from 'node:crypto';
import type {
  FunctionCallback,
  HookCallback,
  InvocationRequest,
  InvocationResponse,
  RegisteredFunction,
  Registry,
  RetryContext,
  TypedData,
} from './functions-core';

export interface ParameterBinding {
  name: string;
  data: TypedData;
}

/** One call of one function, in the shapes of the real worker's protocol. */
export interface Invocation {
  inputs: ParameterBinding[];
  triggerMetadata?: Record<string, TypedData>;
  retryContext?: RetryContext | null;
  invocationId?: string;
  log?: (level: string, message: string) => void;
  /** Completes the package's own context before hooks and handler see it. */
  prepare?: (context: object) => void;
  /** Empties what is the host's own in what the handler was given, when all is over. */
  letGo?: (inputs: unknown[]) => void;
}

/** Finds a function as the real host does: without regard to case. */
export function findFunction(registry: Registry, name: string): RegisteredFunction | undefined {
  return registry.functions.get(name.toLowerCase());
}

/** Invokes one function through the package's own invocation model, hooks included. Rejects with what the handler threw. */
export async function invoke(registry: Registry, fn: RegisteredFunction, invocation: Invocation): Promise<InvocationResponse> {
  if (!registry.model) throw new Error('No programming model is set: the app has to register its functions through @azure/functions.');
  const invocationId = invocation.invocationId ?? randomUUID();
  const { log } = invocation;
  const known: { context?: unknown } = {};
  const core = {
    invocationId,
    request: {
      invocationId,
      inputData: invocation.inputs,
      triggerMetadata: invocation.triggerMetadata ?? {},
      traceContext: null,
      retryContext: invocation.retryContext ?? null,
    },
    metadata: fn.metadata,
    state: undefined as string | undefined,
    log: (level: string, category: string, message: string) => {
      const shown = throughLogHooks(registry, { level, category, message, invocationContext: known.context });
      log?.(shown.level, shown.message);
    },
  };
  const model = registry.model.getInvocationModel(core);
  const { context, inputs } = await model.getArguments();
  known.context = context;
  invocation.prepare?.(context as object);

  core.state = 'invocation';
  const call = (given: unknown[], callback: FunctionCallback): Promise<unknown> => model.invokeFunction(context, given, callback);
  try {
    const result = hasHooks(registry)
      ? await betweenHooks(registry, core, { invocationContext: context, functionCallback: fn.callback, inputs }, call)
      : await orNothing(call(inputs, fn.callback));
    core.state = undefined;
    return await model.getResponse(context, result);
  } finally {
    // A hook may have kept what it saw, and one for logs is told of the context after the call too.
    if (!hasHooks(registry) && !registry.hooks.has('log')) {
      letGo(core.request, known);
      invocation.letGo?.(inputs);
    }
  }
}

/**
 * The package's async functions are compiled to generators, and what those close over V8 keeps until its next full collection: payloads and whole histories, copied about
 * until then. So they are taken out of what they hang on.
 */
function letGo(request: InvocationRequest, known: { context?: unknown }): void {
  request.inputData = [];
  request.triggerMetadata = {};
  delete known.context;
}

const hasHooks = ({ hooks }: Registry): boolean => hooks.has('preInvocation') || hooks.has('postInvocation');

/** `throw undefined` leaves no error behind: the real worker takes it for success too. */
async function orNothing(called: Promise<unknown>): Promise<unknown> {
  try {
    return await called;
  } catch (error) {
    if (error !== null && error !== undefined) throw error;
    return null;
  }
}

/** Hooks may change the inputs, the callback, the result and the error. */
async function betweenHooks(
  registry: Registry,
  core: { state: string | undefined },
  { invocationContext, ...given }: { invocationContext: unknown; functionCallback: FunctionCallback; inputs: unknown[] },
  call: (inputs: unknown[], callback: FunctionCallback) => Promise<unknown>,
): Promise<unknown> {
  // One set of data for the hooks of this call, and the app's for all: as the real worker keeps them.
  const shared = hookData(registry, {}, { invocationContext });
  const before = Object.assign(shared(), given);
  core.state = 'preInvocationHooks';
  await runHooks(registry, 'preInvocation', before);
  const after = Object.assign(shared(), { inputs: before.inputs, ...noOutcome });
  core.state = 'invocation';
  try {
    after.result = await call(before.inputs, before.functionCallback);
  } catch (error) {
    after.error = error;
  }
  core.state = 'postInvocationHooks';
  await runHooks(registry, 'postInvocation', after);
  if (after.error !== null && after.error !== undefined) throw after.error;
  return after.result;
}

/** Makes contexts whose data hooks may change but not replace. */
function hookData(registry: Registry, own: Record<string, unknown>, more: Record<string, unknown> = {}): () => Record<string, unknown> {
  const fixed = { hookData: own, appHookData: registry.appHookData, ...more };
  const readOnly = (name: string): never => {
    throw new Error(`Cannot assign to read only property '${name}'.`);
  };
  return () => {
    const context: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(fixed))
      Object.defineProperty(context, name, { enumerable: true, get: () => value, set: () => readOnly(name) });
    return context;
  };
}

/** The context of a hook at the app's start or end. Their data is their own, and lasts from the one to the other. */
export const appHookContext = (registry: Registry): Record<string, unknown> => hookData(registry, registry.appLevelHookData)();

export async function runHooks(registry: Registry, hookName: string, context: Record<string, unknown>): Promise<void> {
  for (const hook of registry.hooks.get(hookName) ?? []) await hook(context);
}

const noOutcome: { result: unknown; error: unknown } = { result: null, error: null };

interface LogLine {
  level: string;
  category: string;
  message: string;
  invocationContext?: unknown;
}

/** Log hooks may change level and message; they are not waited for, and what one throws is not the function's fault. */
export function throughLogHooks(registry: Registry, line: LogLine): LogLine {
  const hooks: HookCallback[] = registry.hooks.get('log') ?? [];
  if (hooks.length === 0) return line;
  const { level, message, ...fixed } = line;
  const context = Object.assign(hookData(registry, {}, fixed)(), { level, message });
  for (const hook of hooks) {
    try {
      void hook(context);
    } catch {
      // A line is logged all the same.
    }
  }
  return { ...line, level: context.level, message: context.message };
}
