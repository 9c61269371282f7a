import path from 'node:path';
import { expect, jest, test } from '@jest/globals';
import * as df from 'durable-functions';
import { checkTurns, cutPowerAt, recordTurns, replayTurns, virtualClock, type Orchestrator, type Side } from '../../local/host';
import { currentRegistry } from '../../local/host/functions-core';
import { appFolder, benches } from './bench';

/** What an app's tests take from here, besides a host in memory or on a file and a clock to move. */

const host = benches();

const pays: Orchestrator = function* (context) {
  yield context.df.callActivity('Note', { text: 'begun' });
  yield context.df.callActivity('Pay', { euros: 5 });
  return 'paid';
};

test.each<[string, Side, { ran: string[]; again: string[] }]>([
  ['start of Story', 'before', { ran: [], again: ['Note', 'Pay'] }],
  ['start of Story', 'after', { ran: [], again: ['Note', 'Pay'] }],
  ['turn of Story, to Pay', 'before', { ran: ['Note'], again: ['Note', 'Pay'] }],
  ['turn of Story, to Pay', 'after', { ran: ['Note'], again: ['Pay'] }],
  ['turn of Story, completed', 'before', { ran: ['Note', 'Pay'], again: ['Pay'] }],
  ['turn of Story, completed', 'after', { ran: ['Note', 'Pay'], again: [] }],
])('the power is cut at "%s", %s it, and the next host on the same file goes on from there', async (what, side, { ran, again }) => {
  const folder = appFolder();
  const stateFile = path.join(folder, 'state.db');
  const seen: string[] = [];
  const load = (): void => {
    for (const name of ['Note', 'Pay']) df.app.activity(name, { handler: () => (seen.push(name), {}) });
    df.app.orchestration('Story', pays);
  };
  const cut = cutPowerAt(what, side);
  const before = await host(load, { appDirectory: folder, stateFile, onCommit: cut.onCommit });
  const begun = before.client('startNew', 'Story', { instanceId: 'story' }).catch(() => 'not answered');
  await cut.whenCut;
  await Promise.all([begun, before.host.whenIdle()]);
  expect(seen.splice(0)).toEqual(ran);
  expect(before.log.filter(({ level }) => level === 'error')).toEqual([]);

  const after = await host(load, { appDirectory: folder, stateFile, virtual: virtualClock(before.clock.now()) });
  const isThere = !(what.startsWith('start') && side === 'before');
  if (!isThere) await after.client('startNew', 'Story', { instanceId: 'story' });
  expect(await after.finish('story')).toMatchObject({ runtimeStatus: 'Completed', output: 'paid' });
  expect(seen).toEqual(again);
});

test('the power is cut at the nth of such commits; a host whose file cannot even be made does not start', async () => {
  const cut = cutPowerAt('turn of Loop, to Note', 'after', 3);
  let ran = 0;
  const one = await host(
    () => {
      df.app.activity('Note', { handler: () => ((ran += 1), {}) });
      df.app.orchestration('Loop', function* (context) {
        for (;;) yield context.df.callActivity('Note', {});
      });
    },
    { onCommit: cut.onCommit },
  );
  await one.client('startNew', 'Loop', {}).catch(() => 'not answered');
  await cut.whenCut;
  await one.host.whenIdle();
  expect(ran).toBe(2);
  await expect(host(() => {}, { onCommit: cutPowerAt('state file made', 'before').onCommit })).rejects.toThrow('The power was cut here.');
});

test('recorded histories are told alike by the same orchestrator, and a changed one is named', async () => {
  const recorded = recordTurns();
  const one = await host(
    () => {
      for (const name of ['Note', 'Pay', 'Thank']) df.app.activity(name, { handler: () => ({}) });
      df.app.orchestration('Story', pays);
    },
    { onTurn: recorded.onTurn },
  );
  for (const instanceId of ['one', 'two']) await one.client('startNew', 'Story', { instanceId });
  await one.host.whenIdle();
  const turns = JSON.parse(JSON.stringify(recorded.turns())) as ReturnType<typeof recorded.turns>;
  expect(turns.map(({ instanceId, response }) => [instanceId, response.isDone])).toEqual([
    ['one', true],
    ['two', true],
  ]);
  const load = jest.fn<(name: string) => Orchestrator>(() => pays);
  expect(await replayTurns(turns, { load, register: df.app.orchestration })).toEqual([]);
  expect(load.mock.calls).toEqual([['Story'], ['Story']]);

  const thanks: Orchestrator = function* (context) {
    yield context.df.callActivity('Note', { text: 'begun' });
    yield context.df.callActivity('Thank', {});
    return 'paid';
  };
  const found = await replayTurns(turns, { load: () => thanks, register: df.app.orchestration });
  const why = 'is told otherwise: action 2, callActivity "Pay", was .*"Thank"';
  expect(found).toEqual(
    ['one', 'two'].map((id) => expect.stringMatching(new RegExp(`^The story of instance "${id}", orchestrator "Story", ${why}`))),
  );
  expect(await replayTurns(turns.slice(1), { load: () => undefined, register: df.app.orchestration })).toEqual([
    expect.stringMatching(
      /^The story of instance "two", orchestrator "Story", cannot be told: No orchestrator named "Story" is registered/,
    ),
  ]);
});

