import { bindingData, type BindingData } from './binding-data';
import type { BindingWorld } from './bound-property';
import type { InvocationResponse, RegisteredFunction } from './functions-core';
import { readStorageInputs } from './input-binding';
import type { ParameterBinding } from './invoke';
import { writeStorageOutputs } from './output-binding';
import type { MessageEncoding } from './queue-encoding';
import type { StorageConnections } from './storage-connection';

/** What functions are bound to besides their triggers. */
export interface FunctionBindings {
  /** The durable client, whose payload names addresses alone. */
  extraInputs(fn: RegisteredFunction): ParameterBinding[];
  /** What lies in storage when the function is called. */
  storageInputs(fn: RegisteredFunction, data: BindingData): Promise<ParameterBinding[]>;
  readInputs(fn: RegisteredFunction, data: BindingData): Promise<ParameterBinding[]>;
  writeOutputs(fn: RegisteredFunction, response: InvocationResponse, data?: BindingData): Promise<void>;
}

export function createFunctionBindings(
  world: BindingWorld & { connections: StorageConnections; encoding: MessageEncoding; clientPayload(): string },
): FunctionBindings {
  const extraInputs = (fn: RegisteredFunction): ParameterBinding[] =>
    Object.entries(fn.metadata.bindings)
      .filter(([, binding]) => /^(durable|orchestration)client$/i.test(binding.type))
      .map(([name]) => ({ name, data: { string: world.clientPayload() } }));
  const storageInputs = (fn: RegisteredFunction, data: BindingData): Promise<ParameterBinding[]> => readStorageInputs(fn, data, world);
  return {
    extraInputs,
    storageInputs,
    readInputs: async (fn, data) => [...extraInputs(fn), ...(await storageInputs(fn, data))],
    writeOutputs: (fn, response, data = bindingData()) => writeStorageOutputs(fn, response, data, world),
  };
}
