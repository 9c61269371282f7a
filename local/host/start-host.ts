import { randomBytes } from 'node:crypto';
import { answerAdmin } from './admin-api';
import { appFunctions, describe, isDurable, type AppFunction } from './app-functions';
import { ask } from './ask';
import { checkExpressions } from './bound-property';
import { systemClock, type Clock } from './clock';
import { PowerCut, type CommitWatch } from './commit-watch';
import type { Host, HostOptions, LogLevel } from './contract';
import { durabilityOf, openDatabase, type Sqlite } from './database';
import { durableClientPayload, type DurableUrls } from './durable/client-payload';
import { createDurableService, type DurableService } from './durable/service';
import { checkTaskHub } from './durable/task-hub';
import { createFaultLine } from './fault-line';
import { createFunctionBindings } from './function-bindings';
import type { Registry } from './functions-core';
import { hostIdOf } from './host-id';
import { readHostJson, type HostJson } from './host-json';
import { checkHostOptions } from './host-options';
import { empty, text, type HttpAnswer, type HttpHead, type HttpRequest, type HttpStreamer, send } from './http-message';
import type { HttpProxy } from './http-proxy';
import { streamCall } from './http-stream';
import { createHttpTriggers, givenKey } from './http-trigger';
import { appHookContext, runHooks } from './invoke';
import { keyOpens, loadKeys, type KeyRing } from './keys';
import { loadApp } from './load-app';
import { toLevel } from './log-level';
import { listen, type Answers, type Server } from './server';
import { signInBefore } from './site-sign-in';
import { startTriggers, type Triggers } from './start-triggers';
import { withStateFile } from './state-file-lock';
import { createStorageConnections, type StorageConnections } from './storage-connection';
import { createTakenMessages } from './taken-messages';
import { createTriggerInvoker, type TriggerInvoker } from './trigger-invoker';
import { createWarmUp } from './warmup-trigger';
import { createWork, type Work } from './work';

/** How long a graceful stop waits for what runs. An activity that is cut off runs again at the next start, as it would on the real host. */
const stopSeconds = 5;

interface Life {
  state: 'Running' | 'Stopping';
  port: number;
  isDead: boolean;
  whenStopped: Promise<void>;
  tellStopped(): void;
  /** What to do when a commit's watch has thrown; nothing while the host starts, which fails then. */
  losePower(): void;
}

function newLife(): Life {
  let tellStopped = (): void => {};
  const whenStopped = new Promise<void>((resolve) => (tellStopped = resolve));
  return { state: 'Running', port: 0, isDead: false, whenStopped, tellStopped, losePower: () => {} };
}

/** Everything that the parts of one running host share. */
interface Ground {
  registry: Registry;
  functions: AppFunction[];
  hostJson: HostJson;
  settings: NodeJS.ProcessEnv;
  db: Sqlite;
  keys: KeyRing;
  hostId: string;
  proxy: HttpProxy;
  clock: Clock;
  work: Work;
  connections: StorageConnections;
  fault: ReturnType<typeof createFaultLine>;
  /** Stands in the path of the keyless local API, so that only the app in this process can reach it. */
  rpcSecret: string;
  life: Life;
  log(level: LogLevel, text: string, functionName?: string): void;
}

/**
 * Loads the app, takes up what the state file holds, and serves.
 * @throws Error in a sentence when the app, its host.json, its settings or its bindings cannot be run here
 */
export async function startHost(options: HostOptions): Promise<Host> {
  checkHostOptions(options);
  const ground = await withStateFile(options.stateFile, () => layGround(options));
  try {
    return await serve(ground, options);
  } catch (error) {
    await ground.proxy.close();
    ground.db.close();
    throw error;
  }
}

