import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { app, output, type InvocationContext } from '@azure/functions';
import { onceFor } from '../../local/host/blob-receipt';
import { appFolder } from './bench';
import { collector, storageBench } from './storage-bench';

const bench = storageBench();
const connection = 'AzureWebJobsStorage';

interface Seen {
  text: string;
  metadata: Record<string, unknown>;
}

function watch(path: string) {
  const all = collector<Seen>();
  const register = (): void =>
    app.storageBlob('watch', {
      path,
      connection,
      handler: (blob, context: InvocationContext) => {
        all.add({ text: (blob as Buffer).toString(), metadata: { ...context.triggerMetadata } });
      },
    });
  return { all, register };
}

/** Settings that keep one host's receipts and queue from another test's. */
const ofHost = (id: string) => ({ settings: { AzureWebJobsStorage: bench.connectionString(), AzureFunctionsWebHost__hostid: id } });

describe('a blob trigger', () => {
  test('gets bytes and metadata of what fits its path, what was there before included', async () => {
    const container = await bench.container();
    await container.getBlockBlobClient('in/before.txt').upload('before', 6, { metadata: { by: 'us' } });
    await container.getBlockBlobClient('else/no.txt').upload('no', 2);
    const { all, register } = watch(`${container.containerName}/in/{name}.{ext}`);
    const one = await bench.host(register, ofHost('watch1'));
    await all.until(1);
    await container.getBlockBlobClient('in/deep/after.txt').upload('after', 5);
    await all.until(2);
    await one.host.whenIdle();
    expect(all.seen.map(({ text }) => text)).toEqual(['before', 'after']);
    expect(all.seen[0]?.metadata).toMatchObject({
      blobTrigger: `${container.containerName}/in/before.txt`,
      uri: expect.stringMatching(/^http.*\/in\/before\.txt$/),
      properties: { contentLength: 6, blobType: 0 },
      metadata: { by: 'us' },
      name: 'before',
      ext: 'txt',
    });
    expect(all.seen[1]?.metadata).toMatchObject({ name: 'deep/after' });
  });

  test('sees each version of a blob once, over restarts too, even when its state is lost', async () => {
    const container = await bench.container();
    const { all, register } = watch(container.containerName);
    const blob = container.getBlockBlobClient('it');
    await blob.upload('one', 3);
    const first = await bench.host(register, ofHost('watch2'));
    await all.until(1);
    await blob.upload('two', 3);
    await all.until(2);
    await first.host.stop();
    // A state of its own: only the receipts in storage tell what was seen.
    await bench.host(register, ofHost('watch2'));
    await container.getBlockBlobClient('zz').upload('three', 5);
    await all.until(3);
    expect(all.seen.map(({ text }) => text)).toEqual(['one', 'two', 'three']);
  });

  test('waits for a container that is not there yet', async () => {
    const name = bench.own('late-');
    const { all, register } = watch(`${name}/{name}`);
    await bench.host(register, ofHost('watch3'));
    const container = await bench.container(name);
    await container.getBlockBlobClient('a').upload('here', 4);
    await all.until(1);
    expect(all.seen[0]?.text).toBe('here');
  });

  test('that fails five times puts the blob into the poison queue', async () => {
    const container = await bench.container();
    let tries = 0;
    const poison = collector<unknown>();
    await bench.queue('webjobs-blobtrigger-poison').createIfNotExists();
    await bench.host(
      () => {
        app.storageBlob('fails', {
          path: `${container.containerName}/{name}`,
          connection,
          handler: () => {
            tries += 1;
            throw new Error('no');
          },
        });
        app.storageQueue('poisoned', { queueName: 'webjobs-blobtrigger-poison', connection, handler: (message) => poison.add(message) });
      },
      { ...ofHost('watch4'), hostJson: { version: '2.0' } },
    );
    await container.getBlockBlobClient('bad').upload('x', 1);
    await poison.until(1);
    expect(tries).toBe(5);
    expect(poison.seen).toEqual([
      {
        Type: 'BlobTrigger',
        FunctionId: 'Host.Functions.fails',
        BlobType: 'BlockBlob',
        ContainerName: container.containerName,
        BlobName: 'bad',
        ETag: expect.any(String),
      },
    ]);
  });

  test('names an output by what its path holds', async () => {
    const container = await bench.container();
    const done = collector<undefined>();
    const copy = output.storageBlob({ path: `${container.containerName}/out/{name}`, connection });
    const one = await bench.host(
      () =>
        app.storageBlob('copies', {
          path: `${container.containerName}/in/{name}`,
          connection,
          return: copy,
          handler: (blob) => {
            done.add(undefined);
            return blob;
          },
        }),
      ofHost('watch5'),
    );
    await container.getBlockBlobClient('in/a/b').upload('copied', 6);
    await done.until(1);
    await one.host.whenIdle();
    expect((await container.getBlobClient('out/a/b').downloadToBuffer()).toString()).toBe('copied');
  });

  test('a blob that a killed host worked on is taken up by the next', async () => {
    const container = await bench.container();
    const appDirectory = appFolder();
    const options = { appDirectory, stateFile: path.join(appDirectory, 'state.db'), ...ofHost('watch6') };
    const begun = collector<undefined>();
    const before = await bench.host(
      () =>
        app.storageBlob('watch', {
          path: `${container.containerName}/{name}`,
          connection,
          handler: () => {
            begun.add(undefined);
            return new Promise<void>(() => {});
          },
        }),
      options,
    );
    await container.getBlockBlobClient('a').upload('again', 5);
    await begun.until(1);
    before.host.kill();
    const { all, register } = watch(`${container.containerName}/{name}`);
    await bench.host(register, options);
    await all.until(1);
    expect(all.seen[0]?.text).toBe('again');
  });
});

describe('a receipt', () => {
  const version = (blob: string) => ({ hostId: 'h', functionId: 'f', container: 'c', blob, etag: '"1"' });

  test('lets one of many run what it is for, and a later one nothing', async () => {
    const hosts = await bench.container();
    let runs = 0;
    const run = async (): Promise<void> => {
      runs += 1;
    };
    const answers = await Promise.all(Array.from({ length: 5 }, () => onceFor(hosts, version('many'), run)));
    expect([runs, answers.includes(true)]).toEqual([1, true]);
    expect(await onceFor(hosts, version('many'), run)).toBe(true);
    expect(runs).toBe(1);
  });

  test('of what failed lets it run again', async () => {
    const hosts = await bench.container();
    await expect(onceFor(hosts, version('failed'), () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    let runs = 0;
    expect(await onceFor(hosts, version('failed'), async () => void (runs += 1))).toBe(true);
    expect(runs).toBe(1);
  });
});
