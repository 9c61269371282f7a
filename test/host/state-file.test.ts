import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from '@jest/globals';
import * as df from 'durable-functions';
import { cutPowerAt } from '../../local/host';
import { openDatabase } from '../../local/host/database';
import { appFolder, benches } from './bench';

/** Two hosts on one state file would run everything twice: the second is refused for as long as the first lives. */

const children: ChildProcess[] = [];
const host = benches();
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

const nothing = (): void => {};
const heldBy = (stateFile: string, pid: number | undefined): string =>
  `The state file ${stateFile} is held by another host (process ${pid}). Stop that one first.`;

test('a second host in the process is refused, and may come at once after a stop or a kill of the first', async () => {
  const appDirectory = appFolder();
  const stateFile = path.join(appDirectory, 'state.db');
  const options = { appDirectory, stateFile };
  const first = await host(nothing, options);
  // And the second has taken nothing from the first by its end.
  for (const _time of [1, 2]) await expect(host(nothing, options)).rejects.toThrow(new Error(heldBy(stateFile, process.pid)));
  await first.host.stop();

  const second = await host(nothing, options);
  second.host.kill();
  const third = await host(nothing, options);
  const stopped = third.host.stop();
  // It is not over when the next begins.
  await host(nothing, options);
  await stopped;
});

test('one file by another name is the same one', async () => {
  const appDirectory = appFolder();
  mkdirSync(path.join(appDirectory, 'real'));
  symlinkSync(path.join(appDirectory, 'real'), path.join(appDirectory, 'folder'), 'junction');
  await host(nothing, { appDirectory, stateFile: path.join(appDirectory, 'real/state.db') });
  const names = [path.join(appDirectory, 'folder/state.db'), path.relative(process.cwd(), path.join(appDirectory, 'real/state.db'))];
  const seconds = names.map((stateFile) =>
    expect(host(nothing, { appDirectory, stateFile })).rejects.toThrow(heldBy(stateFile, process.pid)),
  );
  await Promise.all(seconds);
});

test('hosts in memory, and on files of their own, know nothing of each other', async () => {
  const appDirectory = appFolder();
  for (const stateFile of [':memory:', ':memory:', path.join(appDirectory, 'one.db'), path.join(appDirectory, 'two.db')])
    expect((await host(nothing, { appDirectory, stateFile })).host.port).toBeGreaterThan(0);
});

test('a host that could not start gives the file back', async () => {
  const appDirectory = appFolder();
  const options = { appDirectory, stateFile: path.join(appDirectory, 'state.db') };
  const fails = (): void => {
    throw new Error('not today');
  };
  await expect(host(fails, options)).rejects.toThrow('not today');
  const { onCommit } = cutPowerAt('state file made', 'after');
  await expect(host(nothing, { ...options, onCommit })).rejects.toThrow('The power was cut here.');
  const busy = await host(nothing, options);
  await expect(host(nothing, { appDirectory, stateFile: path.join(appDirectory, 'two.db'), port: busy.host.port })).rejects.toThrow();
  await host(nothing, { appDirectory, stateFile: path.join(appDirectory, 'two.db') });
});

test('the next host comes at once after a power cut', async () => {
  const appDirectory = appFolder();
  const options = { appDirectory, stateFile: path.join(appDirectory, 'state.db') };
  const story = (): void => {
    df.app.orchestration('Story', function* (context) {
      yield context.df.waitForExternalEvent('go');
    });
  };
  const cut = cutPowerAt('start of Story', 'after');
  const before = await host(story, { ...options, onCommit: cut.onCommit });
  const begun = before.client('startNew', 'Story', { instanceId: 'story' }).catch(() => 'not answered');
  await cut.whenCut;
  const after = await host(story, options);
  await after.host.whenIdle();
  expect(await after.status('story')).toMatchObject({ runtimeStatus: 'Running' });
  await begun;
});

test('others read and write the file meanwhile', async () => {
  const appDirectory = appFolder();
  const stateFile = path.join(appDirectory, 'state.db');
  await host(nothing, { appDirectory, stateFile });
  const reader = openDatabase(stateFile);
  expect(reader.prepare('SELECT id FROM instances').all()).toEqual([]);
  reader.close();
});

function spawnHost(folder: string, errors: 'inherit' | 'pipe' = 'inherit'): ChildProcess {
  const main = path.join(__dirname, '../../dist/local/host/main.js');
  const child = spawn(process.execPath, [main, '--app', folder, '--state', path.join(folder, 'state.db'), '--with-parent', '--quiet'], {
    stdio: ['pipe', 'pipe', errors],
  });
  children.push(child);
  return child;
}

async function ready(child: ChildProcess): Promise<void> {
  for await (const _line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) return;
  throw new Error('The host ended before it was ready.');
}

test('a second process is refused, and a host follows at once on one that was killed', async () => {
  const folder = appFolder();
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ main: 'index.js' }));
  writeFileSync(path.join(folder, 'index.js'), '');
  const stateFile = path.join(folder, 'state.db');
  const first = spawnHost(folder);
  await ready(first);

  const second = spawnHost(folder, 'pipe');
  let said = '';
  second.stderr?.on('data', (part: Buffer) => (said += part.toString()));
  expect(await once(second, 'close')).toEqual([1, null]);
  expect(said).toBe(`${heldBy(stateFile, first.pid)}\n`);
  await expect(host(nothing, { appDirectory: folder, stateFile })).rejects.toThrow(heldBy(stateFile, first.pid));

  first.kill('SIGKILL');
  await once(first, 'exit');
  const third = spawnHost(folder);
  await ready(third);
  third.kill('SIGKILL');
  await once(third, 'exit');
  const here = await host(nothing, { appDirectory: folder, stateFile });
  here.host.kill();
  await ready(spawnHost(folder));
});
