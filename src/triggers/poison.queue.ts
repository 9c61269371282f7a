import { output, type StorageQueueHandler } from '@azure/functions';
import { aboutQueue, createKeepBadMessage, tellHourly } from '../commands/keep-bad-message';
import { problem } from '../domain/problems';
import { putBacksAttribute, rolloutRequestedType } from '../domain/rollout-request';
import { sha256Hex } from '../domain/tables';
import { isoNow } from '../azure/clock';
import { instancesOf } from '../azure/durable-instances';
import type { Ports } from '../azure/ports';
import {
  messageIdOf,
  putBackSource,
  queueConnection,
  readQueueMessage,
  rolloutsPoisonQueue,
  rolloutsQueue,
  type QueueMessage,
} from './queue-message';

/** Where messages are put back; registered as an extra output of the handler. */
export const putBackOutput = output.storageQueue({ queueName: rolloutsQueue, connection: queueConnection });

/** A message that fails even so is kept and told instead of going round for ever. */
const mostPutBacks = 10;

/**
 * Puts back a message that failed by a fault of ours, once a row can be written again; until then it throws, and the host, which has no poison
 * queue for a poison queue, leaves the message invisible for a while. Put back, a message gets a new id, so it travels in
 * an envelope that says so.
 */
export const poisonQueueHandler = (ports: Ports, instances = instancesOf): StorageQueueHandler => {
  const keep = createKeepBadMessage(ports);
  return async (entry, context) => {
    const messageId = messageIdOf(context.triggerMetadata);
    const message = readQueueMessage(entry);
    const event = message.kind === 'json' && message.decoded.kind === 'request' ? message.decoded.event : undefined;
    const putBacks = event?.putBacks ?? 0;
    if (message.kind === 'json' && putBacks >= mostPutBacks) {
      await keep(
        { queue: rolloutsPoisonQueue, messageId, message: message.json, problem: problem('put-back-too-often', putBacks) },
        instances(context),
      );
      return;
    }
    const at = isoNow(ports.clock);
    await ports.rows.write([{ kind: 'insert', partition: 'put-back-messages', row: sha256Hex(messageId), value: { v: 1, messageId, at } }]);
    await tellHourly(ports, instances(context), { queue: rolloutsPoisonQueue, mistake: 'put-back', messageId }, (at) => ({
      ...aboutQueue(rolloutsPoisonQueue, at),
      headline: `Put back: a message of ${rolloutsQueue}`,
      sentence: `Slipway failed to take a message from the queue ${rolloutsQueue}; storage answers again, and the message is back in the queue.`,
      facts: [{ name: 'message', value: messageId }],
      did: ['Put the message back; a rollout that it had started is joined, not started again.'],
      next: ["If this goes on, read Slipway's log for why."],
    }));
    context.extraOutputs.set(putBackOutput, putBackText(entry, message, messageId, putBacks));
  };
};

function putBackText(entry: unknown, message: QueueMessage, messageId: string, putBacks: number): string {
  // What can't be understood goes back as it is: the queue's own trigger keeps it and tells.
  if (message.kind === 'not-json' || message.decoded.kind === 'invalid') return typeof entry === 'string' ? entry : JSON.stringify(entry);
  const envelope = message.decoded.event
    ? (message.json as object)
    : { specversion: '1.0', id: messageId, source: putBackSource, type: rolloutRequestedType, data: message.json };
  return JSON.stringify({ ...envelope, [putBacksAttribute]: putBacks + 1 });
}
