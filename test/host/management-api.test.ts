import { describe, expect, test } from '@jest/globals';
import * as df from 'durable-functions';
import { benches, webhook, type Bench } from './bench';

/** What the sources of extension 3.x and of its storage provider say where the recordings do not. */
const host = benches();

function registerStories(): void {
  df.app.orchestration('Say', function* (context) {
    return context.df.getInput();
  });
  df.app.orchestration('Waiter', function* (context) {
    return yield context.df.waitForExternalEvent('go');
  });
  df.app.orchestration('Fails', function* () {
    throw new Error('on purpose');
  });
  df.app.entity('Counter', (context) => {
    if (context.df.operationName === 'delete') context.df.destructOnExit();
    else context.df.setState(context.df.getInput() ?? null);
  });
}

async function opened(): Promise<{ one: Bench; ask: ReturnType<typeof webhook> }> {
  const one = await host(registerStories);
  return { one, ask: webhook(one) };
}

async function started(one: Bench, name: string, id: string, input: unknown = null): Promise<void> {
  await one.client('startNew', name, { instanceId: id, input });
  await one.host.whenIdle();
}

const idsOf = (answer: { body: unknown }): string[] => (answer.body as { instanceId: string }[]).map((one) => one.instanceId);
const since = 'createdTimeFrom=2000-01-01';

describe('routes', () => {
  test.each([
    ['PUT', 'instances/w'],
    ['PATCH', 'instances'],
    ['GET', 'orchestrators/Say'],
    ['POST', 'orchestrators'],
    ['POST', 'orchestrators/Say/a/b'],
    ['POST', 'instances/raiseEvent/go'],
    ['POST', 'instances/w/raiseEvent/go/more'],
    ['PUT', 'entities/Counter/k'],
    ['GET', 'entities/Counter/k/more'],
    ['GET', 'instances//w'],
    ['PUT', 'instances/w?connection=Unknown'],
  ])('%s %s: there is none', async (method, path) => {
    const { one, ask } = await opened();
    await started(one, 'Waiter', 'w');
    expect(await ask(method, path)).toMatchObject({ status: 404, body: undefined });
  });

  test('an encoded slash parts like a plain one, and an id is decoded twice', async () => {
    const { one, ask } = await opened();
    await started(one, 'Waiter', 'w');
    expect((await ask('GET', '/instances%2Fw')).status).toBe(202);
    expect((await ask('POST', 'instances/w%2Fterminate?reason=enough')).status).toBe(202);
    await one.host.whenIdle();
    expect((await one.status('w')).runtimeStatus).toBe('Terminated');
    expect((await ask('POST', 'orchestrators/Say/a%2520b', '1')).body).toMatchObject({ id: 'a b' });
    expect((await ask('POST', 'makeprimary')).status).toBe(200);
  });
});

describe('starting', () => {
  test('says of a body that is no JSON where, and whose exception it is', async () => {
    const { ask } = await opened();
    const complaint = async (body: string): Promise<unknown> => {
      const { status, body: told } = await ask('POST', 'orchestrators/Say', body);
      return [status, told];
    };
    expect(await complaint('{bad')).toEqual([
      400,
      {
        Message: 'Invalid JSON content',
        ExceptionMessage: "Unexpected end while parsing unquoted property name. Path '', line 1, position 4.",
        ExceptionType: 'Newtonsoft.Json.JsonReaderException',
        StackTrace: '',
      },
    ]);
    expect(await complaint('{"a":1')).toMatchObject([500, { ExceptionType: 'Newtonsoft.Json.JsonSerializationException' }]);
    expect(await complaint('1 2')).toMatchObject([400, { ExceptionType: 'Newtonsoft.Json.JsonReaderException' }]);
  });

  test('keeps the text of the input as it was written; what only Json.NET reads it takes too', async () => {
    const { one, ask } = await opened();
    await ask('POST', 'orchestrators/Say/spaced', '{ "a" : [1,\n2] }');
    await ask('POST', 'orchestrators/Say/loose', "{a:'x'}");
    await ask('POST', 'orchestrators/Say/blank', '  ');
    await one.host.whenIdle();
    const spaced = await one.status('spaced', 'showHistory=true');
    expect(spaced).toMatchObject({ input: { a: [1, 2] }, output: { a: [1, 2] } });
    expect(spaced.historyEvents?.[0]).toMatchObject({ Input: '{ "a" : [1,\n2] }' });
    expect(await one.status('loose')).toMatchObject({ input: { a: 'x' }, output: { a: 'x' } });
    expect(await one.status('blank')).toMatchObject({ input: '', output: '' });
  });

  test('waits only where both how long and how often are said', async () => {
    const { one, ask } = await opened();
    expect((await ask('POST', 'orchestrators/Waiter/a?timeout=10', '1')).status).toBe(202);
    expect(await ask('POST', 'orchestrators/Waiter/b?timeout=1&pollingInterval=2.5', '1')).toMatchObject({
      status: 400,
      body: { Message: 'Total timeout 1 should be bigger than retry timeout 2.5' },
    });
    one.clock.auto(true);
    expect(await ask('POST', 'orchestrators/Fails/c?timeout=5&pollingInterval=1&showInput=false', '1')).toMatchObject({
      status: 200,
      body: { runtimeStatus: 'Failed', input: null },
    });
    expect(await ask('POST', 'orchestrators/Say/d?timeout=5&pollingInterval=1')).toMatchObject({ status: 200, body: null });
    expect(await ask('POST', 'instances/d/restart?timeout=5&pollingInterval=1')).toMatchObject({ status: 200, body: null });
    one.clock.auto(false);
  });

  test('links name hub and connection in the words of the request', async () => {
    const { one, ask } = await opened();
    const { body } = await ask('POST', 'orchestrators/Say/l?taskHub=TESTHUBNAME&connection=AzureWebJobsStorage', '1');
    expect((body as { statusQueryGetUri: string }).statusQueryGetUri).toContain(
      '?taskHub=TESTHUBNAME&connection=AzureWebJobsStorage&code=',
    );
    await one.host.whenIdle();
    expect((await ask('GET', 'instances/l?taskHub=&connection=%20')).status).toBe(200);
  });
});

