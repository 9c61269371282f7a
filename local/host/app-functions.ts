import type { FunctionInfo } from './contract';
import type { Binding, RegisteredFunction, Registry } from './functions-core';

/** A registered function as the host sees it: its one trigger, and what else is bound. */
export interface AppFunction {
  name: string;
  registered: RegisteredFunction;
  trigger: Binding;
  isDisabled: boolean;
}

const triggers = new Set(['httptrigger', 'queuetrigger', 'timertrigger', 'orchestrationtrigger', 'activitytrigger', 'entitytrigger']);
const inputs = new Set(['durableclient', 'orchestrationclient']);
const outputs = new Set(['http', 'queue']);

/** @throws Error naming each function and binding that this host does not have yet */
export function appFunctions(registry: Registry, settings: NodeJS.ProcessEnv): AppFunction[] {
  const problems: string[] = [];
  const found = [...registry.functions.values()].map((registered): AppFunction => {
    const { name, bindings } = registered.metadata;
    const all = Object.entries(bindings).map(([key, binding]) => ({ ...binding, name: key }));
    const trigger = all.find((binding) => /trigger$/i.test(binding.type));
    if (!trigger) throw new Error(`Function "${name}" has no trigger.`);
    const isDisabled = /^(1|true)$/i.test(settings[`AzureWebJobs.${name}.Disabled`] ?? settings[`AzureWebJobs_${name}_Disabled`] ?? '');
    // A disabled function never runs, so it may be bound to anything.
    if (!isDisabled) {
      for (const binding of all) {
        const known = binding === trigger ? triggers : binding.direction === 'out' ? outputs : inputs;
        if (!known.has(binding.type.toLowerCase()))
          problems.push(`function "${name}": ${binding.direction === 'out' ? 'output ' : ''}binding "${binding.type}"`);
      }
    }
    return { name, registered, trigger, isDisabled };
  });
  if (problems.length > 0) throw new Error(`The embedded host does not have these bindings yet: ${problems.join('; ')}.`);
  return found;
}

export const isKind = (fn: AppFunction, type: string): boolean => fn.trigger.type.toLowerCase() === type.toLowerCase();

export function httpMethods(fn: AppFunction): string[] {
  const listed = fn.trigger['methods'];
  // Without a list the real host takes all that it knows.
  return Array.isArray(listed) && listed.length > 0
    ? listed.map((method) => String(method).toUpperCase())
    : ['GET', 'POST', 'DELETE', 'HEAD', 'PATCH', 'PUT', 'OPTIONS', 'TRACE', 'CONNECT'];
}

export const httpRoute = (fn: AppFunction): string => (typeof fn.trigger['route'] === 'string' ? fn.trigger['route'] : fn.name);
export const httpAuthLevel = (fn: AppFunction): string =>
  typeof fn.trigger['authLevel'] === 'string' ? fn.trigger['authLevel'].toLowerCase() : 'function';

export function describe(fn: AppFunction): FunctionInfo {
  const base = { name: fn.name, trigger: fn.trigger.type, disabled: fn.isDisabled };
  return isKind(fn, 'httpTrigger') ? { ...base, route: httpRoute(fn), methods: httpMethods(fn), authLevel: httpAuthLevel(fn) } : base;
}
