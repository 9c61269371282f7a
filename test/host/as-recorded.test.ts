import { expect, test } from '@jest/globals';
import * as df from 'durable-functions';
import type { HistoryEvent } from '../../local/host/durable/history';
import { benches, type Bench } from './bench';

/** Facts of the real durable extension that nobody would guess, each seen in a recording. */
const host = benches();

const webhook = (one: Bench, path: string): string =>
  `${one.host.url}/runtime/webhooks/durabletask${path}${path.includes('?') ? '&' : '?'}code=${one.host.keys().systemKeys['durabletask_extension'] ?? ''}`;

function registerEcho(): void {
  df.app.orchestration('Echo', function* (context) {
    return context.df.getInput<unknown>() ?? 'nothing';
  });
}

test('of two children of one id called together the later goes first, the other when that has ended; both are answered', async () => {
  const order: unknown[] = [];
  const one = await host(() => {
    df.app.activity('Note', { handler: (input: { n: number }) => void order.push(input.n) });
    df.app.orchestration('Child', function* (context) {
      const input = context.df.getInput<{ n: number }>();
      yield context.df.callActivity('Note', input);
      return input.n;
    });
    df.app.orchestration('Parent', function* (context) {
      return yield context.df.Task.all([1, 2].map((n) => context.df.callSubOrchestrator('Child', { n }, 'the-child')));
    });
  });
  await one.client('startNew', 'Parent', { instanceId: 'parent' });
  expect((await one.finish('parent')).output).toEqual([1, 2]);
  expect(order).toEqual([2, 1]);
});

test('a child whose id a running instance has waits for its end, and the log says so', async () => {
  const one = await host(() => {
    df.app.orchestration('Child', function* (context) {
      return yield context.df.waitForExternalEvent('go');
    });
    df.app.orchestration('Parent', function* (context) {
      return yield context.df.callSubOrchestrator('Child', undefined, 'taken');
    });
  });
  await one.client('startNew', 'Child', { instanceId: 'taken' });
  await one.host.whenIdle();
  await one.client('startNew', 'Parent', { instanceId: 'parent' });
  await one.host.whenIdle();
  expect(one.log.map((entry) => entry.text).join('\n')).toContain('the sub-orchestration id "taken" is taken by a running instance');
  await one.client('raiseEvent', 'taken', 'go', 'first');
  await one.host.whenIdle();
  await one.client('raiseEvent', 'taken', 'go', 'second');
  expect((await one.finish('parent')).output).toBe('second');
});

test('with AnyState a running instance is told why it ends, and the next of its id counts on', async () => {
  const hostJson = { version: '2.0', extensions: { durableTask: { overridableExistingInstanceStates: 'AnyState' } } };
  const seen: string[] = [];
  const one = await host(
    () => {
      registerEcho();
      df.app.orchestration('Waiter', function* (context) {
        yield context.df.waitForExternalEvent('never');
      });
    },
    { hostJson, onTurn: (turn) => void seen.push(turn.payload) },
  );
  await one.client('startNew', 'Waiter', { instanceId: 'same' });
  await one.host.whenIdle();
  await one.client('startNew', 'Echo', { instanceId: 'same', input: 'new' });
  expect(await one.finish('same')).toMatchObject({ name: 'Echo', runtimeStatus: 'Completed', output: 'new' });
  const [, last, next] = seen.map((payload) => (JSON.parse(payload) as { history: HistoryEvent[] }).history);
  expect(last?.at(-1)?.Input).toMatch(
    /^A new instance creation request has been issued for instance same which currently has status Running\./,
  );
  expect(next?.find((event) => event.Name === 'Echo')?.['Generation']).toBe(1);
});

test('a new generation that is given nothing reads null, while the status shows the input of the one before', async () => {
  const one = await host(() => {
    df.app.orchestration('Twice', function* (context) {
      const input: unknown = context.df.getInput();
      yield context.df.createTimer(context.df.currentUtcDateTime);
      if (input === 'first') context.df.continueAsNew(undefined);
      return { input };
    });
  });
  await one.client('startNew', 'Twice', { instanceId: 'twice', input: 'first' });
  expect(await one.finish('twice')).toMatchObject({ input: 'first', output: { input: null } });
});

test('what an activity is not given is no metadata, what it does not answer is null, and thrown text is an Error to the host', async () => {
  const given: unknown[] = [];
  const one = await host(() => {
    df.app.activity('Nothing', { handler: (_input: unknown, context) => void given.push(Object.keys(context.triggerMetadata ?? {})) });
    df.app.activity('Text', {
      handler: () => {
        throw 'just text';
      },
    });
    df.app.orchestration('Both', function* (context) {
      yield context.df.callActivity('Nothing', null);
      yield context.df.callActivity('Text');
    });
  });
  await one.client('startNew', 'Both', { instanceId: 'both' });
  const { historyEvents, output } = await one.finish('both').then(() => one.status('both', 'showHistory=true&showHistoryOutput=true'));
  expect(given).toEqual([['instanceId']]);
  expect(historyEvents?.[1]).toMatchObject({ EventType: 'TaskCompleted', Result: null });
  expect(output).toContain('Exception: just text\\nStack: Error: just text\\n');
});