test('links name the host that a proxy says it was asked for, where host.json says so', async () => {
  const forwarded = { 'x-forwarded-host': 'example.org', 'x-forwarded-proto': 'https' };
  const durableTask = { httpSettings: { useForwardedHost: true } };
  for (const [hostJson, origin] of [
    [{ version: '2.0' }, 'http://127.0.0.1'],
    [{ version: '2.0', extensions: { durableTask } }, 'https://example.org'],
  ] as const) {
    const one = await host(registerStories, { hostJson });
    const { headers } = await webhook(one)('POST', 'orchestrators/Say/s', '1', forwarded);
    expect(headers.get('location')).toMatch(`${origin}:${one.host.port}/runtime/webhooks/durabletask/instances/s?`);
  }
});

test('another task hub is there and empty', async () => {
  const { one, ask } = await opened();
  await started(one, 'Waiter', 'w');
  expect((await ask('GET', 'instances/w?taskHub=Other')).status).toBe(404);
  expect(await ask('GET', 'instances?taskHub=Other')).toMatchObject({ status: 200, body: [] });
  expect(await ask('GET', 'entities?taskHub=Other')).toMatchObject({ status: 200, body: [] });
  expect((await ask('GET', 'entities/Counter/k?taskHub=Other')).status).toBe(404);
  expect((await ask('DELETE', 'instances/w?taskHub=Other')).status).toBe(404);
  expect((await ask('DELETE', `instances?${since}&taskHub=Other`)).status).toBe(404);
  for (const verb of ['terminate', 'suspend', 'resume', 'raiseEvent/go']) {
    expect((await ask('POST', `instances/w/${verb}?taskHub=Other`, '1')).status).toBe(404);
  }
  expect((await ask('POST', 'instances/w/restart?taskHub=Other')).status).toBe(400);
  expect((await ask('POST', 'instances/w/rewind?taskHub=Other')).status).toBe(404);
  // There, both are accepted, and wait for a host of that hub.
  expect((await ask('POST', 'orchestrators/Say?taskHub=Other', '1')).status).toBe(400);
  expect((await ask('POST', 'entities/Counter/k?taskHub=Other', '1')).status).toBe(400);
});

