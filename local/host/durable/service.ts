import type { AppFunction } from '../app-functions';
import type { BindingData } from '../binding-data';
import type { Clock } from '../clock';
import type { LogLevel, OrchestratorTurn, TurnSchedule } from '../contract';
import type { Sqlite } from '../database';
import type { InvocationResponse, RegisteredFunction, Registry, TypedData } from '../functions-core';
import type { HostJson } from '../host-json';
import type { HttpAnswer, HttpRequest } from '../http-message';
import type { Work } from '../work';
import type { DurableUrls } from './client-payload';
import { createCommitter, type Committer } from './committer';
import { createEngine, type Engine } from './engine';
import { createEntities } from './entities';
import { identityEndpointOf } from './identity-token';
import { createManagement } from './management';
import { createManagementApi, type ManagementApi } from './management-api';
import { createStore, type Store } from './store';
import { unknownOrchestrator } from './unknown-function';

export interface DurableOptions {
  registry: Registry;
  functions: AppFunction[];
  db: Sqlite;
  clock: Clock;
  work: Work;
  settings: HostJson['durable'];
  appSettings: NodeJS.ProcessEnv;
  /** Where the management API is reached, given the origin that a client used. */
  urls(origin: string): DurableUrls;
  extraInputs(fn: RegisteredFunction): { name: string; data: TypedData }[];
  storageInputs(fn: RegisteredFunction, data: BindingData): Promise<{ name: string; data: TypedData }[]>;
  writeOutputs(fn: RegisteredFunction, response: InvocationResponse, data?: BindingData): Promise<void>;
  onTurn?: ((turn: OrchestratorTurn) => void | Promise<void>) | undefined;
  schedule?: TurnSchedule | undefined;
  log(level: LogLevel, text: string, functionName?: string): void;
  /** A fault of the host itself, or a rejection of `onTurn`; the service has stopped itself. */
  broken(error: unknown): void;
}

/** The durable extension's part of the host: its engine and its HTTP API over one store. */
export interface DurableService {
  start(): void;
  stop(): Promise<void>;
  kill(): void;
  answer(request: HttpRequest, path: string): Promise<HttpAnswer>;
}

export function createDurableService(options: DurableOptions): DurableService {
  const { clock, settings } = options;
  const store = createStore(options.db);
  const committer = createCommitter(store);
  const now = (): number => clock.now();
  const orchestrators = namesOf(options.functions, 'orchestrationtrigger');
  const activities = namesOf(options.functions, 'activitytrigger');
  const entities = namesOf(options.functions, 'entitytrigger');

  const engine = createEngine({
    world: {
      registry: options.registry,
      store,
      now,
      isActivity: (name) => activities.has(name.toLowerCase()),
      isOrchestrator: (name) => orchestrators.has(name.toLowerCase()),
      orchestratorNames: () => [...orchestrators.values()],
      entities: {
        has: (name) => entities.has(name.toLowerCase()),
        names: () => [...entities.values()],
        largestBatch: settings.largestEntityBatch,
      },
      httpSleepMs: settings.httpSleepMs,
      identity: identityEndpointOf(options.appSettings),
      storeInputs: settings.storeInputs,
      versions: settings.versions,
      extraInputs: options.extraInputs,
      storageInputs: options.storageInputs,
      writeOutputs: options.writeOutputs,
      onTurn: options.onTurn,
      schedule: options.schedule,
      log: options.log,
      said: new Set(),
    },
    committer,
    clock,
    work: options.work,
    maxTurns: settings.maxTurns,
    maxActivities: settings.maxActivities,
    broken: (error) => {
      engine.kill();
      options.broken(error);
    },
  });
  options.schedule?.connect((id) => engine.wake(id));
  const answer = managementOf(options, { store, committer, engine, orchestrators, entities });
  return { start: () => engine.start(), stop: () => engine.stop(), kill: () => engine.kill(), answer };
}

/** Small letters to the name as registered. */
const namesOf = (functions: AppFunction[], type: string): Map<string, string> =>
  new Map(functions.filter((fn) => fn.trigger.type.toLowerCase() === type && !fn.isDisabled).map((fn) => [fn.name.toLowerCase(), fn.name]));

interface Parts {
  store: Store;
  committer: Committer;
  engine: Engine;
  orchestrators: Map<string, string>;
  entities: Map<string, string>;
}

function managementOf(options: DurableOptions, { store, committer, engine, orchestrators, entities }: Parts): ManagementApi {
  const { clock, settings } = options;
  const now = (): number => clock.now();
  const wake = (id: string): void => engine.wake(id);
  const management = createManagement({
    store,
    committer,
    now,
    wake,
    deliver: (id, arrival) => engine.deliver(id, arrival),
    arm: (timer) => engine.arm(timer),
    defaultVersion: settings.versions.current,
    unknownOrchestrator: (name) =>
      orchestrators.has(name.toLowerCase()) ? undefined : unknownOrchestrator(name, [...orchestrators.values()]),
    replacesRunning: settings.replacesRunning,
    warn: (text, name) => options.log('warn', text, name),
  });
  return createManagementApi({
    store,
    management,
    entities: createEntities({ store, now, wake, names: entities, hasOrchestrators: orchestrators.size > 0 }),
    urls: (request) => options.urls(settings.usesForwardedHost ? forwardedOrigin(request) : request.url.origin),
    now,
    sleep: (ms) => clock.sleep(ms),
  });
}

/** As a proxy says it was asked: both headers, with the port of this request. */
function forwardedOrigin({ url, headers }: HttpRequest): string {
  const { 'x-forwarded-host': host, 'x-forwarded-proto': scheme } = headers;
  if (typeof host !== 'string' || typeof scheme !== 'string') return url.origin;
  return `${scheme}://${host}${url.port === '' ? '' : `:${url.port}`}`;
}
