import { afterEach, describe, expect, test } from '@jest/globals';
import { app, output, type HttpRequest } from '@azure/functions';
import * as df from 'durable-functions';
import { OrchestrationRuntimeStatus, type DurableClient } from 'durable-functions';
import { freshRegistry, registerInto } from '../../local/host';
import { benches, type Bench } from './bench';

const host = benches();

function registerStories(): void {
  df.app.orchestration('Say', function* (context) {
    return context.df.getInput();
  });
  df.app.orchestration('Waiter', function* (context) {
    context.df.setCustomStatus({ waits: true });
    return yield context.df.waitForExternalEvent('go');
  });
  df.app.orchestration('Fails', function* () {
    throw new Error('on purpose');
  });
}

/** An app with one function that has the client in its hands, and `use` to run something with it there. */
async function withClient(register: () => void = registerStories): Promise<{
  one: Bench;
  use<T>(act: (client: DurableClient, request: HttpRequest) => Promise<T> | T): Promise<T>;
  answer(act: (client: DurableClient, request: HttpRequest) => Promise<unknown>): Promise<Response>;
}> {
  let act: (client: DurableClient, request: HttpRequest) => unknown = () => undefined;
  const one = await host(() => {
    register();
    df.app.client.http('use', { handler: (request, client) => act(client, request) as never });
  });
  const answer = (next: typeof act): Promise<Response> => {
    act = next;
    return fetch(`${one.host.url}/api/use`, { method: 'POST', headers: { 'x-functions-key': one.host.keys().masterKey } });
  };
  return {
    one,
    answer,
    async use(run) {
      let settled: { ok: true; value: Awaited<ReturnType<typeof run>> } | { ok: false; error: unknown } | undefined;
      await answer(async (client, request) => {
        try {
          settled = { ok: true, value: await run(client, request) };
        } catch (error) {
          settled = { ok: false, error };
        }
        return {};
      });
      if (!settled) throw new Error('The function that has the client was not called.');
      if (!settled.ok) throw settled.error;
      return settled.value;
    },
  };
}

describe('starting', () => {
  test('`DurableClient.startNew` with `StartNewOptions.instanceId`, `StartNewOptions.input`, or neither', async () => {
    const { one, use } = await withClient();
    expect(await use((client) => client.startNew('Say', { instanceId: 'mine', input: { a: 1 } }))).toBe('mine');
    const generated = await use((client) => client.startNew('Say'));
    expect(generated).toMatch(/^[0-9a-f]{32}$/);
    expect((await one.finish('mine')).output).toEqual({ a: 1 });
    // Without input the package sends an empty text.
    expect((await one.finish(generated)).output).toBe('');
    await expect(use((client) => client.startNew('Waiter', { instanceId: 'w' }))).resolves.toBe('w');
    await one.host.whenIdle();
    await expect(use((client) => client.startNew('Waiter', { instanceId: 'w' }))).rejects.toThrow(
      'An Orchestration instance with the status Running already exists',
    );
  });

  test('an id that ended starts again, and its generation counts on', async () => {
    const { one, use } = await withClient();
    for (const generation of [0, 1, 2]) {
      await use((client) => client.startNew('Say', { instanceId: 'again', input: generation }));
      expect((await one.finish('again')).output).toBe(generation);
      const { historyEvents } = await one.status('again', 'showHistory=true');
      expect(historyEvents?.[0]).toMatchObject({ EventType: 'ExecutionStarted', Generation: generation });
    }
  });
});

