import { problem } from '../domain/problems';
import { putBacksOf, putBackText, rolloutsPoisonQueue, rolloutsQueue, type QueueMessage } from '../domain/queue-message';
import { sha256Hex } from '../domain/tables';
import { isoNow } from '../azure/clock';
import type { Instances } from '../azure/instances';
import type { Ports } from '../azure/ports';
import { aboutQueue, createKeepBadMessage, tellHourly } from './keep-bad-message';

export interface Poisoned {
  messageId: string;
  /** As the trigger handed it over, and as it was read. */
  entry: unknown;
  message: QueueMessage;
}

/** Answers the text to put back; undefined for a message that was kept instead. Throws until a row can be written again. */
export type PutBackMessage = (poisoned: Poisoned, instances: Instances) => Promise<string | undefined>;

/** A message that fails even so is kept and told instead of going round for ever. */
const mostPutBacks = 10;

/** Decides what becomes of a message that failed by a fault of ours: it is put back once storage answers, with a notice. */
export function createPutBackMessage(ports: Pick<Ports, 'rows' | 'clock' | 'settings'>): PutBackMessage {
  const keep = createKeepBadMessage(ports);
  return async ({ messageId, entry, message }, instances) => {
    const putBacks = putBacksOf(message);
    if (message.kind === 'json' && putBacks >= mostPutBacks) {
      const told = problem('put-back-too-often', putBacks);
      await keep({ queue: rolloutsPoisonQueue, messageId, message: message.json, problem: told }, instances);
      return undefined;
    }
    const value = { v: 1, messageId, at: isoNow(ports.clock) };
    await ports.rows.write([{ kind: 'insert', partition: 'put-back-messages', row: sha256Hex(messageId), value }]);
    await tellHourly(ports, instances, { queue: rolloutsPoisonQueue, mistake: 'put-back', messageId }, (at) => ({
      ...aboutQueue(rolloutsPoisonQueue, at),
      headline: `Put back: a message of ${rolloutsQueue}`,
      sentence: `Slipway failed to take a message from the queue ${rolloutsQueue}; storage answers again, and the message is back in the queue.`,
      facts: [{ name: 'message', value: messageId }],
      did: ['Put the message back; a rollout that it had started is joined, not started again.'],
      next: ["If this goes on, read Slipway's log for why."],
    }));
    return putBackText(entry, message, messageId);
  };
}
