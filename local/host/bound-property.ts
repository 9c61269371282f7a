import type { BindingData } from './binding-data';
import { parseExpression } from './binding-expression';
import type { Binding } from './functions-core';
import { resolveNames } from './host-json';

/** What a binding of one call is bound with. */
export interface BindingWorld {
  settings: NodeJS.ProcessEnv;
  now(): number;
}

/**
 * Reads a binding's properties with settings and expressions put in.
 * @param escape makes a value safe to stand inside the property (a filter's text, say)
 * @throws Error naming function, binding and property
 */
export function boundProperties(functionName: string, binding: Binding, data: BindingData, world: BindingWorld) {
  const where = (name: string): string => `The ${name} of the ${binding.type} binding of function "${functionName}"`;
  const bind = (name: string, escape: (value: string) => string): string | undefined => {
    const given = binding[name];
    if (given === undefined || given === null) return undefined;
    const text = resolveNames(String(given), world.settings, where(name));
    const escaped: BindingData = new Map([...data].map(([key, value]) => [key, typeof value === 'string' ? escape(value) : value]));
    try {
      return parseExpression(text).bind(escaped, { now: world.now, functionName });
    } catch (cause) {
      throw new Error(`${where(name)}, "${text}": ${cause instanceof Error ? cause.message : ''}`, { cause });
    }
  };
  return {
    /** Undefined when the property is not there. */
    optional: (name: string, escape: (value: string) => string = (value) => value) => bind(name, escape),
    required(name: string): string {
      const value = bind(name, (one) => one);
      if (value === undefined || value === '') throw new Error(`${where(name)} is missing.`);
      return value;
    },
  };
}

/** @throws Error when a property of a binding can never be bound: better at the start than at each call */
export function checkExpressions(functionName: string, binding: Binding, settings: NodeJS.ProcessEnv): void {
  for (const name of ['path', 'queueName', 'tableName', 'partitionKey', 'rowKey', 'filter']) {
    const given = binding[name];
    if (typeof given !== 'string') continue;
    const where = `The ${name} of the ${binding.type} binding of function "${functionName}"`;
    const text = resolveNames(given, settings, where);
    try {
      parseExpression(text);
    } catch (cause) {
      throw new Error(`${where} cannot be read: ${cause instanceof Error ? cause.message : ''}.`, { cause });
    }
  }
}
