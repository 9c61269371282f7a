import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from '@jest/globals';
import * as df from 'durable-functions';
import { cutPowerAt, startHost, virtualClock, type Clock, type Side } from '../../local/host';
import Database from 'libsql';
import { openDatabase, type Sqlite } from '../../local/host/database';
import { createStore } from '../../local/host/durable/store';
import { appFolder, bench, removeFolders, webhook, type Bench } from './bench';

const open: Bench[] = [];
const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await Promise.all(open.splice(0).map((one) => one.host.stop()));
  removeFolders();
});

const statusOf = async (one: Bench): Promise<{ lastUpdatedTime: string }> =>
  (await webhook(one)('GET', 'instances/wait')).body as { lastUpdatedTime: string };

/** As a host of schema 3 would have left the file: no row says from where on the history tells what is open. */
function asOfSchemaThree(stateFile: string): void {
  const db = openDatabaseAsItIs(stateFile);
  db.exec('ALTER TABLE history DROP COLUMN open_from; PRAGMA user_version = 3');
  db.close();
}

/** As a host of schema 2 would have left the file: open activities and timers in rows of their own, and not in the histories. */
function asOfSchemaTwo(stateFile: string): void {
  const db = openDatabase(stateFile);
  const { activities, timers } = createStore(db).openWork();
  const task = 'instance_id TEXT NOT NULL, execution_id TEXT NOT NULL, event_id INTEGER NOT NULL';
  db.exec(`
    ALTER TABLE history DROP COLUMN began;
    ALTER TABLE history DROP COLUMN open_from;
    CREATE TABLE timers (${task}, fire_at_ms INTEGER NOT NULL, created_ms INTEGER NOT NULL, PRIMARY KEY (instance_id, execution_id, event_id)) WITHOUT ROWID;
    PRAGMA user_version = 2;`);
  for (const { instanceId, executionId, eventId, name, input } of activities)
    db.prepare('INSERT INTO activities VALUES (?, ?, ?, ?, ?)').run([instanceId, executionId, eventId, name, input]);
  for (const { instanceId, executionId, eventId, fireAtMs, createdMs } of timers)
    db.prepare('INSERT INTO timers VALUES (?, ?, ?, ?, ?)').run([instanceId, executionId, eventId, fireAtMs, createdMs]);
  expect([activities.length, timers.length]).toEqual([1, 1]);
  db.close();
}

/** And one of schema 1, whose tables were laid out otherwise. */
function asOfSchemaOne(stateFile: string): void {
  asOfSchemaTwo(stateFile);
  const db = openDatabaseAsItIs(stateFile);
  db.exec(`
    CREATE TABLE older (instance_id TEXT NOT NULL, seq INTEGER NOT NULL, event TEXT NOT NULL, PRIMARY KEY (instance_id, seq)) WITHOUT ROWID;
    INSERT INTO older SELECT instance_id, seq, event FROM history;
    DROP TABLE history;
    ALTER TABLE older RENAME TO history;
    PRAGMA user_version = 1;`);
  db.close();
}

/** And one whose host was killed before it had given it its number. */
function withoutNumber(stateFile: string): void {
  asOfSchemaTwo(stateFile);
  const db = openDatabaseAsItIs(stateFile);
  db.exec('PRAGMA user_version = 0');
  db.close();
}

const openDatabaseAsItIs = (stateFile: string): Sqlite => new Database(stateFile);

test.each([
  ['of today', () => undefined],
  ['of schema 3', asOfSchemaThree],
  ['of schema 2', asOfSchemaTwo],
  ['of schema 1', asOfSchemaOne],
  ['of schema 2 without its number', withoutNumber],
])(
  'after a power cut, with a state file %s, the activity that ran runs again, those that ended do not, and timers and events go on',
  async (_which, left) => {
    const folder = appFolder();
    const stateFile = path.join(folder, 'state.db');
    const ran: string[] = [];
    let letFirstHostGo = (): void => {};
    const register = (isFirst: boolean) => (): void => {
      df.app.activity('Step', {
        handler: async ({ name }: { name: string }) => {
          ran.push(name);
          if (name === 'second' && isFirst) await new Promise<void>((resolve) => (letFirstHostGo = resolve));
          return { name };
        },
      });
      df.app.orchestration('Story', function* (context) {
        const first = (yield context.df.callActivity('Step', { name: 'first' })) as { name: string };
        const second = (yield context.df.callActivity('Step', { name: 'second' })) as { name: string };
        yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 60_000));
        return [first.name, second.name, yield context.df.waitForExternalEvent('early')];
      });
      df.app.orchestration('Sleeps', function* (context) {
        yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 60_000));
        return 'rested';
      });
    };
    const before = await bench(register(true), { appDirectory: folder, stateFile });
    await before.client('startNew', 'Sleeps', { instanceId: 'sleeper' });
    await before.client('startNew', 'Story', { instanceId: 'story' });
    await before.client('raiseEvent', 'story', 'early', 'kept');
    while (!ran.includes('second')) await new Promise((resolve) => setImmediate(resolve));
    const keys = before.host.keys();
    before.host.kill();
    letFirstHostGo();
    left(stateFile);

    const after = await bench(register(false), { appDirectory: folder, stateFile, virtual: virtualClock(before.clock.now()) });
    open.push(after);
    expect(after.host.keys()).toEqual(keys);
    expect(await after.finish('story')).toMatchObject({ runtimeStatus: 'Completed', output: ['first', 'second', 'kept'] });
    expect(await after.finish('sleeper')).toMatchObject({ runtimeStatus: 'Completed', output: 'rested' });
    expect(ran).toEqual(['first', 'second', 'second']);
    expect(openDatabaseAsItIs(stateFile).prepare('SELECT * FROM activities').all()).toEqual([]);
  },
);

