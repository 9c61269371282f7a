import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pass } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

/**
 * The host as a process of its own, killed at random instants while fifty orchestrations of every kind are under way. How often: HOST_KILLS, or else
 * a number that CI has time for.
 */
const kills = Number(process.env['HOST_KILLS'] ?? 5);
const kinds = ['Chain', 'FanOut', 'Parent', 'Race', 'Calls', 'Signals', 'Locks', 'Retries', 'Again'];
const steps = 12;
/** Of the kinds that call activities: how many ends its history knows of at last, and how many effects there are. */
const activitiesOf: Record<string, [number, number]> = {
  Chain: [steps, steps],
  FanOut: [4 * steps, 4 * steps],
  Race: [steps, steps],
  Retries: [2 * steps, steps],
  Again: [1, steps],
};
const atOnce = 50;
/** Longer than a turn or an activity, shorter than a batch. */
const longestLifeMs = 400;

interface Run {
  name: string;
  id: string;
}
interface Status {
  instanceId: string;
  runtimeStatus: string;
  output: unknown;
  historyEvents?: { EventType: string }[];
}

let folder: string;
let child: ChildProcess | undefined;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-killed-'));
});
afterAll(async () => {
  await kill();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

async function start(): Promise<string> {
  const main = path.join(__dirname, '../../dist/local/host/main.js');
  const args = [main, '--app', path.join(__dirname, 'killed-app'), '--state', path.join(folder, 'state.db'), '--with-parent', '--quiet'];
  child = spawn(process.execPath, args, {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, EFFECTS: path.join(folder, 'effects.txt') },
  });
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream }))
    return (JSON.parse(line) as { url: string }).url;
  throw new Error('The host ended before it was ready.');
}

async function kill(): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

async function ask<T>(url: string, route: string, body: object): Promise<T> {
  const answer = await fetch(`${url}/api/${route}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });
  if (!answer.ok) throw new Error(`${route} answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as T;
}

const isOver = ({ runtimeStatus }: Status): boolean => ['Completed', 'Failed', 'Terminated'].includes(runtimeStatus);
const statusesOf = async (url: string, runs: Run[]): Promise<Status[]> =>
  (await ask<{ statuses: Status[] }>(url, 'statuses', { ids: runs.map(({ id }) => id) })).statuses;

/** The package's own client drops the history that it is sent. */
async function historyOf(url: string, id: string): Promise<Status> {
  const { url: address } = await ask<{ url: string }>(url, 'address', { id });
  return (await (await fetch(`${address}&showHistory=true`)).json()) as Status;
}

/** What a client does while the host lives: it starts what was not started, and sends events. Cut off by the kill at any point. */
async function drive(url: string, runs: Run[]): Promise<void> {
  await Promise.all(runs.map(({ name, id }) => ask(url, 'start', { name, id, steps })));
  const racing = runs.filter(({ name }) => name === 'Race');
  for (let step = 0; step < steps; step += 1)
    await Promise.all(racing.filter(() => randomInt(2) === 0).map(({ id }) => ask(url, 'raise', { id, name: `go-${step}` })));
}

const batch = (number: number): Run[] =>
  Array.from({ length: atOnce }, (_none, at) => {
    const name = kinds[at % kinds.length] ?? '';
    return { name, id: `${name}-${number}-${at}` };
  });

/** Lets the runs under way end, killing the host as often as it still has to be; answers how often it was. */
async function endAll(runs: Run[], still: number): Promise<number> {
  for (let done = 0; ;) {
    const url = await start();
    const driven = drive(url, runs).catch(() => undefined);
    if (done < still) {
      await pass(randomInt(longestLifeMs));
      const left = await statusesOf(url, runs).then(
        (all) => all.filter((one) => !isOver(one)).length,
        () => atOnce,
      );
      if (left > 0) done += 1;
      await kill();
      await driven;
      if (left === 0) return done;
    } else {
      await driven;
      while (!(await statusesOf(url, runs)).every(isOver)) await pass(50);
      return done;
    }
  }
}

test(
  `all ends as if nothing had happened, though the host was killed ${kills} times`,
  async () => {
    const effects = path.join(folder, 'effects.txt');
    writeFileSync(effects, '');
    const runs: Run[] = [];
    for (let done = 0, number = 0; done < kills; number += 1) {
      const these = batch(number);
      runs.push(...these);
      done += await endAll(these, kills - done);
      await kill();
    }
    const url = await start();
    expect(existsSync(effects)).toBe(true);
    const ran = new Map<string, number>();
    for (const line of readFileSync(effects, 'utf8').trimEnd().split('\n')) ran.set(line, (ran.get(line) ?? 0) + 1);

    for (const { name, id } of runs) {
      const { runtimeStatus, output, historyEvents = [] } = await historyOf(url, id);
      expect({ id, runtimeStatus, output }).toEqual({ id, runtimeStatus: 'Completed', output: { steps } });
      const ended = historyEvents.filter(({ EventType }) => EventType === 'TaskCompleted' || EventType === 'TaskFailed').length;
      const own = [...ran].filter(([line]) => line.startsWith(`${id} `));
      // A child leaves its effects under its own name, and a new generation forgets the history of the one before.
      const [known, labels] = activitiesOf[name] ?? [0, 0];
      expect({ id, ended, effects: own.length }).toEqual({ id, ended: known, effects: labels });
      if (name === 'Retries') expect(own.every(([, times]) => times >= 2)).toBe(true);
      if (name === 'Parent') expect([...ran.keys()].filter((line) => line.startsWith(`${id}-child-`))).toHaveLength(2 * steps);
      if (name === 'Calls' || name === 'Signals')
        expect({ id, ...(await ask<object>(url, 'count', { key: id })) }).toEqual({ id, count: steps });
    }
    const locking = runs.filter(({ name }) => name === 'Locks').length;
    expect(await ask(url, 'count', { key: 'shared' })).toEqual({ count: locking * steps });
    // Only what ran at a kill ran again.
    const wanted = runs.reduce((sum, { name }) => sum + (name === 'Retries' ? steps : 0), 0) + ran.size;
    const extra = [...ran.values()].reduce((sum, times) => sum + times, 0) - wanted;
    expect(extra).toBeGreaterThanOrEqual(0);
    expect(extra).toBeLessThanOrEqual(kills * 20);
  },
  120_000 + kills * 60_000,
);
