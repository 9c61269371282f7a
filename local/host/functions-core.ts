/**
 * What `require('@azure/functions-core')` gives inside this host: the module that the real Node worker injects. `@azure/functions` calls
 * `setProgrammingModel` and `registerFunction` when an app registers its functions; they land in the current registry.
 */

export interface TypedData {
  string?: string | null;
  json?: string | null;
  bytes?: Uint8Array | null;
  int?: number | null;
  double?: number | null;
  http?: HttpData | null;
}

export interface HttpCookie {
  name?: string | null;
  value?: string | null;
  domain?: { value?: string | null } | null;
  path?: { value?: string | null } | null;
  expires?: { value?: { seconds?: number | null } | string | null } | null;
  secure?: { value?: boolean | null } | null;
  httpOnly?: { value?: boolean | null } | null;
  sameSite?: string | null;
  maxAge?: { value?: number | null } | null;
}

export interface HttpData {
  method?: string;
  url?: string;
  nullableHeaders?: Record<string, { value: string }>;
  nullableParams?: Record<string, { value: string }>;
  nullableQuery?: Record<string, { value: string }>;
  body?: TypedData | null;
  statusCode?: string | null;
  headers?: Record<string, string> | null;
  cookies?: HttpCookie[] | null;
  enableContentNegotiation?: boolean;
}

/** One binding as registered: type and direction, and whatever else its kind has (route, queueName, schedule …). */
export interface Binding {
  name: string;
  type: string;
  direction?: 'in' | 'out' | 'inout';
  [property: string]: unknown;
}

/** Which attempt a call is, for functions with a retry policy. */
export interface RetryContext {
  /** 0 at the first call. */
  retryCount: number;
  maxRetryCount: number;
  exception?: { message: string; source: string; stackTrace: string };
}

export interface FunctionMetadata {
  name: string;
  bindings: Record<string, Binding>;
  retryOptions?: unknown;
}

export type FunctionCallback = (...args: unknown[]) => unknown;

export interface InvocationRequest {
  invocationId: string;
  inputData: { name: string; data: TypedData }[];
  triggerMetadata: Record<string, TypedData>;
  traceContext: null;
  retryContext: RetryContext | null;
}

export interface InvocationResponse {
  returnValue?: TypedData | null;
  outputData?: { name: string; data: TypedData }[];
}

export interface CoreInvocationContext {
  invocationId: string;
  request: InvocationRequest;
  metadata: FunctionMetadata;
  state?: string | undefined;
  log(level: string, category: string, message: string): void;
}

export interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: FunctionCallback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<InvocationResponse>;
}

export interface ProgrammingModel {
  name: string;
  version: string;
  getInvocationModel(context: CoreInvocationContext): InvocationModel;
  getCapabilities(capabilities: Record<string, string>): Promise<Record<string, string>>;
}

export type HookCallback = (context: Record<string, unknown>) => unknown;

export interface RegisteredFunction {
  metadata: FunctionMetadata;
  callback: FunctionCallback;
}

/** Everything that one load of an app registered. */
export interface Registry {
  model?: ProgrammingModel;
  functions: Map<string, RegisteredFunction>;
  hooks: Map<string, HookCallback[]>;
  /** Shared by all hooks. */
  appHookData: Record<string, unknown>;
  /** Shared by the hooks of the app's start and end alone. */
  appLevelHookData: Record<string, unknown>;
  log: (level: string, category: string, message: string) => void;
  /** After the app's start nothing more can be registered, as in the real worker. */
  sealed: boolean;
}

export function freshRegistry(): Registry {
  return { functions: new Map(), hooks: new Map(), appHookData: {}, appLevelHookData: {}, log: () => {}, sealed: false };
}

// On globalThis, because a test that loads the app anew in a fresh module registry gets a fresh copy of this module too.
const slot = globalThis as { [key: symbol]: Registry | undefined };
const slotName = Symbol.for('slipway.local.host.registry');

export function currentRegistry(): Registry {
  return (slot[slotName] ??= freshRegistry());
}

/** Runs `load` with a fresh registry as the current one, puts the former back, and answers what `load` registered. */
export async function registerInto(registry: Registry, load: () => void | Promise<void>): Promise<Registry> {
  const former = slot[slotName];
  slot[slotName] = registry;
  try {
    const loading = load();
    // Not where there is nothing to wait for: of two that overlap, the later puts back what the earlier had put there.
    if (loading) await loading;
  } finally {
    slot[slotName] = former;
  }
  return registry;
}

export const version = '3.12.0';
export const hostVersion = '4.1000.0';

export class Disposable {
  constructor(private readonly onDispose: () => void) {}
  dispose(): void {
    this.onDispose();
  }
}

// A package sets its model at its first registration only, so later registries take it from here. Each copy of the package has a copy of this module.
let packageModel: ProgrammingModel | undefined;

export function setProgrammingModel(model: ProgrammingModel): void {
  packageModel = model;
  currentRegistry().model = model;
}

export function getProgrammingModel(): ProgrammingModel | undefined {
  return currentRegistry().model;
}

export function registerFunction(metadata: FunctionMetadata, callback: FunctionCallback): Disposable {
  const registry = currentRegistry();
  if (registry.sealed) throw new Error('A function can only be registered during app startup.');
  // The real host matches function names without regard to case, so two names that differ only in case are one too many.
  const key = metadata.name.toLowerCase();
  if (registry.functions.has(key)) {
    throw new Error(`A function with name "${metadata.name}" has already been registered. Register each function once.`);
  }
  if (packageModel) registry.model = packageModel;
  registry.functions.set(key, { metadata, callback });
  return new Disposable(() => registry.functions.delete(key));
}

const hookNames = ['appStart', 'appTerminate', 'preInvocation', 'postInvocation', 'log'];

export function registerHook(hookName: string, callback: HookCallback): Disposable {
  if (!hookNames.includes(hookName)) throw new RangeError(`Unrecognized hook "${hookName}"`);
  const { hooks } = currentRegistry();
  const list = hooks.get(hookName) ?? [];
  hooks.set(hookName, [...list, callback]);
  return new Disposable(() =>
    hooks.set(
      hookName,
      (hooks.get(hookName) ?? []).filter((one) => one !== callback),
    ),
  );
}

export function log(level: string, category: string, message: string): void {
  currentRegistry().log(level, category, message);
}