describe('status', () => {
  test('`DurableClient.getStatus`: `DurableOrchestrationStatus.name`, `DurableOrchestrationStatus.instanceId`, `DurableOrchestrationStatus.createdTime`, `DurableOrchestrationStatus.lastUpdatedTime`, `DurableOrchestrationStatus.input`, `DurableOrchestrationStatus.output`, `DurableOrchestrationStatus.runtimeStatus`, `DurableOrchestrationStatus.customStatus`, `OrchestrationRuntimeStatus.Pending`, `OrchestrationRuntimeStatus.Running`, `OrchestrationRuntimeStatus.Completed`, `OrchestrationRuntimeStatus.Failed`', async () => {
    const { one, use } = await withClient();
    await use((client) => client.startNew('Waiter', { instanceId: 'w', input: 7 }));
    await one.host.whenIdle();
    const running = await use((client) => client.getStatus('w'));
    expect(running).toMatchObject({ name: 'Waiter', instanceId: 'w', output: null, customStatus: { waits: true } });
    expect(running.runtimeStatus).toBe(OrchestrationRuntimeStatus.Running);
    expect(running.createdTime).toEqual(new Date(one.clock.now()));
    await one.clock.advance(60_000);
    await use((client) => client.raiseEvent('w', 'go', 'over'));
    await one.host.whenIdle();
    const ended = await use((client) => client.getStatus('w', { showInput: true }));
    expect(ended).toMatchObject({ input: 7, output: 'over', runtimeStatus: OrchestrationRuntimeStatus.Completed });
    expect(ended.lastUpdatedTime.getTime() - ended.createdTime.getTime()).toBe(60_000);
    await use((client) => client.startNew('Fails', { instanceId: 'f' }));
    await one.host.whenIdle();
    expect((await use((client) => client.getStatus('f'))).runtimeStatus).toBe(OrchestrationRuntimeStatus.Failed);
    await expect(use((client) => client.getStatus('none'))).rejects.toThrow('replied with HTTP 404 response');
    await use((client) => client.startNew('Waiter', { instanceId: 'newer', version: '9.9' }));
    await one.host.whenIdle();
    expect((await use((client) => client.getStatus('newer'))).runtimeStatus).toBe(OrchestrationRuntimeStatus.Pending);
  });

  test('`GetStatusOptions.showHistory`, `GetStatusOptions.showHistoryOutput`, `GetStatusOptions.showInput`: they are asked for, but the package never fills `DurableOrchestrationStatus.history`', async () => {
    const { one, use } = await withClient();
    await use((client) => client.startNew('Say', { instanceId: 's', input: { a: 1 } }));
    await one.host.whenIdle();
    const options = { showHistory: true, showHistoryOutput: true, showInput: false };
    // It takes `showInput: false` for nothing said, and reads `history` where the answer says `historyEvents` (recorded).
    expect(await use((client) => client.getStatus('s', options))).toMatchObject({ input: { a: 1 }, history: undefined });
    expect(await one.status('s', 'showHistory=true&showHistoryOutput=true&showInput=false')).toMatchObject({
      input: null,
      historyEvents: [{ EventType: 'ExecutionStarted' }, { EventType: 'ExecutionCompleted', Result: { a: 1 } }],
    });
    const { historyEvents } = await one.status('s', 'showHistory=true');
    expect(historyEvents?.[1]).not.toHaveProperty('Result');
  });

  test('`DurableClient.getStatusAll` and `DurableClient.getStatusBy`: `OrchestrationFilter.createdTimeFrom`, `OrchestrationFilter.createdTimeTo`, `OrchestrationFilter.runtimeStatus`', async () => {
    const { one, use } = await withClient();
    for (const id of ['a', 'b']) await use((client) => client.startNew('Say', { instanceId: id, input: id }));
    await one.host.whenIdle();
    await one.clock.advance(60_000);
    const later = new Date(one.clock.now());
    await use((client) => client.startNew('Waiter', { instanceId: 'w' }));
    await one.host.whenIdle();
    const ids = (all: df.DurableOrchestrationStatus[]): string[] => all.map((status) => status.instanceId);
    expect(ids(await use((client) => client.getStatusAll()))).toEqual(['a', 'b', 'w']);
    expect(ids(await use((client) => client.getStatusBy({ createdTimeFrom: later })))).toEqual(['w']);
    expect(ids(await use((client) => client.getStatusBy({ createdTimeTo: new Date(later.getTime() - 1) })))).toEqual(['a', 'b']);
    const runtimeStatus = [OrchestrationRuntimeStatus.Running, OrchestrationRuntimeStatus.Failed];
    expect(ids(await use((client) => client.getStatusBy({ runtimeStatus })))).toEqual(['w']);
  });

  test('`OrchestrationRuntimeStatus.ContinuedAsNew` and `OrchestrationRuntimeStatus.Canceled` are asked for, and no instance is ever so', async () => {
    const { one, use } = await withClient();
    await use((client) => client.startNew('Say', { instanceId: 's' }));
    await one.host.whenIdle();
    const runtimeStatus = [OrchestrationRuntimeStatus.ContinuedAsNew, OrchestrationRuntimeStatus.Canceled];
    expect(await use((client) => client.getStatusBy({ runtimeStatus }))).toEqual([]);
  });
});

