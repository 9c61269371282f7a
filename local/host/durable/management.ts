import { randomUUID } from 'node:crypto';
import { EventKind, eventRaised, executionResumed, executionSuspended, executionTerminated } from './history';
import { rewind, type Rewinding } from './rewind';
import { isFinished, type Instance, type RuntimeStatus, type Store } from './store';
import { queueStart, startInstance } from './start-instance';

/** What a client asks of instances. Each answers what became of it; who asked over HTTP gets that as a status code. */
export interface Management {
  start(
    request: StartRequest,
  ): { kind: 'started'; id: string } | { kind: 'running'; status: RuntimeStatus } | { kind: 'refused'; reason: string };
  raise(id: string, eventName: string, inputJson: string): Told;
  terminate(id: string, reason: string | null): Told;
  suspend(id: string, reason: string | null): Told;
  resume(id: string, reason: string | null): Told;
  restart(
    id: string,
    withNewId: boolean,
  ): { kind: 'started'; id: string } | { kind: 'unknown' } | { kind: 'running'; status: RuntimeStatus };
  rewind(id: string, reason: string | null): Exclude<Rewinding, { kind: 'rewound' }> | { kind: 'accepted' };
  purge(id: string): { kind: 'purged' } | { kind: 'unknown' } | { kind: 'running'; status: RuntimeStatus };
}

export interface StartRequest {
  name: string;
  id?: string;
  inputJson: string | null;
  version?: string;
  /** A restart's execution id is written without dashes (recorded). */
  isRestart?: boolean;
}

export type Told = { kind: 'accepted' } | { kind: 'unknown' } | { kind: 'finished' } | { kind: 'wrongState'; status: RuntimeStatus };

export interface ManagementWorld {
  store: Store;
  now(): number;
  wake(instanceId: string): void;
  /** host.json's `defaultVersion`. */
  defaultVersion: string | null;
  /** host.json's `overridableExistingInstanceStates`: AnyState. */
  replacesRunning: boolean;
}

/** What an instance is told that must give way to another of its id (recorded). */
const replacedReason = (id: string, status: RuntimeStatus): string =>
  `A new instance creation request has been issued for instance ${id} which currently has status ${status}. Since the dedupe statuses of the creation ` +
  "request, [] (all statuses reusable), do not contain the orchestration's status, the orchestration has been terminated and a new instance with the " +
  'same instance ID will be created.';

export function createManagement(world: ManagementWorld): Management {
  const { store } = world;

  const start = (request: StartRequest): ReturnType<Management['start']> => {
    // The real extension takes such a name, and then stalls every orchestration of its worker.
    if (request.name.startsWith('@'))
      return { kind: 'refused', reason: `An orchestrator's name cannot begin with "@": "${request.name}".` };
    const id = request.id && request.id !== '.' ? request.id : randomUUID().replaceAll('-', '');
    const found = store.instance(id);
    if (found && !isFinished(found.status) && !world.replacesRunning) return { kind: 'running', status: found.status };
    const one = {
      id,
      executionId: request.isRestart ? randomUUID().replaceAll('-', '') : randomUUID(),
      name: request.name,
      version: request.version || world.defaultVersion,
      input: request.inputJson,
      parent: null,
      generation: found ? lastGeneration(store, id) + 1 : 0,
      nowMs: world.now(),
    };
    store.transaction(() => {
      if (!found || isFinished(found.status) || found.status === 'Pending') {
        startInstance(store, one);
      } else {
        // The one that runs is terminated first, and has a last turn for that.
        store.post(id, null, executionTerminated(replacedReason(id, found.status), world.now()));
        queueStart(store, one);
      }
    });
    world.wake(id);
    return { kind: 'started', id };
  };

  const tell = (id: string, event: () => Parameters<Store['post']>[2], refuse?: (instance: Instance) => boolean): Told => {
    const instance = store.instance(id);
    if (!instance) return { kind: 'unknown' };
    if (isFinished(instance.status)) return { kind: 'finished' };
    if (refuse?.(instance)) return { kind: 'wrongState', status: instance.status };
    store.transaction(() => store.post(id, null, event()));
    world.wake(id);
    return { kind: 'accepted' };
  };

  return {
    start,
    raise: (id, eventName, inputJson) => tell(id, () => eventRaised(eventName, inputJson, world.now())),
    terminate: (id, reason) => tell(id, () => executionTerminated(reason, world.now())),
    suspend: (id, reason) =>
      tell(
        id,
        () => executionSuspended(reason, world.now()),
        (instance) => instance.status === 'Suspended',
      ),
    resume: (id, reason) =>
      tell(
        id,
        () => executionResumed(reason, world.now()),
        (instance) => instance.status !== 'Suspended',
      ),
    restart(id, withNewId) {
      const found = store.instance(id);
      if (!found) return { kind: 'unknown' };
      const again = start({
        name: found.name,
        inputJson: found.input,
        isRestart: true,
        ...(!withNewId && { id }),
        ...(found.version !== null && { version: found.version }),
      });
      return again.kind === 'refused' ? { kind: 'unknown' } : again;
    },
    rewind(id, reason) {
      const result = rewind(store, id, reason, world.now());
      if (result.kind !== 'rewound') return result;
      for (const woken of result.woken) world.wake(woken);
      return { kind: 'accepted' };
    },
    purge(id) {
      const found = store.instance(id);
      if (!found) return { kind: 'unknown' };
      if (!isFinished(found.status)) return { kind: 'running', status: found.status };
      store.transaction(() => store.removeInstance(id));
      return { kind: 'purged' };
    },
  };
}

/** An id that is started again counts on (recorded). */
function lastGeneration(store: Store, id: string): number {
  const started = store.history(id).find((event) => event.EventType === EventKind.executionStarted);
  return typeof started?.['Generation'] === 'number' ? started['Generation'] : -1;
}
