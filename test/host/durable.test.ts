import { describe, expect, test } from '@jest/globals';
import * as df from 'durable-functions';
import type { OrchestrationContext, Task } from 'durable-functions';
import { benches } from './bench';

const host = benches();

const soon = (context: OrchestrationContext, ms: number): Date => new Date(context.df.currentUtcDateTime.getTime() + ms);
const resultOf = (task: Task): unknown => (task as unknown as { result: unknown }).result;

/** Rounds with fresh names and fresh timers: the one way to wait that is right in every order. */
function rounds(count: number): (context: OrchestrationContext) => Generator<Task, unknown, unknown> {
  return function* (context) {
    const log: unknown[] = [];
    for (let n = 0; n < count; n += 1) {
      const event = context.df.waitForExternalEvent(`wake-${n}`);
      const timer = context.df.createTimer(soon(context, 3_600_000));
      const winner = yield context.df.Task.any([event, timer]);
      if (winner === event) timer.cancel();
      log.push(winner === event ? ['event', n, resultOf(event)] : ['timer', n]);
      log.push(((yield context.df.callActivity('Do', { what: `after ${n}` })) as { did: string }).did);
    }
    log.push(yield context.df.callSubOrchestrator('Stage', { slot: 'staging' }));
    return log;
  };
}

function registerRounds(count: number): void {
  df.app.activity('Do', { handler: ({ what }: { what: string }) => ({ did: what }) });
  df.app.orchestration('Stage', function* (context) {
    const input = context.df.getInput<{ slot: string }>();
    yield context.df.createTimer(soon(context, 2000));
    const polled = (yield context.df.callActivity('Do', { what: `poll ${input.slot}` })) as { did: string };
    return [polled.did, context.df.parentInstanceId];
  });
  df.app.orchestration('Rounds', rounds(count));
}

