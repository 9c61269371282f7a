import path from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import * as df from 'durable-functions';
import { openDatabase } from '../../local/host/database';
import { createCommitter } from '../../local/host/durable/committer';
import { eventRaised } from '../../local/host/durable/history';
import { newInstance, queueStart, startInstance } from '../../local/host/durable/start-instance';
import { createStore } from '../../local/host/durable/store';
import { takeTurn } from '../../local/host/durable/turn';
import type { TurnWorld } from '../../local/host/durable/turn-world';
import { virtualClock, type OrchestratorTurn } from '../../local/host';
import { appFolder, bench, benches, removeFolders, type Bench } from './bench';

/** What is computed in one round is committed in one transaction; a kill at any instant loses nothing that was answered. */

const open: Bench[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.host.stop()));
  removeFolders();
});
const opened = benches();

function storeOnDisk() {
  const file = path.join(appFolder(), 'state.db');
  const db = openDatabase(file);
  const store = createStore(db);
  const numbersGiven = (): unknown => (db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'inbox'").get() as { seq: number }).seq;
  return { store, numbersGiven, again: () => createStore(openDatabase(file)), close: () => db.close() };
}

const event = (name: string) => eventRaised(name, 'null', 0);

test('units of one round share one transaction, and each is answered once that is on the disk', async () => {
  const { store, again, close } = storeOnDisk();
  let transactions = 0;
  const committer = createCommitter({
    transaction: (run) => {
      transactions += 1;
      return store.transaction(run);
    },
  });
  const written = ['a', 'b', 'c'].map((name) => committer.commit(() => store.post(name, null, event(name))));
  expect(again().inbox('a')).toEqual([]);
  await Promise.all(written);
  expect(transactions).toBe(1);
  expect(['a', 'b', 'c'].map((name) => again().inbox(name).length)).toEqual([1, 1, 1]);
  close();
});

test('a unit that throws loses itself alone, whatever it had written', async () => {
  const { store, again, close } = storeOnDisk();
  const committer = createCommitter(store);
  const results = await Promise.allSettled([
    committer.commit(() => store.post('before', null, event('x'))),
    committer.commit(() => {
      store.post('broken', null, event('x'));
      throw new Error('as asked');
    }),
    committer.commit(() => store.post('after', null, event('x'))),
  ]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(['before', 'broken', 'after'].map((id) => again().inbox(id).length)).toEqual([1, 0, 1]);
  close();
});

test('what a transaction that was rolled back had put into memory is forgotten too', () => {
  const { store, close } = storeOnDisk();
  const one = { id: 'i', executionId: 'e', name: 'Story', version: null, status: 'Running' as const, input: '1', customStatus: null };
  const instance = { ...one, output: null, parent: null, generationStarted: false, createdMs: 0, updatedMs: 0 };
  store.transaction(() => {
    store.putInstance(instance);
    store.appendHistory('i', [event('kept')]);
  });
  expect(() =>
    store.transaction(() => {
      store.putInstance({ ...instance, customStatus: '"lost"' });
      store.appendHistory('i', [event('lost')]);
      throw new Error('as asked');
    }),
  ).toThrow('as asked');
  expect(store.instance('i')).toEqual(instance);
  expect(store.history('i').map(({ Name }) => Name)).toEqual(['kept']);
  store.transaction(() => store.appendHistory('i', [event('next')]));
  expect(store.history('i').map(({ Name }) => Name)).toEqual(['kept', 'next']);
  close();
});

test('a message that a turn of the same transaction takes never lies in the inbox; one that nobody takes does, once', () => {
  const { store, numbersGiven, again, close } = storeOnDisk();
  const lies = (): (string | undefined)[] =>
    again()
      .inbox('i')
      .map((message) => message.event.Name);
  store.transaction(() => {
    const taken = store.lay('i', null, event('taken'));
    store.lay('i', null, event('left'));
    store.takeUp(taken);
  });
  expect(lies()).toEqual(['left']);
  // Not even for a moment: numbers are never given twice.
  expect(numbersGiven()).toBe(1);
  expect(() =>
    store.transaction(() => {
      store.lay('i', null, event('rolled back'));
      throw new Error('as asked');
    }),
  ).toThrow('as asked');
  const late = store.transaction(() => store.lay('i', null, event('late')));
  expect(lies()).toEqual(['left', 'late']);
  store.transaction(() => store.takeUp(late));
  expect(lies()).toEqual(['left']);
  close();
});

test('killed between the computing of a turn and its commit, a host goes on as if the turn had not been', async () => {
  const folder = appFolder();
  const stateFile = path.join(folder, 'state.db');
  const ran: string[] = [];
  const register = (): void => {
    df.app.activity('Step', { handler: ({ name }: { name: string }) => (ran.push(name), { name }) });
    df.app.orchestration('Story', function* (context) {
      yield context.df.callActivity('Step', { name: 'first' });
      yield context.df.callActivity('Step', { name: 'second' });
      return 'told';
    });
  };
  const payloads: string[] = [];
  const cut = (turn: OrchestratorTurn): void => {
    payloads.push(turn.payload);
    if (payloads.length === 2) before.host.kill();
  };
  const before: Bench = await bench(register, { appDirectory: folder, stateFile, onTurn: cut });
  // The answer goes down with the host, though the start is on the disk.
  await before.client('startNew', 'Story', { instanceId: 'story' }).catch(() => {});
  await before.host.whenIdle();
  expect(payloads).toHaveLength(2);
  expect(ran).toEqual(['first']);

  const after = await bench(register, { appDirectory: folder, stateFile, virtual: virtualClock(before.clock.now()) });
  open.push(after);
  expect(await after.finish('story')).toMatchObject({ runtimeStatus: 'Completed', output: 'told' });
  // The result was committed with no turn: the activity is at least once. The history has each once.
  expect(ran).toEqual(['first', 'first', 'second']);
  const { historyEvents = [] } = await after.status('story', 'showHistory=true');
  expect(historyEvents.filter(({ EventType }) => EventType === 'TaskCompleted')).toHaveLength(2);
});

test('what was answered is there after a kill in the same instant, and nothing of what was not', async () => {
  const folder = appFolder();
  const stateFile = path.join(folder, 'state.db');
  const register = (): void => {
    df.app.orchestration('Waits', function* (context) {
      return [yield context.df.waitForExternalEvent('one'), yield context.df.waitForExternalEvent('two')];
    });
  };
  const before = await bench(register, { appDirectory: folder, stateFile });
  await before.client('startNew', 'Waits', { instanceId: 'waits' });
  const code = `code=${before.host.keys().systemKeys['durabletask_extension'] ?? ''}`;
  const raise = (name: string) =>
    before.host.ask({ method: 'POST', path: `/runtime/webhooks/durabletask/instances/waits/raiseEvent/${name}?${code}`, body: '"kept"' });
  expect(await raise('one')).toEqual({ status: 202, body: '' });
  const unanswered = raise('two');
  before.host.kill();
  await expect(unanswered).rejects.toThrow('The host was killed before this was written.');

  const after = await bench(register, { appDirectory: folder, stateFile, virtual: virtualClock(before.clock.now()) });
  open.push(after);
  await after.host.whenIdle();
  expect(await after.status('waits')).toMatchObject({ runtimeStatus: 'Running' });
  await after.client('raiseEvent', 'waits', 'two', 'new');
  expect(await after.finish('waits')).toMatchObject({ output: ['kept', 'new'] });
});

test('a graceful stop keeps what activities came to that no turn took', async () => {
  const folder = appFolder();
  const stateFile = path.join(folder, 'state.db');
  let runs = 0;
  let finish = (): void => {};
  const register = (): void => {
    df.app.activity('Slow', {
      handler: async () => {
        runs += 1;
        await new Promise<void>((resolve) => (finish = resolve));
        return { runs };
      },
    });
    df.app.orchestration('Story', function* (context) {
      return yield context.df.callActivity('Slow', null);
    });
  };
  const before = await bench(register, { appDirectory: folder, stateFile });
  await before.client('startNew', 'Story', { instanceId: 'story' });
  while (runs === 0) await new Promise((resolve) => setImmediate(resolve));
  const stopped = before.host.stop();
  finish();
  await stopped;
  const after = await bench(register, { appDirectory: folder, stateFile, virtual: virtualClock(before.clock.now()) });
  open.push(after);
  expect(await after.finish('story')).toMatchObject({ output: { runs: 1 } });
});

test('a stop that something outlasts keeps what activities have come to, before it began and after', async () => {
  const folder = appFolder({ version: '2.0', extensions: { durableTask: { maxConcurrentOrchestratorFunctions: 1 } } });
  const stateFile = path.join(folder, 'state.db');
  const ran: string[] = [];
  const held = new Map<string, () => void>();
  const hold = (name: string): Promise<void> => new Promise((resolve) => held.set(name, resolve));
  const holding = async (...names: string[]): Promise<void> => {
    while (!names.every((name) => held.has(name))) await new Promise((resolve) => setImmediate(resolve));
  };
  const register = (holds: boolean) => (): void => {
    df.app.activity('Step', {
      handler: async (name: string) => {
        ran.push(name);
        if (holds) await hold(name);
        return { name };
      },
    });
    df.app.orchestration('Story', function* (context) {
      return yield context.df.callActivity('Step', context.df.instanceId);
    });
  };
  const onTurn = async ({ instanceId }: OrchestratorTurn): Promise<void> => {
    if (instanceId === 'turn') await hold(instanceId);
  };
  const before = await opened(register(true), { appDirectory: folder, stateFile, onTurn });
  for (const instanceId of ['early', 'late', 'slow', 'turn']) await before.client('startNew', 'Story', { instanceId });
  await holding('early', 'late', 'slow', 'turn');
  held.get('early')?.();
  await new Promise((resolve) => setImmediate(resolve));
  const stopped = before.host.stop();
  held.get('late')?.();
  const lying = openDatabase(stateFile);
  const inbox = lying.prepare("SELECT instance_id AS id FROM inbox WHERE instance_id IN ('early', 'late') ORDER BY id");
  for (let looks = 0; looks < 500 && inbox.all().length < 2; looks += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(inbox.all()).toEqual([{ id: 'early' }, { id: 'late' }]);
  lying.close();
  // As `stop` does when its time is up.
  before.host.kill();
  for (const letGo of held.values()) letGo();
  await stopped;

  const after = await opened(register(false), { appDirectory: folder, stateFile, virtual: virtualClock(before.clock.now()) });
  for (const id of ['early', 'late', 'slow', 'turn']) expect(await after.finish(id)).toMatchObject({ output: { name: id } });
  expect(ran.sort()).toEqual(['early', 'late', 'slow', 'slow', 'turn']);
});

test('a start that waited does not take the place of an instance that was begun after its turn was computed', async () => {
  const { store, close } = storeOnDisk();
  const start = (executionId: string) => ({
    id: 'x',
    executionId,
    name: 'X',
    version: null,
    input: null,
    parent: null,
    generation: 0,
    nowMs: 0,
  });
  store.transaction(() => {
    store.putNew({ ...newInstance(start('ended')).instance, status: 'Completed' });
    queueStart(store, start('waiting'));
  });
  const world = { store, now: () => 0 } as unknown as TurnWorld;
  const turn = await takeTurn(world, 'x', []);
  store.transaction(() => startInstance(store, start('begun')));
  expect(store.transaction(() => turn?.write())).toMatchObject({ woken: ['x'] });
  expect(store.instance('x')).toMatchObject({ executionId: 'begun', status: 'Pending' });
  expect(store.inbox('x').map(({ executionId }) => executionId)).toEqual(['waiting', 'begun']);
  close();
});

test('an event that comes while a new generation begins is taken by it', async () => {
  let raised = false;
  const one: Bench = await opened(
    () => {
      df.app.orchestration('Again', function* (context) {
        if (context.df.getInput<number>() === 1) return yield context.df.waitForExternalEvent('late');
        yield context.df.waitForExternalEvent('go');
        context.df.continueAsNew(1);
        return undefined;
      });
    },
    {
      async onTurn({ response }) {
        if (raised || !response.isDone) return;
        raised = true;
        await one.client('raiseEvent', 'again', 'late', 'here');
      },
    },
  );
  await one.client('startNew', 'Again', { instanceId: 'again', input: 0 });
  await one.client('raiseEvent', 'again', 'go', null);
  expect(await one.finish('again')).toMatchObject({ runtimeStatus: 'Completed', output: 'here' });
});

test('more instances than are kept in memory wait and go on', async () => {
  const count = 620;
  const one = await opened(
    () => {
      df.app.orchestration('Waits', function* (context) {
        return yield context.df.waitForExternalEvent('go');
      });
    },
    { hostJson: { version: '2.0', extensions: { durableTask: { maxConcurrentOrchestratorFunctions: 50 } } } },
  );
  const code = `code=${one.host.keys().systemKeys['durabletask_extension'] ?? ''}`;
  const ask = (at: string, body: string) => one.host.ask({ method: 'POST', path: `/runtime/webhooks/durabletask/${at}?${code}`, body });
  const ids = Array.from({ length: count }, (_none, at) => `waits-${at}`);
  await Promise.all(ids.map((id) => ask(`orchestrators/Waits/${id}`, 'null')));
  await one.host.whenIdle();
  await Promise.all(ids.map((id) => ask(`instances/${id}/raiseEvent/go`, JSON.stringify(id))));
  await one.host.whenIdle();
  const list = await one.host.ask({ method: 'GET', path: `/runtime/webhooks/durabletask/instances?top=1000&${code}` });
  const outputs = (JSON.parse(list.body) as { output: unknown }[]).map(({ output }) => output);
  expect(outputs.sort()).toEqual([...ids].sort());
});
