/* eslint-disable @typescript-eslint/no-require-imports -- loaded where they are first asked for, in functions that do not wait */

/** The clients of Azure Storage. They take half of the time that the host needs to load, and an app without storage bindings never asks for one. */
export const storageClients = {
  blobs: () => require('@azure/storage-blob') as typeof import('@azure/storage-blob'),
  queues: () => require('@azure/storage-queue') as typeof import('@azure/storage-queue'),
  tables: () => require('@azure/data-tables') as typeof import('@azure/data-tables'),
};
