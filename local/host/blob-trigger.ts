import type { BlobGetPropertiesResponse, ContainerClient } from '@azure/storage-blob';
import type { QueueClient } from '@azure/storage-queue';
import { isKind, type AppFunction } from './app-functions';
import { bindingData } from './binding-data';
import { parseExpression, type Expression } from './binding-expression';
import { hostsContainer, onceFor } from './blob-receipt';
import { readMeta, writeMeta, type Sqlite } from './database';
import type { TypedData } from './functions-core';
import { resolveNames, type HostJson } from './host-json';
import { encodeMessage } from './queue-encoding';
import { listenToQueue, reasonOf, type Listener } from './queue-listener';
import { isNotFound } from './storage-answer';
import type { StorageConnections } from './storage-connection';
import type { TakenMessages } from './taken-messages';
import type { TriggerWorld } from './trigger-invoker';

export interface BlobWorld extends TriggerWorld {
  db: Sqlite;
  hostId: string;
  connections: StorageConnections;
  rules: HostJson['blobs'];
  taken: TakenMessages;
}

/** The real host looks every ten seconds; a person on a laptop does not wait so long. */
const pollMs = 500;
/** Fixed, because apps bind to it. */
const poisonQueueName = 'webjobs-blobtrigger-poison';

/** A function and what it watches. */
interface Watch {
  fn: AppFunction;
  id: string;
  path: Expression;
  container: ContainerClient;
}

/** What stands in the host's own queue, and in the poison queue, of one version of a blob. */
interface BlobMessage {
  Type: 'BlobTrigger';
  FunctionId: string;
  BlobType: string;
  ContainerName: string;
  BlobName: string;
  ETag: string;
}

/**
 * Watches containers as the blob extension does where nothing else tells of changes: it lists them, writes a receipt for each version of a blob, and puts a
 * message into a queue of its own, which is worked on like any other.
 * @throws Error naming the function whose path or account is wrong
 */
export function startBlobs(functions: AppFunction[], world: BlobWorld): Listener[] {
  const watches = functions.filter((fn) => isKind(fn, 'blobTrigger') && !fn.isDisabled).map((fn) => watchOf(fn, world));
  if (watches.length === 0) return [];
  const queue = world.connections.queue(undefined, `azure-webjobs-blobtrigger-${world.hostId}`);
  return [listenToBlobs(watches, queue, world), ...watches.map((watch) => scan(watch, queue, world))];
}

function watchOf(fn: AppFunction, world: BlobWorld): Watch {
  const where = `The path of function "${fn.name}"`;
  const text = resolveNames(String(fn.trigger['path'] ?? ''), world.settings, where);
  const [containerName = '', ...rest] = text.split('/');
  if (containerName === '' || (rest.length > 0 && rest.join('/') === ''))
    throw new Error(`${where}, "${text}", must have the form "container/blob".`);
  if (containerName.includes('{')) throw new Error(`${where}, "${text}", may not have an expression for its container.`);
  let path: Expression;
  try {
    path = parseExpression(text);
  } catch (cause) {
    throw new Error(`${where} cannot be read: ${cause instanceof Error ? cause.message : ''}.`, { cause });
  }
  return { fn, id: `Host.Functions.${fn.name}`, path, container: world.connections.container(fn.trigger['connection'], containerName) };
}

/** The values of a path's names if a blob fits; a path of a container alone takes all of its blobs. */
function capture({ path, container }: Watch, blob: string): Record<string, string> | undefined {
  return path.text === container.containerName ? {} : path.capture(`${container.containerName}/${blob}`);
}

/** Lists the container again and again, from the time on of what was seen last. */
function scan(watch: Watch, queue: QueueClient, world: BlobWorld): Listener {
  const state = { stopped: false, wake: () => {} };
  const isStopped = (): boolean => state.stopped;
  const loop = async (): Promise<void> => {
    let trouble: string | undefined;
    while (!isStopped()) {
      try {
        await look(watch, queue, world, isStopped);
        trouble = undefined;
      } catch (error) {
        if (isStopped()) return;
        const reason = reasonOf(error);
        if (trouble !== reason)
          world.log('warn', `Container "${watch.container.containerName}" could not be looked through: ${reason}`, watch.fn.name);
        trouble = reason;
      }
      await pause(state);
    }
  };
  const looping = loop();
  const halt = (): void => {
    state.stopped = true;
    state.wake();
  };
  return {
    stop() {
      halt();
      return looping;
    },
    kill: halt,
  };
}

function pause(state: { stopped: boolean; wake: () => void }): Promise<void> {
  return new Promise((resolve) => {
    const handle = setTimeout(resolve, state.stopped ? 0 : pollMs);
    state.wake = () => {
      clearTimeout(handle);
      resolve();
    };
  });
}