test.each([
  ['of today', () => undefined],
  ['of schema 3', asOfSchemaThree],
])(
  'kill after kill, at first with a state file %s, what was begun long ago and has not ended goes on, and what ended does not',
  async (_which, left) => {
    const folder = appFolder();
    const stateFile = path.join(folder, 'state.db');
    const hung: (() => void)[] = [];
    const ran: string[] = [];
    const register = (hangs: boolean) => (): void => {
      df.app.activity('Step', {
        handler: async ({ name }: { name: string }) => {
          ran.push(name);
          if (hangs && name === 'slow') await new Promise<void>((resolve) => hung.push(resolve));
          return { name };
        },
      });
      df.app.orchestration('Story', function* ({ df: story }) {
        const slow = story.callActivity('Step', { name: 'slow' });
        const timer = story.createTimer(new Date(story.currentUtcDateTime.getTime() + 3_600_000));
        yield story.Task.any([slow, timer, story.waitForExternalEvent('go')]);
        for (const name of ['one', 'two']) {
          yield story.callActivity('Step', { name });
          story.setCustomStatus(name);
          yield story.waitForExternalEvent(name);
        }
        return 'told';
      });
    };
    const begun = async (hangs: boolean, virtual = virtualClock()): Promise<Bench> => {
      const one = await bench(register(hangs), { appDirectory: folder, stateFile, virtual });
      open.push(one);
      return one;
    };
    /** Once that is on the disk. Answers what ran in this host. */
    const killAt = async (one: Bench, customStatus: string): Promise<string[]> => {
      while ((await one.status('story')).customStatus !== customStatus) await new Promise((resolve) => setImmediate(resolve));
      one.host.kill();
      for (const letGo of hung.splice(0)) letGo();
      return ran.splice(0);
    };

    const first = await begun(true);
    await first.client('startNew', 'Story', { instanceId: 'story' });
    await first.client('raiseEvent', 'story', 'go', null);
    expect(await killAt(first, 'one')).toEqual(['slow', 'one']);
    left(stateFile);
    const second = await begun(true, virtualClock(first.clock.now()));
    await second.client('raiseEvent', 'story', 'one', null);
    expect(await killAt(second, 'two')).toEqual(['slow', 'two']);
    const third = await begun(false, virtualClock(first.clock.now()));
    await third.client('raiseEvent', 'story', 'two', null);
    // It ends only when the activity and the timer have.
    expect(await third.finish('story')).toMatchObject({ runtimeStatus: 'Completed', output: 'told' });
    expect(ran).toEqual(['slow']);
  },
);

test('a turn that changed nothing about its instance but the time has changed that for the next host too', async () => {
  const folder = appFolder();
  const stateFile = path.join(folder, 'state.db');
  const load = (): void => {
    df.app.orchestration('Wait', function* (context) {
      yield context.df.waitForExternalEvent('first');
      yield context.df.waitForExternalEvent('second');
    });
  };
  const before = await bench(load, { appDirectory: folder, stateFile });
  await before.client('startNew', 'Wait', { instanceId: 'wait' });
  await before.host.whenIdle();
  const { lastUpdatedTime: begun } = await statusOf(before);
  await before.clock.advance(90_000);
  await before.client('raiseEvent', 'wait', 'first', null);
  await before.host.whenIdle();
  const told = await statusOf(before);
  expect(Date.parse(told.lastUpdatedTime) - Date.parse(begun)).toBe(90_000);
  before.host.kill();

  const after = await bench(load, { appDirectory: folder, stateFile, virtual: virtualClock(before.clock.now() + 1000) });
  open.push(after);
  expect(await statusOf(after)).toEqual(told);
});

