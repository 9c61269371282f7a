import path from 'node:path';
import { readAsked, usage } from './asked';
import { saidVersion, slipwayApi, type Api } from './api';
import { openFolder, type Folder } from './folder';
import { announce, announcementFile, announcementOf, nextVersion, releasesFile, withoutRollout } from './release';
import type { Announcement, Releases } from './release';
import { runningFile, type Running } from './tell';

/** dist/local/start → the checkout. */
const repository = path.resolve(__dirname, '..', '..', '..');

/**
 * Asks something of the laptop that an npm start holds up in another terminal, which then shows what comes of it: `release` builds a version
 * (the next one if none is named) and puts a message on the queue, as a build system does; `roll-back` takes back the last one deployed.
 */
async function main(): Promise<string> {
  const asked = readAsked(process.argv.slice(2));
  if (asked.kind === 'help') return usage;
  if (asked.kind === 'mistake') throw new Error(asked.sentence);
  const folder = openFolder(repository, asked.state);
  const running = folder.read<Running>(runningFile);
  const live = running && (await saidVersion(running.helloUrl));
  if (!running || live === undefined)
    throw new Error(`Nothing answers that was started in ${folder.shown}/: npm start in another terminal first.`);

  const api = slipwayApi(running.slipwayUrl);
  if (asked.kind === 'release') return await release(folder, { ...running, api, live, version: asked.version });
  const last = (await api.rollouts())?.find(({ outcome }) => outcome === 'deployed');
  if (!last) throw new Error('No rollout has ended deployed yet: there is nothing to take back.');
  return `Rollout ${await api.rollBack(last.id, 'asked for by npm run roll-back')} takes ${last.version} back.`;
}

interface Asked extends Running {
  api: Api;
  live: string;
  /** Where one is named. */
  version: string | undefined;
}

async function release(folder: Folder, { api, storage, live, version }: Asked): Promise<string> {
  const rollouts = (await api.rollouts()) ?? [];
  const released = folder.read<Releases>(releasesFile)?.announced ?? [];
  // What npm start itself has announced may still be on the queue, too.
  const started = folder.read<Announcement>(announcementFile);
  const announced = [...released, ...(started && started.rolloutId === undefined ? [started] : [])];
  const announcement = announcementOf(version ?? nextVersion({ live, rollouts, announced }), live, new Date().toISOString());
  const sentence = await announce({ repository, storage, api, byHttp: false }, announcement);
  const { version: its, at } = announcement;
  folder.write(releasesFile, { announced: [...withoutRollout(released, rollouts), { version: its, at }] } satisfies Releases);
  return sentence;
}

main().then(
  (sentence) => process.stdout.write(`${sentence}\n`),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