test('once the power is cut, the next host may have its port', async () => {
  const folder = appFolder();
  const stateFile = path.join(folder, 'state.db');
  const load = (): void => {
    for (const name of ['Note', 'Pay']) df.app.activity(name, { handler: () => ({}) });
    df.app.orchestration('Story', pays);
  };
  const cut = cutPowerAt('turn of Story, to Note', 'after');
  const before = await host(load, { stateFile, onCommit: cut.onCommit });
  const asked = before.host.ask({
    method: 'POST',
    path: `/runtime/webhooks/durabletask/orchestrators/Story/story?code=${before.host.keys().systemKeys['durabletask_extension']}`,
  });
  await Promise.all([cut.whenCut, expect(asked).rejects.toThrow('The power was cut here.')]);
  const after = await host(load, { stateFile, port: before.host.port, virtual: virtualClock(before.clock.now()) });
  expect(await after.finish('story')).toMatchObject({ runtimeStatus: 'Completed' });
});

test('the names of what came by are told to who waits for one that never comes', async () => {
  const cut = cutPowerAt('turn of Storey, to Pay', 'before');
  const one = await host(
    () => {
      for (const name of ['Note', 'Pay']) df.app.activity(name, { handler: () => ({}) });
      df.app.orchestration('Story', pays);
    },
    { onCommit: cut.onCommit },
  );
  await one.client('startNew', 'Story', {});
  await one.host.whenIdle();
  expect(cut.seen()).toEqual([
    'state file made',
    'keys made',
    'turn of Story, to Note',
    'start of Story',
    'turn of Story, to Pay',
    'turn of Story, completed',
  ]);
});

test('turns are checked from the first again where an id is started again, however it ended, or rewound', async () => {
  const story: Orchestrator = function* (context) {
    const text = context.df.getInput<string>();
    yield context.df.callActivity('Note', text);
    if (text === 'hang') yield context.df.waitForExternalEvent('never');
    try {
      yield context.df.callActivity('Fail', text);
    } catch (error) {
      yield context.df.callActivity('Note', 'undone');
      throw error;
    }
  };
  const one = await host(
    () => {
      df.app.activity('Note', { handler: () => ({}) });
      df.app.activity('Fail', {
        handler: (text: string) => {
          if (text === 'fail') throw new Error('no');
          return {};
        },
      });
      df.app.orchestration('Story', story);
    },
    { onTurn: checkTurns({ load: () => story, register: df.app.orchestration }) },
  );
  const start = (input: string): Promise<unknown> => one.client('startNew', 'Story', { instanceId: 's', input });
  await start('hang');
  await one.host.whenIdle();
  await one.client('terminate', 's', 'enough');
  await one.host.whenIdle();
  await start('fail');
  expect(await one.finish('s')).toMatchObject({ runtimeStatus: 'Failed' });
  await one.client('rewind', 's', 'again');
  expect(await one.finish('s')).toMatchObject({ runtimeStatus: 'Failed' });
  await start('end');
  expect(await one.finish('s')).toMatchObject({ runtimeStatus: 'Completed' });
});

test('turns that are checked at the same time leave the registry of this process as it is', async () => {
  const former = currentRegistry();
  const one = await host(
    () => {
      for (const name of ['Note', 'Pay']) df.app.activity(name, { handler: () => ({}) });
      df.app.orchestration('Story', pays);
    },
    { onTurn: checkTurns({ load: () => pays, register: df.app.orchestration }) },
  );
  const code = one.host.keys().systemKeys['durabletask_extension'];
  const start = (n: number): Promise<unknown> =>
    one.host.ask({ method: 'POST', path: `/runtime/webhooks/durabletask/orchestrators/Story/${n}?code=${code}` });
  await Promise.all([1, 2, 3, 4].map(start));
  await one.host.whenIdle();
  expect(currentRegistry()).toBe(former);
});
