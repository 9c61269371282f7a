import { describe, expect, test } from '@jest/globals';
import { app, input, output, type FunctionInput, type FunctionOutput } from '@azure/functions';
import * as df from 'durable-functions';
import { blobBytes } from '../../local/host/blob-binding';
import { readAccount } from '../../local/host/storage-connection';
import type { Bench } from './bench';
import { collector, storageBench } from './storage-bench';

const bench = storageBench();
const connection = 'AzureWebJobsStorage';

/** An HTTP function that answers what its inputs hold: `POST /api/read/{name}`. */
function registerReader(inputs: FunctionInput[]): void {
  app.http('read', {
    methods: ['POST'],
    route: 'read/{name}',
    extraInputs: inputs,
    handler: (_request, context) => ({
      jsonBody: inputs.map((one) => {
        const value = context.extraInputs.get(one);
        return Buffer.isBuffer(value) ? { bytes: value.toString('hex') } : (value ?? null);
      }),
    }),
  });
}

/** An HTTP function that gives its JSON body to an output, unless `make` makes something else of it. */
function registerWriter(to: FunctionOutput, make: (body: unknown) => unknown = (body) => body): void {
  app.http('write', {
    methods: ['POST'],
    route: 'write/{name?}',
    extraOutputs: [to],
    handler: async (request, context) => {
      context.extraOutputs.set(to, make(await request.json()));
      return { status: 202 };
    },
  });
}