describe('telling', () => {
  test('`DurableClient.raiseEvent`; `TaskHubOptions.taskHubName` and `TaskHubOptions.connectionName` must be those of the app', async () => {
    const { one, use } = await withClient();
    await use((client) => client.startNew('Waiter', { instanceId: 'w' }));
    await one.host.whenIdle();
    await expect(use((client) => client.raiseEvent('w', 'go', 1, { taskHubName: 'Other' }))).rejects.toThrow(
      "No instance with ID 'w' found.",
    );
    await expect(use((client) => client.raiseEvent('w', 'go', 1, { connectionName: 'Nowhere' }))).rejects.toThrow('status code: 500');
    const hub = await use((client) => client.taskHubName);
    await use((client) => client.raiseEvent('w', 'go', { yes: true }, { taskHubName: hub, connectionName: 'Storage' }));
    expect((await one.finish('w')).output).toEqual({ yes: true });
    // What ended takes no events, and the package says nothing of it (recorded).
    await expect(use((client) => client.raiseEvent('w', 'go', 1))).resolves.toBeUndefined();
    await expect(use((client) => client.raiseEvent('w', '', 1))).rejects.toThrow('eventName must be a valid string');
  });

  test('`DurableClient.suspend`, `DurableClient.resume`, `DurableClient.terminate`: `OrchestrationRuntimeStatus.Suspended`, `OrchestrationRuntimeStatus.Terminated`', async () => {
    const { one, use } = await withClient();
    await use((client) => client.startNew('Waiter', { instanceId: 'w' }));
    await one.host.whenIdle();
    const status = (): Promise<df.DurableOrchestrationStatus> => use((client) => client.getStatus('w'));
    await use((client) => client.suspend('w', 'hold'));
    await one.host.whenIdle();
    expect(await status()).toMatchObject({ runtimeStatus: OrchestrationRuntimeStatus.Suspended, output: 'hold' });
    await expect(use((client) => client.suspend('w', 'again'))).rejects.toThrow('because instance is in the Suspended state');
    await use((client) => client.resume('w', 'go on'));
    await one.host.whenIdle();
    expect((await status()).runtimeStatus).toBe(OrchestrationRuntimeStatus.Running);
    await expect(use((client) => client.resume('w', 'again'))).rejects.toThrow('because instance is in the Running state');
    await use((client) => client.terminate('w', 'enough'));
    await one.host.whenIdle();
    expect(await status()).toMatchObject({ runtimeStatus: OrchestrationRuntimeStatus.Terminated, output: 'enough' });
    for (const verb of ['suspend', 'resume', 'terminate'] as const) {
      await expect(use((client) => client[verb]('w', 'late'))).resolves.toBeUndefined();
      await expect(use((client) => client[verb]('none', 'r'))).rejects.toThrow("No instance with ID 'none' found.");
    }
  });

  test('`DurableClient.purgeInstanceHistory`, `DurableClient.purgeInstanceHistoryBy`: `PurgeHistoryResult.instancesDeleted`', async () => {
    const { one, use } = await withClient();
    for (const id of ['a', 'b', 'c']) await use((client) => client.startNew('Say', { instanceId: id }));
    await use((client) => client.startNew('Fails', { instanceId: 'f' }));
    await use((client) => client.startNew('Waiter', { instanceId: 'w' }));
    await one.host.whenIdle();
    const from = new Date(one.clock.now() - 1000);
    const by = (filter: df.OrchestrationFilter): Promise<df.PurgeHistoryResult> => use((client) => client.purgeInstanceHistoryBy(filter));
    expect((await use((client) => client.purgeInstanceHistory('a'))).instancesDeleted).toBe(1);
    expect((await use((client) => client.purgeInstanceHistory('a'))).instancesDeleted).toBe(0);
    await expect(use((client) => client.purgeInstanceHistory('w'))).rejects.toThrow('status code: 412');
    expect((await by({ createdTimeFrom: from, runtimeStatus: [OrchestrationRuntimeStatus.Failed] })).instancesDeleted).toBe(1);
    expect((await by({ createdTimeFrom: from, createdTimeTo: from })).instancesDeleted).toBe(0);
    const { Completed, Running } = OrchestrationRuntimeStatus;
    expect((await by({ createdTimeFrom: from, runtimeStatus: [Completed, Running] })).instancesDeleted).toBe(2);
    await expect(by({ runtimeStatus: [Completed] })).rejects.toThrow('status code: 400');
    expect((await use((client) => client.getStatusAll())).map((status) => status.instanceId)).toEqual(['w']);
    expect(one.log.filter(({ text }) => text.includes('purged'))).toEqual([]);
    // Without a status that is an end it takes what runs too.
    expect((await by({ createdTimeFrom: from })).instancesDeleted).toBe(1);
    expect(one.log.filter(({ text }) => text.includes('purged'))).toHaveLength(1);
  });
});

