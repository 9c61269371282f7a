import { afterAll, beforeAll } from '@jest/globals';
import { TableServiceClient, TableClient } from '@azure/data-tables';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { QueueServiceClient, type QueueClient } from '@azure/storage-queue';
import { startAzurite, type Azurite } from '../azurite';
import { benches, type Bench } from './bench';

/** A real Azurite for a file of tests, and hosts whose AzureWebJobsStorage it is. */
export function storageBench() {
  let azurite: Azurite;
  let count = 0;
  const start = benches();
  beforeAll(async () => {
    azurite = await startAzurite();
  });
  afterAll(() => azurite.stop());
  const tableClient = (name: string): TableClient =>
    TableClient.fromConnectionString(azurite.connectionString, name, { allowInsecureConnection: true });
  const own = (prefix: string): string => `${prefix}${(count += 1)}`;
  return {
    connectionString: (): string => azurite.connectionString,
    host: (register: () => void, options: Parameters<typeof start>[1] = {}): Promise<Bench> =>
      start(register, {
        hostJson: { version: '2.0', extensions: { queues: { messageEncoding: 'none', maxDequeueCount: 3 } } },
        ...options,
        settings: { AzureWebJobsStorage: azurite.connectionString, ...options.settings },
      }),
    own,
    /** Each of its own name, for one test; a table and a container are made. */
    queue(name = own('queue-')): QueueClient {
      return QueueServiceClient.fromConnectionString(azurite.connectionString).getQueueClient(name);
    },
    async container(name = own('container-')): Promise<ContainerClient> {
      const client = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient(name);
      await client.createIfNotExists();
      return client;
    },
    async table(name = own('Table')): Promise<TableClient> {
      await TableServiceClient.fromConnectionString(azurite.connectionString, { allowInsecureConnection: true }).createTable(name);
      return tableClient(name);
    },
    tableClient,
  };
}

/** Collects what comes, and tells when so much has. */
export function collector<T>() {
  const seen: T[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  return {
    seen,
    add(item: T): void {
      seen.push(item);
      for (const one of waiting) if (seen.length >= one.count) one.resolve();
    },
    until: (wanted: number): Promise<void> =>
      seen.length >= wanted ? Promise.resolve() : new Promise<void>((resolve) => waiting.push({ count: wanted, resolve })),
  };
}
