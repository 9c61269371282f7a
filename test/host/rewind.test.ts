import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import * as df from 'durable-functions';
import { virtualClock } from '../../local/host';
import {
  executionCompleted,
  executionStarted,
  orchestratorStarted,
  taskCompleted,
  taskFailed,
  taskScheduled,
} from '../../local/host/durable/history';
import { withoutFailures } from '../../local/host/durable/rewind';
import { appFolder, benches, webhook } from './bench';

const host = benches();
function registerFlaky(): void {
  registerFlakyAfter(new Map());
}

/** `attempts`: how often each `Flaky` was asked. */
function registerFlakyAfter(attempts: Map<string, number>): void {
  df.app.activity('Hello', { handler: (name: string) => `Hello ${name}` });
  df.app.activity('Flaky', {
    handler: ({ key }: { key: string }) => {
      const n = (attempts.get(key) ?? 0) + 1;
      attempts.set(key, n);
      if (n === 1) throw new Error('the first time fails');
      return { n };
    },
  });
  df.app.orchestration('FailOnce', function* (context) {
    const first: unknown = yield context.df.callActivity('Hello', 'first');
    return [first, yield context.df.callActivity('Flaky', { key: context.df.instanceId })];
  });
  df.app.orchestration('Child', function* (context) {
    return yield context.df.callActivity('Flaky', { key: context.df.instanceId });
  });
  df.app.orchestration('Parent', function* (context) {
    return yield context.df.Task.all([
      context.df.callSubOrchestrator('Child', {}, `${context.df.instanceId}-a`),
      context.df.callSubOrchestrator('Child', {}, `${context.df.instanceId}-b`),
    ]);
  });
  df.app.orchestration('Waiter', function* (context) {
    yield context.df.waitForExternalEvent('go');
  });
}