test('a start that fails in the midst leaves nothing behind: the next one takes up the same file on the same port', async () => {
  const folder = appFolder();
  const stateFile = path.join(folder, 'state.db');
  const load = (): void => {
    df.app.orchestration('Wait', function* (context) {
      yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 60_000));
    });
  };
  const before = await bench(load, { appDirectory: folder, stateFile });
  await before.client('startNew', 'Wait', { instanceId: 'wait' });
  await before.host.whenIdle();
  const { port } = before.host;
  before.host.kill();

  const virtual = virtualClock(before.clock.now());
  const clock: Clock = {
    ...virtual,
    at() {
      throw new Error('no timers here');
    },
  };
  await expect(startHost({ appDirectory: folder, stateFile, port, clock, load })).rejects.toThrow('no timers here');
  const after = await bench(load, { appDirectory: folder, stateFile, port, virtual });
  open.push(after);
  expect(await after.finish('wait')).toMatchObject({ runtimeStatus: 'Completed' });
});

test.each<Side>(['before', 'after'])(
  'the power is cut %s an older state file is taken up: it is as it was, or as it is to be',
  async (side) => {
    const folder = appFolder();
    const stateFile = path.join(folder, 'state.db');
    const load = (): void => {
      df.app.orchestration('Sleeps', function* (context) {
        yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 60_000));
        return 'rested';
      });
    };
    const before = await bench(load, { appDirectory: folder, stateFile });
    await before.client('startNew', 'Sleeps', { instanceId: 'sleeper' });
    await before.host.stop();
    const db = openDatabaseAsItIs(stateFile);
    db.exec('ALTER TABLE history DROP COLUMN began; ALTER TABLE history DROP COLUMN open_from');
    db.exec('CREATE TABLE timers (instance_id TEXT); PRAGMA user_version = 2');
    db.close();
    const { onCommit } = cutPowerAt('state file made', side);
    await expect(bench(load, { appDirectory: folder, stateFile, onCommit })).rejects.toThrow('The power was cut here.');
    const cut = openDatabaseAsItIs(stateFile);
    expect(cut.prepare('PRAGMA user_version').get()).toMatchObject({ user_version: side === 'before' ? 2 : 4 });
    cut.close();

    const after = await bench(load, { appDirectory: folder, stateFile, virtual: virtualClock(before.clock.now()) });
    open.push(after);
    expect(await after.finish('sleeper')).toMatchObject({ runtimeStatus: 'Completed', output: 'rested' });
  },
);

test('activities of a terminated instance run again after a power cut, once, and so do those that one waits for before it continues as new', async () => {
  const folder = appFolder();
  const stateFile = path.join(folder, 'state.db');
  const ran: string[] = [];
  const hung: (() => void)[] = [];
  const register = (hangs: boolean) => (): void => {
    df.app.activity('Step', {
      handler: async ({ name }: { name: string }) => {
        ran.push(name);
        if (hangs && name !== 'quick') await new Promise<void>((resolve) => hung.push(resolve));
        return { name };
      },
    });
    df.app.orchestration('Terminated', function* (context) {
      const both = ['quick', 'ended'].map((name) => context.df.callActivity('Step', { name }));
      yield context.df.Task.all(both);
    });
    df.app.orchestration('Renewed', function* (context) {
      if (context.df.getInput<{ again?: boolean }>()?.again) return yield context.df.waitForExternalEvent('end');
      const left = context.df.callActivity('Step', { name: 'left' });
      yield context.df.Task.any([left, context.df.waitForExternalEvent('renew')]);
      context.df.continueAsNew({ again: true });
      return undefined;
    });
  };
  const before = await bench(register(true), { appDirectory: folder, stateFile });
  await before.client('startNew', 'Terminated', { instanceId: 'terminated', input: {} });
  await before.client('startNew', 'Renewed', { instanceId: 'renewed', input: {} });
  while (ran.length < 3) await new Promise((resolve) => setImmediate(resolve));
  await before.client('terminate', 'terminated', 'as asked');
  await before.client('raiseEvent', 'renewed', 'renew', null);
  while ((await before.status('terminated')).runtimeStatus !== 'Terminated') await new Promise((resolve) => setImmediate(resolve));
  expect(await before.status('renewed')).toMatchObject({ input: {} });
  before.host.kill();
  for (const letGo of hung) letGo();
  ran.length = 0;

  for (const expected of [['ended', 'left'], []]) {
    const after = await bench(register(false), { appDirectory: folder, stateFile, virtual: virtualClock(before.clock.now()) });
    await after.host.whenIdle();
    expect(ran.splice(0).sort()).toEqual(expected);
    expect(await after.status('renewed')).toMatchObject({ runtimeStatus: 'Running', input: { again: true } });
    await after.host.stop();
  }
});

