import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import type { ClientRequest } from 'node:http';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { answerAsk, expectTold, makeApp, reach } from './app';
import { startStack, type Stack } from './harness';

/** What a rollout asks of storage and of the Functions host, counted, and that docs/operations.md says these numbers. */
let stack: Stack;
beforeAll(async () => {
  // The times of Azure, not those of a laptop.
  const times = {
    watch: { for: '20m', every: '10s' },
    swap: { settle: '5m', poll: '15s' },
    deployment: { within: '15m', poll: '10s' },
    expiry: '7d',
  };
  stack = await startStack({ apps: { counted: times } });
});
afterAll(() => stack.stop());

/** Nothing of any. */
const requests = { tables: 0, blobs: 0, queues: 0, 'resource manager': 0 };
type Service = keyof typeof requests;

/** Requests that leave the process, by service. Receiving messages is not counted: the host polls its queues whether there is a rollout or none. */
function countRequests(): { since(before?: typeof requests): typeof requests; stop: () => void } {
  const services = new Map<string, Service>([[new URL(stack.azure.armUrl).port, 'resource manager']]);
  const names: Record<string, Service> = { Blob: 'blobs', Queue: 'queues', Table: 'tables' };
  for (const [, service = '', port = ''] of stack.storage.matchAll(/(Blob|Queue|Table)Endpoint=https?:\/\/[\d.]+:(\d+)/g))
    services.set(port, names[service] ?? 'blobs');
  const counts = { ...requests };
  const count = (message: unknown): void => {
    const { request } = message as { request: ClientRequest };
    const service = services.get(/:(\d+)$/.exec(String(request.getHeader('host')))?.[1] ?? '');
    if (service && !(service === 'queues' && request.method === 'GET')) counts[service] += 1;
  };
  subscribe('http.client.request.start', count);
  const since = (before = requests): typeof requests =>
    Object.fromEntries(
      Object.entries(counts).map(([service, number]) => [service, number - before[service as Service]]),
    ) as typeof requests;
  return { since, stop: () => unsubscribe('http.client.request.start', count) };
}

/** A quarter of a day: what happens in it happens four times a day. */
const quarterSeconds = 21_600;

/** Of every orchestration there is: activities, timers and events. */
async function countHistory() {
  const code = stack.host.keys().systemKeys['durabletask_extension'];
  const base = `${stack.host.url}/runtime/webhooks/durabletask/instances`;
  const instances = (await (await fetch(`${base}?code=${code}`)).json()) as { instanceId: string }[];
  const histories = await Promise.all(
    instances.map(async ({ instanceId }) => (await fetch(`${base}/${instanceId}?showHistory=true&code=${code}`)).json()),
  );
  const types = (histories as { historyEvents: { EventType: string }[] }[]).flatMap(({ historyEvents }) =>
    historyEvents.map(({ EventType }) => EventType),
  );
  const times = (...wanted: string[]): number => types.filter((type) => wanted.includes(type)).length;
  return {
    orchestrations: instances.length,
    activities: times('TaskCompleted', 'TaskFailed'),
    timers: times('TimerFired'),
    events: times('EventRaised'),
  };
}

/** Rows that carry a name and three numbers: a rollout, a day that it waits, a day without any. */
function numbersOf(document: string): Record<string, number[]> {
  const rows = [...document.matchAll(/^\| ([a-z ]+?) +\| +([\d,]+) +\| +([\d,]+) +\| +([\d,]+) +\|$/gm)];
  return Object.fromEntries(rows.map(([, name = '', ...numbers]) => [name, numbers.map((each) => Number(each.replaceAll(',', '')))]));
}

test('a rollout, a day of waiting and a day without any cost what docs/operations.md says', async () => {
  let turns = 0;
  stack.onTurn(() => void (turns += 1));
  const app = await makeApp(stack, 'counted');
  await stack.advance(600);
  const idle = countRequests();
  await stack.advance(quarterSeconds);
  idle.stop();

  turns = 0;
  const counted = countRequests();
  const id = await app.start({ version: '2.0.0' });
  await reach(stack, id, 'asking');
  await stack.settle();
  const asked = { requests: counted.since(), turns };
  await stack.advance(quarterSeconds);
  const waited = { requests: counted.since(asked.requests), turns: turns - asked.turns };
  await answerAsk(stack, id, 'yes');
  await expectTold(stack, id, { outcome: 'deployed' });
  await stack.settle();
  counted.stop();
  const whole = counted.since(waited.requests);

  const measured: Record<string, number[]> = { turns: [turns - waited.turns, waited.turns, 0] };
  for (const [name, number] of Object.entries(await countHistory())) measured[name] = [number, 0, 0];
  const idled = idle.since();
  for (const service of Object.keys(requests) as Service[])
    measured[service] = [whole[service], 4 * (waited.requests[service] - idled[service]), 4 * idled[service]];
  const told = numbersOf(readFileSync(path.join(__dirname, '../../docs/operations.md'), 'utf8'));
  expect(Object.keys(told).sort()).toEqual(Object.keys(measured).sort());
  // A look more or less, as the watch falls.
  const far = Object.entries(measured).flatMap(([name, numbers]) =>
    numbers.flatMap((number, n) => {
      const says = told[name]?.[n] ?? NaN;
      return Math.abs(says - number) <= Math.max(2, 0.1 * number) ? [] : [{ name, n, number, says }];
    }),
  );
  expect(far).toEqual([]);
});
