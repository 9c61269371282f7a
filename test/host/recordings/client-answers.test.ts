import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { startHost, virtualClock, type Host, type VirtualClock } from '../../../local/host';
import { appFolder, removeFolders } from '../bench';
import { comparedAnswer, type ComparedAnswer } from './ask';
import { compare, told } from './compare';
import { drive, driversIn, type Driver } from './drive';
import { isShared, readRecording, recordingsIn, shared, type Row } from './recording';
import { realPace } from './pace';
import { withoutTriggers } from './replay-session';
import { loadScenarioApp } from './scenario-app';
import { hostJsonOf, sessionsIn } from './sessions';
import { shapeOf } from './shape';
import type { Unit } from './unit';

/**
 * The recordings' driver against the embedded host, on a clock that moves while it waits: what a client sees, when the host goes at its own pace. All scenarios
 * of one file of the driver run on one host.
 */
const folder = mkdtempSync(path.join(os.tmpdir(), 'driven-'));
afterAll(() => {
  removeFolders();
  rmSync(folder, { recursive: true, force: true });
});

const recordings = path.join(shared, 'recordings');

interface Play {
  driver: Driver;
  /** Recordings of what it plays. */
  recorded: string[];
  args: string[];
}

/** Plays that were recorded on one host: later ones see in lists what earlier ones left. */
interface Run {
  name: string;
  plays: Play[];
}

/** What there is to be played of which there are recordings. */
function plays(): Play[] {
  const known = recordingsIn(recordings);
  return driversIn(path.join(shared, 'driver')).flatMap((driver) => {
    const recorded = driver.scenarios.filter((name) => known.includes(name));
    const completed = driver.completed.flatMap((start) =>
      known.filter((name) => name.startsWith(start)).map((name): Play => ({ driver, recorded: [name], args: [name.slice(start.length)] })),
    );
    return [...(recorded.length > 0 ? [{ driver, recorded, args: [] }] : []), ...completed];
  });
}

function runs(): Run[] {
  const sessions = sessionsIn(shared);
  const grouped = new Map<unknown, Play[]>();
  for (const play of plays()) {
    const session = sessions.find(({ files }) => files.includes(play.recorded[0] ?? ''));
    grouped.set(session ?? play, [...(grouped.get(session ?? play) ?? []), play]);
  }
  return [...grouped.values()].map((all) => ({ name: all.map(nameOf).join(', '), plays: all }));
}

const nameOf = ({ driver, args }: Play): string => [path.basename(driver.file), ...args].join(' ');

const rowsOf = ({ recorded }: Play): Row[] => recorded.flatMap((name) => readRecording(name, recordings));

/** The driver's ids end with the last digits of the time when it was started. So that lists come in the recorded order, it is started when it was then. */
function startMs(rows: Row[]): number {
  const suffix = rows.map((row) => /-([a-z0-9]{5})-\d+/.exec(row.text ?? '')?.[1]).find((found) => found !== undefined) ?? '00000';
  const around = Date.parse(rows.find((row) => row.t !== undefined)?.t ?? '2026-11-23T07:00:00Z');
  const turn = 36 ** 5;
  const last = parseInt(suffix, 36);
  return last + turn * Math.floor((around - last) / turn);
}

async function hostOn(clock: VirtualClock, hostJsonDirectory: string): Promise<Host> {
  const appDirectory = path.join(shared, 'app');
  const load = (): void => loadScenarioApp(appDirectory, clock);
  const schedule = realPace(clock);
  return startHost({ appDirectory: hostJsonDirectory, stateFile: ':memory:', settings: withoutTriggers, clock, schedule, load });
}

interface Step {
  at: string;
  seen: unknown;
  atMs: number;
}

/** What the driver did and what it saw of it, in its order. Waits that were in vain are left out: what the driver sees next says the same. */
function stepsOf(rows: Row[]): Step[] {
  return rows.flatMap((row): Step[] => {
    const atMs = Date.parse(row.t ?? '') || 0;
    if (row.kind === 'step')
      return row.text?.startsWith('TIMEOUT') ? [] : [{ at: `step ${row.text?.replace(/-[a-z0-9]{5}-/g, '-RUN-')}`, seen: row.text, atMs }];
    if (row.kind === 'managementHttp' && row.request && row.response) {
      const where = row.request.path.replace(/code=[^&]*/, 'code=KEY').replace(/-[a-z0-9]{5}-(\d)/g, '-RUN-$1');
      return [{ at: `${row.request.method} ${String(shapeOf(where))}`, seen: inAnyOrder(comparedAnswer(row.response)), atMs }];
    }
    if (row.kind === 'clientHttpResponse') {
      const { status, headers = {}, body = '' } = row;
      return [{ at: `client.${row.op}`, seen: comparedAnswer({ status: Number(status), headers, body }), atMs }];
    }
    if (row.kind === 'clientMeta') return [{ at: row.kind, seen: [row.mgmt, row.hub, row.origins, row.raw], atMs }];
    return row.kind === 'clientOp' ? [{ at: `client.${row.op}`, seen: row.result, atMs }] : [];
  });
}

