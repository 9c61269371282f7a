import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { defaultHubName } from './durable/task-hub';
import type { VersionRules } from './durable/versions';
import { checkPolicy, type RetryPolicy } from './function-retry';
import type { QueueRules } from './queue-listener';

/** What the host takes from host.json. Durations in milliseconds. */
export interface HostJson {
  routePrefix: string;
  queues: QueueRules;
  blobs: {
    /** How many blobs are worked on at a time. */
    maxDegreeOfParallelism: number;
    /** How often a blob is tried. */
    poisonBlobThreshold: number;
  };
  retry: RetryPolicy | undefined;
  durable: {
    hubName: string;
    maxActivities: number;
    maxTurns: number;
    largestEntityBatch: number;
    httpSleepMs: number;
    /** Links name the host that a proxy says it was asked for. */
    usesForwardedHost: boolean;
    storeInputs: boolean;
    replacesRunning: boolean;
    versions: VersionRules;
  };
}

type Json = Record<string, unknown>;

const part = (from: Json, name: string): Json => {
  const value = from[name];
  return typeof value === 'object' && value !== null ? (value as Json) : {};
};

/** Replaces `%NAME%` by the app setting of that name. A name that is not set is an error, as on the real host. */
export function resolveNames(text: string, settings: NodeJS.ProcessEnv, where: string): string {
  return text.replace(/%([^%]+)%/g, (_all, name: string) => {
    const value = settings[name];
    if (value === undefined)
      throw new Error(`${where} names the app setting "${name}", which is not set. Set it, or write the value itself.`);
    return value;
  });
}

/** @throws Error when the file is missing or is not JSON: the real host does not start either */
export function readHostJson(appDirectory: string, settings: NodeJS.ProcessEnv): HostJson {
  const file = path.join(appDirectory, 'host.json');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Error(`There is no host.json in ${appDirectory}. A function app has one at its root.`, { cause });
  }
  let root: Json;
  try {
    root = JSON.parse(resolveNames(text, settings, 'host.json')) as Json;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new Error(`${file} is not JSON: ${cause.message}`, { cause });
  }
  const extensions = part(root, 'extensions');
  const blobs = part(extensions, 'blobs');
  const durable = part(extensions, 'durableTask');
  refuse(durable);
  return {
    routePrefix: String(part(extensions, 'http')['routePrefix'] ?? 'api'),
    queues: queueRules(part(extensions, 'queues')),
    blobs: {
      maxDegreeOfParallelism: whole(blobs, 'maxDegreeOfParallelism', { absent: 8 * availableParallelism() }),
      poisonBlobThreshold: whole(blobs, 'poisonBlobThreshold', { absent: 5 }),
    },
    retry: root['retry'] === undefined ? undefined : retry(part(root, 'retry')),
    durable: {
      hubName: String(durable['hubName'] ?? defaultHubName),
      maxActivities: whole(durable, 'maxConcurrentActivityFunctions', { absent: 10 }),
      maxTurns: whole(durable, 'maxConcurrentOrchestratorFunctions', { absent: 5 }),
      largestEntityBatch: whole(durable, 'maxEntityOperationBatchSize', { absent: 50 }),
      httpSleepMs: whole(part(durable, 'httpSettings'), 'defaultAsyncRequestSleepTimeMilliseconds', { absent: 30_000 }),
      usesForwardedHost: part(durable, 'httpSettings')['useForwardedHost'] === true,
      storeInputs: durable['storeInputsInOrchestrationHistory'] === true,
      replacesRunning: durable['overridableExistingInstanceStates'] === 'AnyState',
      versions: {
        current: typeof durable['defaultVersion'] === 'string' && durable['defaultVersion'] !== '' ? durable['defaultVersion'] : null,
        match: choice(durable, 'versionMatchStrategy', ['currentorolder', 'strict', 'none']),
        failure: choice(durable, 'versionFailureStrategy', ['reject', 'fail']),
      },
    },
  };
}

function queueRules(queues: Json): QueueRules {
  const batchSize = whole(queues, 'batchSize', { absent: 16, most: 32 });
  return {
    batchSize,
    // Half a batch for each processor; one is counted, as on the Consumption plan.
    newBatchThreshold: whole(queues, 'newBatchThreshold', { absent: Math.floor(batchSize / 2), least: 0 }),
    maxDequeueCount: whole(queues, 'maxDequeueCount', { absent: 5 }),
    visibilityTimeoutMs: duration(queues, 'visibilityTimeout', 0),
    maxPollingMs: duration(queues, 'maxPollingInterval', 60_000, 100),
    messageEncoding: choice(queues, 'messageEncoding', ['base64', 'none'] as const),
  };
}

