import path from 'node:path';
import { expect, test } from '@jest/globals';
import * as df from 'durable-functions';
import { compareVersions, takesVersion } from '../../local/host/durable/versions';
import { appFolder, benches } from './bench';

const host = benches();

const hostJson = (durableTask: unknown): unknown => ({ version: '2.0', extensions: { durableTask } });

function registerStories(): void {
  df.app.orchestration('Waiter', function* (context) {
    return yield context.df.waitForExternalEvent('go');
  });
  df.app.orchestration('Child', function* (context) {
    return context.df.version ?? 'none';
  });
  df.app.orchestration('Parent', function* (context) {
    return yield context.df.callSubOrchestrator('Child', undefined, 'kid', context.df.getInput<string>());
  });
}

test('a running instance that the worker no longer takes is not even terminated, until one comes that takes it', async () => {
  const folder = appFolder(hostJson({ defaultVersion: '1.5' }));
  const stateFile = path.join(folder, 'state.db');
  const newer = await host(registerStories, { appDirectory: folder, stateFile });
  await newer.client('startNew', 'Waiter', { instanceId: 'w' });
  await newer.host.whenIdle();
  await newer.host.stop();
  const older = await host(registerStories, { appDirectory: appFolder(hostJson({ defaultVersion: '1.4' })), stateFile });
  await older.client('terminate', 'w', 'enough');
  await older.host.whenIdle();
  expect((await older.status('w')).runtimeStatus).toBe('Running');
  await older.host.stop();
  const again = await host(registerStories, { appDirectory: folder, stateFile });
  expect(await again.finish('w')).toMatchObject({ runtimeStatus: 'Terminated', output: 'enough' });
});

test('strictly matched, an older child waits like a newer one; matched by none, each runs as what it is', async () => {
  const strict = await host(registerStories, { hostJson: hostJson({ defaultVersion: '1.5', versionMatchStrategy: 'Strict' }) });
  await strict.client('startNew', 'Parent', { instanceId: 'p', input: '1.4' });
  await strict.host.whenIdle();
  expect(await strict.status('p')).toMatchObject({ runtimeStatus: 'Running', version: '1.5' });
  expect(await strict.status('kid')).toMatchObject({ runtimeStatus: 'Pending', version: '1.4' });
  for (const id of ['kid', 'p']) {
    await strict.client('terminate', id, `enough of ${id}`);
    await strict.host.whenIdle();
    // A parent is not told of a child that never began.
    expect((await strict.status('p')).runtimeStatus).toBe(id === 'kid' ? 'Running' : 'Terminated');
  }
  expect(await strict.status('kid', 'showHistory=true')).toMatchObject({
    runtimeStatus: 'Terminated',
    output: 'enough of kid',
    historyEvents: [],
  });
  const none = await host(registerStories, { hostJson: hostJson({ defaultVersion: '1.5', versionMatchStrategy: 'None' }) });
  await none.client('startNew', 'Parent', { instanceId: 'p', version: '9.9', input: 'abc' });
  expect(await none.finish('p')).toMatchObject({ runtimeStatus: 'Completed', version: '9.9', output: 'abc' });
});

test('a start that waits for the end of a child begins when that child is terminated before it began', async () => {
  const strict = await host(registerStories, { hostJson: hostJson({ defaultVersion: '1.5', versionMatchStrategy: 'Strict' }) });
  await strict.client('startNew', 'Parent', { instanceId: 'p1', input: '1.4' });
  await strict.host.whenIdle();
  // The second child takes the place of the first, which has had no turn yet.
  await strict.client('startNew', 'Parent', { instanceId: 'p2', input: '1.3' });
  await strict.host.whenIdle();
  const kids: unknown[] = [];
  for (const reason of ['of 1.3', 'of 1.4']) {
    const { runtimeStatus, ...kid } = await strict.status('kid');
    kids.push([runtimeStatus, (kid as { version?: string }).version]);
    await strict.client('terminate', 'kid', reason);
    await strict.host.whenIdle();
  }
  expect(kids).toEqual([
    ['Pending', '1.3'],
    ['Pending', '1.4'],
  ]);
  expect(await strict.status('kid')).toMatchObject({ runtimeStatus: 'Terminated', version: '1.4', output: 'of 1.4' });
});

test('strict versions are compared to the letter', () => {
  const takes = (current: string | null, version: string | null): boolean =>
    takesVersion({ match: 'strict', current, failure: 'reject' }, version);
  expect([takes('1.5', '1.5'), takes(null, null)]).toEqual([true, true]);
  expect(['1.4', '1.6', '1.05', '1.5.0', null].filter((version) => takes('1.5', version))).toEqual([]);
  expect(takes('b', 'B')).toBe(false);
});

test.each([
  [' ', null, 0],
  ['a_', 'aB', 1],
  ['B', 'a', 1],
])('%j and %j are compared as .NET does', (a, b, order) => {
  expect([compareVersions(a, b), compareVersions(b, a) + 0]).toEqual([order, order === 0 ? 0 : -order]);
});
