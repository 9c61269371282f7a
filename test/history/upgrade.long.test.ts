import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as later } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import Database from 'libsql';
import { childEnvironment } from '../../local/start/environment';
import type { Azurite } from '../azurite';
import type { RolloutRow } from '../../src/domain/rollout';
import { layGround, startStorage, type Ground, type Plot } from '../faults/ground';
import { World } from '../faults/world';
import { freePort } from '../free-port';
import { buildVersion } from './build-version';
import { nextVersion } from './next/version';
import { toldInNext } from './next-version';
import { currentVersion } from './recordings';

/**
 * Slipway's real process is killed while a rollout waits at its gate and another behind it, and the version after this one, whose story has another shape,
 * goes on in its place, with the same state file and the same rows.
 */
const directory = mkdtempSync(path.join(tmpdir(), 'slipway-upgrade-'));
const stateFile = path.join(directory, 'host.db');
let azurite: Azurite;
let ground: Ground;
let plot: Plot;
let port: number;
let slipway: ChildProcess | undefined;
let world: World;

beforeAll(async () => {
  azurite = await startStorage();
  ground = await layGround(azurite, 'real');
  plot = await ground.plot(0, 'hello');
  port = await freePort();
  world = new World(
    plot,
    {
      nowMs: () => Date.now(),
      sampleTime: () => ({}),
      url: () => `http://127.0.0.1:${port}`,
      nudgeKey: () => undefined,
      systemKey: () => undefined,
      strange: [],
      mostSteps: 5000,
      heard: () => later(1000),
      step: () => later(40),
    },
    { tell: async () => {}, judge: async () => ({ violations: [], gist: {} }), dismiss: () => {} },
  );
}, 60_000);
afterAll(async () => {
  await kill();
  world.close();
  await ground.stop();
  await azurite.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function kill(): Promise<void> {
  if (!slipway) return;
  const gone = once(slipway, 'exit');
  slipway.kill('SIGKILL');
  await gone;
  slipway = undefined;
}

/** Resolves when it serves. */
async function run(app: string): Promise<void> {
  const main = path.join(__dirname, '../../dist/local/host/main.js');
  slipway = spawn(process.execPath, [main, '--app', app, '--state', stateFile, '--port', String(port)], {
    env: childEnvironment(process.env, plot.settings(port)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(createInterface({ input: slipway.stdout! }), 'line');
}

async function outcomeOf(version: string): Promise<string | undefined> {
  await world.untilDone(version);
  return (await world.rolloutOf(version))?.ending?.outcome;
}

/** Which version began a story, and the activities it ran. */
function told({ id }: RolloutRow): { version: string; ran: string[] } {
  const database = new Database(stateFile, { readonly: true }) as unknown as {
    prepare(sql: string): { get(id: string): unknown; all(id: string): unknown[] };
    close(): void;
  };
  const { version } = database.prepare('SELECT version FROM instances WHERE id = ?').get(id) as { version: string };
  const rows = database.prepare('SELECT event FROM history WHERE instance_id = ? ORDER BY seq').all(id) as { event: string }[];
  database.close();
  // A row has what one turn brought, joined by commas.
  const events = JSON.parse(`[${rows.map(({ event }) => event).join(',')}]`) as { EventType: number; Name?: string }[];
  const taskScheduled = 4;
  return { version, ran: events.filter(({ EventType }) => EventType === taskScheduled).map(({ Name }) => Name ?? '') };
}

test('a rollout that waits at its gate while Slipway is upgraded ends as it was begun; those that begin then are told anew', async () => {
  await run(await buildVersion(path.join(directory, 'today'), currentVersion()));
  await world.start('hello', '2.0.0');
  await world.untilAsked('2.0.0');
  await world.start('hello', '3.0.0');
  await kill();

  await run(await buildVersion(path.join(directory, 'next'), nextVersion, [toldInNext]));
  expect(await world.decide('2.0.0', 'yes')).toBe(200);
  expect(await outcomeOf('2.0.0')).toBe('deployed');
  await world.untilAsked('3.0.0');
  await world.decide('3.0.0', 'yes');
  expect(await outcomeOf('3.0.0')).toBe('deployed');
  await world.start('hello', '4.0.0');
  await world.untilAsked('4.0.0');
  await world.decide('4.0.0', 'yes');
  expect(await outcomeOf('4.0.0')).toBe('deployed');
  await kill();

  expect(world.swapsApplied()).toBe(3);
  expect(await (await fetch(`${plot.azure.siteUrl(plot.site)}/api/hello`)).json()).toMatchObject({ version: '4.0.0' });
  const stories = await Promise.all(['2.0.0', '3.0.0', '4.0.0'].map(async (version) => told((await world.rolloutOf(version))!)));
  expect(stories.map(({ version }) => version)).toEqual([currentVersion(), currentVersion(), nextVersion]);
  const [waited, behind, begunThen] = stories.map(({ ran }) => ({
    lookedBefore: ran.indexOf('lookAtSlots') < ran.indexOf('openAsk'),
    checks: ran.filter((name) => name === 'runCheck').length,
  }));
  expect([waited, behind]).toEqual(Array(2).fill({ lookedBefore: false, checks: 1 }));
  expect(begunThen).toEqual({ lookedBefore: true, checks: 2 });
}, 240_000);
