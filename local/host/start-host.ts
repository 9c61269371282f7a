import { randomBytes } from 'node:crypto';
import { answerAdmin } from './admin-api';
import { appFunctions, describe, type AppFunction } from './app-functions';
import { systemClock, type Clock } from './clock';
import type { Host, HostKeys, HostOptions, LogLevel } from './contract';
import { openDatabase, type Sqlite } from './database';
import { durableClientPayload, type DurableUrls } from './durable/client-payload';
import { createDurableService, type DurableService } from './durable/service';
import { createFaultLine } from './fault-line';
import type { InvocationResponse, RegisteredFunction, Registry, TypedData } from './functions-core';
import { hostIdOf } from './host-id';
import { readHostJson, type HostJson } from './host-json';
import { empty, text, type HttpAnswer, type HttpRequest } from './http-message';
import { createHttpTriggers, givenKey } from './http-trigger';
import { runHooks } from './invoke';
import { keyOpens, loadKeys } from './keys';
import { loadApp } from './load-app';
import { toLevel } from './log-level';
import { createQueueConnections, type QueueConnections } from './queue-connection';
import { writeQueueOutputs } from './queue-output';
import { startQueues, type QueueTriggers } from './queue-trigger';
import { listen, type Server } from './server';
import { startTimers } from './timer-trigger';
import { createTriggerInvoker, type TriggerInvoker } from './trigger-invoker';
import { createWork, type Work } from './work';

/** How long a graceful stop waits for what runs. An activity that is cut off runs again at the next start, as it would on the real host. */
const stopSeconds = 5;

/** Everything that the parts of one running host share. */
interface Ground {
  registry: Registry;
  functions: AppFunction[];
  hostJson: HostJson;
  settings: NodeJS.ProcessEnv;
  db: Sqlite;
  keys: HostKeys;
  clock: Clock;
  work: Work;
  connections: QueueConnections;
  fault: ReturnType<typeof createFaultLine>;
  /** Stands in the path of the keyless local API, so that only the app in this process can reach it. */
  rpcSecret: string;
  life: { state: 'Running' | 'Stopping'; port: number; isDead: boolean };
  log(level: LogLevel, text: string, functionName?: string): void;
}

/**
 * Loads the app, takes up what the state file holds, and serves.
 * @throws Error in a sentence when the app, its host.json, its settings or its bindings cannot be run here
 */
export async function startHost(options: HostOptions): Promise<Host> {
  const ground = await layGround(options);
  try {
    return await serve(ground, options);
  } catch (error) {
    ground.db.close();
    throw error;
  }
}

