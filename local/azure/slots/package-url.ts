import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BlobServiceClient } from '@azure/storage-blob';
import { extractZip } from '../scm/extract';
import type { Identities, LocalAzureOptions } from '../types';

/** What a slot runs by the settings that it runs with, whatever was pushed to it; undefined where that is none of the settings' business. */
export function packageUrlOf({ settings, preparedSettings }: Settled): string | undefined {
  const url = (preparedSettings ?? settings)['WEBSITE_RUN_FROM_PACKAGE'] ?? '';
  return /^https?:/i.test(url) ? url : undefined;
}

interface Settled {
  settings: Record<string, string>;
  preparedSettings: Record<string, string> | null;
  identities?: Identities;
}

/** Brings the package of a slot to a directory and answers that; rejects where it can't be read, with no query of its URL in the text. */
export type FetchPackage = (slot: Settled, url: string, directory: string) => Promise<string>;

/**
 * The platform's fetch at each start of an app that runs from a URL. A blob of the storage account here is read with the managed identity that the slot's
 * settings name (the system-assigned one where they name none), which needs Storage Blob Data Reader on the container; everything else on this computer
 * anonymously, and nothing from elsewhere.
 */
export function openPackageFetch(storage: LocalAzureOptions['storage']): FetchPackage {
  const bring = async (slot: Settled, url: string): Promise<NodeJS.ReadableStream> => {
    const account = typeof storage === 'function' ? storage(url) : storage;
    const service = account === undefined ? undefined : BlobServiceClient.fromConnectionString(account);
    const blob = service && blobOf(service.url, url);
    if (!service || !blob) {
      if (!/^https?:\/\/(?:127\.0\.0\.1|localhost|\[::1\])[:/]/i.test(url)) throw new Error(`${bare(url)} is not on this computer.`);
      const answer = await fetch(url);
      if (answer.ok) return Readable.from(Buffer.from(await answer.arrayBuffer()));
      throw new Error(`${bare(url)} answered ${answer.status}.`);
    }
    checkReader(slot, blob.container);
    const { readableStreamBody } = await service.getContainerClient(blob.container).getBlobClient(blob.name).download();
    if (!readableStreamBody) throw new Error(`${bare(url)} is empty.`);
    return readableStreamBody;
  };
  return async (slot, url, directory) => {
    await rm(directory, { recursive: true, force: true });
    await mkdir(directory, { recursive: true });
    const zip = path.join(directory, 'package.zip');
    await pipeline(await bring(slot, url), createWriteStream(zip));
    const content = path.join(directory, 'content');
    await extractZip(zip, content);
    return content;
  };
}

function checkReader({ settings, preparedSettings, identities = {} }: Settled, container: string): void {
  const named = (preparedSettings ?? settings)['WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID'] || 'SystemAssigned';
  const identity = Object.entries(identities).find(([id]) => id.toLowerCase() === named.toLowerCase())?.[1];
  if (!identity) throw new Error(`It has no managed identity '${named}', with which its package is to be read.`);
  if (!identity.readsContainers.includes(container))
    throw new Error(
      `Its managed identity '${named}' may not read blobs of container '${container}' (403 AuthorizationPermissionMismatch).`,
    );
}

function blobOf(serviceUrl: string, url: string): { container: string; name: string } | undefined {
  const base = `${serviceUrl.replace(/\/$/, '')}/`;
  // A signature of one's own needs no identity.
  if (!url.startsWith(base) || /[?&]sig=/.test(url)) return undefined;
  const [container = '', ...name] = new URL(url).pathname.slice(new URL(base).pathname.length).split('/');
  return { container, name: decodeURIComponent(name.join('/')) };
}

const bare = (url: string): string => url.replace(/\?.*$/, '');