test('a state file of a newer version is refused', async () => {
  const folder = appFolder();
  const stateFile = path.join(folder, 'state.db');
  const one = await bench(() => {}, { appDirectory: folder, stateFile });
  await one.host.stop();
  const db = openDatabase(stateFile);
  db.exec('PRAGMA user_version = 999');
  db.close();
  await expect(bench(() => {}, { appDirectory: folder, stateFile })).rejects.toThrow('was written by a newer version (schema 999');
});

/** An app that is loaded as a real one is: from its folder, by package.json's `main`, with the packages of this repository. */
function realApp(): string {
  const folder = appFolder();
  const packages = (name: string): string => JSON.stringify(require.resolve(name));
  mkdirSync(path.join(folder, 'out'));
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'app', version: '1.0.0', main: 'out/{functions,more}/*.js' }));
  mkdirSync(path.join(folder, 'out/functions'));
  writeFileSync(
    path.join(folder, 'out/functions/story.js'),
    `const { app } = require(${packages('@azure/functions')});
     const df = require(${packages('durable-functions')});
     const fs = require('node:fs');
     df.app.activity('Slow', { handler: async ({ file }) => {
       fs.appendFileSync(file, 'x');
       while (!fs.existsSync(file + '.go')) {
         await new Promise((resolve) => setTimeout(resolve, 10));
         fs.appendFileSync(file + '.ticks', '.');
       }
       return { runs: fs.readFileSync(file, 'utf8').length };
     } });
     df.app.orchestration('Story', function* (context) { return yield context.df.callActivity('Slow', context.df.getInput()); });
     app.http('start', { methods: ['POST'], extraInputs: [df.input.durableClient()], handler: async (request, context) => {
       const id = await df.getClient(context).startNew('Story', { instanceId: 'story', input: await request.json() });
       return { status: 202, jsonBody: { id } };
     } });
     app.http('status', { route: 'status/{id}', extraInputs: [df.input.durableClient()], handler: async (request, context) => ({
       jsonBody: await df.getClient(context).getStatus(request.params.id),
     }) });`,
  );
  return folder;
}

/** The host as a process of its own, as it is built. */
async function startProcess(folder: string): Promise<{ child: ChildProcess; url: string }> {
  const main = path.join(__dirname, '../../dist/local/host/main.js');
  const child = spawn(process.execPath, [main, '--app', folder, '--state', path.join(folder, 'state.db'), '--with-parent', '--quiet'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    return { child, url: (JSON.parse(line) as { url: string }).url };
  }
  throw new Error('The host ended before it was ready.');
}

test('a process that is killed goes on where it was, and ends when its parent does', async () => {
  const folder = realApp();
  const file = path.join(folder, 'runs.txt');
  const first = await startProcess(folder);
  const started = await fetch(`${first.url}/api/start`, { method: 'POST', body: JSON.stringify({ file }) });
  expect([started.status, await started.json()]).toEqual([202, { id: 'story' }]);
  while (!existsSync(file)) await new Promise((resolve) => setImmediate(resolve));
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');

  const second = await startProcess(folder);
  writeFileSync(`${file}.go`, '');
  let status: { runtimeStatus?: string; output?: unknown } = {};
  while (status.runtimeStatus !== 'Completed') status = (await (await fetch(`${second.url}/api/status/story`)).json()) as typeof status;
  expect(status.output).toEqual({ runs: 2 });

  second.child.stdin?.end();
  const [code] = (await once(second.child, 'exit')) as [number | null];
  expect(code).toBe(0);
});

test('an app that cannot be run ends the process with the reason', async () => {
  const folder = appFolder();
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ main: 'dist/none.js' }));
  const main = path.join(__dirname, '../../dist/local/host/main.js');
  const child = spawn(process.execPath, [main, '--app', folder, '--state', ':memory:'], { stdio: ['ignore', 'ignore', 'pipe'] });
  children.push(child);
  let said = '';
  child.stderr.on('data', (part: Buffer) => (said += part.toString()));
  const [code] = (await once(child, 'exit')) as [number | null];
  expect(code).toBe(1);
  expect(said).toContain('no such file is there. Build the app, or correct "main".');
});

test('what runs does not hold up the end of a process whose parent is gone', async () => {
  const folder = realApp();
  const file = path.join(folder, 'runs.txt');
  const { child, url } = await startProcess(folder);
  await fetch(`${url}/api/start`, { method: 'POST', body: JSON.stringify({ file }) });
  while (!existsSync(`${file}.ticks`)) await new Promise((resolve) => setImmediate(resolve));
  const ticks = (): number => statSync(`${file}.ticks`).size;
  const before = ticks();
  child.stdin?.end();
  const [code] = (await once(child, 'exit')) as [number | null];
  expect(code).toBe(0);
  // A tick every 10 ms at most, so this is no limit on how long it may take here: it counts what the process itself still did.
  expect(ticks() - before).toBeLessThanOrEqual(150);
});
