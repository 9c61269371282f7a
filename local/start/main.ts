import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { saidVersion } from './api';
import { stopStaleAzurite } from './azurite';
import { followRollout, type Following } from './follow';
import { openFolder, type Folder } from './folder';
import { keysOf } from './keys';
import { startLaptop, type Laptop } from './laptop';
import { takeLock } from './lock';
import { readOptions, usage, type StartOptions } from './options';
import { announce, announcementFile, announcementOf, nextVersion, rolloutOf, type Announcement } from './release';
import { openScreen, type Screen } from './screen';
import { addresses, banner, whatNext } from './tell';

/** dist/local/start → the checkout. */
const repository = path.resolve(__dirname, '..', '..', '..');

/** Hands-free must end: a rollout on a laptop takes half a minute. */
const handsFreeWithinMs = 85_000;

/** Answers the exit code. */
async function main(): Promise<number> {
  const read = readOptions(process.argv.slice(2));
  if (read.kind === 'help') return say(usage, 0);
  if (read.kind === 'mistake') return complain(read.sentence);
  const options = read.options;
  const screen = openScreen(process.stdout, process.env, Date.now);
  const folder = openFolder(repository, options.state);
  const lock = await takeLock(folder, screen.say);
  if (lock.kind === 'held')
    return complain(
      `Another npm start holds this folder: process ${lock.pid}, since ${new Date(lock.startedAt).toLocaleString()}. End it with Ctrl-C in its terminal.`,
    );

  const stops: (() => Promise<void>)[] = [lock.release];
  const ending = endOnSignals();
  try {
    if (options.fresh) await beginAnew(folder, screen);
    screen.say(banner(folder.shown));
    const laptop = await startLaptop({
      folder,
      keys: keysOf(folder),
      afterKill: lock.afterKill,
      say: screen.say,
      onStart: lock.remember,
      onStop: (stop) => stops.unshift(stop),
    });
    void laptop.broken.then((sentence) => ending.abort(new Error(sentence)));
    return await tryOut(laptop, folder, options, screen, ending);
  } catch (error) {
    if (ending.signal.aborted && ending.signal.reason === asked) return 0;
    return complain(describe(ending.signal.aborted ? ending.signal.reason : error));
  } finally {
    screen.settle();
    screen.say('Stopping Slipway, the local Azure and Azurite.');
    for (const stop of stops) await stop();
    screen.say('Everything has stopped. npm start goes on where it was.');
  }
}

const asked = 'asked to stop';

/** Ctrl-C, a terminal that closes, or a request to end; a second one changes nothing, npm passes Ctrl-C on and so it comes twice. */
function endOnSignals(): AbortController {
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ending.abort(asked));
  return ending;
}

async function beginAnew(folder: Folder, screen: Screen): Promise<void> {
  await stopStaleAzurite(folder, keysOf(folder));
  folder.clear();
  screen.say(`Beginning anew: what an earlier start left in ${folder.shown}/ is deleted.`);
}

async function tryOut(laptop: Laptop, folder: Folder, options: StartOptions, screen: Screen, ending: AbortController): Promise<number> {
  const handsFree = options.handsFree || !process.stdout.isTTY;
  if (handsFree) setTimeout(() => ending.abort(new Error(tooLate(folder))), handsFreeWithinMs - process.uptime() * 1000).unref();
  const before = await liveVersion(laptop, ending.signal);
  screen.say(...addresses(laptop, before));
  if (handsFree && !options.handsFree)
    screen.say('Here is no terminal to wait at, so this start plays the approver too, as with --hands-free.', '');

  const following: Following = { ...laptop, screen, handsFree, signal: ending.signal };
  const id = await rolloutToShow(laptop, folder, { ...options, live: before }, screen, ending.signal);
  const rollout = await followRollout(id, following);
  const after = await liveVersion(laptop, ending.signal);
  const now = after === before ? `production says ${after}, as before` : `production said ${before}, and says ${after} now`;
  screen.say('', `${now}: ${laptop.helloUrl}`);
  if (!handsFree) return await stayUp(laptop, rollout.id, following);
  const { outcome, reason } = rollout.ending ?? { outcome: 'no outcome', reason: '' };
  return outcome === 'deployed' ? 0 : complain(`The rollout ended ${outcome}, not deployed. ${reason}`);
}

const tooLate = ({ shown }: Folder): string =>
  `The rollout did not end within ${handsFreeWithinMs / 1000} s. Its record and the logs are in ${shown}/; npm start goes on with it.`;

/** The id of a rollout that is under way, or else of a new one. */
async function rolloutToShow(
  { api, storage }: Laptop,
  folder: Folder,
  { byHttp, live }: { byHttp: boolean; live: string },
  screen: Screen,
  signal: AbortSignal,
): Promise<string> {
  const rollouts = await until(() => api.rollouts(), signal);
  const running = rollouts.find((rollout) => !rollout.ending);
  if (running) {
    screen.say(`A rollout from before is under way and is taken up again.`, '');
    return running.id;
  }
  const kept = folder.read<Announcement>(announcementFile);
  const unanswered = kept && !kept.rolloutId ? kept : undefined;
  const known = unanswered && rolloutOf(unanswered, rollouts);
  if (known) return known;
  const announcement = unanswered ?? announcementOf(nextVersion(live), new Date().toISOString());
  folder.write(announcementFile, announcement);
  const { zip } = await announce({ folder, storage, api, byHttp }, announcement);
  const how = byHttp ? 'asked for by POST /api/rollouts' : 'announced by a message on the queue slipway-rollouts';
  screen.say(`hello ${announcement.version} is built (${zip.length} bytes), uploaded, and ${how}.`, '');
  const id = await until(async () => rolloutOf(announcement, (await api.rollouts()) ?? []), signal);
  folder.write(announcementFile, { ...announcement, rolloutId: id });
  return id;
}

/** Until Ctrl-C: whatever else is begun is shown as well. */
async function stayUp(laptop: Laptop, shownId: string, following: Following): Promise<number> {
  const shown = new Set([shownId]);
  const last = await laptop.api.rollout(shownId);
  if (last) following.screen.say(...whatNext(laptop, last));
  for (;;) {
    const next = await until(
      async () => (await laptop.api.rollouts())?.find(({ id, ending }) => !ending && !shown.has(id)),
      following.signal,
    );
    shown.add(next.id);
    following.screen.say('');
    const ended = await followRollout(next.id, following);
    following.screen.say(
      '',
      `production says ${await liveVersion(laptop, following.signal)} now: ${laptop.helloUrl}`,
      ...whatNext(laptop, ended),
    );
  }
}

const liveVersion = ({ helloUrl }: Laptop, signal: AbortSignal): Promise<string> => until(() => saidVersion(helloUrl), signal);

async function until<T>(look: () => Promise<T | undefined>, signal: AbortSignal): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(250, undefined, { signal });
  }
}

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function say(text: string, code: number): number {
  process.stdout.write(`${text}\n`);
  return code;
}

function complain(sentence: string): 1 {
  process.stderr.write(`${sentence}\n`);
  return 1;
}

// A terminal that was closed takes no more text; what is said to nobody must not keep the parts from being stopped.
for (const out of [process.stdout, process.stderr]) out.on('error', () => undefined);

main().then(
  (code) => process.exit(code),
  (error: unknown) => process.exit(complain(describe(error))),
);
