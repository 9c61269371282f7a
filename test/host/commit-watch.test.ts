import path from 'node:path';
import { expect, jest, test } from '@jest/globals';
import * as df from 'durable-functions';
import Database from 'libsql';
import { cutPowerAt, startHost, virtualClock, type CommitWatch, type Side } from '../../local/host';
import { appFolder, benches, type Bench } from './bench';

/** What a watch is told of, and what becomes of a host whose watch throws. */

const host = benches();

/** One after the other in the same round, so that they are written together. */
async function startTogether({ host }: Bench, orchestrator: string, ids: string[]): Promise<void> {
  const code = host.keys().systemKeys['durabletask_extension'];
  const start = (id: string): Promise<unknown> =>
    host.ask({ method: 'POST', path: `/runtime/webhooks/durabletask/orchestrators/${orchestrator}/${id}?code=${code}` });
  await Promise.all(ids.map(start));
}

test.each<[Side, string[]]>([
  ['before', ['a 1', 'a 1', 'a 2', 'b 1', 'b 1', 'b 2']],
  ['after', ['a 1', 'a 2', 'b 1', 'b 2']],
])('a watch that throws an error of its own %s a commit ends the host there, and breaks it', async (at, ran) => {
  const stateFile = path.join(appFolder(), 'state.db');
  const seen: string[] = [];
  const load = (): void => {
    df.app.activity('Note', { handler: (text: string) => (seen.push(text), {}) });
    df.app.orchestration('Story', function* (context) {
      for (const n of [1, 2]) yield context.df.callActivity('Note', `${context.df.instanceId} ${n}`);
    });
  };
  let thrown = 0;
  const one = await host(load, {
    stateFile,
    onCommit({ parts }, side) {
      if (side !== at || thrown > 0 || !seen.includes('b 1') || parts.length < 2) return;
      thrown += 1;
      throw new Error('Two parts are one too many.');
    },
  });
  await startTogether(one, 'Story', ['a', 'b']);
  await expect(one.host.whenIdle()).rejects.toThrow('Two parts are one too many.');
  await expect(one.host.whenBroken).rejects.toThrow('Two parts are one too many.');
  expect(thrown).toBe(1);
  expect(one.log.filter(({ level }) => level === 'error')).toHaveLength(1);

  const two = await host(load, { stateFile, virtual: virtualClock(one.clock.now()) });
  for (const id of ['a', 'b']) expect(await two.finish(id)).toMatchObject({ runtimeStatus: 'Completed' });
  expect(seen.toSorted()).toEqual(ran);
});

test('a start that the watch ends closes its file', async () => {
  const close = jest.spyOn(Database.prototype, 'close');
  const { onCommit } = cutPowerAt('keys made', 'before');
  const started = startHost({ appDirectory: appFolder(), stateFile: ':memory:', settings: {}, load: () => {}, onCommit });
  await expect(started).rejects.toThrow('The power was cut here.');
  expect(close).toHaveBeenCalledTimes(1);
  close.mockRestore();
});

/** Each commit's parts, in one line. */
function noted(): { onCommit: CommitWatch; commits(): string[] } {
  const commits: string[] = [];
  return {
    onCommit({ parts }, side) {
      if (side === 'after') commits.push(parts.map(({ what }) => what).join(' | '));
    },
    commits: () => commits.splice(0),
  };
}

test('a turn of a new generation is one', async () => {
  const watch = noted();
  const one = await host(
    () => {
      df.app.activity('Note', { handler: () => ({}) });
      df.app.orchestration('Loop', function* (context) {
        const n = context.df.getInput<number>();
        yield context.df.callActivity('Note', n);
        if (n < 2) context.df.continueAsNew(n + 1);
      });
    },
    { onCommit: watch.onCommit },
  );
  watch.commits();
  await one.client('startNew', 'Loop', { input: 1 });
  await one.host.whenIdle();
  expect(watch.commits()).toEqual([
    'turn of Loop, to Note | start of Loop',
    'turn of Loop, waiting',
    'turn of Loop, to Note',
    'turn of Loop, completed',
  ]);
});

test('a start that waits for the end of another is named, and hides nothing of what is written with it', async () => {
  const watch = noted();
  const one = await host(
    () => {
      df.app.orchestration('Kid', function* (context) {
        yield context.df.waitForExternalEvent('go');
      });
      df.app.orchestration('Parent', function* (context) {
        yield context.df.callSubOrchestrator('Kid', undefined, 'kid');
      });
    },
    { onCommit: watch.onCommit },
  );
  await one.client('startNew', 'Parent', {});
  await one.host.whenIdle();
  watch.commits();
  await one.client('startNew', 'Parent', {});
  await one.host.whenIdle();
  expect(watch.commits()).toContain('turn of Parent, waiting | start of Parent | start queued');

  await one.client('raiseEvent', 'kid', 'go', 1);
  await one.host.whenIdle();
  expect(watch.commits().join('\n')).toMatch(/turn of Kid, completed.* \| answer kept/);
});

test('a rewind is named, and a turn of one that was rewound says what it leads to', async () => {
  const watch = noted();
  let failures = 1;
  const one = await host(
    () => {
      df.app.activity('Pay', {
        handler: () => {
          if (failures-- > 0) throw new Error('The till is closed.');
          return {};
        },
      });
      df.app.activity('Note', { handler: () => ({}) });
      df.app.orchestration('Story', function* (context) {
        yield context.df.callActivity('Pay', {});
        context.df.setCustomStatus('paid');
        yield context.df.callActivity('Note', {});
      });
    },
    { onCommit: watch.onCommit },
  );
  await one.client('startNew', 'Story', { instanceId: 's' });
  await one.host.whenIdle();
  watch.commits();
  await one.client('rewind', 's', 'again');
  await one.host.whenIdle();
  expect(watch.commits()).toEqual(['rewind of Story', 'turn of Story, to Pay', 'turn of Story, to Note', 'turn of Story, completed']);
});

test('what came for an instance whose turn does not take it is named by what it is', async () => {
  const watch = noted();
  const one = await host(
    () => {
      df.app.activity('Note', { handler: () => ({}) });
      df.app.orchestration('Story', function* (context) {
        yield context.df.Task.all([context.df.callActivity('Note', {}), context.df.waitForExternalEvent('go')]);
      });
    },
    {
      onCommit: watch.onCommit,
      schedule: {
        connect: () => {},
        choose: (_id, waiting) => (waiting[0]?.EventType === 0 ? [0] : undefined),
      },
    },
  );
  await one.client('startNew', 'Story', { instanceId: 's' });
  await one.host.whenIdle();
  await one.client('raiseEvent', 's', 'go', 1);
  await one.client('suspend', 's', 'a while');
  await one.host.whenIdle();
  const commits = watch.commits();
  for (const what of ['answer kept', 'event kept', 'order kept']) expect(commits).toContain(what);
});
