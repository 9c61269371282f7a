import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { saidVersion } from './api';
import { stopStaleAzurite } from './azurite';
import { AskedToStop, endOnSignals } from './ending';
import { followRollout, type Following } from './follow';
import { openFolder, type Folder } from './folder';
import { keysOf } from './keys';
import { startLaptop, type Laptop } from './laptop';
import { takeLock } from './lock';
import { readOptions, usage, type StartOptions } from './options';
import { announce, announcementFile, beginningOf, foremost, releasesFile, rolloutOf, type Announcement, type Releases } from './release';
import { openScreen, type Screen } from '../../src/cli/screen';
import { playTour } from './tour';
import { addresses, banner, heldBy, runningFile, stopped, takenUp, whatNext, whatNextAfterwards, type Running } from './tell';

/** dist/local/start → the checkout. */
const repository = path.resolve(__dirname, '..', '..', '..');

/** Hands-free must end: a rollout on a laptop takes half a minute. */
const handsFreeWithinMs = 85_000;

/** Where nobody is there to answer, the start does. */
const isHandsFree = ({ handsFree, wait }: StartOptions): boolean => handsFree || !(wait || process.stdout.isTTY);

/** Answers the exit code. */
async function main(): Promise<number> {
  const read = readOptions(process.argv.slice(2));
  if (read.kind === 'help') return say(usage, 0);
  if (read.kind === 'mistake') return complain(read.sentence);
  const options = read.options;
  const screen = openScreen(process.stdout, process.env, Date.now);
  if (options.tour) return onTour(screen);
  const folder = openFolder(repository, options.state);
  const lock = await takeLock(folder, screen.say);
  if (lock.kind === 'held') return complain(heldBy(folder, lock));

  const stops: (() => Promise<void>)[] = [lock.release];
  const ending = endOnSignals(process.on.bind(process), {
    nowMs: Date.now,
    acknowledge: () => {
      screen.settle();
      screen.say('', 'Stopping, as asked. Ctrl-C once more ends at once.');
    },
    atOnce: (code) =>
      process.exit(complain('Ended at once. What still runs ends by itself, but for Azurite: npm start takes that up again.', code)),
  });
  try {
    if (options.fresh) await beginAnew(folder, screen);
    screen.say(banner(folder));
    const laptop = await startLaptop({
      folder,
      keys: keysOf(folder),
      afterKill: lock.afterKill,
      fromPackage: options.fromPackage,
      say: screen.say,
      signal: ending.signal,
      onStart: lock.remember,
      onStop: (stop) => stops.unshift(stop),
    });
    void laptop.broken.then((sentence) => ending.abort(new Error(sentence)));
    return await tryOut(laptop, folder, options, screen, ending);
  } catch (error) {
    const why: unknown = ending.signal.aborted ? ending.signal.reason : error;
    // Where a person is, Ctrl-C is how a start ends; where a rollout was to be shown to its end, it was not.
    if (why instanceof AskedToStop) return isHandsFree(options) ? why.exitCode : 0;
    return complain(describe(why));
  } finally {
    screen.settle();
    if (!ending.signal.aborted) screen.say('Stopping Slipway, the local Azure and Azurite.');
    for (const stop of stops) await stop();
    folder.remove(runningFile);
    screen.say(stopped(folder));
  }
}

/** A tour must end, too: nine rollouts take a minute and a half. */
const tourWithinMs = 175_000;

async function onTour(screen: Screen): Promise<number> {
  const ending = endOnSignals(process.on.bind(process), {
    nowMs: Date.now,
    acknowledge: () => screen.say('', 'Stopping, as asked. Ctrl-C once more ends at once.'),
    atOnce: (code) => process.exit(code),
  });
  setTimeout(() => ending.abort(new Error(`The tour did not end within ${tourWithinMs / 1000} s.`)), tourWithinMs).unref();
  try {
    return await playTour(repository, screen, ending.signal);
  } catch (error) {
    const why: unknown = ending.signal.aborted ? ending.signal.reason : error;
    return why instanceof AskedToStop ? why.exitCode : complain(describe(why));
  }
}

async function beginAnew(folder: Folder, screen: Screen): Promise<void> {
  await stopStaleAzurite(folder, keysOf(folder));
  folder.clear();
  screen.say(`Beginning anew: what an earlier start left in ${folder.shown}/ is deleted.`);
}

