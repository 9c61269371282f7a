import type { ContainerClient } from '@azure/storage-blob';
import type { TypedData } from './functions-core';
import { parseBlobPath } from './blob-path';
import { isNotFound } from './storage-answer';

/**
 * A blob as an input: its text, which the package reads as JSON if it is, or its bytes with `dataType: 'binary'`. Nothing if it is not there. (So the
 * real host binds: its default is a string, which harms what is no UTF-8.)
 */
export async function readBlob(open: (container: string) => ContainerClient, path: string, dataType: unknown): Promise<TypedData> {
  const { container, blob } = parseBlobPath(path);
  let bytes: Buffer;
  try {
    bytes = await open(container).getBlobClient(blob).downloadToBuffer();
  } catch (error) {
    if (isNotFound(error)) return {};
    throw error;
  }
  switch (String(dataType ?? 'string').toLowerCase()) {
    case 'binary':
      return { bytes };
    case 'string':
      // A byte order mark is no part of the text.
      return { string: new TextDecoder().decode(bytes) };
    default:
      return {};
  }
}

/** Writes a blob, and its container if there is none. What was there is replaced. */
export async function writeBlob(open: (container: string) => ContainerClient, path: string, data: TypedData): Promise<void> {
  const { container, blob } = parseBlobPath(path);
  const bytes = blobBytes(data);
  if (!bytes) return;
  const client = open(container);
  await client.createIfNotExists();
  await client.getBlockBlobClient(blob).uploadData(bytes, { blobHTTPHeaders: { blobContentType: 'application/octet-stream' } });
}

/** The bytes that the real host makes of what a function gave: text as UTF-8, objects as JSON, and numbers and booleans as .NET's BitConverter does. */
export function blobBytes(data: TypedData): Buffer | undefined {
  if (data.bytes) return Buffer.from(data.bytes);
  if (typeof data.string === 'string') return Buffer.from(data.string);
  if (typeof data.int === 'number') {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(Number(BigInt.asIntN(32, BigInt(data.int))));
    return bytes;
  }
  if (typeof data.double === 'number') {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(data.double);
    return bytes;
  }
  if (typeof data.json !== 'string') return undefined;
  const value: unknown = JSON.parse(data.json);
  if (value === null) return undefined;
  if (typeof value === 'boolean') return Buffer.from([value ? 1 : 0]);
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
}
