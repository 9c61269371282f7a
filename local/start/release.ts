import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import type { BuiltRelease, HelloFault } from '../../examples/hello-release/build';
import type { Api } from './api';
import { saySize } from '../../src/domain/say';
import type { RolloutSummary } from '../../src/domain/rollout-view';

/** A release this start has announced or is about to; kept before anything is sent, so that a start after a kill repeats it under the same key. */
export interface Announcement {
  version: string;
  requestId: string;
  at: string;
  /** What production said before. */
  liveBefore: string;
  /** Set once Slipway has answered with it. */
  rolloutId?: string;
}

export const announcementFile = 'announced.json';

/** What `npm run release` has put on the queue: until its rollout is admitted nothing else tells of it. */
export interface Releases {
  announced: Pick<Announcement, 'version' | 'at'>[];
}

export const releasesFile = 'releases.json';
const requestQueue = 'slipway-rollouts';

/** The example's own build, as a build server would run it. */
export function buildHello(repository: string, version: string, fault?: HelloFault): Promise<BuiltRelease> {
  const script = path.join(repository, 'examples', 'hello-release', 'build.js');
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- it lies outside what is compiled, at a path known only here
  return (require(script) as typeof import('../../examples/hello-release/build')).buildHello({ version, ...(fault && { fault }) });
}

export const announcementOf = (version: string, liveBefore: string, at: string): Announcement => ({
  version,
  requestId: `laptop-build-${version}-${randomUUID()}`,
  at,
  liveBefore,
});

type UnderWayOrEnded = Admitted & Pick<RolloutSummary, 'outcome'>;
type Admitted = Pick<RolloutSummary, 'id' | 'version' | 'admittedAt'>;

/** The rollout that came of an announcement: of its version, and admitted since. */
export const rolloutOf = (announced: Pick<Announcement, 'version' | 'at'>, rollouts: readonly Admitted[]): string | undefined =>
  rollouts.find(({ version, admittedAt }) => version === announced.version && admittedAt >= announced.at)?.id;

/** Those that no rollout has come of yet. */
export const withoutRollout = (announced: Releases['announced'], rollouts: readonly Admitted[]): Releases['announced'] =>
  announced.filter((one) => rolloutOf(one, rollouts) === undefined);

/** What a start shows: the rollout that is under way, with the announcement it came of if it is ours; or else one that is to be announced. */
type Beginning =
  | { kind: 'take-up'; id: string; announcement: Announcement | undefined; /** How many others are under way. */ more: number }
  | { kind: 'announce'; announcement: Announcement };

/** Of those under way, newest first, the one that has left the queue, or else the one whose turn comes first. */
export const foremost = <T extends Pick<RolloutSummary, 'phase'>>(underWay: readonly T[]): T | undefined =>
  underWay.find(({ phase }) => phase !== 'queued') ?? underWay.at(-1);

/** `kept` is what a start before announced. It may have been stopped before it sent it, or before it noted the rollout that came of it. */
export function beginningOf(
  kept: Announcement | undefined,
  rollouts: readonly (UnderWayOrEnded & Pick<RolloutSummary, 'phase'>)[],
  live: string,
  now: string,
  announced: Releases['announced'] = [],
): Beginning {
  const keptId = kept && (kept.rolloutId ?? rolloutOf(kept, rollouts));
  const underWay = rollouts.filter(({ outcome }) => outcome === null);
  const running = foremost(underWay);
  if (running) {
    const announcement = kept && running.id === keptId ? { ...kept, rolloutId: keptId } : undefined;
    return { kind: 'take-up', id: running.id, announcement, more: underWay.length - 1 };
  }
  return { kind: 'announce', announcement: kept && !keptId ? kept : announcementOf(nextVersion({ live, rollouts, announced }), live, now) };
}

interface Announcing {
  repository: string;
  storage: string;
  api: Api;
  byHttp: boolean;
  signal?: AbortSignal;
}

/** Uploads the package where the build keeps its packages, and asks for its rollout. Answers a sentence that says so. Rejects when the signal comes first. */
export async function announce(
  { repository, storage, api, byHttp, signal }: Announcing,
  { version, requestId }: Announcement,
): Promise<string> {
  const built = await buildHello(repository, version);
  signal?.throwIfAborted();
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
  signal?.throwIfAborted();
  if (byHttp) {
    await api.start(request, requestId);
  } else {
    const queue = QueueServiceClient.fromConnectionString(storage).getQueueClient(requestQueue);
    await queue.createIfNotExists();
    await queue.sendMessage(JSON.stringify(request));
  }
  const how = byHttp ? 'asked for by POST /api/rollouts' : `announced by a message on the queue ${requestQueue}`;
  const what = `${saySize(built.zip.length)}, sha256 ${built.sha256.slice(0, 12)}`;
  return `hello ${version} is built (${what}), uploaded, and ${how}.`;
}

interface Taken {
  /** What production says. */
  live: string;
  rollouts: readonly UnderWayOrEnded[];
  announced: Releases['announced'];
}

/** 2.0.0 after 1.0.0, and so on: there is always something to see. Comes after what is on its way to production, too. */
export function nextVersion({ live, rollouts, announced }: Taken): string {
  const onTheirWay = [...rollouts.filter(({ outcome }) => outcome === null), ...withoutRollout(announced, rollouts)];
  const versions = [live, ...onTheirWay.map(({ version }) => version)];
  return `${Math.max(...versions.map((version) => Number(/^(\d+)\./.exec(version)?.[1] ?? 1))) + 1}.0.0`;
}
