import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { FaultBoard } from '../faults';
import type { Pace } from '../pace';
import type { Schedule } from '../schedule';
import { placeOf, type Sites, type Slot } from '../sites';
import type { Slots } from '../slots/slots';
import type { Store } from '../store';
import { extractZip } from './extract';

/** Kudu's numbers. */
export const deploying = 2;
export const failed = 3;
export const succeeded = 4;

/** A record of a slot's SCM site. It belongs to the volume, so it travels with a swap as the files do. */
export interface Deployment {
  id: string;
  volume: string;
  /** Where it was pushed to; the site's name is what `site_name` answers, wherever the record is now. */
  site: string;
  status: number;
  statusText: string;
  author: string;
  authorEmail: string;
  deployer: string;
  message: string;
  receivedMs: number;
  startMs: number;
  endMs: number | null;
  dueMs: number;
}

export interface PushWords {
  deployer?: string | undefined;
  message?: string | undefined;
  author?: string | undefined;
  authorEmail?: string | undefined;
}

export interface Deployments {
  /** Keeps the package and begins; what refuses a push has been asked before. */
  begin(slot: Slot, zip: Buffer, words: PushWords): Deployment;
  /** Keeps a package that somebody else brings, past the wire. What is answered makes it live; after a crash before that, `resume` does. */
  receive(slot: Slot, zip: Buffer): () => Promise<void>;
  /** Resolves at its end. */
  ended(id: string): Promise<Deployment>;
  of(volume: string): Deployment[];
  get(id: string): Deployment | undefined;
  running(volume: string): Deployment | undefined;
  isActive(deployment: Deployment): boolean;
  /** A restart of SCM kills what it was doing. */
  kill(volume: string): void;
  /** Goes on with what an earlier process had begun. */
  resume(): void;
}

export interface DeploymentsParts {
  store: Store;
  sites: Sites;
  slots: Slots;
  schedule: Schedule;
  faults: FaultBoard;
  pace: Pace;
  directory: string;
}

export function openDeployments(parts: DeploymentsParts): Deployments {
  const { store, sites, schedule, faults, pace } = parts;
  const rows = store.collection<Deployment>('deployment');
  const waiters = new Map<string, ((deployment: Deployment) => void)[]>();
  const zipFile = (id: string): string => path.join(parts.directory, 'packages', `${id}.zip`);
  const of = (volume: string): Deployment[] => rows.all().filter((row) => row.volume === volume);

  const close = (deployment: Deployment, fields: Partial<Deployment>): void => {
    const closed = { ...deployment, ...fields, endMs: schedule.now() };
    rows.put(closed.id, closed);
    rmSync(zipFile(closed.id), { force: true });
    for (const waiter of waiters.get(closed.id) ?? []) waiter(closed);
    waiters.delete(closed.id);
  };

  const finish = async (id: string): Promise<void> => {
    const deployment = rows.get(id);
    if (!deployment || deployment.endMs !== null) return;
    const slot = sites.slotOfVolume(deployment.volume);
    if (slot && faults.strike('deployment-fails', placeOf(slot)))
      return close(deployment, { status: failed, statusText: 'Deployment failed.' });
    const relative = path.join('content', id);
    const mounted = slot?.settings['WEBSITE_RUN_FROM_PACKAGE'] === '1';
    let contentDirectory: string | null = relative;
    try {
      await extractZip(zipFile(id), path.join(parts.directory, relative));
    } catch (error) {
      rmSync(path.join(parts.directory, relative), { recursive: true, force: true });
      const why = error instanceof Error ? error.message : String(error);
      // Run from package, Kudu only puts the file in its place: it succeeds, and it is the mount that fails when the app starts.
      if (!mounted) return close(deployment, { status: failed, statusText: why });
      contentDirectory = null;
    }
    if (rows.get(id)?.endMs !== null) return;
    const before = sites.volume(deployment.volume);
    store.together(() => {
      sites.saveVolume({ id: deployment.volume, activeDeployment: id, contentDirectory });
      close(deployment, { status: succeeded });
    });
    const now = sites.slotOfVolume(deployment.volume);
    if (now && faults.strike('deployment-not-loaded', placeOf(now))) return;
    if (now) await parts.slots.restart(now);
    if (before.contentDirectory !== null) rmSync(path.join(parts.directory, before.contentDirectory), { recursive: true, force: true });
  };

  const record = (slot: Slot, zip: Buffer, words: PushWords, durationMs: number): Deployment => {
    const id = randomUUID();
    const nowMs = schedule.now();
    mkdirSync(path.join(parts.directory, 'packages'), { recursive: true });
    writeFileSync(zipFile(id), zip);
    const deployment: Deployment = {
      id,
      volume: slot.volume,
      site: slot.site,
      status: deploying,
      statusText: '',
      author: words.author || 'N/A',
      authorEmail: words.authorEmail || 'N/A',
      deployer: words.deployer || 'Push-Deployer',
      message: words.message || 'Created via a push deployment',
      receivedMs: nowMs,
      startMs: nowMs,
      endMs: null,
      dueMs: nowMs + durationMs,
    };
    rows.put(id, deployment);
    return deployment;
  };

  return {
    begin(slot, zip, words) {
      const deployment = record(slot, zip, words, pace.deploymentMs);
      schedule.at(deployment.dueMs, () => finish(deployment.id));
      return deployment;
    },
    receive(slot, zip) {
      const { id } = record(slot, zip, {}, 0);
      return () => schedule.busy(() => finish(id));
    },
    ended(id) {
      const deployment = rows.get(id);
      if (deployment && deployment.endMs !== null) return Promise.resolve(deployment);
      return new Promise((resolve) => waiters.set(id, [...(waiters.get(id) ?? []), resolve]));
    },
    of,
    get: (id) => rows.get(id),
    running: (volume) => of(volume).find((row) => row.endMs === null),
    isActive: (deployment) => sites.volume(deployment.volume).activeDeployment === deployment.id,
    kill(volume) {
      for (const row of of(volume))
        if (row.endMs === null) close(row, { status: failed, statusText: 'The build process failed: the SCM container restarted.' });
    },
    resume() {
      sweep(parts.directory, sites, rows.all());
      for (const row of rows.all()) if (row.endMs === null) schedule.at(row.dueMs, () => finish(row.id));
    },
  };
}

/** Removes what a kill left behind: packages of pushes that were never noted or have ended, content that no slot has. */
function sweep(directory: string, sites: Sites, deployments: Deployment[]): void {
  const wanted = new Set([
    ...deployments.filter(({ endMs }) => endMs === null).map(({ id }) => path.join('packages', `${id}.zip`)),
    ...sites.volumes().flatMap(({ contentDirectory }) => contentDirectory ?? []),
  ]);
  for (const kind of ['packages', 'content']) {
    if (!existsSync(path.join(directory, kind))) continue;
    for (const name of readdirSync(path.join(directory, kind))) {
      const left = path.join(kind, name);
      if (!wanted.has(left)) rmSync(path.join(directory, left), { recursive: true, force: true });
    }
  }
}

export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
