import { describe, expect, test } from '@jest/globals';
import { app, type InvocationContext, type RetryOptions } from '@azure/functions';
import * as fc from 'fast-check';
import { virtualClock } from '../../local/host';
import { retryDelayMs, retryPolicy } from '../../local/host/function-retry';
import { collector, storageBench } from './storage-bench';

const bench = storageBench();

/** A function that fails as often as it is told to, and notes its calls. */
function failing(times: number) {
  const calls: { atMs: number; context: InvocationContext['retryContext'] }[] = [];
  return {
    calls,
    handler(context: InvocationContext, nowMs: number): void {
      calls.push({ atMs: nowMs, context: context.retryContext && { ...context.retryContext } });
      if (calls.length <= times) throw new Error(`no ${calls.length}`);
    },
  };
}

const fixed: RetryOptions = { strategy: 'fixedDelay', maxRetryCount: 3, delayInterval: { seconds: 30 } };

describe('a retry policy', () => {
  test('makes a failed call again in the same host after its delay, and says which attempt it is', async () => {
    const { calls, handler } = failing(2);
    const virtual = virtualClock();
    const startMs = virtual.now();
    const one = await bench.host(
      () =>
        app.timer('tick', {
          schedule: '0 0 0 1 1 *',
          runOnStartup: true,
          retry: fixed,
          handler: (_timer, context) => handler(context, virtual.now()),
        }),
      { virtual },
    );
    await one.host.whenIdle();
    await one.clock.advance(120_000);
    await one.host.whenIdle();
    expect(calls.map(({ atMs }) => atMs - startMs)).toEqual([0, 30_000, 60_000]);
    expect(calls.map(({ context }) => context)).toEqual([
      { retryCount: 0, maxRetryCount: 3 },
      {
        retryCount: 1,
        maxRetryCount: 3,
        exception: {
          message: expect.stringMatching(/^Result: Failure\nException: no 1\nStack: /),
          source: '',
          stackTrace: expect.any(String),
        },
      },
      expect.objectContaining({ retryCount: 2, exception: expect.objectContaining({ message: expect.stringContaining('no 2') }) }),
    ]);
  });

  test('of a queue trigger comes before the queue counts the failure', async () => {
    const queue = bench.queue();
    await queue.createIfNotExists();
    const all = collector<unknown>();
    await bench.host(() =>
      app.generic('retried', {
        trigger: { type: 'queueTrigger', name: 'message', queueName: queue.name, connection: 'AzureWebJobsStorage' },
        retry: { strategy: 'fixedDelay', maxRetryCount: 1, delayInterval: 0 },
        handler: (_message: unknown, context) => {
          all.add([context.triggerMetadata?.['dequeueCount'], context.retryContext?.retryCount]);
          throw new Error('no');
        },
      }),
    );
    await queue.sendMessage('x');
    await all.until(6);
    expect(all.seen).toEqual([
      [1, 0],
      [1, 1],
      [2, 0],
      [2, 1],
      [3, 0],
      [3, 1],
    ]);
  });

  test('of host.json is for functions without one; HTTP functions are called again too', async () => {
    const plain = failing(1);
    const own = failing(1);
    const one = await bench.host(
      () => {
        app.http('plain', { handler: (_request, context) => (plain.handler(context, 0), { body: 'at last' }) });
        app.timer('own', {
          schedule: '0 0 0 1 1 *',
          runOnStartup: true,
          retry: { strategy: 'fixedDelay', maxRetryCount: 0, delayInterval: 0 },
          handler: (_timer, context) => own.handler(context, 0),
        });
      },
      { hostJson: { version: '2.0', retry: { strategy: 'fixedDelay', maxRetryCount: 2, delayInterval: '00:00:00' } } },
    );
    expect(await (await fetch(`${one.host.url}/api/plain`)).text()).toBe('at last');
    await one.host.whenIdle();
    expect([plain.calls.length, own.calls.length]).toEqual([2, 1]);
  });

  test('ends when the host stops', async () => {
    const { calls, handler } = failing(9);
    const one = await bench.host(() =>
      app.timer('tick', {
        schedule: '0 0 0 1 1 *',
        runOnStartup: true,
        retry: { ...fixed, maxRetryCount: -1 },
        handler: (_timer, context) => handler(context, 0),
      }),
    );
    await one.host.whenIdle();
    await one.host.stop();
    await one.clock.advance(120_000);
    expect(calls).toHaveLength(1);
  });

  const given = (retryOptions: unknown) => ({ name: 'fn', bindings: {}, retryOptions });
  test.each([
    [{ retryStrategy: 'fixedDelay', maxRetryCount: -2, delayInterval: { seconds: 1 } }, 'needs a maxRetryCount of -1'],
    [{ retryStrategy: 'fixedDelay', maxRetryCount: 1 }, 'needs a delayInterval'],
    [
      { retryStrategy: 'exponentialBackoff', maxRetryCount: 1, minimumInterval: { seconds: 1 } },
      'needs a minimumInterval and a maximumInterval',
    ],
    [
      { retryStrategy: 'exponentialBackoff', maxRetryCount: 1, minimumInterval: { seconds: 2 }, maximumInterval: { seconds: 1 } },
      'has a minimumInterval above its maximumInterval',
    ],
  ])('%j is refused', (options, reason) => {
    expect(() => retryPolicy(given(options))).toThrow(`The retry policy of function "fn" ${reason}`);
  });

  test('that grows begins with the least wait, doubles what it adds within a fifth, and ends at the most', () => {
    const policy = { strategy: 'exponentialBackoff', maxRetryCount: -1, minimumMs: 1000, maximumMs: 60_000 } as const;
    expect([1, 2, 3, 4, 9].map((attempt) => retryDelayMs(policy, attempt, 0.5))).toEqual([1000, 2000, 3000, 5000, 60_000]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, chance) => {
        const waitMs = retryDelayMs(policy, attempt, chance);
        expect(waitMs).toBeGreaterThanOrEqual(1000);
        expect(waitMs).toBeLessThanOrEqual(60_000);
      }),
    );
  });
});