async function layGround(options: HostOptions): Promise<Ground> {
  const { clock = systemClock, settings = process.env } = options;
  const log: Ground['log'] = (level, message, functionName) =>
    options.log?.({ level, text: message, ...(functionName !== undefined && { functionName }) });
  const hostJson = readHostJson(options.appDirectory, settings);
  const { registry, proxy } = await loadApp(options, (level, _category, message) => log(toLevel(level), message));
  const life = newLife();
  const fault = createFaultLine((error) =>
    log('error', `The host is broken: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
  );
  let db: Sqlite | undefined;
  try {
    const functions = appFunctions(registry, settings);
    if (functions.some(isDurable)) checkTaskHub(hostJson.durable.hubName, settings);
    for (const fn of functions.filter(({ isDisabled }) => !isDisabled))
      for (const binding of Object.values(fn.registered.metadata.bindings)) checkExpressions(fn.name, binding, settings);
    db = openDatabase(options.stateFile, options.onCommit && watchFor({ life, fault }, options.onCommit));
    const { journalMode, synchronous } = durabilityOf(db);
    log('debug', `The state file's journal mode is ${journalMode}, its synchronous is ${synchronous}.`);
    const names = functions.map((fn) => fn.name);
    return {
      registry,
      functions,
      hostJson,
      settings,
      db,
      keys: loadKeys(db, names),
      hostId: hostIdOf(db, options.appDirectory, settings),
      proxy,
      clock,
      work: createWork(clock),
      connections: createStorageConnections(settings),
      fault,
      rpcSecret: randomBytes(24).toString('base64url'),
      life,
      log,
    };
  } catch (error) {
    await proxy.close();
    db?.close();
    throw error;
  }
}

const watchFor =
  ({ life, fault }: Pick<Ground, 'life' | 'fault'>, watch: CommitWatch): CommitWatch =>
  (commit, side) => {
    try {
      watch(commit, side);
    } catch (error) {
      if (!(error instanceof PowerCut)) fault.report(error);
      life.losePower();
      throw error;
    }
  };

const originOf = (ground: Ground): string => `http://127.0.0.1:${ground.life.port}`;

const urlsAt = (ground: Ground, origin: string): DurableUrls => ({
  taskHub: ground.hostJson.durable.hubName,
  origin,
  systemKey: ground.keys.all().systemKeys['durabletask_extension'] ?? '',
});

async function serve(ground: Ground, options: HostOptions): Promise<Host> {
  const { clock, connections, db, functions, hostJson, life, log, settings, work } = ground;
  const bindings = createFunctionBindings({
    connections,
    settings,
    now: () => clock.now(),
    encoding: hostJson.queues.messageEncoding,
    clientPayload: () => durableClientPayload(urlsAt(ground, originOf(ground)), `${originOf(ground)}${rpcPath(ground)}`),
  });
  const invoke = createTriggerInvoker(functions, {
    registry: ground.registry,
    work,
    time: { sleep: (ms) => sleepUnlessStopped(ground, ms) },
    retry: hostJson.retry,
    readInputs: bindings.readInputs,
    writeOutputs: bindings.writeOutputs,
    log,
  });
  const durable = createDurableService({
    registry: ground.registry,
    functions,
    db,
    clock,
    work,
    settings: hostJson.durable,
    appSettings: settings,
    urls: (origin) => urlsAt(ground, origin),
    ...bindings,
    onTurn: options.onTurn,
    schedule: options.schedule,
    log,
    broken: (error) => ground.fault.report(error),
  });

  const inner = createAnswers(ground, durable, invoke);
  const answers = options.people ? signInBefore(inner, options.people) : inner;
  const server = await listen(options.port ?? 0, () => work.begin(), answers);
  life.port = server.port;
  const world = { settings, invoke, log, begin: () => work.begin() };
  let triggers: Triggers | undefined;
  try {
    const stored = { ...world, db, connections, taken: createTakenMessages(db) };
    triggers = startTriggers(functions, {
      queues: { ...stored, rules: hostJson.queues },
      blobs: { ...stored, rules: hostJson.blobs, hostId: ground.hostId },
      timers: { ...world, db, clock },
    });
    durable.start();
    return hostOf(ground, { server, durable, triggers, answers });
  } catch (error) {
    durable.kill();
    triggers?.kill();
    server.cut();
    throw error;
  }
}

/** False if the host stopped meanwhile. */
async function sleepUnlessStopped({ clock, life }: Ground, ms: number): Promise<boolean> {
  if (life.state === 'Stopping') return false;
  return Promise.race([clock.sleep(ms).then(() => true), life.whenStopped.then(() => false)]);
}

const rpcPath = (ground: Ground): string => `/durabletask/${ground.rpcSecret}/`;

function createAnswers(ground: Ground, durable: DurableService, invoke: TriggerInvoker): Answers {
  const { clock, functions, keys, log, proxy } = ground;
  const { routePrefix } = ground.hostJson;
  const http = createHttpTriggers(functions, { routePrefix, keys, invoke, log });
  const admin = {
    keys,
    hostId: ground.hostId,
    routePrefix,
    startedAtMs: clock.now(),
    now: () => clock.now(),
    functions,
    state: () => ground.life.state,
    warmUp: createWarmUp(functions, invoke),
  };
  const isHostPath = ({ url: { pathname } }: HttpHead): boolean =>
    pathname.startsWith(rpcPath(ground)) || /^\/(?:admin|runtime)(?:\/|$)/i.test(pathname);

  const stream = (head: HttpHead): HttpStreamer | undefined => {
    const found = proxy.port === undefined || isHostPath(head) ? undefined : http.find(head);
    if (proxy.port === undefined || !found) return undefined;
    const refusal = http.refuse(found.target, head);
    if (refusal) return async (_incoming, outgoing) => send(outgoing, head.method, refusal);
    const world = { invoke, log, proxyPort: proxy.port };
    return (incoming, outgoing) => streamCall(world, found, head, incoming, outgoing);
  };
  const answer = async (request: HttpRequest): Promise<HttpAnswer> => {
    const { pathname } = request.url;
    if (pathname.startsWith(rpcPath(ground))) return durable.answer(request, pathname.slice(rpcPath(ground).length));
    const [, extension, rest = ''] = /^\/runtime\/webhooks\/([^/]+)(?:\/(.*))?$/i.exec(pathname) ?? [];
    if (extension !== undefined && !keyOpens(keys.all(), givenKey(request), 'system', extension)) return empty(401);
    if (extension?.toLowerCase() === 'durabletask') return durable.answer(request, rest);
    const ofAdmin = await answerAdmin(admin, request);
    if (ofAdmin) return ofAdmin;
    const found = isHostPath(request) ? undefined : http.find(request);
    if (found) return http.refuse(found.target, request) ?? http.answer(found, request);
    const isHome = pathname === '/' && (request.method === 'GET' || request.method === 'HEAD');
    return isHome ? text(200, 'This function app is up and running.') : empty(404);
  };
  return { stream, answer };
}

interface Running {
  server: Server;
  durable: DurableService;
  triggers: Triggers;
  answers: Answers;
}

function hostOf(ground: Ground, { server, durable, triggers, answers }: Running): Host {
  const { fault, life, work } = ground;
  const halt = (): void => {
    life.state = 'Stopping';
    life.tellStopped();
  };
  const kill = (): void => {
    if (life.isDead) return;
    life.isDead = true;
    halt();
    durable.kill();
    triggers.kill();
    server.cut();
    void ground.proxy.close();
    ground.db.close();
  };
  life.losePower = () => {
    halt();
    durable.kill();
    // A transaction is on the stack, and its file must not be closed under it.
    setImmediate(kill);
  };
  const stop = async (): Promise<void> => {
    if (life.state === 'Stopping') return;
    halt();
    await within(stopSeconds, Promise.all([triggers.stop(), durable.stop(), server.close()]));
    await runHooks(ground.registry, 'appTerminate', appHookContext(ground.registry)).catch((error: unknown) =>
      ground.log('error', `A stop hook failed: ${String(error)}`),
    );
    await ground.proxy.close();
    kill();
  };
  return {
    url: originOf(ground),
    port: server.port,
    ask: (question) => ask(originOf(ground), work, answers.answer, question),
    functions: () => ground.functions.map(describe),
    keys: () => structuredClone(ground.keys.all()),
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