async function ask({ host }: Bench, path: string, body: unknown = {}): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${host.url}/api/${path}`, { method: 'POST', body: JSON.stringify(body) });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
}

describe('a blob as input', () => {
  test('is text, JSON as the package reads it, bytes if asked for, and nothing if it is not there', async () => {
    const container = await bench.container();
    const path = `${container.containerName}/{name}.txt`;
    const one = await bench.host(() =>
      registerReader([
        input.storageBlob({ path, connection }),
        input.generic({ type: 'blob', path, connection, dataType: 'binary', name: 'raw' }),
      ]),
    );
    await container.getBlockBlobClient('plain.txt').uploadData(Buffer.from('\ufeffgrüß'));
    await container.getBlockBlobClient('json.txt').uploadData(Buffer.from('{"a":[1]}'));
    await container.getBlockBlobClient('raw.txt').uploadData(Buffer.from([0xff, 0]));
    expect((await ask(one, 'read/plain')).body).toEqual(['grüß', { bytes: Buffer.from('\ufeffgrüß').toString('hex') }]);
    expect((await ask(one, 'read/json')).body).toMatchObject([{ a: [1] }, expect.anything()]);
    // What is no UTF-8 is harmed as text, as there.
    expect((await ask(one, 'read/raw')).body).toEqual(['\ufffd\0', { bytes: 'ff00' }]);
    expect((await ask(one, 'read/none')).body).toEqual([null, null]);
  });

  test('may be named by a queue message, its properties and settings', async () => {
    const container = await bench.container();
    const queue = bench.queue();
    await queue.createIfNotExists();
    const seen = collector<unknown>();
    const byMessage = input.storageBlob({ path: `%PLACE%/{queueTrigger}`, connection });
    const byProperty = input.storageBlob({ path: `%PLACE%/{folder.name}/{file}`, connection });
    await bench.host(
      () => {
        app.storageQueue('whole', {
          queueName: queue.name,
          connection,
          extraInputs: [byMessage],
          handler: (_message, context) => seen.add(context.extraInputs.get(byMessage)),
        });
      },
      { settings: { PLACE: container.containerName } },
    );
    await container.getBlockBlobClient('a.txt').uploadData(Buffer.from('by text'));
    await queue.sendMessage('a.txt');
    await seen.until(1);
    expect(seen.seen).toEqual(['by text']);

    const other = bench.queue();
    await other.createIfNotExists();
    await bench.host(
      () => {
        app.storageQueue('parts', {
          queueName: other.name,
          connection,
          extraInputs: [byProperty],
          handler: (_message, context) => seen.add(context.extraInputs.get(byProperty)),
        });
      },
      { settings: { PLACE: container.containerName } },
    );
    await container.getBlockBlobClient('in/b.txt').uploadData(Buffer.from('by property'));
    await other.sendMessage('{"folder":{"name":"in"},"file":"b.txt"}');
    await seen.until(2);
    expect(seen.seen[1]).toBe('by property');
  });

  test('whose name is not given fails the call before the handler, and the log says why', async () => {
    const container = await bench.container();
    const one = await bench.host(() => registerReader([input.storageBlob({ path: `${container.containerName}/{other}`, connection })]));
    expect((await ask(one, 'read/x')).status).toBe(500);
    expect(one.log).toContainEqual(
      expect.objectContaining({
        level: 'error',
        functionName: 'read',
        text: expect.stringContaining("No value for named parameter 'other'."),
      }),
    );
    // The query names it too.
    expect(await ask(one, 'read/x?other=none')).toEqual({ status: 200, body: [null] });
    expect((await ask(one, 'read/x', { other: 'a\\b' })).status).toBe(500);
  });
});

describe('a blob as output', () => {
  test('is written under a name with a new GUID and the time, and makes its container', async () => {
    const place = bench.own('made-');
    const to = output.storageBlob({ path: `${place}/{name}/{rand-guid:N}-{datetime:yyyyMMdd}.json`, connection });
    const one = await bench.host(() => registerWriter(to));
    expect((await ask(one, 'write/a', { b: 1 })).status).toBe(202);
    const container = await bench.container(place);
    const names: string[] = [];
    for await (const { name } of container.listBlobsFlat()) names.push(name);
    expect(names).toEqual([expect.stringMatching(/^a\/[0-9a-f]{32}-20260105\.json$/)]);
    expect((await container.getBlobClient(names[0] ?? '').downloadToBuffer()).toString()).toBe('{"b":1}');
  });

  test('replaces what was there, holds bytes as they are, and is left alone by nothing', async () => {
    const container = await bench.container();
    const to = output.storageBlob({ path: `${container.containerName}/it`, connection });
    const one = await bench.host(() => registerWriter(to, (body) => (typeof body === 'string' ? Buffer.from(body, 'hex') : undefined)));
    const held = async (): Promise<string> => (await container.getBlobClient('it').downloadToBuffer()).toString('hex');
    await ask(one, 'write', '00ff');
    expect(await held()).toBe('00ff');
    await ask(one, 'write', 'ab');
    await ask(one, 'write', {});
    expect(await held()).toBe('ab');
  });

  test.each([
    [{ string: 'ü' }, 'c3bc'],
    [{ json: '{"a": 1}' }, Buffer.from('{"a":1}').toString('hex')],
    [{ json: 'true' }, '01'],
    [{ int: 258 }, '02010000'],
    [{ double: 1.5 }, '000000000000f83f'],
    [{ json: 'null' }, undefined],
    [{}, undefined],
  ])('of %j has the bytes that .NET makes of it', (data, bytes) => {
    expect(blobBytes(data)?.toString('hex')).toBe(bytes);
  });
});

describe('a table', () => {
  test('as input is one entity by both keys, or an array by partition, filter and number', async () => {
    const table = await bench.table();
    const tableName = table.tableName;
    const one = await bench.host(() =>
      registerReader([
        input.table({ tableName, connection, partitionKey: 'p', rowKey: '{name}' }),
        input.table({ tableName, connection, partitionKey: 'p' }),
        input.table({ tableName, connection, filter: "Text eq '{name}'" }),
        input.table({ tableName, connection, take: 1 }),
      ]),
    );
    const many = { Whole: 7, Long: 2n ** 40n, Half: 0.5, Yes: true, When: new Date(0), Bytes: new Uint8Array([1, 2]) };
    await table.createEntity({ partitionKey: 'p', rowKey: 'r1', Text: "it's", ...many });
    await table.createEntity({ partitionKey: 'p', rowKey: 'r2', Text: 'other' });
    await table.createEntity({ partitionKey: 'q', rowKey: 'r1', Text: 'other' });
    const first = {
      PartitionKey: 'p',
      RowKey: 'r1',
      Text: "it's",
      ...many,
      Long: 2 ** 40,
      When: '1970-01-01T00:00:00+00:00',
      Bytes: 'AQI=',
    };
    const [entity, ofPartition, byFilter, taken] = (await ask(one, 'read/r1')).body as [unknown, unknown[], unknown[], unknown[]];
    expect(entity).toEqual(first);
    expect(ofPartition).toEqual([first, { PartitionKey: 'p', RowKey: 'r2', Text: 'other' }]);
    expect(byFilter).toEqual([]);
    expect(taken).toEqual([first]);
    // A quote in a value does not end the filter.
    expect(((await ask(one, "read/it's")).body as unknown[])[2]).toEqual([first]);
    expect(((await ask(one, 'read/none')).body as unknown[])[0]).toBeNull();
  });

  test('as output takes entities with keys of their own or of the binding, and is made when missing', async () => {
    const tableName = bench.own('Made');
    const to = output.table({ tableName, connection, partitionKey: 'p-{name}', rowKey: '{rand-guid}' });
    const one = await bench.host(() => registerWriter(to));
    expect(
      (
        await ask(one, 'write/x', [
          { A: 1, B: 1.5, C: { d: 1 }, E: null },
          { partitionKey: 'own', ROWKEY: 'key', A: 'text' },
        ])
      ).status,
    ).toBe(202);
    const table = bench.tableClient(tableName);
    const entities: Record<string, unknown>[] = [];
    for await (const { etag: _etag, timestamp: _timestamp, ...entity } of table.listEntities()) entities.push(entity);
    expect(entities).toEqual([
      { partitionKey: 'own', rowKey: 'key', A: 'text' },
      { partitionKey: 'p-x', rowKey: expect.stringMatching(/^[0-9a-f-]{36}$/), A: 1n, B: 1.5, C: '{\n  "d": 1\n}' },
    ]);
  });

  test('as output refuses what is there already unless an ETag says otherwise, and more', async () => {
    const table = await bench.table();
    const to = output.table({ tableName: table.tableName, connection, partitionKey: 'p', rowKey: 'r' });
    const one = await bench.host(() => registerWriter(to));
    const status = async (body: unknown): Promise<number> => (await ask(one, 'write', body)).status;
    expect(await status({ A: 1 })).toBe(202);
    expect(await status({ A: 2 })).toBe(500);
    expect(await status({ A: 3, ETag: '*' })).toBe(202);
    expect(await status({ A: 4, ETag: 'W/"datetime\'2000-01-01T00%3A00%3A00.0000000Z\'"' })).toBe(500);
    expect(await table.getEntity('p', 'r')).toMatchObject({ A: 3n });
    expect(await status({ RowKey: 'a/b' })).toBe(500);
    expect(await status(5)).toBe(500);
    // Of one key twice: in two transactions, one after the other.
    expect(await status([{ RowKey: 'twice' }, { RowKey: 'twice', A: 1, ETag: '*' }])).toBe(202);
    expect(await table.getEntity('p', 'twice')).toMatchObject({ A: 1n });
  });
});

test('an activity has storage inputs and outputs too, named by its input', async () => {
  const container = await bench.container();
  const from = input.storageBlob({ path: `${container.containerName}/{file}`, connection });
  const to = output.storageQueue({ queueName: 'of-{file}', connection });
  const one = await bench.host(() => {
    df.app.activity('Copy', {
      extraInputs: [from],
      extraOutputs: [to],
      handler: (_given, context) => {
        context.extraOutputs.set(to, { got: context.extraInputs.get(from) });
        return context.extraInputs.get(from);
      },
    });
    df.app.orchestration('Story', function* (context) {
      return (yield context.df.callActivity('Copy', context.df.getInput())) as unknown;
    });
  });
  await container.getBlockBlobClient('abc').uploadData(Buffer.from('content'));
  await one.client('startNew', 'Story', { instanceId: 'copy', input: { file: 'abc' } });
  expect(await one.finish('copy')).toMatchObject({ runtimeStatus: 'Completed', output: 'content' });
  const [message] = (await bench.queue('of-abc').receiveMessages()).receivedMessageItems;
  expect(message?.messageText).toBe('{"got":"content"}');
});

test.each([
  [
    'blob path',
    () => registerReader([input.storageBlob({ path: 'a/{', connection })]),
    'The path of the blob binding of function "read" cannot be read',
  ],
  [
    'setting',
    () => registerReader([input.storageBlob({ path: '%LOST%/a', connection })]),
    'names the app setting "LOST", which is not set',
  ],
  [
    'trigger path',
    () => app.storageBlob('b', { path: '{x}/a', connection, handler: () => {} }),
    'may not have an expression for its container',
  ],
  ['empty trigger path', () => app.storageBlob('b', { path: 'in/', connection, handler: () => {} }), 'must have the form "container/blob"'],
  ['container', () => app.storageBlob('b', { path: 'IN/{x}', connection, handler: () => {} }), '"IN" is no container name'],
])('a wrong %s is refused at start', async (_what, register, reason) => {
  await expect(bench.host(register)).rejects.toThrow(reason);
});

describe('a connection', () => {
  const read = (settings: NodeJS.ProcessEnv, service: 'queue' | 'blob' | 'table' = 'queue') => readAccount(settings, 'Store', service);
  test('is a string, first under the name with AzureWebJobs before it', () => {
    expect(read({ Store: 'a' })).toEqual({ text: 'a' });
    expect(read({ Store: 'a', AzureWebJobsStore: 'b' })).toEqual({ text: 'b' });
  });

  test.each([
    [{ Store__queueServiceUri: 'https://q.example' }, 'queue', 'https://q.example'],
    [{ Store__blobServiceUri: 'https://b.example', Store__serviceUri: 'https://s.example' }, 'blob', 'https://b.example'],
    [{ Store__endpoint: 'https://e.example' }, 'table', 'https://e.example'],
    [{ AzureWebJobsStore__accountName: 'acc' }, 'table', 'https://acc.table.core.windows.net'],
    [{ 'Store:accountName': 'acc' }, 'blob', 'https://acc.blob.core.windows.net'],
  ] as const)('by identity is an address: %j', (settings, service, url) => {
    expect(read(settings, service)).toMatchObject({ url, credential: { getToken: expect.any(Function) } });
  });

  test.each([
    [{}, 'The app setting "Store" is not set.'],
    [{ Store__queueServiceUri: 'nowhere' }, 'holds "nowhere", which is no URL'],
    [{ Store__accountName: 'acc', Store__credential: 'magic' }, '"Store__credential" is "magic"'],
  ])('%j is refused', (settings, reason) => {
    expect(() => read(settings)).toThrow(reason);
  });
});
