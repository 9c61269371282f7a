import type { TableClient } from '@azure/data-tables';
import type { TokenCredential } from '@azure/identity';
import type { BlobServiceClient, ContainerClient } from '@azure/storage-blob';
import type { QueueServiceClient, QueueClient } from '@azure/storage-queue';
import { resolveNames } from './host-json';
import { identityCredential } from './identity-credential';
import { storageClients } from './storage-clients';

/** Opens queues, containers and tables by the app setting that a binding's `connection` names. */
export interface StorageConnections {
  /** @throws Error when the setting is missing or holds no account */
  queue(connection: unknown, queueName: string): QueueClient;
  container(connection: unknown, containerName: string): ContainerClient;
  table(connection: unknown, tableName: string): TableClient;
}

/** Short and few: a poll comes round again, and an outage is to be seen in the log soon. */
const retryOptions = { maxTries: 2, retryDelayInMs: 200, tryTimeoutInMs: 10_000 };

const queueNamePattern = /^[a-z0-9](?:-?[a-z0-9])+$/;
const containerNamePattern = /^(?:\$root|\$logs|\$web|[a-z0-9](?:-?[a-z0-9])+)$/;
const tableNamePattern = /^[a-z][a-z0-9]{2,62}$/i;

type Service = 'queue' | 'blob' | 'table';
type Account = { text: string } | { url: string; credential: TokenCredential };

export function createStorageConnections(settings: NodeJS.ProcessEnv): StorageConnections {
  const queues = kept<QueueServiceClient>();
  const blobs = kept<BlobServiceClient>();
  const account = (connection: string, service: Service): Account => readAccount(settings, connection, service);
  const named = (connection: unknown): string =>
    typeof connection === 'string' && connection !== ''
      ? resolveNames(connection, settings, 'The connection of a binding')
      : 'AzureWebJobsStorage';

  return {
    queue(connection, queueName) {
      if (!queueNamePattern.test(queueName) || queueName.length < 3 || queueName.length > 63)
        throw new Error(`"${queueName}" is no queue name: 3 to 63 lower-case letters, digits and single dashes.`);
      const service = queues(named(connection), (name) => {
        const found = account(name, 'queue');
        const { QueueServiceClient } = storageClients.queues();
        return 'text' in found
          ? QueueServiceClient.fromConnectionString(found.text, { retryOptions })
          : new QueueServiceClient(found.url, found.credential, { retryOptions });
      });
      return service.getQueueClient(queueName);
    },
    container(connection, containerName) {
      if (!containerNamePattern.test(containerName) || containerName.length < 3 || containerName.length > 63)
        throw new Error(`"${containerName}" is no container name: 3 to 63 lower-case letters, digits and single dashes.`);
      const service = blobs(named(connection), (name) => {
        const found = account(name, 'blob');
        const { BlobServiceClient } = storageClients.blobs();
        return 'text' in found
          ? BlobServiceClient.fromConnectionString(found.text, { retryOptions })
          : new BlobServiceClient(found.url, found.credential, { retryOptions });
      });
      return service.getContainerClient(containerName);
    },
    table(connection, tableName) {
      if (!tableNamePattern.test(tableName))
        throw new Error(`"${tableName}" is no table name: 3 to 63 letters and digits, a letter first.`);
      const found = account(named(connection), 'table');
      const { TableClient } = storageClients.tables();
      return 'text' in found
        ? TableClient.fromConnectionString(found.text, tableName, { allowInsecureConnection: true })
        : new TableClient(found.url, tableName, found.credential);
    },
  };
}

function kept<T>(): (name: string, make: (name: string) => T) => T {
  const all = new Map<string, T>();
  return (name, make) => {
    const known = all.get(name);
    if (known) return known;
    const made = make(name);
    all.set(name, made);
    return made;
  };
}

/**
 * A connection string under the name, or `<name>__<service>ServiceUri`, `__serviceUri`, `__endpoint` or `__accountName` for one by identity. The name
 * with "AzureWebJobs" before it comes first, as there.
 */
export function readAccount(settings: NodeJS.ProcessEnv, connection: string, service: Service): Account {
  for (const name of [`AzureWebJobs${connection}`, connection]) {
    const text = settings[name];
    if (text) return { text };
    const part = (key: string): string | undefined => settings[`${name}__${key}`] ?? settings[`${name}:${key}`];
    const accountName = part('accountName');
    const url =
      part(`${service}ServiceUri`) ??
      part('serviceUri') ??
      part('endpoint') ??
      (accountName === undefined ? undefined : `https://${accountName}.${service}.core.windows.net`);
    if (url === undefined) continue;
    if (!URL.canParse(url))
      throw new Error(`The app setting of connection "${connection}" holds "${url}", which is no URL of a ${service} service.`);
    return { url, credential: identityCredential(part, connection) };
  }
  throw new Error(
    `The app setting "${connection}" is not set. It holds the connection string of a storage account, or with "${connection}__${service}ServiceUri" its address.`,
  );
}