describe('answers made of the client', () => {
  test('`DurableClient.createCheckStatusResponse` names the host that was asked', async () => {
    const { one, use, answer } = await withClient();
    await use((client) => client.startNew('Waiter', { instanceId: 'w' }));
    const response = await answer(async (client, request) => client.createCheckStatusResponse(request, 'w'));
    expect([response.status, response.headers.get('retry-after')]).toEqual([202, '10']);
    const body = (await response.json()) as Record<string, string>;
    expect(Object.keys(body)).toEqual([
      ...['id', 'statusQueryGetUri', 'sendEventPostUri', 'terminatePostUri', 'rewindPostUri', 'purgeHistoryDeleteUri'],
      ...['restartPostUri', 'suspendPostUri', 'resumePostUri'],
    ]);
    expect(response.headers.get('location')).toBe(body['statusQueryGetUri']);
    expect(await (await fetch(body['statusQueryGetUri'] ?? '')).json()).toMatchObject({ instanceId: 'w' });
    expect(body['statusQueryGetUri']?.startsWith(one.host.url)).toBe(true);
  });

  test('`DurableClient.createHttpManagementPayload`: `HttpManagementPayload.id`, `HttpManagementPayload.statusQueryGetUri`, `HttpManagementPayload.sendEventPostUri`, `HttpManagementPayload.terminatePostUri`, `HttpManagementPayload.rewindPostUri`, `HttpManagementPayload.purgeHistoryDeleteUri`, `HttpManagementPayload.suspendPostUri`, `HttpManagementPayload.resumePostUri` all work', async () => {
    const { one, use } = await withClient();
    await use((client) => client.startNew('Waiter', { instanceId: 'w' }));
    await one.host.whenIdle();
    const payload = await use((client) => client.createHttpManagementPayload('w'));
    expect(payload.id).toBe('w');
    // Without WEBSITE_HOSTNAME the package takes the host to be at localhost:7071.
    const ask = async (method: string, uri: string, body?: string): Promise<number> => {
      const url = uri
        .replace(/^http:\/\/[^/]+/, one.host.url)
        .replace('{text}', 'r')
        .replace('{eventName}', 'go');
      const response = await fetch(url, { method, ...(body !== undefined && { body, headers: { 'content-type': 'application/json' } }) });
      await one.host.whenIdle();
      return response.status;
    };
    expect(await ask('GET', payload.statusQueryGetUri)).toBe(202);
    expect(await ask('POST', payload.suspendPostUri)).toBe(202);
    expect(await ask('POST', payload.resumePostUri)).toBe(202);
    expect(await ask('POST', payload.rewindPostUri)).toBe(412);
    expect(await ask('POST', payload.sendEventPostUri, '1')).toBe(202);
    expect(await ask('POST', payload.terminatePostUri)).toBe(410);
    expect(await ask('DELETE', payload.purgeHistoryDeleteUri)).toBe(200);
  });

  test('`DurableClient.waitForCompletionOrCreateCheckStatusResponse` with `WaitForCompletionOptions.timeoutInMilliseconds`, `WaitForCompletionOptions.retryIntervalInMilliseconds`', async () => {
    const { one, use, answer } = await withClient();
    await use((client) => client.startNew('Say', { instanceId: 's', input: { a: 1 } }));
    await use((client) => client.startNew('Fails', { instanceId: 'f' }));
    await use((client) => client.startNew('Waiter', { instanceId: 'w' }));
    await one.host.whenIdle();
    const wait = (id: string): Promise<Response> =>
      answer((client, request) =>
        client.waitForCompletionOrCreateCheckStatusResponse(request, id, { timeoutInMilliseconds: 20, retryIntervalInMilliseconds: 10 }),
      );
    const done = await wait('s');
    expect([done.status, await done.json()]).toEqual([200, { a: 1 }]);
    const failed = await wait('f');
    expect([failed.status, await failed.json()]).toEqual([500, expect.objectContaining({ runtimeStatus: 'Failed' })]);
    const late = await wait('w');
    expect([late.status, await late.json()]).toEqual([202, expect.objectContaining({ id: 'w' })]);
    await use((client) => client.terminate('w', 'r'));
    await one.host.whenIdle();
    const ended = await wait('w');
    expect([ended.status, await ended.json()]).toEqual([200, expect.objectContaining({ runtimeStatus: 'Terminated' })]);
  });

  test('`DurableClient.taskHubName`, `DurableClient.uniqueWebhookOrigins`', async () => {
    const { use } = await withClient();
    expect(await use((client) => client.taskHubName)).toBe('TestHubName');
    expect(await use((client) => client.uniqueWebhookOrigins)).toEqual(['http://localhost:7071']);
  });
});

