import type { FunctionInfo } from './contract';
import type { Binding, RegisteredFunction, Registry } from './functions-core';

/** A registered function as the host sees it: its one trigger, and what else is bound. */
export interface AppFunction {
  name: string;
  registered: RegisteredFunction;
  trigger: Binding;
  isDisabled: boolean;
}

const triggers = new Set([
  'httptrigger',
  'queuetrigger',
  'timertrigger',
  'blobtrigger',
  'warmuptrigger',
  'orchestrationtrigger',
  'activitytrigger',
  'entitytrigger',
]);
const inputs = new Set(['durableclient', 'orchestrationclient', 'blob', 'table']);
const durable = new Set(['orchestrationtrigger', 'activitytrigger', 'entitytrigger', 'durableclient', 'orchestrationclient']);
const outputs = new Set(['http', 'queue', 'blob', 'table']);

/** What the real host demands of the names (its Utility.ValidateName and ValidateBinding). */
const functionName = /^(?!host$)[a-z][a-z0-9_-]{0,127}$/i;
const bindingName = /^(?:[a-z][a-z0-9]{0,127}|\$return)$/i;

/** @throws Error naming each function and binding that this host does not have yet, or a name that the real host refuses */
export function appFunctions(registry: Registry, settings: NodeJS.ProcessEnv): AppFunction[] {
  const problems: string[] = [];
  const found = [...registry.functions.values()].map((registered): AppFunction => {
    const { name, bindings } = registered.metadata;
    if (!functionName.test(name)) throw new Error(`"${name}" is no name of a function: a letter, then letters, digits, "_" and "-".`);
    const all = Object.entries(bindings).map(([key, binding]) => ({ ...binding, name: key }));
    const trigger = all.find((binding) => /trigger$/i.test(binding.type));
    if (!trigger) throw new Error(`Function "${name}" has no trigger.`);
    const isDisabled = /^(1|true)$/i.test(settings[`AzureWebJobs.${name}.Disabled`] ?? settings[`AzureWebJobs_${name}_Disabled`] ?? '');
    // A disabled function never runs, so it may be bound to anything.
    if (!isDisabled) problems.push(...all.flatMap((binding) => missing(name, binding, binding === trigger)));
    return { name, registered, trigger, isDisabled };
  });
  if (problems.length > 0) throw new Error(`The embedded host does not have these bindings yet: ${problems.join('; ')}.`);
  return found;
}

function missing(owner: string, binding: Binding, isTrigger: boolean): string[] {
  if (!bindingName.test(binding.name))
    throw new Error(`Function "${owner}": "${binding.name}" is no name of a binding: a letter, then letters and digits.`);
  const known = isTrigger ? triggers : binding.direction === 'out' ? outputs : inputs;
  const what = `function "${owner}": ${binding.direction === 'out' ? 'output ' : ''}binding "${binding.type}"`;
  if (!known.has(binding.type.toLowerCase())) return [what];
  const { supportsDeferredBinding } = (binding['properties'] ?? {}) as { supportsDeferredBinding?: unknown };
  if (supportsDeferredBinding === 'true') return [`${what} with sdkBinding`];
  return isTrigger && isOf(binding, 'blobTrigger') && binding['source'] === 'EventGrid' ? [`${what} with source EventGrid`] : [];
}

const isOf = (binding: Binding, type: string): boolean => binding.type.toLowerCase() === type.toLowerCase();
export const isKind = (fn: AppFunction, type: string): boolean => isOf(fn.trigger, type);

/** Whether the durable extension is there for it. */
export const isDurable = ({ registered }: AppFunction): boolean =>
  Object.values(registered.metadata.bindings).some(({ type }) => durable.has(type.toLowerCase()));

export function httpMethods(fn: AppFunction): string[] {
  const listed = fn.trigger['methods'];
  // Without a list the real host takes all that it knows.
  return Array.isArray(listed) && listed.length > 0
    ? listed.map((method) => String(method).toUpperCase())
    : ['GET', 'POST', 'DELETE', 'HEAD', 'PATCH', 'PUT', 'OPTIONS', 'TRACE', 'CONNECT'];
}

export const httpRoute = (fn: AppFunction): string => {
  const route = fn.trigger['route'];
  return typeof route === 'string' && route.trim() !== '' ? route : fn.name;
};
export const httpAuthLevel = (fn: AppFunction): string =>
  typeof fn.trigger['authLevel'] === 'string' ? fn.trigger['authLevel'].toLowerCase() : 'function';

export function describe(fn: AppFunction): FunctionInfo {
  const base = { name: fn.name, trigger: fn.trigger.type, disabled: fn.isDisabled };
  return isKind(fn, 'httpTrigger') ? { ...base, route: httpRoute(fn), methods: httpMethods(fn), authLevel: httpAuthLevel(fn) } : base;
}
