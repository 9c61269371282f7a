import { QueueServiceClient, type QueueClient } from '@azure/storage-queue';

/** Opens queues by the app setting that a binding's `connection` names. */
export interface QueueConnections {
  queue(connection: unknown, queueName: string): QueueClient;
}

const queueNamePattern = /^[a-z0-9](?:-?[a-z0-9])+$/;

export function createQueueConnections(settings: NodeJS.ProcessEnv): QueueConnections {
  const services = new Map<string, QueueServiceClient>();
  return {
    queue(connection, queueName) {
      const name = typeof connection === 'string' && connection !== '' ? connection : 'AzureWebJobsStorage';
      if (!queueNamePattern.test(queueName) || queueName.length < 3 || queueName.length > 63) {
        throw new Error(`"${queueName}" is no queue name: 3 to 63 lower-case letters, digits and single dashes.`);
      }
      let service = services.get(name);
      if (!service) {
        const text = settings[name] ?? settings[`AzureWebJobs${name}`];
        if (!text)
          throw new Error(
            `The app setting "${name}" is not set. It holds the connection string of the storage account whose queue "${queueName}" is bound.`,
          );
        // Short and few: the poll comes round again, and an outage is to be seen in the log soon.
        service = QueueServiceClient.fromConnectionString(text, {
          retryOptions: { maxTries: 2, retryDelayInMs: 200, tryTimeoutInMs: 10_000 },
        });
        services.set(name, service);
      }
      return service.getQueueClient(queueName);
    },
  };
}