async function tryOut(laptop: Laptop, folder: Folder, options: StartOptions, screen: Screen, ending: AbortController): Promise<number> {
  const handsFree = isHandsFree(options);
  const { signal } = ending;
  if (handsFree) setTimeout(() => ending.abort(new Error(tooLate(folder))), handsFreeWithinMs - process.uptime() * 1000).unref();
  const { slipwayUrl, inboxUrl, helloUrl, storage } = laptop;
  const live = await liveVersion(laptop, signal);
  folder.write(runningFile, { slipwayUrl, inboxUrl, helloUrl, storage } satisfies Running);
  screen.say(...addresses(laptop, live));
  if (handsFree && !options.handsFree)
    screen.say('Here is no terminal to wait at, so this start plays the approver too, as with --hands-free. (--wait waits.)', '');

  const following: Following = { ...laptop, screen, handsFree, signal };
  const { id, liveBefore } = await rolloutToShow(laptop, folder, { byHttp: options.byHttp, live }, screen, signal);
  const rollout = await followRollout(id, following);
  screen.say('', saysNow(liveBefore, await liveVersion(laptop, signal), helloUrl));
  if (!handsFree) return await stayUp(laptop, folder, rollout.id, following);
  const { outcome, reason } = rollout.ending ?? { outcome: 'no outcome', reason: '' };
  screen.say(...whatNextAfterwards(folder));
  return outcome === 'deployed' ? 0 : complain(`The rollout ended ${outcome}, not deployed. ${reason}`);
}

/** `before`: undefined where nobody looked before the rollout. */
function saysNow(before: string | undefined, now: string, helloUrl: string): string {
  if (before === undefined) return `production says ${now} now: ${helloUrl}`;
  return now === before ? `production says ${now}, as before: ${helloUrl}` : `production said ${before}, and says ${now} now: ${helloUrl}`;
}

const tooLate = ({ shown }: Folder): string =>
  `The rollout did not end within ${handsFreeWithinMs / 1000} s. Its record and the logs are in ${shown}/; npm start goes on with it.`;

/** A rollout that is under way, or else a new one; and what production said before it, as far as it was noted. */
async function rolloutToShow(
  { api, storage }: Laptop,
  folder: Folder,
  { byHttp, live }: { byHttp: boolean; live: string },
  screen: Screen,
  signal: AbortSignal,
): Promise<{ id: string; liveBefore: string | undefined }> {
  const rollouts = await until(() => api.rollouts(), signal);
  const announced = folder.read<Releases>(releasesFile)?.announced;
  const beginning = beginningOf(folder.read<Announcement>(announcementFile), rollouts, live, new Date().toISOString(), announced);
  const { announcement } = beginning;
  // Noted before anything is sent, so that a start after a kill repeats it under the same key.
  if (announcement) folder.write(announcementFile, announcement);
  if (beginning.kind === 'take-up') {
    screen.say(takenUp(beginning.more), '');
    return { id: beginning.id, liveBefore: announcement?.liveBefore };
  }
  const { announcement: toAnnounce } = beginning;
  screen.say(await announce({ repository: folder.repository, storage, api, byHttp, signal }, toAnnounce), '');
  const id = await until(async () => rolloutOf(toAnnounce, (await api.rollouts()) ?? []), signal);
  folder.write(announcementFile, { ...toAnnounce, rolloutId: id });
  return { id, liveBefore: toAnnounce.liveBefore };
}

/** Until Ctrl-C: whatever else is begun is shown as well. */
async function stayUp(laptop: Laptop, folder: Folder, shownId: string, following: Following): Promise<number> {
  const shown = new Set([shownId]);
  const last = await laptop.api.rollout(shownId);
  if (last) following.screen.say(...whatNext(folder, laptop, last));
  for (;;) {
    const next = await until(
      async () => foremost(((await laptop.api.rollouts()) ?? []).filter(({ id, ending }) => !ending && !shown.has(id))),
      following.signal,
    );
    shown.add(next.id);
    following.screen.say('');
    const ended = await followRollout(next.id, following);
    following.screen.say(
      '',
      saysNow(undefined, await liveVersion(laptop, following.signal), laptop.helloUrl),
      ...whatNext(folder, laptop, ended),
    );
  }
}

const liveVersion = ({ helloUrl }: Laptop, signal: AbortSignal): Promise<string> => until(() => saidVersion(helloUrl), signal);

async function until<T>(look: () => Promise<T | undefined>, signal: AbortSignal): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    const found = await look();
    signal.throwIfAborted();
    if (found !== undefined) return found;
    await sleep(250, undefined, { signal });
  }
}

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function say(text: string, code: number): number {
  process.stdout.write(`${text}\n`);
  return code;
}

function complain(sentence: string, code = 1): number {
  process.stderr.write(`${sentence}\n`);
  return code;
}

// A terminal that was closed takes no more text; what is said to nobody must not keep the parts from being stopped.
for (const out of [process.stdout, process.stderr]) out.on('error', () => undefined);

main().then(
  (code) => process.exit(code),
  (error: unknown) => process.exit(complain(describe(error))),
);