describe('`DurableClient.rewind`', () => {
  test('runs what failed again and keeps what did not; the history shows empty events and the reason', async () => {
    const one = await host(registerFlaky);
    await one.client('startNew', 'FailOnce', { instanceId: 'f' });
    expect((await one.finish('f')).runtimeStatus).toBe('Failed');
    await one.client('rewind', 'f', 'try again');
    expect(await one.finish('f')).toMatchObject({ runtimeStatus: 'Completed', output: ['Hello first', { n: 2 }] });
    const { historyEvents } = await one.status('f', 'showHistory=true&showHistoryOutput=true');
    expect(historyEvents?.map((event) => [event['EventType'], event['Data'] ?? event['FunctionName'] ?? null])).toEqual([
      ['ExecutionStarted', 'FailOnce'],
      ['TaskCompleted', 'Hello'],
      ['GenericEvent', null],
      ['GenericEvent', null],
      ['GenericEvent', null],
      ['GenericEvent', 'try again'],
      ['TaskCompleted', 'Flaky'],
      ['ExecutionCompleted', null],
    ]);
  });

  test('leaves an instance Pending, and its failure its output, until it ends', async () => {
    let attempts = 0;
    const one = await host(() => {
      df.app.activity('Flaky', {
        handler: () => {
          attempts += 1;
          if (attempts === 1) throw new Error('the first time fails');
          return 'done';
        },
      });
      df.app.orchestration('FailOnce', function* (context) {
        yield context.df.callActivity('Flaky');
        return yield context.df.waitForExternalEvent('go');
      });
    });
    await one.client('startNew', 'FailOnce', { instanceId: 'f' });
    await one.host.whenIdle();
    await one.client('rewind', 'f', 'again');
    await one.host.whenIdle();
    expect(await one.status('f')).toMatchObject({
      httpStatus: 202,
      runtimeStatus: 'Pending',
      output: expect.stringContaining('the first time fails'),
    });
    await one.client('raiseEvent', 'f', 'go', 'gone');
    expect(await one.finish('f')).toMatchObject({ runtimeStatus: 'Completed', output: 'gone' });
  });

  test('rewinds the children that failed, and their parent goes on with what they answer', async () => {
    const one = await host(registerFlaky);
    await one.client('startNew', 'Parent', { instanceId: 'p' });
    expect((await one.finish('p')).runtimeStatus).toBe('Failed');
    await one.client('rewind', 'p', 'again');
    expect(await one.finish('p')).toMatchObject({ runtimeStatus: 'Completed', output: [{ n: 2 }, { n: 2 }] });
    expect((await one.status('p-a')).runtimeStatus).toBe('Completed');
  });

  test('is done once it was accepted, also across a power cut', async () => {
    const folder = appFolder();
    const stateFile = path.join(folder, 'state.db');
    const attempts = new Map<string, number>();
    const register = (): void => registerFlakyAfter(attempts);
    const before = await host(register, { appDirectory: folder, stateFile });
    await before.client('startNew', 'FailOnce', { instanceId: 'f' });
    await before.finish('f');
    const ask = webhook(before);
    expect((await ask('POST', 'instances/f/rewind?reason=r')).status).toBe(202);
    before.host.kill();
    const after = await host(register, { appDirectory: folder, stateFile, virtual: virtualClock(before.clock.now()) });
    expect(await after.finish('f')).toMatchObject({ runtimeStatus: 'Completed' });
  });

  test('lets a timer come that was open when the instance failed', async () => {
    const folder = appFolder();
    const stateFile = path.join(folder, 'state.db');
    const good = (): void => {
      df.app.orchestration('Story', function* (context) {
        const later = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 3_600_000));
        yield context.df.Task.all([later, context.df.waitForExternalEvent('go')]);
        return 'rested';
      });
    };
    const bad = (): void => {
      df.app.orchestration('Story', function* () {
        return 'told otherwise';
      });
    };
    const open = (load: () => void, nowMs?: number) =>
      host(load, { appDirectory: folder, stateFile, ...(nowMs !== undefined && { virtual: virtualClock(nowMs) }) });
    const before = await open(good);
    await before.client('startNew', 'Story', { instanceId: 'one' });
    await before.host.whenIdle();
    await before.host.stop();
    // It is told otherwise, and so fails while its timer is open.
    const changed = await open(bad, before.clock.now());
    await changed.client('raiseEvent', 'one', 'go', null);
    await changed.host.whenIdle();
    expect(await changed.status('one')).toMatchObject({ runtimeStatus: 'Failed' });
    await changed.host.stop();

    const after = await open(good, changed.clock.now());
    await after.client('rewind', 'one', 'again');
    await after.clock.advance(2 * 3_600_000);
    await after.host.whenIdle();
    expect(await after.status('one')).toMatchObject({ runtimeStatus: 'Completed', output: 'rested' });
  });

  test('is refused for what is unknown or has not failed, in the words of the real one', async () => {
    const one = await host(registerFlaky);
    const ask = webhook(one);
    await one.client('startNew', 'Waiter', { instanceId: 'w' });
    await one.host.whenIdle();
    expect(await ask('POST', 'instances/nope/rewind?reason=r')).toMatchObject({
      status: 404,
      body: 'No orchestration with instance ID "$nope" found.',
    });
    await expect(one.client('rewind', 'nope', 'r')).rejects.toThrow('No orchestration with instance ID "$nope" found.');
    const refused = 'This orchestration has status Running, but only orchestrations in the "Failed" state can be rewound.';
    expect(await ask('POST', 'instances/w/rewind?reason=r')).toMatchObject({ status: 412, body: refused });
    await expect(one.client('rewind', 'w', 'r')).rejects.toThrow(refused);
  });
});

test('what failed and what scheduled it give way to empty events; all else stays as it was', () => {
  const started = executionStarted(
    { instanceId: 'i', executionId: 'e', name: 'O', version: null, input: null, parent: null, generation: 0 },
    0,
  );
  const kept = [orchestratorStarted(0), started, taskScheduled(0, 'A', null, 0), taskCompleted(0, '1', 0)];
  const { history, children } = withoutFailures([
    ...kept,
    taskScheduled(1, 'B', null, 5),
    taskFailed(1, 'r', 'd', 6),
    executionCompleted('Failed', 'r', null, 7),
  ]);
  expect(children).toEqual([]);
  expect(history.slice(0, 4)).toEqual(kept);
  expect(history.slice(4)).toEqual(
    [1, -1, 2].map((EventId, at) => ({
      Data: null,
      EventType: 17,
      EventId,
      IsPlayed: false,
      Timestamp: new Date(5 + at).toISOString(),
    })),
  );
});
