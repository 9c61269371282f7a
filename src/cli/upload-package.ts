import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { findRunning } from './connect';
import { CliMistake } from './mistake';
import { credentialHere, isSignInRefused, NotSignedIn } from './sign-in';
import type { World } from './world';

export interface Uploaded {
  url: string;
  sha256: string;
  sizeBytes: number;
}

/** Puts a package where Slipway fetches it from, under its digest: the same bytes are the same blob. */
export async function uploadPackage(world: World, named: string, containerUrl: string | undefined): Promise<Uploaded> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path.resolve(world.workingDirectory, named));
  } catch {
    throw new CliMistake(`There is no package ${named} to be read.`, 'Name the zip that the build made.');
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const container = await containerOf(world, containerUrl);
  const blob = container.getBlockBlobClient(`${path.basename(named, '.zip')}-${sha256.slice(0, 12)}.zip`);
  try {
    await container.createIfNotExists();
    await blob.uploadData(bytes, { blobHTTPHeaders: { blobContentType: 'application/zip' } });
  } catch (error) {
    if (isSignInRefused(error)) throw new NotSignedIn(error);
    const why = (error as { code?: string }).code ?? 'no connection';
    throw new CliMistake(`The package could not be uploaded (${why}).`, 'See that the container is there and that you may write to it.');
  }
  return { url: blob.url.replace(/\?.*$/s, ''), sha256, sizeBytes: bytes.length };
}

/** Loaded only where it is needed: it is large. */
async function containerOf(world: World, containerUrl: string | undefined) {
  const { BlobServiceClient, ContainerClient } = await import('@azure/storage-blob');
  if (containerUrl !== undefined) {
    if (!/^https:\/\/[^/]+\/[^/?]+/.test(containerUrl))
      throw new CliMistake('--upload-to names no container.', 'Write its URL, such as https://account.blob.core.windows.net/releases.');
    return new ContainerClient(containerUrl, await credentialHere());
  }
  const running = findRunning(world.workingDirectory);
  if (running) return BlobServiceClient.fromConnectionString(running.storage).getContainerClient('releases');
  throw new CliMistake(
    'The package is a file, and nothing says where it is to be uploaded.',
    'Say --upload-to with the URL of a container that slipway.yaml lets packages come from.',
  );
}