async function look(watch: Watch, queue: QueueClient, world: BlobWorld, isStopped: () => boolean): Promise<void> {
  const { container, fn } = watch;
  const key = `blobScan.${fn.name}.${container.url.split('?')[0] ?? ''}`;
  const sinceMs = Number(readMeta(world.db, key) ?? -Infinity);
  let latestMs = sinceMs;
  let isWhole = true;
  try {
    for await (const { name, properties } of container.listBlobsFlat()) {
      if (isStopped()) return;
      const modifiedMs = properties.lastModified.getTime();
      // Times have whole seconds, so what was written in the last one seen may be new.
      if (modifiedMs < sinceMs || !capture(watch, name)) continue;
      latestMs = Math.max(latestMs, modifiedMs);
      isWhole = (await announce(watch, name, queue, world)) && isWhole;
    }
  } catch (error) {
    // The real host does not make the container; it waits for it.
    if (!isNotFound(error)) throw error;
  }
  if (isWhole && latestMs > sinceMs && !isStopped()) writeMeta(world.db, key, String(latestMs));
}

/** Puts a version of a blob into the host's queue unless that was done. False if it is to be tried again. */
async function announce({ id, container }: Watch, blob: string, queue: QueueClient, world: BlobWorld): Promise<boolean> {
  const found = await propertiesOf(container, blob);
  const etag = found?.etag;
  if (!found || etag === undefined) return true;
  const done = world.begin();
  try {
    const version = { hostId: world.hostId, functionId: id, container: container.containerName, blob, etag };
    return await onceFor(world.connections.container(undefined, hostsContainer), version, async () => {
      const message: BlobMessage = {
        Type: 'BlobTrigger',
        FunctionId: id,
        BlobType: found.blobType ?? 'BlockBlob',
        ContainerName: container.containerName,
        BlobName: blob,
        ETag: etag,
      };
      await queue.createIfNotExists();
      await queue.sendMessage(encodeMessage(JSON.stringify(message), 'base64'));
    });
  } finally {
    done();
  }
}

async function propertiesOf(container: ContainerClient, blob: string): Promise<BlobGetPropertiesResponse | undefined> {
  try {
    return await container.getBlobClient(blob).getProperties();
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function listenToBlobs(watches: Watch[], queue: QueueClient, world: BlobWorld): Listener {
  const { maxDegreeOfParallelism: most, poisonBlobThreshold } = world.rules;
  const batchSize = Math.min(32, Math.floor(most / 2) + 1);
  return listenToQueue({
    owner: undefined,
    queue,
    poison: world.connections.queue(watches[0]?.fn.trigger['connection'], poisonQueueName),
    poisonFor: (text) => {
      const watch = watchFor(watches, text);
      return watch && world.connections.queue(watch.fn.trigger['connection'], poisonQueueName);
    },
    rules: {
      batchSize,
      newBatchThreshold: Math.max(0, most - batchSize),
      maxDequeueCount: poisonBlobThreshold,
      visibilityTimeoutMs: 0,
      maxPollingMs: 60_000,
      messageEncoding: 'base64',
    },
    taken: world.taken,
    isQuiet: true,
    run: async (text) => {
      const watch = watchFor(watches, text);
      // Of a function that is gone.
      if (watch) await treat(watch, JSON.parse(text) as BlobMessage, world);
    },
    begin: world.begin,
    log: world.log,
  });
}

function watchFor(watches: Watch[], text: string): Watch | undefined {
  try {
    const { FunctionId } = JSON.parse(text) as BlobMessage;
    return watches.find(({ id }) => id === FunctionId);
  } catch {
    // No message of ours.
    return undefined;
  }
}

async function treat(watch: Watch, { BlobName: blob, ETag }: BlobMessage, world: BlobWorld): Promise<void> {
  const found = await propertiesOf(watch.container, blob);
  // Gone, or written again: the newer version has a message of its own.
  if (found?.etag !== ETag) return;
  const path = `${watch.container.containerName}/${blob}`;
  const uri = watch.container.getBlobClient(blob).url.split('?')[0] ?? '';
  const names = capture(watch, blob) ?? {};
  const properties = shownProperties(found);
  const json = (value: unknown): TypedData => ({ json: JSON.stringify(value) });
  await world.invoke(watch.fn, {
    // Always bytes, whatever dataType says (azure-webjobs-sdk#2807).
    data: { bytes: await watch.container.getBlobClient(blob).downloadToBuffer() },
    metadata: {
      BlobTrigger: { string: path },
      Uri: json(uri),
      Properties: json(properties),
      Metadata: json(found.metadata ?? {}),
      ...Object.fromEntries(Object.entries(names).map(([name, value]) => [name, { string: value }])),
    },
    bindingData: bindingData({ BlobTrigger: path, Uri: uri, Properties: properties, Metadata: found.metadata ?? {} }, names),
  });
}

/** Those of .NET's BlobProperties that say something on a laptop. */
function shownProperties(found: BlobGetPropertiesResponse): Record<string, unknown> {
  return {
    LastModified: found.lastModified?.toISOString(),
    CreatedOn: found.createdOn?.toISOString(),
    Metadata: found.metadata ?? {},
    BlobType: ['BlockBlob', 'PageBlob', 'AppendBlob'].indexOf(found.blobType ?? 'BlockBlob'),
    ContentLength: found.contentLength,
    ContentType: found.contentType,
    ETag: found.etag,
    ContentEncoding: found.contentEncoding,
    ContentLanguage: found.contentLanguage,
    ContentDisposition: found.contentDisposition,
    CacheControl: found.cacheControl,
  };
}
