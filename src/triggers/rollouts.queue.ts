import type { StorageQueueHandler } from '@azure/functions';
import { createKeepBadMessage } from '../commands/keep-bad-message';
import { createStartRollout } from '../commands/start-rollout';
import { requestKeyOf } from '../domain/admission';
import { problem, type InputProblem } from '../domain/problems';
import { putBackSource, readQueueMessage, rolloutsQueue } from '../domain/queue-message';
import { instancesOf } from '../azure/durable-instances';
import type { Ports } from '../azure/ports';
import { messageIdOf } from './queue-message';

/**
 * A build system's message starts a rollout. One that can't be understood is kept and told, and completed: sent again it would be no better.
 * A throw is a fault of ours; the host tries again, and moves the message to the poison queue after its last try.
 */
export const rolloutsQueueHandler = (ports: Ports, instances = instancesOf): StorageQueueHandler => {
  const start = createStartRollout(ports);
  const keep = createKeepBadMessage(ports);
  return async (entry, context) => {
    const messageId = messageIdOf(context.triggerMetadata);
    const message = readQueueMessage(entry);
    const refuse = (told: InputProblem) => {
      context.warn(`${rolloutsQueue}: message ${messageId} starts no rollout (${told.code}). ${told.sentence} A redacted copy is kept.`);
      return keep(
        { queue: rolloutsQueue, messageId, message: message.kind === 'json' ? message.json : entry, problem: told },
        instances(context),
      );
    };

    if (message.kind === 'not-json') return refuse(problem('invalid-json', 'The message'));
    if (message.decoded.kind === 'invalid') return refuse(problem('invalid-request', message.decoded.errors));
    const { request, event } = message.decoded;
    // A message that came back from the poison queue has lost its id: an earlier delivery may have started its rollout, which it then joins.
    const isBack = event?.source === putBackSource;
    const key = requestKeyOf({ requestId: request.requestId, ...(isBack ? {} : { event, messageId }) });
    const started = await start(
      request,
      { requester: { name: 'The build queue', verified: false, via: 'queue' }, key },
      instances(context),
    );
    if (started.kind === 'refused') return refuse(started.problem);
    context.log(`${rolloutsQueue}: message ${messageId} ${started.already ? 'joins' : 'starts'} rollout ${started.id}`);
  };
};
