import path from 'node:path';
import { expect, test } from '@jest/globals';
import * as df from 'durable-functions';
import { virtualClock } from '../../local/host';
import { appFolder, benches, type Bench } from './bench';

/** Instances that give way to others of their id, and what becomes of the messages that were on their way to them. */

const host = benches();

/** Within one round of the event loop, so that all of them share a transaction. */
function asks(one: Bench): (path: string, body: string) => Promise<number> {
  const code = one.host.keys().systemKeys['durabletask_extension'] ?? '';
  return async (at, body) => {
    const path = `/runtime/webhooks/durabletask/${at}?code=${code}`;
    return (await one.host.ask({ method: 'POST', path, body })).status;
  };
}

test('of two starts of one id in one round, where any state may be replaced, the first never runs, now or after a restart', async () => {
  const folder = appFolder({ version: '2.0', extensions: { durableTask: { overridableExistingInstanceStates: 'AnyState' } } });
  const stateFile = path.join(folder, 'state.db');
  const ran: unknown[] = [];
  const load = (): void => {
    df.app.activity('Pay', { handler: (who: string) => (ran.push(who), {}) });
    df.app.orchestration('Story', function* (context) {
      yield context.df.callActivity('Pay', context.df.getInput());
    });
  };
  const before = await host(load, { appDirectory: folder, stateFile });
  const ask = asks(before);
  expect(await Promise.all([ask('orchestrators/Story/one', '"first"'), ask('orchestrators/Story/one', '"second"')])).toEqual([202, 202]);
  await before.host.whenIdle();
  expect(ran).toEqual(['second']);
  await before.host.stop();
  const after = await host(load, { appDirectory: folder, stateFile, virtual: virtualClock(before.clock.now()) });
  await after.host.whenIdle();
  expect(await after.status('one')).toMatchObject({ runtimeStatus: 'Completed', input: 'second' });
  expect(ran).toEqual(['second']);
});

test('an event for an instance that is replaced in the same round does not reach its successor', async () => {
  const durableTask = { defaultVersion: '1.5', versionMatchStrategy: 'Strict', overridableExistingInstanceStates: 'AnyState' };
  const folder = appFolder({ version: '2.0', extensions: { durableTask } });
  const stateFile = path.join(folder, 'state.db');
  const load = (): void => {
    df.app.orchestration('Waits', function* (context) {
      return yield context.df.waitForExternalEvent('go');
    });
  };
  const before = await host(load, { appDirectory: folder, stateFile });
  await before.client('startNew', 'Waits', { instanceId: 'one', version: '1.4' });
  await before.host.whenIdle();
  const ask = asks(before);
  await Promise.all([ask('instances/one/raiseEvent/go', '"for the old one"'), ask('orchestrators/Waits/one', '"new"')]);
  await before.host.whenIdle();
  await before.host.stop();
  const after = await host(load, { appDirectory: folder, stateFile, virtual: virtualClock(before.clock.now()) });
  await after.host.whenIdle();
  expect(await after.status('one')).toMatchObject({ runtimeStatus: 'Running', input: 'new' });
  await after.client('raiseEvent', 'one', 'go', 'for the new one');
  expect(await after.finish('one')).toMatchObject({ output: 'for the new one' });
});

function registerCallers(): void {
  df.app.orchestration('Called', function* (context) {
    if (context.df.getInput() === 'a') yield context.df.waitForExternalEvent('go');
    return context.df.getInput();
  });
  df.app.orchestration('Caller', function* (context) {
    const who = context.df.getInput<string>();
    if (who === 'b') yield context.df.waitForExternalEvent('go');
    return yield context.df.callSubOrchestrator('Called', who, 'called');
  });
}

test('a sub-orchestration that waits for an id gets it, though another asks for it in the moment when it becomes free', async () => {
  const one = await host(registerCallers);
  for (const who of ['a', 'c', 'b']) {
    await one.client('startNew', 'Caller', { instanceId: who, input: who });
    await one.host.whenIdle();
  }
  const ask = asks(one);
  await Promise.all([ask('instances/called/raiseEvent/go', '1'), ask('instances/b/raiseEvent/go', '1')]);
  await one.host.whenIdle();
  for (const who of ['a', 'b', 'c']) expect(await one.status(who)).toMatchObject({ runtimeStatus: 'Completed', output: who });
});

test('a sub-orchestration goes on waiting for an id that a client takes or purges in the moment when it becomes free', async () => {
  for (const take of [(ask: ReturnType<typeof asks>) => ask('orchestrators/Called/called', '"client"'), undefined]) {
    const one = await host(registerCallers);
    for (const who of ['a', 'c']) {
      await one.client('startNew', 'Caller', { instanceId: who, input: who });
      await one.host.whenIdle();
    }
    const ask = asks(one);
    const ended = ask('instances/called/raiseEvent/go', '1');
    await (take ? take(ask) : one.client('purgeInstanceHistory', 'called').catch(() => undefined));
    await ended;
    await one.host.whenIdle();
    for (const who of ['a', 'c']) expect(await one.status(who)).toMatchObject({ runtimeStatus: 'Completed', output: who });
  }
});
