import { randomUUID } from 'node:crypto';
import { postedMessage, type Arrival } from './arrival';
import type { Committer } from './committer';
import { EventKind, eventRaised, executionResumed, executionSuspended, executionTerminated, type HistoryEvent } from './history';
import type { DurableTimer } from './open-work';
import { rewind, type Rewinding } from './rewind';
import { newInstance, queueStart, type NewInstance } from './start-instance';
import { isFinished, type Instance, type RuntimeStatus, type Store } from './store';

/** What a client asks of instances. Each answers what became of it, once that is on the disk; who asked over HTTP gets it as a status code. */
export interface Management {
  start(request: StartRequest): Promise<Started | { kind: 'refused'; reason: string }>;
  raise(id: string, eventName: string, inputJson: string): Promise<Told>;
  terminate(id: string, reason: string | null): Promise<Told>;
  suspend(id: string, reason: string | null): Promise<Told>;
  resume(id: string, reason: string | null): Promise<Told>;
  restart(id: string, withNewId: boolean): Promise<Started | { kind: 'refused'; reason: string } | { kind: 'unknown' }>;
  rewind(id: string, reason: string | null): Promise<Exclude<Rewinding, { kind: 'rewound' }> | { kind: 'accepted' }>;
  /** Whatever its status. False if it is not there any more, or another of its id. */
  purge(seen: Instance): Promise<boolean>;
}

export type Started = { kind: 'started'; id: string } | { kind: 'running'; status: RuntimeStatus };

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
  committer: Committer;
  now(): number;
  wake(instanceId: string): void;
  arm(timer: DurableTimer): void;
  deliver(instanceId: string, arrival: Arrival): void;
  /** host.json's `defaultVersion`. */
  defaultVersion: string | null;
  /** What is said of a name that is no orchestrator's. */
  unknownOrchestrator(name: string): string | undefined;
  /** host.json's `overridableExistingInstanceStates`: AnyState. */
  replacesRunning: boolean;
  warn(text: string, functionName: string): void;
}

const purgedRunning = ({ id, status }: Instance): string =>
  `Instance "${id}" was purged while it was ${status}: the filter names no status that is an end. As on the real host it is gone, and what it waited for is lost.`;

const withoutReason = (id: string): string =>
  `Instance "${id}" was told something for the reason "undefined", which the package writes where none is given. As on the real host its status is no JSON now: give a reason.`;

/** What an instance is told that must give way to another of its id (recorded). */
const replacedReason = (id: string, status: RuntimeStatus): string =>
  `A new instance creation request has been issued for instance ${id} which currently has status ${status}. Since the dedupe statuses of the creation ` +
  "request, [] (all statuses reusable), do not contain the orchestration's status, the orchestration has been terminated and a new instance with the " +
  'same instance ID will be created.';

export function createManagement(world: ManagementWorld): Management {
  const { store, committer } = world;
  const { start, restart } = starting(world);
  const tell = telling(world);
  return {
    start,
    restart,
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
    async rewind(id, reason) {
      const result = await committer.commit(() => rewind(store, id, reason, world.now()));
      if (result.kind !== 'rewound') return result;
      for (const timer of result.timers) world.arm(timer);
      for (const woken of result.woken) world.wake(woken);
      return { kind: 'accepted' };
    },
    purge: ({ id, executionId }) =>
      committer.commit(() => {
        const found = store.instance(id);
        if (found?.executionId !== executionId) return false;
        if (!isFinished(found.status) && !found.name.startsWith('@')) world.warn(purgedRunning(found), found.name);
        store.removeInstance(id);
        return true;
      }),
  };
}

function starting(world: ManagementWorld): Pick<Management, 'start' | 'restart'> {
  const { store } = world;
  /** Instances that are being written. */
  const beingBorn = new Set<string>();

  const start: Management['start'] = async (request) => {
    // The real extension takes such a name, and then stalls every orchestration of its worker.
    if (request.name.startsWith('@'))
      return { kind: 'refused', reason: `An orchestrator's name cannot begin with "@": "${request.name}".` };
    const id = request.id && request.id !== '.' ? request.id : randomUUID().replaceAll('-', '');
    const found = store.instance(id);
    const status = beingBorn.has(id) ? 'Pending' : found?.status;
    if (status && !isFinished(status) && !world.replacesRunning) return { kind: 'running', status };
    const one: NewInstance = {
      id,
      executionId: request.isRestart ? randomUUID().replaceAll('-', '') : randomUUID(),
      name: request.name,
      version: request.version || world.defaultVersion,
      input: request.inputJson,
      parent: null,
      generation: found ? lastGeneration(store, id) + 1 : 0,
      nowMs: world.now(),
    };
    if (found && !isFinished(found.status) && found.status !== 'Pending') {
      await startAfter(world, found, one);
      return { kind: 'started', id };
    }
    beingBorn.add(id);
    await startNow(world, one).finally(() => beingBorn.delete(id));
    return { kind: 'started', id };
  };

  const restart: Management['restart'] = async (id, withNewId) => {
    const found = store.instance(id);
    if (!found) return { kind: 'unknown' };
    const reason = world.unknownOrchestrator(found.name);
    if (reason !== undefined) return { kind: 'refused', reason };
    return start({
      name: found.name,
      inputJson: found.input,
      isRestart: true,
      ...(!withNewId && { id }),
      ...(found.version !== null && { version: found.version }),
    });
  };
  return { start, restart };
}

/**
 * The message is handed to the engine before it is written: the turn that it leads to is then committed together with it, by the same sync of the
 * disk, and looks whether its instance is there when it is written.
 */
async function startNow({ store, committer, deliver }: ManagementWorld, one: NewInstance): Promise<void> {
  const { instance, event } = newInstance(one);
  const message = postedMessage(store, one.id, { event, executionId: one.executionId, newborn: instance });
  const written = committer.commit(() => {
    store.putNew(instance);
    message.write();
  });
  deliver(one.id, message);
  await written;
}

/** The one that runs is terminated first, and has a last turn for that. */
async function startAfter({ store, committer, now, wake }: ManagementWorld, running: Instance, one: NewInstance): Promise<void> {
  await committer.commit(() => {
    store.post(one.id, null, executionTerminated(replacedReason(one.id, running.status), now()));
    queueStart(store, one);
  });
  wake(one.id);
}

function telling({ store, committer, deliver, warn }: ManagementWorld) {
  return async (id: string, makeEvent: () => HistoryEvent, refuse?: (instance: Instance) => boolean): Promise<Told> => {
    const instance = store.instance(id);
    if (!instance) return { kind: 'unknown' };
    if (isFinished(instance.status)) return { kind: 'finished' };
    if (refuse?.(instance)) return { kind: 'wrongState', status: instance.status };
    const event = makeEvent();
    if ((event.Reason ?? event.Input) === 'undefined') warn(withoutReason(id), instance.name);
    const message = postedMessage(store, id, { event, executionId: null });
    const written = committer.commit(() => message.write());
    deliver(id, message);
    await written;
    return { kind: 'accepted' };
  };
}

/** An id that is started again counts on (recorded). */
function lastGeneration(store: Store, id: string): number {
  const started = store.history(id).find((event) => event.EventType === EventKind.executionStarted);
  return typeof started?.['Generation'] === 'number' ? started['Generation'] : -1;
}