describe('status', () => {
  test('a bad boolean says nothing', async () => {
    const { one, ask } = await opened();
    await started(one, 'Say', 's', 7);
    expect((await ask('GET', 'instances/s?showInput=no')).body).toMatchObject({ input: 7 });
    expect((await ask('GET', 'instances/s?showInput=False')).body).toMatchObject({ input: null });
    expect((await ask('GET', 'instances/s?showInput=false&showInput=true')).body).toMatchObject({ input: 7 });
    expect((await ask('GET', 'instances/s?showHistory=1')).body).not.toHaveProperty('historyEvents');
    expect((await ask('POST', 'instances/s/restart?restartWithNewInstanceId=no')).body).not.toMatchObject({ id: 's' });
  });

  test('the answer escapes what Json.NET does', async () => {
    const { one } = await opened();
    await started(one, 'Say', 's', 'a\u2028b\u0085');
    const code = one.host.keys().systemKeys['durabletask_extension'] ?? '';
    const response = await fetch(`${one.host.url}/runtime/webhooks/durabletask/instances/s?code=${code}`);
    expect(await response.text()).toContain(String.raw`"output":"a\u2028b\u0085"`);
  });

  test('without a reason the package says "undefined", and the status is no JSON any more', async () => {
    const { one, ask } = await opened();
    await started(one, 'Waiter', 'w');
    await one.client('terminate', 'w');
    await one.host.whenIdle();
    await expect(ask('GET', 'instances/w')).rejects.toThrow(SyntaxError);
    await expect(ask('GET', 'instances')).rejects.toThrow(SyntaxError);
    await expect(one.client('getStatus', 'w')).rejects.toThrow('could not construct a DurableOrchestrationStatus object');
    expect(one.log).toContainEqual(expect.objectContaining({ level: 'warn', text: expect.stringContaining('give a reason') }));
  });

  test('a reason that begins like JSON is shown as what it begins with', async () => {
    const { one, ask } = await opened();
    for (const [id, reason, output] of [
      ['a', '5 minutes over', 5],
      ['b', 'not needed', 'not needed'],
      ['c', 'a&reason=b', 'a,b'],
      ['d', '', ''],
    ]) {
      await started(one, 'Waiter', String(id));
      await ask('POST', `instances/${id}/terminate?reason=${reason}`);
      await one.host.whenIdle();
      expect((await one.status(String(id))).output).toBe(output);
    }
  });
});

describe('events', () => {
  test('the instance is looked at before the body, and of the body its first value', async () => {
    const { one, ask } = await opened();
    expect((await ask('POST', 'instances/none/raiseEvent/go', 'x', { 'content-type': 'text/plain' })).status).toBe(404);
    await started(one, 'Waiter', 'w');
    for (const type of ['text/plain', 'application/json-patch+json', 'application/problem+json'])
      expect((await ask('POST', 'instances/w/raiseEvent/go', '1', { 'content-type': type })).status).toBe(400);
    const type = 'Application/JSON; charset=utf-8';
    expect((await ask('POST', 'instances/w/raiseEvent/go', '{ "a": 1.0 } and more', { 'content-type': type })).status).toBe(202);
    await one.host.whenIdle();
    const { output, historyEvents } = await one.status('w', 'showHistory=true');
    expect([output, historyEvents?.[1]?.['Input']]).toEqual([{ a: 1 }, '{"a":1.0}']);
    expect((await ask('POST', 'instances/w/raiseEvent/go', 'x', { 'content-type': 'text/plain' })).status).toBe(410);
  });
});

describe('restarting', () => {
  test('an id that runs, and what is no orchestrator', async () => {
    const { one, ask } = await opened();
    await started(one, 'Waiter', 'w');
    expect(await ask('POST', 'instances/w/restart?restartWithNewInstanceId=false')).toMatchObject({
      status: 409,
      body: {
        Message: 'A non-terminal instance with this instance ID already exists.',
        ExceptionMessage: 'An Orchestration instance with the status Running already exists.',
        ExceptionType: 'DurableTask.Core.Exceptions.OrchestrationAlreadyExistsException',
      },
    });
    await one.client('signalEntity', { name: 'Counter', key: 'k' }, 'set', 1);
    await one.host.whenIdle();
    expect(await ask('POST', 'instances/@counter@k/restart')).toMatchObject({
      status: 400,
      body: {
        ExceptionMessage:
          "The function '@counter@k' doesn't exist, is disabled, or is not an orchestrator function. " +
          "Additional info: The following are the known orchestrator functions: 'Say', 'Waiter', 'Fails'.",
      },
    });
  });
});

test('what is said of an unknown name goes by the orchestrators that there are', async () => {
  const none = await host(() => df.app.entity('Counter', () => {}));
  expect((await webhook(none)('POST', 'entities/Other/k')).body).toEqual({
    Message:
      "The function 'other' doesn't exist, is disabled, or is not an entity function. Additional info: No entity functions are currently registered!",
  });
  await started(none, 'Gone', 'g');
  expect((await none.status('g')).output).toContain('No orchestrator functions are currently registered!');
  const some = await host(() => df.app.orchestration('Say', function* () {}));
  expect((await webhook(some)('POST', 'entities/Other/k')).body).toEqual({
    Message:
      "The function 'other' doesn't exist, is disabled, or is not an entity function. Additional info: The following are the known entity functions: ''.",
  });
});

