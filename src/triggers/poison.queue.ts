import { output, type StorageQueueHandler } from '@azure/functions';
import { createPutBackMessage } from '../commands/put-back-message';
import { readQueueMessage, rolloutsQueue } from '../domain/queue-message';
import { instancesOf } from '../azure/durable-instances';
import type { Ports } from '../azure/ports';
import { messageIdOf, queueConnection } from './queue-message';

/** Where messages are put back; registered as an extra output of the handler. */
export const putBackOutput = output.storageQueue({ queueName: rolloutsQueue, connection: queueConnection });

/**
 * Puts back a message that failed by a fault of ours. While that still throws, the host, which has no poison queue for a poison queue, leaves the
 * message invisible for a while.
 */
export const poisonQueueHandler = (ports: Ports, instances = instancesOf): StorageQueueHandler => {
  const putBack = createPutBackMessage(ports);
  return async (entry, context) => {
    const messageId = messageIdOf(context.triggerMetadata);
    const text = await putBack({ messageId, entry, message: readQueueMessage(entry) }, instances(context));
    if (text !== undefined) context.extraOutputs.set(putBackOutput, text);
  };
};
