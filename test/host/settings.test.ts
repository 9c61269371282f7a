import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { app } from '@azure/functions';
import { afterEach, describe, expect, test } from '@jest/globals';
import * as df from 'durable-functions';
import { startHost } from '../../local/host';
import { expandBraces, mainFiles } from '../../local/host/main-files';
import { parseTimeSpan, readHostJson } from '../../local/host/host-json';
import { timestamp } from '../../local/host/durable/history';
import { appFolder, bench, removeFolders } from './bench';

afterEach(removeFolders);

const storage = (storageProvider: unknown): unknown => ({ extensions: { durableTask: { storageProvider } } });

describe('host.json', () => {
  test('has the real defaults, and takes names of settings', () => {
    expect(readHostJson(appFolder(), {})).toEqual({
      routePrefix: 'api',
      queues: {
        batchSize: 16,
        newBatchThreshold: 8,
        maxDequeueCount: 5,
        visibilityTimeoutMs: 0,
        maxPollingMs: 60_000,
        messageEncoding: 'base64',
      },
      blobs: { maxDegreeOfParallelism: 8 * availableParallelism(), poisonBlobThreshold: 5 },
      retry: undefined,
      durable: {
        hubName: 'TestHubName',
        maxActivities: 10,
        maxTurns: 5,
        largestEntityBatch: 50,
        httpSleepMs: 30_000,
        usesForwardedHost: false,
        storeInputs: false,
        replacesRunning: false,
        versions: { current: null, match: 'currentorolder', failure: 'reject' },
      },
    });
    const given = appFolder({
      extensions: {
        http: { routePrefix: '' },
        durableTask: { hubName: '%HUB%' },
        queues: { visibilityTimeout: '00:01:30', messageEncoding: 'None', batchSize: 4, newBatchThreshold: 0 },
      },
      retry: { strategy: 'exponentialBackoff', maxRetryCount: 3, minimumInterval: '00:00:01', maximumInterval: '00:01:00' },
    });
    expect(readHostJson(given, { HUB: 'TheHub' })).toMatchObject({
      routePrefix: '',
      durable: { hubName: 'TheHub' },
      queues: { visibilityTimeoutMs: 90_000, messageEncoding: 'none', batchSize: 4, newBatchThreshold: 0 },
      retry: { strategy: 'exponentialBackoff', maxRetryCount: 3, minimumMs: 1000, maximumMs: 60_000 },
    });
    expect(() => readHostJson(given, {})).toThrow('host.json names the app setting "HUB", which is not set.');
  });

  test.each([
    [{ extensions: { durableTask: { extendedSessionsEnabled: true } } }, "extendedSessionsEnabled set to 'true' is only supported"],
    [storage({ controlQueueVisibilityTimeout: '00:00:30' }), 'ControlQueueVisibilityTimeout must be between 1 and 60 minutes.'],
    [storage({ controlQueueVisibilityTimeout: '01:00:01' }), 'ControlQueueVisibilityTimeout must be between 1 and 60 minutes.'],
    [storage({ partitionCount: 17 }), 'partitionCount must be a whole number from 1 to 16, not 17'],
    [storage({ controlQueueBatchSize: 0 }), 'controlQueueBatchSize must be a whole number from 1, not 0'],
    [storage({ controlQueueBufferThreshold: 1001 }), 'controlQueueBufferThreshold must be a whole number from 1 to 1000, not 1001'],
    [storage({ maxQueuePollingInterval: '00:00:00' }), 'maxQueuePollingInterval must not be less than 1 ms'],
    [{ extensions: { queues: { batchSize: 33 } } }, 'batchSize must be a whole number from 1 to 32, not 33'],
    [{ extensions: { queues: { visibilityTimeout: 'soon' } } }, 'visibilityTimeout must be a time span such as "00:00:30", not "soon"'],
    [{ extensions: { queues: { newBatchThreshold: -1 } } }, 'newBatchThreshold must be a whole number from 0, not -1'],
    [{ extensions: { queues: { maxPollingInterval: '00:00:00.05' } } }, 'maxPollingInterval must not be less than 100 ms'],
    [{ extensions: { blobs: { maxDegreeOfParallelism: 0 } } }, 'maxDegreeOfParallelism must be a whole number from 1, not 0'],
    [{ retry: { strategy: 'fixedDelay', maxRetryCount: 1 } }, 'host.json: retry needs a delayInterval.'],
    [{ retry: { strategy: 'fixedDelay', delayInterval: '00:00:01' } }, 'retry needs a maxRetryCount of -1 (for ever) or more'],
    [{ retry: { strategy: 'never', maxRetryCount: 1 } }, 'retry needs the strategy fixedDelay or exponentialBackoff'],
    [{ extensions: { queues: { messageEncoding: 'utf8' } } }, 'messageEncoding must be one of base64, none, not "utf8"'],
  ])('%j is refused', (hostJson, reason) => {
    expect(() => readHostJson(appFolder(hostJson), {})).toThrow(reason);
  });

  test.each(['AzureStorage', 'azurestorage'])('is judged by the rules of Azure Storage where its provider is %s', (type) => {
    const given = appFolder(storage({ type, partitionCount: 32 }));
    expect(() => readHostJson(given, {})).toThrow('partitionCount must be a whole number from 1 to 16, not 32');
  });

  test.each(['Netherite', 'mssql'])('is not judged by them where its provider is %s', (type) => {
    const given = appFolder(storage({ type, partitionCount: 32, controlQueueVisibilityTimeout: 'as it likes' }));
    expect(() => readHostJson(given, {})).not.toThrow();
  });

  test('has to be there', () => {
    expect(() => readHostJson(path.join(appFolder(), 'none'), {})).toThrow('There is no host.json');
  });
});

