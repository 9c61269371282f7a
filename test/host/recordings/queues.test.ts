import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import * as storage from '@azure/storage-queue';
import { startHost, virtualClock, type Host } from '../../../local/host';
import { startAzurite, type Azurite } from '../../azurite';
import { appFolder, removeFolders } from '../bench';
import { captureInvocations } from './capture';
import { compare, told } from './compare';
import { isShared, readRecording, recordedInvocations, recordingsIn, shared, type Invocation } from './recording';
import { loadFile, loadScenarioApp } from './scenario-app';
import { Ids } from './ids';
import { invocationUnits } from './unit';

/** Storage queue and timer triggers against recordings of them: what each call of a function was given, and what it answered. */

let azurite: Azurite;
let host: Host | undefined;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterEach(async () => {
  await host?.stop();
  host = undefined;
  removeFolders();
});
afterAll(() => azurite.stop());

const recordings = path.join(shared, 'recordings');
const files = isShared
  ? recordingsIn(recordings).filter((file) => recordedInvocationsOf(file).some((one) => one.kind === 'queueTrigger'))
  : [];

function recordedInvocationsOf(file: string): Invocation[] {
  return [...recordedInvocations(readRecording(file, recordings)).values()];
}

/** Calls that are compared. Two messages start one id at once, and which of them comes first, and how often, is chance. */
const isCompared = ({ kind, function: name }: Invocation): boolean =>
  (kind === 'queueTrigger' && name !== 'starts') || kind === 'timerTrigger';

const keyOf = ({ function: name, trigger, metadata }: Invocation): string =>
  JSON.stringify([name, trigger, (metadata as { DequeueCount?: unknown } | undefined)?.DequeueCount]);

if (files.length > 0) {
  test.each(files)('%s', async (file) => {
    const driver = path.join(shared, 'driver', `run${file.slice(0, 2)}.js`);
    const expected = recordedInvocationsOf(file).filter(isCompared);
    // A timer ticks as long as one looks: one tick is as good as many.
    const recorded = expected.filter(
      (one, at) => one.kind !== 'timerTrigger' || expected.findIndex((other) => other.kind === one.kind) === at,
    );
    const awaited = new Set(recorded.map(keyOf));
    const clock = virtualClock(Date.UTC(2026, 10, 23, 8, 3, 17));
    const own: Invocation[] = [];
    await new Promise<void>((resolve, reject) => {
      void run(driver, clock, (one) => {
        if (!isCompared(one) || (one.kind === 'timerTrigger' && own.some((other) => other.kind === one.kind))) return;
        own.push(one);
        awaited.delete(keyOf(one));
        if (awaited.size === 0) resolve();
      }).catch(reject);
    });
    await host?.whenIdle();
    const { found } = compare(invocationUnits(recorded, own, new Ids(), keyOf));
    expect(found.map(told)).toEqual([]);
  });
} else {
  test('recordings of queues are not here', () => {
    console.warn(`No recordings of queues at ${recordings}: what a queue trigger is given is held by queue.test.ts alone.`);
    expect(readFileSync(path.join(__dirname, '../queue.test.ts'), 'utf8')).toContain('get messages as the package reads them');
  });
}

async function run(driver: string, clock: ReturnType<typeof virtualClock>, see: (one: Invocation) => void): Promise<void> {
  const settings = { AzureWebJobsStorage: azurite.connectionString };
  const queues = { messageEncoding: 'base64', maxDequeueCount: 3, visibilityTimeout: '00:00:00', maxPollingInterval: '00:00:01' };
  host = await startHost({
    appDirectory: appFolder({ version: '2.0', extensions: { queues } }),
    stateFile: ':memory:',
    settings,
    clock,
    load: () => {
      loadScenarioApp(path.join(shared, 'app'), clock);
      captureInvocations(see);
    },
  });
  // The driver peeks into it after a sleep that is none here, before the host has made it.
  await storage.QueueServiceClient.fromConnectionString(azurite.connectionString).getQueueClient('q-seen-poison').createIfNotExists();
  // All messages at once: the queues are real, and so is the time in which they are polled.
  loadFile(driver, {
    require: (name) => (name === '@azure/storage-queue' ? storage : undefined),
    setTimeout: (go: () => void) => void setImmediate(go),
    console: { log: () => {} },
    process: { env: { HOST_URL: host.url, ...settings } },
    fetch,
  });
  await clock.advance(5000);
}
