import { describe, expect, test } from '@jest/globals';
import * as df from 'durable-functions';
import type { OrchestrationContext } from 'durable-functions';
import { benches, type Bench } from './bench';

const host = benches();

const soon = (context: OrchestrationContext, ms: number): Date => new Date(context.df.currentUtcDateTime.getTime() + ms);
const said = (one: Bench): string[] => one.log.filter((entry) => entry.level === 'error').map((entry) => entry.text);

async function started(story: df.OrchestrationHandler, input: unknown = 0): Promise<Bench> {
  const one = await host(() => {
    df.app.activity('Do', { handler: (what: string) => ({ did: what }) });
    df.app.orchestration('Story', story);
  });
  await one.client('startNew', 'Story', { instanceId: 's', input });
  await one.host.whenIdle();
  return one;
}

const tell = async (one: Bench, name: string): Promise<void> => {
  await one.client('raiseEvent', 's', name, 1);
  await one.host.whenIdle();
};

describe('the log says once, with what to write instead,', () => {
  test('that events are lost over continue-as-new', async () => {
    const one = await started(function* (context) {
      if (context.df.getInput<number>() === 1) return yield context.df.waitForExternalEvent('kept');
      yield context.df.waitForExternalEvent('switch');
      context.df.continueAsNew(1);
    });
    await tell(one, 'kept');
    await tell(one, 'switch');
    expect(said(one)).toEqual([expect.stringContaining('continueAsNew loses an event "kept"')]);
  });

  test('that an event of another case is not taken', async () => {
    const one = await started(function* (context) {
      yield context.df.waitForExternalEvent('Approval');
      yield context.df.waitForExternalEvent('more');
    });
    await tell(one, 'APPROVAL');
    await tell(one, 'more');
    expect(said(one)).toEqual([expect.stringContaining('Raise "Approval".')]);
  });

  test('that a timer was raced twice', async () => {
    const one = await started(function* (context) {
      const timer = context.df.createTimer(soon(context, 60_000));
      yield context.df.Task.any([context.df.waitForExternalEvent('a'), timer]);
      yield context.df.Task.any([context.df.waitForExternalEvent('b'), timer]);
      timer.cancel();
    });
    await tell(one, 'a');
    expect(said(one)).toEqual([expect.stringContaining('Make a fresh timer each round')]);
  });

  test('that tasks run a second time in a second group', async () => {
    const ran: string[] = [];
    const one = await host(() => {
      df.app.activity('Note', { handler: (what: string) => void ran.push(what) });
      df.app.orchestration('Story', function* (context) {
        const tasks = ['a', 'b'].map((what) => context.df.callActivity('Note', what));
        yield context.df.Task.any(tasks);
        yield context.df.Task.all(tasks);
      });
    });
    await one.client('startNew', 'Story', { instanceId: 's' });
    expect((await one.finish('s')).runtimeStatus).toBe('Completed');
    expect(ran.sort()).toEqual(['a', 'a', 'b', 'b']);
    expect(said(one)).toEqual([expect.stringContaining('Put a task into one Task.any or Task.all only.')]);
  });

  test('that an instance which saw one of a group fail waits for the others', async () => {
    const one = await host(() => {
      df.app.activity('Fail', {
        handler: () => {
          throw new Error('no');
        },
      });
      df.app.orchestration('Story', function* (context) {
        try {
          yield context.df.Task.all([context.df.callActivity('Fail'), context.df.createTimer(soon(context, 60_000))]);
        } catch {
          return 'caught';
        }
        return 'not reached';
      });
    });
    await one.client('startNew', 'Story', { instanceId: 's' });
    await one.host.whenIdle();
    expect((await one.status('s')).runtimeStatus).toBe('Running');
    expect(said(one)).toEqual([expect.stringContaining('stays Running until all of a Task.all are over of which it saw one fail')]);
    expect(await one.finish('s')).toMatchObject({ runtimeStatus: 'Completed', output: 'caught' });
  });

  test('that an instance which returned waits for what it left open', async () => {
    const one = await started(function* (context) {
      yield context.df.Task.any([context.df.waitForExternalEvent('go'), context.df.createTimer(soon(context, 60_000))]);
    });
    await tell(one, 'go');
    expect(said(one)).toEqual([expect.stringContaining('Cancel timers that lost')]);
  });

  test('nothing of a story that does it right', async () => {
    const one = await started(function* (context) {
      for (const n of [0, 1]) {
        const event = context.df.waitForExternalEvent(`wake-${n}`);
        const timer = context.df.createTimer(soon(context, 60_000));
        if ((yield context.df.Task.any([event, timer])) === event) timer.cancel();
        yield context.df.callActivity('Do', `${n}`);
      }
      return yield context.df.Task.all([context.df.callActivity('Do', 'x'), context.df.callActivity('Do', 'y')]);
    });
    await tell(one, 'wake-1');
    await tell(one, 'wake-0');
    expect((await one.finish('s')).runtimeStatus).toBe('Completed');
    expect(said(one)).toEqual([]);
  });
});