function retry(given: Json): RetryPolicy {
  const span = (name: string): number | undefined => (given[name] === undefined ? undefined : duration(given, name, 0));
  return checkPolicy(
    {
      strategy: given['strategy'],
      maxRetryCount: given['maxRetryCount'],
      delayMs: span('delayInterval'),
      minimumMs: span('minimumInterval'),
      maximumMs: span('maximumInterval'),
    },
    'host.json: retry',
  );
}

function refuse(durable: Json): void {
  if (durable['extendedSessionsEnabled'] === true) {
    throw new Error(
      "host.json: Durable Functions with extendedSessionsEnabled set to 'true' is only supported when using the in-process or isolated .NET worker. Remove the setting.",
    );
  }
  const storage = part(durable, 'storageProvider');
  // Another provider has rules of its own.
  if (String(storage['type'] ?? 'AzureStorage').toLowerCase() !== 'azurestorage') return;
  // With these the extension does not start either, though here they change nothing.
  whole(storage, 'partitionCount', { absent: 4, most: 16 });
  whole(storage, 'controlQueueBatchSize', { absent: 32 });
  whole(storage, 'controlQueueBufferThreshold', { absent: 256, most: 1000 });
  duration(storage, 'maxQueuePollingInterval', 30_000, 1);
  const held = duration(storage, 'controlQueueVisibilityTimeout', 300_000);
  if (held < 60_000 || held > 3_600_000) throw new Error('host.json: ControlQueueVisibilityTimeout must be between 1 and 60 minutes.');
}

function whole(
  from: Json,
  name: string,
  { absent, least = 1, most = Infinity }: { absent: number; least?: number; most?: number },
): number {
  const value = from[name] ?? absent;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw new Error(
      `host.json: ${name} must be a whole number from ${least}${most === Infinity ? '' : ` to ${most}`}, not ${JSON.stringify(value)}.`,
    );
  }
  return value;
}

function choice<T extends string>(from: Json, name: string, known: readonly [T, ...T[]]): T {
  const value = from[name];
  if (value === undefined) return known[0];
  const found = known.find((one) => one === String(value).toLowerCase());
  if (!found) throw new Error(`host.json: ${name} must be one of ${known.join(', ')}, not ${JSON.stringify(value)}.`);
  return found;
}

function duration(from: Json, name: string, absentMs: number, leastMs = 0): number {
  const value = from[name];
  if (value === undefined) return absentMs;
  const ms = parseTimeSpan(String(value));
  if (ms === undefined) throw new Error(`host.json: ${name} must be a time span such as "00:00:30", not ${JSON.stringify(value)}.`);
  if (ms < leastMs) throw new Error(`host.json: ${name} must not be less than ${leastMs} ms, but is ${JSON.stringify(value)}.`);
  return ms;
}

/**
 * A time span as .NET reads it, in milliseconds, or undefined: `d`, `hh:mm`, `hh:mm:ss[.fraction]`, `d.hh:mm:ss`, `d:hh:mm:ss`. With three numbers of which
 * the first is above 23 that is days, so that "24:00:00" means 24 days.
 */
export function parseTimeSpan(text: string): number | undefined {
  const match = /^(?:(\d+)[.:](?=\d{1,2}:\d{1,2}:\d))?(\d+)(?::(\d{1,2}))?(?::(\d{1,2}(?:\.\d{1,7})?))?$/.exec(text.trim());
  if (!match) return undefined;
  const [, days, ...rest]: (string | undefined)[] = match;
  const parts = rest.filter((one) => one !== undefined);
  const [first = 0, second = 0, third = 0] = parts.map(Number);
  if (parts.length === 1) return days === undefined ? first * dayMs : undefined;
  const isDays = days === undefined && parts.length === 3 && first > 23;
  const [d, h, m, s] = isDays ? [first, second, third, 0] : [Number(days ?? 0), first, second, third];
  if (h > 23 || m > 59 || s >= 60) return undefined;
  return d * dayMs + h * 3_600_000 + m * 60_000 + s * 1000;
}

const dayMs = 86_400_000;