describe('lists', () => {
  test('statuses are names as they are written, or numbers', async () => {
    const { one, ask } = await opened();
    await started(one, 'Say', 'a');
    await started(one, 'Waiter', 'b');
    const listed = async (query: string): Promise<string[]> => idsOf(await ask('GET', `instances?${query}`));
    expect(await listed('runtimeStatus=Completed')).toEqual(['a']);
    expect(await listed('runtimeStatus=completed')).toEqual(['a', 'b']);
    expect(await listed('runtimeStatus=0')).toEqual(['b']);
    expect(await listed('runtimeStatus=42')).toEqual([]);
    expect(await listed('createdTimeFrom=notadate%201')).toEqual(['a', 'b']);
    expect(await listed('createdTimeTo=1/1/2000')).toEqual([]);
  });
});

describe('purging', () => {
  test('by a filter without a terminal status takes whatever is of that time, running or an entity', async () => {
    const { one, ask } = await opened();
    await started(one, 'Say', 'a');
    await started(one, 'Waiter', 'b');
    await one.client('signalEntity', { name: 'Counter', key: 'k' }, 'set', 1);
    await one.host.whenIdle();
    expect((await ask('DELETE', `instances?${since}&runtimeStatus=Failed`)).status).toBe(404);
    expect((await ask('DELETE', `instances?${since}&createdTimeTo=2001-01-01`)).status).toBe(404);
    expect((await ask('DELETE', `instances?${since}&runtimeStatus=Completed,Running`)).body).toEqual({ instancesDeleted: 1 });
    expect((await ask('DELETE', `instances?${since}&runtimeStatus=Running`)).body).toEqual({ instancesDeleted: 2 });
    expect(idsOf(await ask('GET', 'instances'))).toEqual([]);
  });

  test('what is named like an entity needs no end and no being', async () => {
    const { one, ask } = await opened();
    await one.client('signalEntity', { name: 'Counter', key: 'k' }, 'set', 1);
    await one.host.whenIdle();
    expect(await ask('DELETE', 'instances/@counter@k')).toMatchObject({ status: 200, body: { instancesDeleted: 1 } });
    expect(await ask('DELETE', 'instances/@counter@k')).toMatchObject({ status: 200, body: { instancesDeleted: 0 } });
    expect((await ask('GET', 'entities/Counter/k')).status).toBe(404);
  });
});

describe('entities', () => {
  test('a signal: what of names, keys and bodies is refused, and what is not', async () => {
    const { one, ask } = await opened();
    expect(await ask('POST', 'entities')).toMatchObject({
      status: 400,
      body: { Message: "Invalid entity id: entity name must not be a null or empty string. (Parameter 'entityName')" },
    });
    expect(await ask('POST', 'entities/Counter/a%3Fb', '1')).toMatchObject({
      status: 400,
      body: { Message: "entityKey (Parameter 'Entity keys must not contain /, \\, #, ?, or control characters.')" },
    });
    expect(await ask('POST', 'entities/Counter/k', '{bad')).toMatchObject({
      status: 400,
      body: {
        Message: "Could not parse JSON content: Unexpected end while parsing unquoted property name. Path '', line 1, position 4.",
      },
    });
    // Without a key it is the empty one, which is read as "$".
    expect((await ask('POST', 'entities/Counter?op=set', '"of nobody"')).status).toBe(202);
    await one.host.whenIdle();
    expect(await ask('GET', 'entities/Counter/$')).toMatchObject({ status: 200, body: 'of nobody' });
    expect((await ask('DELETE', 'entities/Counter')).status).toBe(202);
    await one.host.whenIdle();
    expect((await ask('GET', 'entities/Counter/$')).status).toBe(404);
  });

  test('a list is cut before those that are gone are left out', async () => {
    const { one, ask } = await opened();
    for (const key of ['a', 'b', 'c', 'd']) await one.client('signalEntity', { name: 'Counter', key }, 'set', key);
    await one.host.whenIdle();
    await ask('DELETE', 'entities/Counter/a');
    await ask('DELETE', 'entities/Counter/b');
    await ask('DELETE', 'entities/Counter/d');
    await one.host.whenIdle();
    const keys = (answer: { body: unknown }): string[] => (answer.body as { entityId: { key: string } }[]).map((item) => item.entityId.key);
    const first = await ask('GET', 'entities/counter?top=1&fetchState=true');
    // Pages of which nothing is left are passed over.
    expect([keys(first), first.headers.get('x-ms-continuation-token')]).toEqual([['c'], expect.stringMatching(/./)]);
    const next = { 'x-ms-continuation-token': first.headers.get('x-ms-continuation-token') ?? '' };
    const second = await ask('GET', 'entities/counter?top=1', undefined, next);
    expect([keys(second), second.headers.get('x-ms-continuation-token')]).toEqual([[], '']);
    expect(keys(await ask('GET', 'entities?lastOperationTimeTo=2000-01-01'))).toEqual([]);
  });
});
