import net from 'node:net';
import path from 'node:path';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { QueueServiceClient, type QueueClient } from '@azure/storage-queue';
import { app, output, type InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { decodeMessage, encodeMessage } from '../../local/host/queue-encoding';
import { keepHidden } from '../../local/host/queue-listener';
import { startAzurite, type Azurite } from '../azurite';
import { appFolder, bench, removeFolders, type Bench } from './bench';
import { collector as collected } from './storage-bench';

let azurite: Azurite;
let queues: QueueServiceClient;
const open: Bench[] = [];
let count = 0;

beforeAll(async () => {
  azurite = await startAzurite();
  queues = QueueServiceClient.fromConnectionString(azurite.connectionString);
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.host.stop()));
  removeFolders();
});
afterAll(() => azurite.stop());

async function host(register: () => void, options: Parameters<typeof bench>[1] = {}): Promise<Bench> {
  const one = await bench(register, {
    hostJson: { version: '2.0', extensions: { queues: { messageEncoding: 'none', maxDequeueCount: 3 } } },
    settings: { AzureWebJobsStorage: azurite.connectionString },
    ...options,
  });
  open.push(one);
  return one;
}

/** A queue of its own for each test. */
async function queue(): Promise<{ name: string; queue: QueueClient; poison: QueueClient }> {
  const name = `host-${(count += 1)}`;
  const client = queues.getQueueClient(name);
  await client.createIfNotExists();
  return { name, queue: client, poison: queues.getQueueClient(`${name}-poison`) };
}

interface Seen {
  message: unknown;
  metadata: Record<string, unknown>;
}

