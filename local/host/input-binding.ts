import type { BindingData } from './binding-data';
import { readBlob } from './blob-binding';
import { boundProperties, type BindingWorld } from './bound-property';
import type { RegisteredFunction } from './functions-core';
import type { ParameterBinding } from './invoke';
import type { StorageConnections } from './storage-connection';
import { readTable } from './table-binding';

/** Reads what a function's storage inputs hold at the time of a call. */
export async function readStorageInputs(
  fn: RegisteredFunction,
  data: BindingData,
  world: BindingWorld & { connections: StorageConnections },
): Promise<ParameterBinding[]> {
  const { name: functionName, bindings } = fn.metadata;
  const read = async ([name, binding]: [string, (typeof bindings)[string]]): Promise<ParameterBinding[]> => {
    if (binding.direction === 'out') return [];
    const bound = boundProperties(functionName, binding, data, world);
    switch (binding.type.toLowerCase()) {
      case 'blob': {
        const open = (container: string) => world.connections.container(binding['connection'], container);
        return [{ name, data: await readBlob(open, bound.required('path'), binding['dataType']) }];
      }
      case 'table': {
        const take = Number(binding['take'] ?? 0);
        const query = {
          partitionKey: bound.optional('partitionKey'),
          rowKey: bound.optional('rowKey'),
          // A quote inside a value must not end the filter's own text.
          filter: bound.optional('filter', (value) => value.replaceAll("'", "''")),
          take: take > 0 ? take : undefined,
        };
        return [{ name, data: await readTable(world.connections.table(binding['connection'], bound.required('tableName')), query) }];
      }
      default:
        return [];
    }
  };
  return (await Promise.all(Object.entries(bindings).map(read))).flat();
}
