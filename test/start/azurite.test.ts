import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { QueueServiceClient } from '@azure/storage-queue';
import { startAzurite } from '../../local/start/azurite';
import { openFolder } from '../../local/start/folder';
import { keysOf } from '../../local/start/keys';
import { freePort } from '../free-port';

test('Azurite steps over a port that another program takes between the look and the listening', async () => {
  const checkout = mkdtempSync(path.join(tmpdir(), 'slipway-azurite-'));
  const folder = openFolder(checkout);
  const taken = { slipway: await freePort(), blob: await freePort(), queue: await freePort(), table: await freePort() };
  folder.write('ports.json', taken);
  const others = [createServer().listen(taken.table, '127.0.0.1')];
  const said: string[] = [];
  // The table service's port is looked at last; by then the blob service's was found free.
  const say = (line: string): void => {
    if (said.push(line) === 1) others.push(createServer().listen(taken.blob, '127.0.0.1'));
  };
  const azurite = await startAzurite(folder, keysOf(folder), { patienceMs: 0, say });
  try {
    expect(azurite.ports.blob).not.toBe(taken.blob);
    expect(said).toEqual([
      expect.stringContaining(`Port ${taken.table} is taken by another program`),
      expect.stringContaining(`Port ${taken.blob} is taken by another program`),
    ]);
  } finally {
    await azurite.stop();
    for (const other of others) other.close();
    rmSync(checkout, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
});

test('Azurite is taken up again while it runs, keeps what it acknowledged over a stop, and opens to our own key alone', async () => {
  const checkout = mkdtempSync(path.join(tmpdir(), 'slipway-azurite-'));
  const folder = openFolder(checkout);
  const keys = keysOf(folder);
  folder.write('ports.json', { slipway: await freePort(), blob: await freePort(), queue: await freePort(), table: await freePort() });
  const stops: (() => Promise<void>)[] = [];
  const said: string[] = [];
  const options = { patienceMs: 0, say: (line: string) => said.push(line) };
  // No system gives a process so large a number.
  folder.write('azurite.json', { pid: 2 ** 30 });
  try {
    const first = await startAzurite(folder, keys, options);
    stops.push(first.stop);
    const queue = (storage: string) =>
      QueueServiceClient.fromConnectionString(storage, { retryOptions: { maxTries: 1 } }).getQueueClient('kept');
    await queue(first.storage).create();
    await queue(first.storage).sendMessage('still here');

    const second = await startAzurite(folder, keys, options);
    expect(second).toMatchObject({ takenUp: true, storage: first.storage });

    await second.stop();
    expect(await Promise.all([first.ended, second.ended])).toEqual(['has ended', 'has ended']);
    const third = await startAzurite(folder, keys, options);
    stops.push(third.stop);
    expect(third.takenUp).toBe(false);
    const { peekedMessageItems } = await queue(third.storage).peekMessages();
    expect(peekedMessageItems.map(({ messageText }) => messageText)).toEqual(['still here']);

    expect(said).toEqual([expect.stringMatching(/^Azurite was ended without being asked/)]);

    const wellKnown = third.storage.replace(keys.storageKey, Buffer.from('another key').toString('base64'));
    await expect(queue(wellKnown).peekMessages()).rejects.toMatchObject({ statusCode: 403 });
    await third.stop();
  } finally {
    await Promise.allSettled(stops.map((stop) => stop()));
    rmSync(checkout, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
});