/** Collects messages and tells when so many have come. */
function collector() {
  const seen: Seen[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  return {
    seen,
    handler: (message: unknown, context: InvocationContext) => {
      seen.push({ message, metadata: { ...context.triggerMetadata } });
      for (const one of waiting) if (seen.length >= one.count) one.resolve();
    },
    until: (wanted: number) =>
      seen.length >= wanted ? Promise.resolve() : new Promise<void>((resolve) => waiting.push({ count: wanted, resolve })),
  };
}

const textOf = async (client: QueueClient): Promise<string[]> =>
  (await client.peekMessages({ numberOfMessages: 32 })).peekedMessageItems.map((item) => item.messageText);

describe('queue triggers', () => {
  test('get messages as the package reads them, with their metadata, and put them away', async () => {
    const { name, queue: client } = await queue();
    const all = collector();
    const one = await host(
      () => app.storageQueue('seen', { queueName: '%QUEUE%', connection: 'AzureWebJobsStorage', handler: all.handler }),
      {
        settings: { AzureWebJobsStorage: azurite.connectionString, QUEUE: name },
      },
    );
    for (const text of ['{"a":1,"dequeueCount":7}', '[1,2]', '"quoted"', 'plain', 'null']) await client.sendMessage(text);
    await all.until(5);
    await one.host.whenIdle();
    expect(all.seen.map((entry) => entry.message)).toEqual(
      expect.arrayContaining([{ a: 1, dequeueCount: 7 }, [1, 2], 'quoted', 'plain', null]),
    );
    const first = all.seen.find((entry) => (entry.message as { a?: number } | null)?.a === 1)?.metadata ?? {};
    expect(Object.keys(first).sort()).toEqual([
      'dequeueCount',
      'expirationTime',
      'id',
      'insertionTime',
      'nextVisibleTime',
      'popReceipt',
      'queueTrigger',
    ]);
    expect(first).toMatchObject({
      dequeueCount: 1,
      queueTrigger: { a: 1 },
      insertionTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/),
    });
    const heldMs = Date.parse(String(first['nextVisibleTime'])) - Date.parse(String(first['insertionTime']));
    expect(heldMs).toBeGreaterThanOrEqual(600_000);
    expect(await textOf(client)).toEqual([]);
  });

  test('a message that fails comes again, and goes to the poison queue after its last try', async () => {
    const { name, queue: client } = await queue();
    const tries: unknown[] = [];
    const poison = collector();
    await host(() => {
      app.storageQueue('fails', {
        queueName: name,
        connection: 'AzureWebJobsStorage',
        handler: (_message, context) => {
          tries.push(context.triggerMetadata?.['dequeueCount']);
          throw new Error('no');
        },
      });
      app.storageQueue('poison', { queueName: `${name}-poison`, connection: 'AzureWebJobsStorage', handler: poison.handler });
    });
    await client.sendMessage('{"bad":true}');
    await poison.until(1);
    expect(tries).toEqual([1, 2, 3]);
    expect(poison.seen[0]).toMatchObject({ message: { bad: true }, metadata: { dequeueCount: 1 } });
  });

  test('with base64 a message that is none goes to the poison queue unread and unchanged; outputs are packed', async () => {
    const { name, queue: client, poison } = await queue();
    const out = await queue();
    const all = collector();
    const sent = output.storageQueue({ queueName: out.name, connection: 'AzureWebJobsStorage' });
    const one = await host(
      () => {
        app.storageQueue('seen', { queueName: name, connection: 'AzureWebJobsStorage', handler: all.handler });
        app.http('send', {
          methods: ['POST'],
          extraOutputs: [sent],
          handler: async (request, context) => {
            context.extraOutputs.set(sent, await request.json());
            return { status: 202 };
          },
        });
      },
      { hostJson: { version: '2.0' } },
    );
    await client.sendMessage('{"plain":1}');
    await client.sendMessage(Buffer.from('{"packed":1}').toString('base64'));
    await all.until(1);
    while (!(await poison.exists()) || (await textOf(poison)).length === 0) await one.host.whenIdle();
    expect(all.seen.map((entry) => entry.message)).toEqual([{ packed: 1 }]);
    expect(await textOf(poison)).toEqual(['{"plain":1}']);
    await fetch(`${one.host.url}/api/send`, { method: 'POST', body: JSON.stringify([{ a: 1 }, 'text', 7]) });
    expect((await textOf(out.queue)).map((text) => Buffer.from(text, 'base64').toString())).toEqual(['{"a":1}', 'text', '7']);
  });

  test('a message starts an orchestration', async () => {
    const { name, queue: client } = await queue();
    const done = collector();
    const one = await host(() => {
      app.storageQueue('starts', {
        queueName: name,
        connection: 'AzureWebJobsStorage',
        extraInputs: [df.input.durableClient()],
        handler: async (message: unknown, context) => {
          const { id } = message as { id: string };
          await df.getClient(context).startNew('Echo', { instanceId: id, input: message });
          done.handler(message, context);
        },
      });
      df.app.orchestration('Echo', function* (context) {
        return context.df.getInput();
      });
    });
    await client.sendMessage('{"id":"by-message"}');
    await done.until(1);
    expect(await one.finish('by-message')).toMatchObject({ runtimeStatus: 'Completed', output: { id: 'by-message' } });
  });

  test('another batch is fetched as soon as no more than the threshold are worked on', async () => {
    const { name, queue: client } = await queue();
    const all = collector();
    const releases: (() => void)[] = [];
    // Before the host is there, so that its first batch is full.
    for (const text of ['1', '2', '3', '4']) await client.sendMessage(text);
    await host(
      () =>
        app.storageQueue('slow', {
          queueName: name,
          connection: 'AzureWebJobsStorage',
          handler: async (message, context) => {
            const released = new Promise<void>((resolve) => releases.push(resolve));
            all.handler(message, context);
            await released;
          },
        }),
      { hostJson: { version: '2.0', extensions: { queues: { messageEncoding: 'none', batchSize: 2, newBatchThreshold: 1 } } } },
    );
    await all.until(2);
    expect(releases).toHaveLength(2);
    releases[0]?.();
    // Two were fetched, one is left: two more come, and then three are worked on at a time.
    await all.until(4);
    expect(releases).toHaveLength(4);
    for (const release of releases) release();
  });

  test('a queue is not made by who listens to it', async () => {
    const name = `host-late-${(count += 1)}`;
    const all = collector();
    const one = await host(() => app.storageQueue('late', { queueName: name, connection: 'AzureWebJobsStorage', handler: all.handler }));
    const said = (): boolean => one.log.some(({ text }) => text === `There is no queue "${name}" yet; its function waits for it.`);
    while (!said()) await new Promise((resolve) => setImmediate(resolve));
    const client = queues.getQueueClient(name);
    expect(await client.exists()).toBe(false);
    await client.createIfNotExists();
    await client.sendMessage('here');
    await all.until(1);
  });

  test('a message that was taken too often before goes to the poison queue unread', async () => {
    const { name, queue: client, poison } = await queue();
    await client.sendMessage('tired');
    for (let taken = 1; taken <= 3; taken += 1) {
      const [message] = (await client.receiveMessages({ visibilityTimeout: 30 })).receivedMessageItems;
      if (message) await client.updateMessage(message.messageId, message.popReceipt, message.messageText, 0);
    }
    const all = collector();
    const one = await host(() => app.storageQueue('seen', { queueName: name, connection: 'AzureWebJobsStorage', handler: all.handler }));
    while (!(await poison.exists()) || (await textOf(poison)).length === 0) await one.host.whenIdle();
    expect([await textOf(poison), all.seen]).toEqual([['tired'], []]);
  });

  test('a poison queue has none itself: what fails there stays, hidden', async () => {
    const { poison } = await queue();
    await poison.createIfNotExists();
    await poison.sendMessage('bad');
    const tries = collector();
    const one = await host(() =>
      app.storageQueue('poisoned', {
        queueName: poison.name,
        connection: 'AzureWebJobsStorage',
        handler: (message, context) => {
          tries.handler(message, context);
          throw new Error('no');
        },
      }),
    );
    await tries.until(1);
    await one.host.stop();
    expect([await textOf(poison), await queues.getQueueClient(`${poison.name}-poison`).exists(), tries.seen.length]).toEqual([
      [],
      false,
      1,
    ]);
    expect((await poison.getProperties()).approximateMessagesCount).toBe(1);
  });

  test('a message that is worked on is hidden anew, and put away with the last receipt', async () => {
    const { queue: client } = await queue();
    await client.sendMessage('long');
    const [message] = (await client.receiveMessages({ visibilityTimeout: 30 })).receivedMessageItems;
    if (!message) throw new Error('No message came.');
    const renewed = collected<unknown>();
    const watched = Object.create(client) as QueueClient;
    watched.updateMessage = async (...given) => {
      const answer = await client.updateMessage(...given);
      renewed.add(answer.popReceipt);
      return answer;
    };
    const hold = keepHidden(watched, message, 30, 1);
    await renewed.until(2);
    const receipt = await hold.end();
    expect(receipt).not.toBe(message.popReceipt);
    await client.deleteMessage(message.messageId, receipt);
    expect((await client.getProperties()).approximateMessagesCount).toBe(0);
  });

  test('a message that a killed host worked on is given back by the next', async () => {
    const { name, queue: client } = await queue();
    const appDirectory = appFolder({ version: '2.0', extensions: { queues: { messageEncoding: 'none' } } });
    const options = { appDirectory, stateFile: path.join(appDirectory, 'state.db') };
    const first = collector();
    const before = await host(
      () =>
        app.storageQueue('stuck', {
          queueName: name,
          connection: 'AzureWebJobsStorage',
          handler: (message, context) => {
            first.handler(message, context);
            return new Promise<void>(() => {});
          },
        }),
      options,
    );
    await client.sendMessage('again');
    await first.until(1);
    before.host.kill();
    const second = collector();
    await host(() => app.storageQueue('works', { queueName: name, connection: 'AzureWebJobsStorage', handler: second.handler }), options);
    await second.until(1);
    expect(second.seen[0]).toMatchObject({ message: 'again', metadata: { dequeueCount: 2 } });
  });

  test('an outage is logged once and waited out', async () => {
    const { name, queue: client } = await queue();
    const endpoint = new URL(/QueueEndpoint=([^;]+)/.exec(azurite.connectionString)?.[1] ?? '');
    const proxy = net.createServer((socket) => {
      const upstream = net.connect(Number(endpoint.port), endpoint.hostname);
      socket.pipe(upstream).pipe(socket);
      socket.on('error', () => upstream.destroy());
      upstream.on('error', () => socket.destroy());
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const { port } = proxy.address() as net.AddressInfo;
    proxy.close();
    await once(proxy, 'close');
    const all = collector();
    const one = await host(() => app.storageQueue('seen', { queueName: name, connection: 'AzureWebJobsStorage', handler: all.handler }), {
      settings: { AzureWebJobsStorage: azurite.connectionString.replace(endpoint.host, `127.0.0.1:${port}`) },
    });
    await client.sendMessage('"late"');
    const outages = (): number => one.log.filter((entry) => entry.text.startsWith(`Queue "${name}" could not be read`)).length;
    while (outages() === 0) await new Promise((resolve) => setImmediate(resolve));
    proxy.listen(port, '127.0.0.1');
    await all.until(1);
    await one.host.stop();
    proxy.close();
    expect([all.seen[0]?.message, outages()]).toEqual(['late', 1]);
    expect(one.log.map((entry) => entry.text)).toContain(`Queue "${name}" answers again.`);
  });

  test('a connection that is not set is an error at start, by name', async () => {
    await expect(host(() => app.storageQueue('lost', { queueName: 'some', connection: 'Nowhere', handler: () => {} }))).rejects.toThrow(
      'The app setting "Nowhere" is not set.',
    );
  });
});

test.each([
  ['none', 'any text', 'any text'],
  ['base64', 'YWJj', 'abc'],
  ['base64', 'not base64!', undefined],
  ['base64', Buffer.from([0xff, 0xfe]).toString('base64'), undefined],
  ['base64', '', ''],
] as const)('with %s the message "%s"', (encoding, raw, text) => {
  expect(decodeMessage(raw, encoding)).toBe(text);
  if (text !== undefined) expect(decodeMessage(encodeMessage(text, encoding), encoding)).toBe(text);
});