async function layGround(options: HostOptions): Promise<Ground> {
  const { clock = systemClock, settings = process.env } = options;
  const log: Ground['log'] = (level, message, functionName) =>
    options.log?.({ level, text: message, ...(functionName !== undefined && { functionName }) });
  const hostJson = readHostJson(options.appDirectory, settings);
  const registry = await loadApp(options, (level, _category, message) => log(toLevel(level), message));
  const functions = appFunctions(registry, settings);
  const db = openDatabase(options.stateFile);
  return {
    registry,
    functions,
    hostJson,
    settings,
    db,
    keys: loadKeys(db),
    clock,
    work: createWork(clock),
    connections: createQueueConnections(settings),
    fault: createFaultLine((error) =>
      log('error', `The host is broken: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
    ),
    rpcSecret: randomBytes(24).toString('base64url'),
    life: { state: 'Running', port: 0, isDead: false },
    log,
  };
}

const originOf = (ground: Ground): string => `http://127.0.0.1:${ground.life.port}`;

const urlsAt = (ground: Ground, origin: string): DurableUrls => ({
  taskHub: ground.hostJson.durable.hubName,
  origin,
  systemKey: ground.keys.systemKeys['durabletask_extension'] ?? '',
});

async function serve(ground: Ground, options: HostOptions): Promise<Host> {
  const { clock, db, functions, life, settings, work } = ground;
  const extraInputs = (fn: RegisteredFunction): { name: string; data: TypedData }[] =>
    Object.entries(fn.metadata.bindings)
      .filter(([, binding]) => /^(durable|orchestration)client$/i.test(binding.type))
      .map(([name]) => ({
        name,
        data: { string: durableClientPayload(urlsAt(ground, originOf(ground)), `${originOf(ground)}${rpcPath(ground)}`) },
      }));
  const writeOutputs = (fn: RegisteredFunction, response: InvocationResponse): Promise<void> =>
    writeQueueOutputs(fn, response, { connections: ground.connections, encoding: ground.hostJson.queues.messageEncoding, settings });
  const invoke = createTriggerInvoker({ registry: ground.registry, work, extraInputs, writeOutputs, log: ground.log });
  const durable = createDurableService({
    registry: ground.registry,
    functions,
    db,
    clock,
    work,
    settings: ground.hostJson.durable,
    appSettings: settings,
    urls: (origin) => urlsAt(ground, origin),
    extraInputs,
    writeOutputs,
    onTurn: options.onTurn,
    schedule: options.schedule,
    log: ground.log,
    broken: (error) => ground.fault.report(error),
  });

  const server = await listen(options.port ?? 0, () => work.begin(), createAnswer(ground, options, durable, invoke));
  life.port = server.port;
  let queues: QueueTriggers;
  let stopTimers: () => void;
  try {
    queues = startQueues(functions, {
      db,
      connections: ground.connections,
      options: ground.hostJson.queues,
      settings,
      begin: () => work.begin(),
      invoke,
      log: ground.log,
    });
    stopTimers = startTimers(functions, { db, clock, settings, invoke });
  } catch (error) {
    server.cut();
    throw error;
  }
  durable.start();
  return hostOf(ground, { server, durable, queues, stopTimers });
}

const rpcPath = (ground: Ground): string => `/durabletask/${ground.rpcSecret}/`;

function createAnswer(
  ground: Ground,
  options: HostOptions,
  durable: DurableService,
  invoke: TriggerInvoker,
): (request: HttpRequest) => Promise<HttpAnswer> {
  const { clock, functions, keys } = ground;
  const { routePrefix } = ground.hostJson;
  const http = createHttpTriggers(functions, { routePrefix, keys, invoke });
  const hostId = hostIdOf(ground.db, options.appDirectory, ground.settings);
  const admin = { keys, hostId, routePrefix, startedAtMs: clock.now(), now: () => clock.now(), functions, state: () => ground.life.state };

  return async (request) => {
    const { pathname } = request.url;
    if (pathname.startsWith(rpcPath(ground))) return durable.answer(request, pathname.slice(rpcPath(ground).length));
    const webhook = /^\/runtime\/webhooks\/durabletask\/(.*)$/i.exec(pathname);
    if (webhook) return keyOpens(keys, givenKey(request), 'system') ? durable.answer(request, webhook[1] ?? '') : empty(401);
    const found = answerAdmin(admin, request) ?? (await http.answer(request));
    if (found) return found;
    const isHome = pathname === '/' && (request.method === 'GET' || request.method === 'HEAD');
    return isHome ? text(200, 'This function app is up and running.') : empty(404);
  };
}

interface Running {
  server: Server;
  durable: DurableService;
  queues: QueueTriggers;
  stopTimers: () => void;
}

function hostOf(ground: Ground, { server, durable, queues, stopTimers }: Running): Host {
  const { fault, life, work } = ground;
  const kill = (): void => {
    if (life.isDead) return;
    life.isDead = true;
    life.state = 'Stopping';
    stopTimers();
    durable.kill();
    queues.kill();
    server.cut();
    ground.db.close();
  };
  const stop = async (): Promise<void> => {
    if (life.state === 'Stopping') return;
    life.state = 'Stopping';
    stopTimers();
    await within(stopSeconds, Promise.all([queues.stop(), durable.stop(), server.close()]));
    await runHooks(ground.registry, 'appTerminate', { hookData: {}, appHookData: {} }).catch((error: unknown) =>
      ground.log('error', `A stop hook failed: ${String(error)}`),
    );
    kill();
  };
  return {
    url: originOf(ground),
    port: server.port,
    functions: () => ground.functions.map(describe),
    keys: () => structuredClone(ground.keys),
    whenIdle: () => Promise.race([work.whenIdle(), fault.whenBroken]),
    whenBroken: fault.whenBroken,
    stop,
    kill,
  };
}

async function within(seconds: number, done: Promise<unknown>): Promise<void> {
  let handle: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => (handle = setTimeout(resolve, seconds * 1000)));
  await Promise.race([done, limit]);
  clearTimeout(handle);
}