/**
 * Activities that run side by side end in any order, on the real host as well; and when a timer comes in for which nobody waits any more depends there on
 * how its queue is polled. Both are compared turn by turn where the recorded order is followed.
 */
function inAnyOrder(answer: ComparedAnswer): ComparedAnswer {
  const { historyEvents, ...body } = (answer.body ?? {}) as { historyEvents?: { EventType: string }[] };
  if (!historyEvents) return answer;
  const runs: { EventType: string }[][] = [];
  for (const event of historyEvents.filter((one) => one.EventType !== 'TimerFired')) {
    const isEnd = /^Task(Completed|Failed)$/.test(event.EventType);
    const last = runs.at(-1);
    if (isEnd && last?.[0] && last[0].EventType.startsWith('Task')) last.push(event);
    else runs.push([event]);
  }
  const key = (event: object): string => JSON.stringify(shapeOf(event));
  return { ...answer, body: { ...body, historyEvents: runs.flatMap((run) => run.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))) } };
}

/** Each step with its counterpart, up to the first that is another. */
function units(file: string, recorded: Row[], own: Row[]): Unit[] {
  const [theirs, ours] = [stepsOf(recorded), stepsOf(own)];
  const other = theirs.findIndex((step, n) => step.at !== ours[n]?.at);
  const common = other < 0 ? theirs.length : other;
  const pairs = theirs.slice(0, common).map((step, n): Unit => ({ file, at: step.at, recorded: step.seen, own: ours[n]?.seen }));
  const next = { file, at: `step ${common}`, recorded: theirs[common]?.at ?? 'nothing more', own: ours[common]?.at ?? 'nothing more' };
  return [...pairs, next];
}

/** What was asked of an orchestrator that the app, as it stands here, does not have. */
function isAbsent(host: Host, rows: Row[]): (unit: Unit) => boolean {
  const names = new Set(host.functions().map((one) => one.name.toLowerCase()));
  const started = rows.map((row) => /^start (\w+) id=/.exec(row.text ?? '')?.[1]).filter((name) => name !== undefined);
  const absent = started.filter((name) => !names.has(name.toLowerCase()));
  if (absent.length > 0) console.warn(`The app does not have ${[...new Set(absent)].join(', ')}; what was asked of these is left out.`);
  return ({ at, recorded }) =>
    absent.some((name) => at.includes(`/${name}-RUN-`) || at.includes(` ${name} `) || JSON.stringify(recorded).includes(`"${name}-`));
}

async function playAll({ plays: all }: Run): Promise<Unit[]> {
  const [first] = all;
  if (!first) return [];
  const clock = virtualClock(startMs(rowsOf(first)));
  const hostJsonDirectory = appFolder(hostJsonOf(shared, rowsOf(first)));
  const host = await hostOn(clock, hostJsonDirectory);
  const found: Unit[] = [];
  try {
    for (const play of all) {
      const { driver, recorded, args } = play;
      const atMs = startMs(rowsOf(play));
      if (atMs > clock.now()) await clock.advanceTo(atMs);
      const recordDirectory = path.join(folder, nameOf(play));
      const scenarios = args.length > 0 ? recorded : driver.scenarios;
      const timesOf = (name: string): number[] =>
        recorded.includes(name) ? stepsOf(readRecording(name, recordings)).map((step) => step.atMs) : [];
      await drive(driver.file, { host, clock, recordDirectory, hostJsonDirectory, args, scenarios, timesOf });
      const left = isAbsent(host, rowsOf(play));
      for (const name of recorded)
        found.push(...units(name, readRecording(name, recordings), readRecording(name, recordDirectory)).filter((unit) => !left(unit)));
    }
  } finally {
    await host.stop();
  }
  return found;
}

if (isShared) {
  test.each(runs())(
    'a client sees what it saw of the real extension: $name',
    async (run) => {
      const all = await playAll(run);
      expect(all.length).toBeGreaterThan(0);
      expect(compare(all).found.map(told)).toEqual([]);
    },
    240_000,
  );
} else {
  test('the driver is not here', () => {
    console.warn(`No driver at ${path.join(shared, 'driver')}: what a client sees is compared by fixtures of our own alone.`);
    expect(existsSync(path.join(__dirname, 'fixtures/recordings'))).toBe(true);
  });
}
