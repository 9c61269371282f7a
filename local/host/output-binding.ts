import type { BindingData } from './binding-data';
import { writeBlob } from './blob-binding';
import { boundProperties, type BindingWorld } from './bound-property';
import type { InvocationResponse, RegisteredFunction, TypedData } from './functions-core';
import { encodeMessage, type MessageEncoding } from './queue-encoding';
import type { StorageConnections } from './storage-connection';
import { writeTable } from './table-binding';

/** Sends what a function gave to its queue, blob and table outputs; nothing for null and undefined. */
export async function writeStorageOutputs(
  fn: RegisteredFunction,
  response: InvocationResponse,
  data: BindingData,
  world: BindingWorld & { connections: StorageConnections; encoding: MessageEncoding },
): Promise<void> {
  const { name: functionName, bindings } = fn.metadata;
  const given: { name: string; data: TypedData | null | undefined }[] = [
    ...(response.outputData ?? []),
    { name: '$return', data: response.returnValue },
  ];
  for (const { name, data: value } of given) {
    const binding = bindings[name];
    if (!binding || binding.direction !== 'out' || !value) continue;
    const bound = boundProperties(functionName, binding, data, world);
    const { connections } = world;
    switch (binding.type.toLowerCase()) {
      case 'queue': {
        const queue = connections.queue(binding['connection'], bound.required('queueName').toLowerCase());
        await queue.createIfNotExists();
        for (const message of messagesOf(value)) await queue.sendMessage(encodeMessage(message, world.encoding));
        break;
      }
      case 'blob':
        await writeBlob((container) => connections.container(binding['connection'], container), bound.required('path'), value);
        break;
      case 'table': {
        const keys = { partitionKey: bound.optional('partitionKey'), rowKey: bound.optional('rowKey') };
        await writeTable(connections.table(binding['connection'], bound.required('tableName')), keys, value);
        break;
      }
      default:
    }
  }
}

/** One message an item of an array, text as it is, anything else as JSON. */
function messagesOf(data: TypedData): (string | Uint8Array)[] {
  if (typeof data.json === 'string') {
    const value: unknown = JSON.parse(data.json);
    const items: unknown[] = Array.isArray(value) ? value : [value];
    return items.map((item) => (typeof item === 'string' ? item : JSON.stringify(item)));
  }
  if (typeof data.string === 'string') return [data.string];
  if (data.bytes) return [data.bytes];
  const number = data.int ?? data.double;
  return typeof number === 'number' ? [String(number)] : [];
}
