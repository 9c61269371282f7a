import type { InvocationResponse, RegisteredFunction, TypedData } from './functions-core';
import { resolveNames } from './host-json';
import type { QueueConnections } from './queue-connection';
import { encodeMessage, type MessageEncoding } from './queue-encoding';

/** Sends what a function gave to its queue outputs: one message an item of an array, text as it is, anything else as JSON. */
export async function writeQueueOutputs(
  fn: RegisteredFunction,
  response: InvocationResponse,
  world: { connections: QueueConnections; encoding: MessageEncoding; settings: NodeJS.ProcessEnv },
): Promise<void> {
  const given: { name: string; data: TypedData | null | undefined }[] = [
    ...(response.outputData ?? []),
    { name: '$return', data: response.returnValue },
  ];
  for (const { name, data } of given) {
    const binding = fn.metadata.bindings[name];
    if (!binding || binding.type.toLowerCase() !== 'queue' || !data) continue;
    const queueName = resolveNames(
      String(binding['queueName'] ?? ''),
      world.settings,
      `The queue output of function "${fn.metadata.name}"`,
    ).toLowerCase();
    const queue = world.connections.queue(binding['connection'], queueName);
    await queue.createIfNotExists();
    for (const message of messagesOf(data)) await queue.sendMessage(encodeMessage(message, world.encoding));
  }
}

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