describe('registering', () => {
  afterEach(() => df.app.setExceptionPropertiesProvider(undefined));

  test('`app.orchestration`, `app.activity`, `app.entity` take a handler or options; `trigger.orchestration`, `trigger.activity`, `trigger.entity` and `input.durableClient` are what they bind', async () => {
    const registry = await registerInto(freshRegistry(), () => {
      df.app.orchestration('O', { handler: function* () {} });
      df.app.activity('A', { handler: () => ({}), extraInputs: [df.input.durableClient()] });
      df.app.entity('E', { handler: () => {} });
    });
    const bound = [...registry.functions.values()].map(({ metadata }) => Object.values(metadata.bindings).map(({ type }) => type));
    expect(bound).toEqual([
      [df.trigger.orchestration().type],
      [df.trigger.activity().type, df.input.durableClient().type],
      [df.trigger.entity().type],
    ]);
    expect(bound.flat()).toEqual(['orchestrationTrigger', 'activityTrigger', 'durableClient', 'entityTrigger']);
  });

  test('`app.client.http`, `app.client.timer`, `app.client.generic` and `getClient` put the client into the handler', async () => {
    const one = await host(() => {
      registerStories();
      const start = async (client: DurableClient, id: string): Promise<void> => {
        await client.startNew('Say', { instanceId: id, input: id });
      };
      df.app.client.http('ByHttp', { authLevel: 'anonymous', handler: async (_request, client) => (await start(client, 'http'), {}) });
      df.app.client.timer('ByTimer', {
        schedule: '0 0 0 1 1 *',
        runOnStartup: true,
        handler: async (_timer, client) => start(client, 'timer'),
      });
      df.app.client.generic('ByAnything', {
        trigger: { type: 'httpTrigger', name: 'httpTrigger', authLevel: 'anonymous', methods: ['GET'], route: 'anything' },
        return: output.generic({ type: 'http' }),
        handler: async (_input, client) => start(client, 'generic'),
      });
      app.http('ByHand', {
        authLevel: 'anonymous',
        extraInputs: [df.input.durableClient()],
        handler: async (_request, context) => (await start(df.getClient(context), 'hand'), {}),
      });
      app.http('Without', { authLevel: 'anonymous', handler: (_request, context) => ({ body: String(df.getClient(context)) }) });
    });
    for (const route of ['ByHttp', 'anything', 'ByHand']) expect((await fetch(`${one.host.url}/api/${route}`)).ok).toBe(true);
    for (const id of ['http', 'timer', 'generic', 'hand']) expect((await one.finish(id)).output).toBe(id);
    expect((await fetch(`${one.host.url}/api/Without`)).status).toBe(500);
    expect(one.log.map((entry) => entry.text).join('\n')).toContain('Could not find a registered durable client input binding');
  });

  test('`app.client.storageQueue` and `app.client.storageBlob` bind the client beside their trigger', async () => {
    const registry = await registerInto(freshRegistry(), () => {
      df.app.client.storageQueue('Q', { queueName: 'q', connection: 'C', handler: () => {} });
      df.app.client.storageBlob('B', { path: 'p/{name}', connection: 'C', handler: () => {} });
    });
    expect([...registry.functions.values()].map(({ metadata }) => Object.values(metadata.bindings).map(({ type }) => type))).toEqual([
      ['queueTrigger', 'durableClient'],
      ['blobTrigger', 'durableClient'],
    ]);
  });

  test('`app.client.serviceBusQueue`, `app.client.serviceBusTopic`, `app.client.eventHub`, `app.client.eventGrid`, `app.client.cosmosDB` are refused by name', async () => {
    const start = host(() => {
      const handler = (): void => {};
      df.app.client.serviceBusQueue('SbQueue', { queueName: 'q', connection: 'C', handler });
      df.app.client.serviceBusTopic('SbTopic', { topicName: 't', subscriptionName: 's', connection: 'C', handler });
      df.app.client.eventHub('Hub', { eventHubName: 'h', connection: 'C', handler });
      df.app.client.eventGrid('Grid', { handler });
      df.app.client.cosmosDB('Cosmos', { connection: 'C', databaseName: 'd', containerName: 'c', handler });
    });
    await expect(start).rejects.toThrow(
      /"SbQueue": binding "serviceBusTrigger".*"SbTopic": binding "serviceBusTrigger".*"Hub": binding "eventHubTrigger".*"Grid": binding "eventGridTrigger".*"Cosmos": binding "cosmosDBTrigger"/,
    );
  });

  test("`app.setExceptionPropertiesProvider` and `ExceptionPropertiesProvider.getExceptionProperties`: the package makes them the failed activity's message", async () => {
    const { one, use } = await withClient(() => {
      df.app.setExceptionPropertiesProvider({ getExceptionProperties: () => ({ code: 7 }) });
      df.app.activity('Fail', {
        handler: () => {
          throw new RangeError('out of range');
        },
      });
      df.app.orchestration('Ask', function* (context) {
        yield context.df.callActivity('Fail');
      });
    });
    await use((client) => client.startNew('Ask', { instanceId: 'a' }));
    const { output: failure } = await one.finish('a');
    expect(failure).toContain('{"errorType":"RangeError","errorMessage":"out of range","isNonRetriable":false,"properties":{"code":7}');
  });
});
