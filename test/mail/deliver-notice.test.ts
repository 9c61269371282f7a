import { expect, test } from '@jest/globals';
import type { OrchestrationContext, Task } from 'durable-functions';
import { deliverNotice } from '../../src/orchestrators/deliver-notice';

test('a delivery tries, waits as long as it was told on a timer of its own, and ends when it is settled', () => {
  const input = { rolloutId: 'r', noticeId: 'n' };
  const scheduled: unknown[] = [];
  const task = (what: unknown): Task => {
    scheduled.push(what);
    return {} as Task;
  };
  const df = {
    getInput: () => input,
    currentUtcDateTime: new Date('2026-01-05T09:00:00Z'),
    callActivityWithRetry: (name: string, _: unknown, given: unknown) => task([name, given]),
    createTimer: (at: Date) => task(at.toISOString()),
  };
  const delivery = deliverNotice({ df } as unknown as OrchestrationContext);
  delivery.next();
  delivery.next({ kind: 'again', afterSeconds: 20 });
  delivery.next(undefined);
  delivery.next({ kind: 'again', afterSeconds: 3600 });
  delivery.next(undefined);
  expect(delivery.next({ kind: 'settled' })).toEqual({ done: true, value: { kind: 'settled' } });
  const send = ['sendNotice', input];
  expect(scheduled).toEqual([send, '2026-01-05T09:00:20.000Z', send, '2026-01-05T10:00:00.000Z', send]);
});