describe("package.json's main", () => {
  test('is a file, a glob, or several', () => {
    const folder = appFolder();
    mkdirSync(path.join(folder, 'src/deep'), { recursive: true });
    for (const file of ['index.js', 'src/a.js', 'src/b.mjs', 'src/deep/c.js']) writeFileSync(path.join(folder, file), '');
    const found = (main: string): string[] => {
      writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ main }));
      return mainFiles(folder).map((file) => path.relative(folder, file).split(path.sep).join('/'));
    };
    expect(found('index.js')).toEqual(['index.js']);
    expect(found('./index')).toEqual(['index.js']);
    expect(found('src/*.js')).toEqual(['src/a.js']);
    expect(found('src/**/*.{js,mjs}')).toEqual(['src/a.js', 'src/deep/c.js', 'src/b.mjs']);
    expect(found('{index.js,src/*.js}')).toEqual(['index.js', 'src/a.js']);
    expect(() => found('dist/*.js')).toThrow('no such file is there');
  });

  test('braces and commas', () => {
    expect(expandBraces('a/{b,c}/{d,e}.js')).toEqual(['a/b/d.js', 'a/b/e.js', 'a/c/d.js', 'a/c/e.js']);
    expect(expandBraces('a.js,b.js')).toEqual(['a.js', 'b.js']);
  });
});

test.each([
  [0, '1970-01-01T00:00:00Z'],
  [1500, '1970-01-01T00:00:01.5Z'],
  [1050, '1970-01-01T00:00:01.05Z'],
  [600_000, '1970-01-01T00:10:00Z'],
])('%d ms are printed as .NET does', (ms, text) => {
  expect(timestamp(ms)).toBe(text);
});

test.each([
  ['00:00:30', 30_000],
  ['23:59:59.5', 86_399_500],
  ['00:05', 300_000],
  ['1.02:00:00', 93_600_000],
  ['1:02:00:00', 93_600_000],
  // Hours end at 23, so that this is days, as .NET reads it.
  ['24:00:00', 24 * 86_400_000],
  ['6', 6 * 86_400_000],
  ['00:60:00', undefined],
  ['00:00:60', undefined],
  ['soon', undefined],
])('the time span %s', (text, ms) => {
  expect(parseTimeSpan(text)).toBe(ms);
});

describe('the task hub of a slot', () => {
  const staging = { WEBSITE_SLOT_NAME: 'staging' };
  const orchestration = () => {
    df.app.orchestration('Story', function* () {});
  };

  test('must not be the default one: the slots would take each other’s work', async () => {
    await expect(bench(orchestration, { settings: staging })).rejects.toThrow(
      'Task Hub name must be specified in host.json when using slots',
    );
    const named = { version: '2.0', extensions: { durableTask: { hubName: 'testhubname' } } };
    await expect(bench(orchestration, { settings: staging, hostJson: named })).rejects.toThrow('This is slot "staging"');
  });

  test.each([
    ['in production', { WEBSITE_SLOT_NAME: 'Production' }, undefined],
    ['under a name of its own', staging, { version: '2.0', extensions: { durableTask: { hubName: 'Staging' } } }],
  ])('is taken %s', async (_where, settings, hostJson) => {
    const one = await bench(orchestration, { settings, hostJson });
    expect(one.host.functions().map(({ name }) => name)).toContain('Story');
    await one.host.stop();
  });

  test('does not matter to an app without durable functions', async () => {
    const host = await startHost({
      appDirectory: appFolder(),
      stateFile: ':memory:',
      settings: staging,
      load: () => app.http('hello', { handler: () => ({ body: 'hello' }) }),
    });
    expect(host.functions()).toHaveLength(1);
    await host.stop();
  });
});
