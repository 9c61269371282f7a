import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import type { BuiltRelease } from '../../examples/hello-release/build';
import type { Api } from './api';
import type { Folder } from './folder';
import type { RolloutSummary } from '../../src/domain/rollout-view';

/** A release this start has announced or is about to; kept before anything is sent, so that a start after a kill repeats it under the same key. */
export interface Announcement {
  version: string;
  requestId: string;
  at: string;
  /** Set once Slipway has answered with it. */
  rolloutId?: string;
}

export const announcementFile = 'announced.json';
const requestQueue = 'slipway-rollouts';

/** The example's own build, as a build server would run it. */
export function buildHello(repository: string, version: string): Promise<BuiltRelease> {
  const script = path.join(repository, 'examples', 'hello-release', 'build.js');
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- it lies outside what is compiled, at a path known only here
  return (require(script) as typeof import('../../examples/hello-release/build')).buildHello({ version });
}

export const announcementOf = (version: string, at: string): Announcement => ({
  version,
  requestId: `laptop-build-${version}-${randomUUID()}`,
  at,
});

/** The rollout that came of an announcement: of its version, and admitted since. */
export const rolloutOf = (
  announced: Announcement,
  rollouts: readonly Pick<RolloutSummary, 'id' | 'version' | 'admittedAt'>[],
): string | undefined => rollouts.find(({ version, admittedAt }) => version === announced.version && admittedAt >= announced.at)?.id;

/** Uploads the package where the build keeps its packages, and asks for its rollout. */
export async function announce(
  { folder, storage, api, byHttp }: { folder: Folder; storage: string; api: Api; byHttp: boolean },
  { version, requestId }: Announcement,
): Promise<BuiltRelease> {
  const built = await buildHello(folder.repository, version);
  const releases = BlobServiceClient.fromConnectionString(storage).getContainerClient('releases');
  await releases.createIfNotExists();
  const blob = releases.getBlockBlobClient(`hello-${version}.zip`);
  await blob.uploadData(built.zip, { blobHTTPHeaders: { blobContentType: 'application/zip' } });
  const request = {
    app: 'hello',
    environment: 'production',
    version,
    package: { url: blob.url, sha256: built.sha256 },
    functions: built.functions,
    actor: 'the build on this laptop',
    requestId,
  };
  if (byHttp) {
    await api.start(request, requestId);
  } else {
    const queue = QueueServiceClient.fromConnectionString(storage).getQueueClient(requestQueue);
    await queue.createIfNotExists();
    await queue.sendMessage(JSON.stringify(request));
  }
  return built;
}

/** 2.0.0 after 1.0.0, and so on: there is always something to see. */
export function nextVersion(live: string): string {
  const major = Number(/^(\d+)\./.exec(live)?.[1] ?? 1);
  return `${major + 1}.0.0`;
}