test('a list comes in the order of ids, a hundred at a time, without histories', async () => {
  const one = await host(registerEcho);
  for (let n = 0; n < 101; n += 1) await one.client('startNew', 'Echo', { instanceId: `list-${String(100 - n).padStart(3, '0')}` });
  await one.host.whenIdle();
  const first = await fetch(webhook(one, '/instances?showHistory=true'));
  const page = (await first.json()) as { instanceId: string; historyEvents?: unknown }[];
  expect(page.map(({ instanceId }) => instanceId)).toEqual(page.map((_one, n) => `list-${String(n).padStart(3, '0')}`));
  expect(page).toHaveLength(100);
  expect(page.filter(({ historyEvents }) => historyEvents !== undefined)).toEqual([]);
  const token = first.headers.get('x-ms-continuation-token') ?? '';
  const rest = await fetch(webhook(one, '/instances'), { headers: { 'x-ms-continuation-token': token } });
  expect(await rest.json()).toMatchObject([{ instanceId: 'list-100' }]);
  const negative = await fetch(webhook(one, '/instances?top=-1'));
  expect(negative.status).toBe(500);
  expect(await negative.json()).toMatchObject({ ExceptionMessage: 'An error occurred while communicating with Azure Storage' });
});

test('a plus sign in an id is a space, also an encoded one, and addresses are encoded as .NET does it', async () => {
  const one = await host(registerEcho);
  const started = await fetch(webhook(one, "/orchestrators/Echo/it's%2Bme~"), { method: 'POST' });
  expect(await started.json()).toMatchObject({ id: "it's me~", statusQueryGetUri: expect.stringContaining('/instances/it%27s+me%7E?') });
  await one.host.whenIdle();
  expect(await one.status("it's+me~")).toMatchObject({ httpStatus: 200, runtimeStatus: 'Completed' });
  const odd = await fetch(webhook(one, '/orchestrators/Echo/a%b'), { method: 'POST' });
  expect(await odd.json()).toMatchObject({ id: 'a%b' });
});

test('an input that Json.NET takes for a reference cannot be read', async () => {
  const one = await host(registerEcho);
  const refused = await fetch(webhook(one, '/orchestrators/Echo/reference'), { method: 'POST', body: '{"$ref":"1","$id":"2"}' });
  expect(refused.status).toBe(500);
  expect(await refused.json()).toMatchObject({
    ExceptionType: 'Newtonsoft.Json.JsonSerializationException',
    ExceptionMessage: expect.stringContaining("Path '$id', line 1, position 18."),
  });
});

test('without its input an instance shows none in its history either', async () => {
  const one = await host(registerEcho);
  await one.client('startNew', 'Echo', { instanceId: 'shy', input: 'secret' });
  await one.finish('shy');
  const { input, historyEvents } = await one.status('shy', 'showInput=false&showHistory=true');
  expect(input).toBeNull();
  expect(historyEvents?.filter((event) => 'Input' in event)).toEqual([]);
});

test('a schedule says when an instance takes a turn, with which messages in which order, and when timers come', async () => {
  const asked: string[][] = [];
  let wake: (instanceId: string) => void = () => {};
  let isOpen = true;
  const one = await host(
    () => {
      df.app.orchestration('Collect', function* (context) {
        const all: unknown[] = [];
        for (let n = 0; n < 3; n += 1) all.push(yield context.df.waitForExternalEvent('next'));
        yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 60_000));
        return all;
      });
    },
    {
      schedule: {
        connect: (wakeInstance) => (wake = wakeInstance),
        timerComesMs: (_fireAtMs, nowMs) => nowMs,
        choose(_instanceId, waiting) {
          asked.push(waiting.map((event) => String(event.Input)));
          return isOpen ? waiting.map((_event, at) => waiting.length - 1 - at) : undefined;
        },
      },
    },
  );
  await one.client('startNew', 'Collect', { instanceId: 'collect' });
  await one.host.whenIdle();
  isOpen = false;
  for (const n of [1, 2, 3]) await one.client('raiseEvent', 'collect', 'next', n);
  await one.host.whenIdle();
  expect((await one.status('collect')).runtimeStatus).toBe('Running');
  isOpen = true;
  wake('collect');
  await one.host.whenIdle();
  // Not a minute later: the timer came at once.
  expect(await one.status('collect')).toMatchObject({ runtimeStatus: 'Completed', output: [3, 2, 1] });
  expect(asked).toContainEqual(['1', '2', '3']);
});