describe('activities', () => {
  test('run one after the other, and side by side in a group', async () => {
    const one = await host(() => {
      df.app.activity('Hello', { handler: (name: string) => `Hello ${name}` });
      df.app.activity('Square', { handler: ({ n }: { n: number }) => ({ square: n * n }) });
      df.app.orchestration('Story', function* (context) {
        const first: unknown = yield context.df.callActivity('Hello', 'Tokyo');
        const all: unknown = yield context.df.Task.all([3, 4, 5].map((n) => context.df.callActivity('square', { n })));
        context.df.setCustomStatus({ phase: 'over' });
        return [first, all];
      });
    });
    expect(await one.client('startNew', 'Story', { instanceId: 'story', input: { a: 1 } })).toBe('story');
    expect(await one.finish('story')).toMatchObject({
      httpStatus: 200,
      runtimeStatus: 'Completed',
      input: { a: 1 },
      customStatus: { phase: 'over' },
      output: ['Hello Tokyo', [{ square: 9 }, { square: 16 }, { square: 25 }]],
    });
  });

  test.each([
    [true, 'True'],
    [{ a: [1, null] }, { a: [1, null] }],
    [7, 7],
    [null, '(nothing)'],
    ['123', '123'],
    [1e21, 1e21],
    [{ $type: 'System.Object', a: 1 }, { a: 1 }],
  ])('given %j it sees %j', async (given, seen) => {
    const one = await host(() => {
      df.app.activity('Echo', { handler: (input: unknown) => ({ seen: input === undefined ? '(nothing)' : input }) });
      df.app.orchestration('Ask', function* (context) {
        return yield context.df.callActivity('Echo', given);
      });
    });
    await one.client('startNew', 'Ask', { instanceId: 'ask' });
    expect((await one.finish('ask')).output).toEqual({ seen });
  });

  test('a failure is an Error whose message holds the whole of it; unhandled it fails the instance', async () => {
    const one = await host(() => {
      df.app.activity('Throw', {
        handler: () => {
          throw new RangeError('boom');
        },
      });
      df.app.orchestration('Caught', function* (context) {
        try {
          return yield context.df.callActivity('Throw');
        } catch (error) {
          return { name: (error as Error).name, message: (error as Error).message };
        }
      });
      df.app.orchestration('Uncaught', function* (context) {
        yield context.df.callActivity('Throw');
      });
    });
    await one.client('startNew', 'Caught', { instanceId: 'caught' });
    await one.client('startNew', 'Uncaught', { instanceId: 'uncaught' });
    const caught = (await one.finish('caught')).output as { name: string; message: string };
    expect(caught.name).toBe('Error');
    expect(caught.message).toMatch(/^Activity function 'Throw' failed: boom \n \{"\$type":"System.Exception, System.Private.CoreLib"/);
    const uncaught = await one.finish('uncaught');
    expect(uncaught).toMatchObject({ httpStatus: 200, runtimeStatus: 'Failed' });
    expect(uncaught.output).toMatch(/^Orchestrator function 'Uncaught' failed: Activity function 'Throw' failed: boom/);
  });

  test('retries wait, back off, and wait once more after the last failure', async () => {
    let attempts = 0;
    const one = await host(() => {
      df.app.activity('Flaky', {
        handler: () => {
          attempts += 1;
          throw new Error(`attempt ${attempts}`);
        },
      });
      df.app.orchestration('Retry', function* (context) {
        const policy = new df.RetryOptions(1000, 3);
        policy.backoffCoefficient = 2;
        const fromMs = context.df.currentUtcDateTime.getTime();
        try {
          return yield context.df.callActivityWithRetry('Flaky', policy);
        } catch {
          return { waitedMs: context.df.currentUtcDateTime.getTime() - fromMs };
        }
      });
    });
    await one.client('startNew', 'Retry', { instanceId: 'retry' });
    expect((await one.finish('retry')).output).toEqual({ waitedMs: 3000 });
    expect(attempts).toBe(3);
    const { historyEvents } = await one.status('retry', 'showHistory=true');
    expect(historyEvents?.map((event) => event['EventType'])).toEqual([
      'ExecutionStarted',
      ...['TaskFailed', 'TimerCreated', 'TimerFired'],
      ...['TaskFailed', 'TimerCreated', 'TimerFired'],
      ...['TaskFailed', 'TimerCreated', 'TimerFired'],
      'ExecutionCompleted',
    ]);
  });

  test('a call of an unknown one hangs its caller, and the log says so', async () => {
    const one = await host(() => {
      df.app.orchestration('Lost', function* (context) {
        yield context.df.callActivity('Nowhere');
      });
    });
    await one.client('startNew', 'Lost', { instanceId: 'lost' });
    await one.host.whenIdle();
    expect(await one.status('lost')).toMatchObject({ httpStatus: 202, runtimeStatus: 'Running' });
    expect(one.log).toContainEqual(
      expect.objectContaining({ level: 'error', text: expect.stringContaining('No activity named "Nowhere" is registered') }),
    );
  });
});

describe('waiting', () => {
  test('rounds with fresh names: events, timers, activities and sub-orchestrations stay apart', async () => {
    const one = await host(() => registerRounds(4));
    await one.client('startNew', 'Rounds', { instanceId: 'rounds' });
    await one.host.whenIdle();
    await one.client('raiseEvent', 'rounds', 'wake-0', { yes: true });
    await one.host.whenIdle();
    // Early for its round: kept. Late for its round: harms nothing.
    await one.client('raiseEvent', 'rounds', 'wake-2', 'early');
    await one.client('raiseEvent', 'rounds', 'wake-0', 'late');
    await one.host.whenIdle();
    const { output } = await one.finish('rounds');
    expect(output).toEqual([
      ['event', 0, { yes: true }],
      'after 0',
      ['timer', 1],
      'after 1',
      ['event', 2, 'early'],
      'after 2',
      ['timer', 3],
      'after 3',
      ['poll staging', 'rounds'],
    ]);
  });

  test('events of one name are kept in order; names differ by case; two waiters of one name are served the later first', async () => {
    const one = await host(() => {
      df.app.orchestration('Order', function* (context) {
        yield context.df.createTimer(soon(context, 1000));
        const first: unknown = yield context.df.waitForExternalEvent('E');
        const second: unknown = yield context.df.waitForExternalEvent('E');
        const both: unknown = yield context.df.Task.all([context.df.waitForExternalEvent('X'), context.df.waitForExternalEvent('X')]);
        return [first, second, both];
      });
    });
    await one.client('startNew', 'Order', { instanceId: 'order' });
    for (const [name, value] of [
      ['E', 'a'],
      ['e', 'other case'],
      ['E', 'b'],
    ])
      await one.client('raiseEvent', 'order', name, value);
    await one.clock.advance(1000);
    await one.client('raiseEvent', 'order', 'X', 1);
    await one.client('raiseEvent', 'order', 'X', 2);
    expect((await one.finish('order')).output).toEqual(['a', 'b', [2, 1]]);
  });

  test('an instance does not end while a timer that lost is open', async () => {
    const one = await host(() => {
      df.app.orchestration('Open', function* (context) {
        yield context.df.Task.any([context.df.waitForExternalEvent('go'), context.df.createTimer(soon(context, 60_000))]);
        return 'returned';
      });
    });
    await one.client('startNew', 'Open', { instanceId: 'open' });
    await one.host.whenIdle();
    await one.client('raiseEvent', 'open', 'go', 1);
    await one.host.whenIdle();
    expect((await one.status('open')).runtimeStatus).toBe('Running');
    await one.clock.advance(60_000);
    await one.host.whenIdle();
    expect(await one.status('open')).toMatchObject({ runtimeStatus: 'Completed', output: 'returned' });
  });

  test('a timer put into two groups shifts the results, as in the recordings', async () => {
    const one = await host(() => {
      df.app.activity('Do', { handler: ({ what }: { what: string }) => ({ did: what }) });
      df.app.orchestration('Kept', function* (context) {
        const log: unknown[] = [];
        const timer = context.df.createTimer(soon(context, 30_000));
        for (let n = 0; n < 3; n += 1) {
          const event = context.df.waitForExternalEvent(`wake-${n}`);
          log.push((yield context.df.Task.any([event, timer])) === event ? ['event', n] : ['timer', n]);
        }
        timer.cancel();
        log.push((yield context.df.callActivity('Do', { what: 'end' })) ?? null);
        return log;
      });
    });
    await one.client('startNew', 'Kept', { instanceId: 'kept' });
    for (const n of [0, 1, 2]) {
      await one.host.whenIdle();
      await one.client('raiseEvent', 'kept', `wake-${n}`, n);
    }
    expect((await one.finish('kept')).output).toEqual([['event', 0], ['event', 1], ['event', 2], null]);
  });

  test('a timer of thirty days is made of pieces and fires on its day', async () => {
    const one = await host(() => {
      df.app.orchestration('Long', function* (context) {
        const due = soon(context, 30 * 86_400_000);
        yield context.df.createTimer(due);
        return context.df.currentUtcDateTime.getTime() - due.getTime();
      });
    });
    await one.client('startNew', 'Long', { instanceId: 'long' });
    const fromMs = one.clock.now();
    expect((await one.finish('long')).output).toBe(0);
    expect(one.clock.now() - fromMs).toBe(30 * 86_400_000);
    const { historyEvents } = await one.status('long', 'showHistory=true');
    expect(historyEvents?.filter((event) => event['EventType'] === 'TimerCreated')).toHaveLength(10);
  });
});

describe('sub-orchestrations', () => {
  test('have an id of their parent, pass on their failure, and are retried under a new id', async () => {
    const ids: string[] = [];
    const one = await host(() => {
      df.app.orchestration('Child', function* (context) {
        ids.push(context.df.instanceId);
        if (ids.length < 2) throw new Error('child failed');
        return yield context.df.waitForExternalEvent('go');
      });
      df.app.orchestration('Parent', function* (context) {
        return yield context.df.callSubOrchestratorWithRetry('Child', new df.RetryOptions(500, 3), { a: 1 });
      });
    });
    await one.client('startNew', 'Parent', { instanceId: 'parent' });
    await one.host.whenIdle();
    await one.clock.advance(500);
    await one.host.whenIdle();
    const [first, second] = [...new Set(ids)];
    expect(first).toMatch(/^[0-9a-f-]{36}:0$/);
    expect(second).toBe(first?.replace(/:0$/, ':2'));
    expect(await one.status(first ?? '')).toMatchObject({
      runtimeStatus: 'Failed',
      output: "Orchestrator function 'Child' failed: child failed",
    });
    await one.client('raiseEvent', second, 'go', 'done');
    expect(await one.finish('parent')).toMatchObject({ runtimeStatus: 'Completed', output: 'done' });
  });
});

describe('generations', () => {
  test('continue as new starts over with the new input, under the same id', async () => {
    const one = await host(() => {
      df.app.activity('Hello', { handler: (n: number) => `Hello ${n}` });
      df.app.orchestration('Loop', function* (context) {
        const n = context.df.getInput<{ n: number }>().n;
        const said = (yield context.df.callActivity('Hello', n)) as string;
        if (n < 3) {
          context.df.continueAsNew({ n: n + 1 });
          return 'ignored';
        }
        return said;
      });
    });
    await one.client('startNew', 'Loop', { instanceId: 'loop', input: { n: 0 } });
    expect(await one.finish('loop')).toMatchObject({ runtimeStatus: 'Completed', input: { n: 3 }, output: 'Hello 3' });
  });

  test('an event that an older generation got and left is lost', async () => {
    const one = await host(() => {
      df.app.orchestration('Switch', function* (context) {
        const n = context.df.getInput<{ n: number }>().n;
        if (n === 0) {
          yield context.df.waitForExternalEvent('switch');
          context.df.continueAsNew({ n: 1 });
          return undefined;
        }
        return yield context.df.waitForExternalEvent('kept');
      });
    });
    await one.client('startNew', 'Switch', { instanceId: 'switch', input: { n: 0 } });
    await one.host.whenIdle();
    await one.client('raiseEvent', 'switch', 'kept', 'lost');
    await one.host.whenIdle();
    await one.client('raiseEvent', 'switch', 'switch', null);
    await one.host.whenIdle();
    expect((await one.status('switch')).runtimeStatus).toBe('Running');
    await one.client('raiseEvent', 'switch', 'kept', 'found');
    expect((await one.finish('switch')).output).toBe('found');
  });
});
