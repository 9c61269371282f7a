import { isRestError } from '@azure/core-rest-pipeline';
import { BlobServiceClient } from '@azure/storage-blob';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { endWithin } from './answer-within';
import { whyNotAPackage } from './check-package';
import { fetchFile, keepStream, type Fetched } from './fetch-file';
import type { Outgoing } from './outgoing';
import type { Packages } from './packages';
import type { StorageConnection } from './storage-connection';

/** What a zip push takes at most. */
const mostPackageBytes = 1024 ** 3;

/** An activity has five minutes: to fetch the package, and to put it away. */
const usuallyWithin = { lookMs: 60_000, transferMs: 120_000 };

/** Packages as blobs named by their digest. A package is checked before it is kept, and its digest again whenever it is read. */
export function blobPackages(
  connection: StorageConnection,
  outgoing: Outgoing,
  containerName = 'slipway-packages',
  mostBytes = mostPackageBytes,
  { lookMs, transferMs } = usuallyWithin,
): Packages {
  const service =
    connection.kind === 'identity'
      ? new BlobServiceClient(connection.blobsUrl, connection.credential)
      : BlobServiceClient.fromConnectionString(connection.text);
  const container = service.getContainerClient(containerName);

  const sizeOf = async (sha256: string): Promise<number | undefined> => {
    try {
      return (await endWithin(lookMs, (abortSignal) => container.getBlobClient(sha256).getProperties({ abortSignal }))).contentLength ?? 0;
    } catch (error) {
      if (isRestError(error) && error.statusCode === 404) return undefined;
      throw error;
    }
  };

  const keep = async (file: string, sha256: string): Promise<void> => {
    await endWithin(lookMs, (abortSignal) => container.createIfNotExists({ abortSignal }));
    try {
      const conditions = { ifNoneMatch: '*' };
      await endWithin(transferMs, (abortSignal) => container.getBlockBlobClient(sha256).uploadFile(file, { conditions, abortSignal }));
    } catch (error) {
      // It is there already, put there by another run or by a try whose answer was lost: the same bytes, by name.
      if (!isRestError(error) || (error.statusCode !== 409 && error.statusCode !== 412)) throw error;
    }
  };

  const bring = (url: string, file: string): Promise<Fetched> => {
    const own = ownBlob(service.url, url);
    return own ? readOwn(service, own, file, { mostBytes, transferMs }) : fetchFile(outgoing, url, file, mostBytes);
  };

  return {
    addressOf: (sha256) => withoutQuery(container.getBlobClient(sha256).url),

    digestAt(url) {
      const own = ownBlob(service.url, url);
      return own?.container === containerName && /^[0-9a-f]{64}$/.test(own.blob) ? own.blob : undefined;
    },

    has: async (sha256) => (await sizeOf(sha256)) !== undefined,

    async fetchAndKeep(url, sha256) {
      const kept = await sizeOf(sha256);
      if (kept !== undefined) return { kind: 'kept', sizeBytes: kept };
      const folder = await mkdtemp(path.join(tmpdir(), 'slipway-'));
      try {
        const file = path.join(folder, 'package.zip');
        const fetched = await bring(url, file);
        if (fetched.kind === 'unreachable') return fetched;
        if (fetched.kind === 'too-large')
          return {
            kind: 'not-a-package',
            why: `It is larger than ${Math.floor(mostBytes / 1024 ** 2)} MB, the most that a zip push takes.`,
          };
        if (fetched.sha256 !== sha256) return { kind: 'wrong-digest', found: fetched.sha256 };
        const why = await whyNotAPackage(file);
        if (why !== undefined) return { kind: 'not-a-package', why };
        await keep(file, sha256);
        return { kind: 'kept', sizeBytes: fetched.sizeBytes };
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },

    async read(sha256) {
      let zip: Buffer;
      try {
        zip = await endWithin(transferMs, (abortSignal) =>
          container.getBlobClient(sha256).downloadToBuffer(undefined, undefined, { abortSignal }),
        );
      } catch (error) {
        if (isRestError(error) && error.statusCode === 404) return undefined;
        throw error;
      }
      if (createHash('sha256').update(zip).digest('hex') !== sha256)
        throw new Error(
          `The kept package ${sha256.slice(0, 12)} no longer has its digest: somebody wrote to container "${containerName}". Delete that blob and start the release again.`,
        );
      return zip;
    },
  };
}

/** A connection may be by a shared access signature, which is nobody else's business. */
const withoutQuery = (url: string): string => url.replace(/\?.*$/, '');

interface BlobName {
  container: string;
  blob: string;
}

/** The blob a URL names in our own account; undefined for any other URL. */
function ownBlob(serviceUrl: string, url: string): BlobName | undefined {
  if (!URL.canParse(url)) return undefined;
  const base = new URL(serviceUrl);
  const { origin, pathname } = new URL(url);
  const prefix = base.pathname.endsWith('/') ? base.pathname : `${base.pathname}/`;
  if (origin !== base.origin || !pathname.startsWith(prefix)) return undefined;
  const [container, ...blob] = pathname.slice(prefix.length).split('/');
  if (!container || blob.length === 0) return undefined;
  try {
    return { container, blob: decodeURIComponent(blob.join('/')) };
  } catch {
    return undefined;
  }
}

/** With Slipway's own credential: the URL needs no signature, and one that it has is not used. */
async function readOwn(
  service: BlobServiceClient,
  { container, blob }: BlobName,
  file: string,
  { mostBytes, transferMs }: { mostBytes: number; transferMs: number },
): Promise<Fetched> {
  try {
    return await endWithin(transferMs, async (abortSignal) => {
      const { readableStreamBody } = await service
        .getContainerClient(container)
        .getBlobClient(blob)
        .download(0, undefined, { abortSignal });
      return keepStream(readableStreamBody as Readable, file, mostBytes);
    });
  } catch (error) {
    const said = isRestError(error) ? (error.statusCode ?? error.code) : undefined;
    return {
      kind: 'unreachable',
      why: `The blob in Slipway's own storage account could not be read (${said ?? 'it broke off'}). Look whether it is there and Slipway's identity may read it.`,
    };
  }
}
