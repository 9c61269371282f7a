import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { VersionRules } from './durable/versions';

/** What the host takes from host.json. Durations in milliseconds. */
export interface HostJson {
  routePrefix: string;
  queues: {
    batchSize: number;
    maxDequeueCount: number;
    visibilityTimeoutMs: number;
    maxPollingMs: number;
    messageEncoding: 'none' | 'base64';
  };
  durable: {
    hubName: string;
    maxActivities: number;
    maxTurns: number;
    largestEntityBatch: number;
    httpSleepMs: number;
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
  const queues = part(extensions, 'queues');
  const durable = part(extensions, 'durableTask');
  refuse(durable);
  const encoding = choice(queues, 'messageEncoding', ['base64', 'none'] as const);
  return {
    routePrefix: String(part(extensions, 'http')['routePrefix'] ?? 'api').replace(/^\/+|\/+$/g, ''),
    queues: {
      batchSize: whole(queues, 'batchSize', 16, 32),
      maxDequeueCount: whole(queues, 'maxDequeueCount', 5),
      visibilityTimeoutMs: duration(queues, 'visibilityTimeout', 0),
      maxPollingMs: duration(queues, 'maxPollingInterval', 60_000),
      messageEncoding: encoding,
    },
    durable: {
      hubName: String(durable['hubName'] ?? 'TestHubName'),
      maxActivities: whole(durable, 'maxConcurrentActivityFunctions', 10),
      maxTurns: whole(durable, 'maxConcurrentOrchestratorFunctions', 5),
      largestEntityBatch: whole(durable, 'maxEntityOperationBatchSize', 50),
      httpSleepMs: whole(part(durable, 'httpSettings'), 'defaultAsyncRequestSleepTimeMilliseconds', 30_000),
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

function refuse(durable: Json): void {
  if (durable['extendedSessionsEnabled'] === true) {
    throw new Error(
      "host.json: Durable Functions with extendedSessionsEnabled set to 'true' is only supported when using the in-process or isolated .NET worker. Remove the setting.",
    );
  }
}

function whole(from: Json, name: string, absent: number, most = Infinity): number {
  const value = from[name] ?? absent;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > most) {
    throw new Error(
      `host.json: ${name} must be a whole number from 1${most === Infinity ? '' : ` to ${most}`}, not ${JSON.stringify(value)}.`,
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

/** `[d.]hh:mm:ss[.fraction]`. */
function duration(from: Json, name: string, absentMs: number): number {
  const value = from[name];
  if (value === undefined) return absentMs;
  const match = /^(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2}(?:\.\d+)?)$/.exec(String(value));
  if (!match) throw new Error(`host.json: ${name} must be a time span such as "00:00:30", not ${JSON.stringify(value)}.`);
  const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = match;
  return ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60_000 + Number(seconds) * 1000;
}
