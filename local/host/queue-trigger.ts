import type { DequeuedMessageItem } from '@azure/storage-queue';
import { isKind, type AppFunction } from './app-functions';
import { bindingData, jsonProperties } from './binding-data';
import type { TypedData } from './functions-core';
import { resolveNames, type HostJson } from './host-json';
import { listenToQueue, type Listener } from './queue-listener';
import type { StorageConnections } from './storage-connection';
import type { TakenMessages } from './taken-messages';
import type { TriggerWorld } from './trigger-invoker';

export interface QueueWorld extends TriggerWorld {
  connections: StorageConnections;
  rules: HostJson['queues'];
  taken: TakenMessages;
}

/** @throws Error naming the function whose queue cannot be opened */
export function startQueues(functions: AppFunction[], world: QueueWorld): Listener[] {
  return functions.filter((fn) => isKind(fn, 'queueTrigger') && !fn.isDisabled).map((fn) => startQueue(fn, world));
}

function startQueue(fn: AppFunction, world: QueueWorld): Listener {
  const { trigger, name } = fn;
  const queueName = resolveNames(String(trigger['queueName'] ?? ''), world.settings, `The queue of function "${name}"`).toLowerCase();
  return listenToQueue({
    owner: name,
    queue: world.connections.queue(trigger['connection'], queueName),
    poison: hasPoison(queueName) ? world.connections.queue(trigger['connection'], `${queueName}-poison`) : undefined,
    rules: world.rules,
    taken: world.taken,
    run: async (text, message) => {
      const data = { string: text };
      await world.invoke(fn, { data, metadata: metadataOf(message, data), bindingData: bindingDataOf(message, text) });
    },
    begin: world.begin,
    log: world.log,
  });
}

/** A poison queue has none itself, nor one whose name leaves no room for the ending. */
const hasPoison = (queueName: string): boolean => !queueName.endsWith('-poison') && queueName.length + '-poison'.length <= 63;

function metadataOf(message: DequeuedMessageItem, data: TypedData): Record<string, TypedData> {
  const time = (date: Date): TypedData => ({ json: JSON.stringify(date.toISOString().replace(/\.\d+Z$/, '+00:00')) });
  return {
    QueueTrigger: data,
    DequeueCount: { json: JSON.stringify(message.dequeueCount) },
    ExpirationTime: time(message.expiresOn),
    Id: { string: message.messageId },
    InsertionTime: time(message.insertedOn),
    NextVisibleTime: time(message.nextVisibleOn),
    PopReceipt: { string: message.popReceipt },
  };
}

function bindingDataOf(message: DequeuedMessageItem, text: string) {
  return bindingData(
    {
      QueueTrigger: text,
      DequeueCount: message.dequeueCount,
      Id: message.messageId,
      PopReceipt: message.popReceipt,
      // .NET's times have no text in expressions.
      ExpirationTime: null,
      InsertionTime: null,
      NextVisibleTime: null,
    },
    jsonProperties(text),
  );
}
