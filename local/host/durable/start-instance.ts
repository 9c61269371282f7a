import { EventKind, executionStarted, type HistoryEvent } from './history';
import { isFinished, type Instance, type Store } from './store';

export interface NewInstance {
  id: string;
  executionId: string;
  name: string;
  version: string | null;
  input: string | null;
  parent: Instance['parent'];
  generation: number | null;
  nowMs: number;
}

/**
 * Starts a sub-orchestration. If an instance of that id runs, it waits until that one has ended; one that has had no turn yet lets it go before (recorded).
 * Inside a transaction. Answers whether it waits.
 */
export function startChild(store: Store, one: NewInstance): { waits: boolean } {
  const found = store.instance(one.id);
  const earlier = waitingStarts(store.inbox(one.id));
  const isOver = !found || isFinished(found.status);
  if (isOver && earlier.length === 0) {
    startInstance(store, one);
    return { waits: false };
  }
  // Whoever waited for the end goes first.
  if (isOver || found.status !== 'Pending' || earlier.length === 0) {
    queueStart(store, one);
    return { waits: true };
  }
  store.consume(earlier.map(({ seq }) => seq));
  startInstance(store, one);
  for (const { event } of earlier) postStart(store, event);
  return { waits: false };
}

/** The starts among the messages of an instance. */
export const waitingStarts = <Message extends { event: HistoryEvent }>(messages: Message[]): Message[] =>
  messages.filter(({ event }) => event.EventType === EventKind.executionStarted);

/** Lets a start wait for the end of the instance that has its id. Inside a transaction. */
export function queueStart(store: Store, one: NewInstance): void {
  const { nowMs, generation, ...rest } = one;
  store.post(one.id, one.executionId, executionStarted({ ...rest, instanceId: one.id, generation }, nowMs));
}

/** Begins the first of the starts that waited for an instance's end; the others go on waiting. Inside a transaction. */
export function startNextWaiting(store: Store, starts: { event: HistoryEvent }[], nowMs: number): void {
  const [first, ...later] = starts.map(({ event }) => event);
  if (!first?.OrchestrationInstance) return;
  startInstance(store, {
    id: first.OrchestrationInstance.InstanceId,
    executionId: first.OrchestrationInstance.ExecutionId,
    name: first.Name ?? '',
    version: first.Version ?? null,
    input: first.Input ?? null,
    parent: first.ParentInstance ?? null,
    generation: typeof first['Generation'] === 'number' ? first['Generation'] : null,
    nowMs,
  });
  for (const event of later) postStart(store, event);
}

const postStart = (store: Store, event: HistoryEvent): void => {
  const { InstanceId = '', ExecutionId = '' } = event.OrchestrationInstance ?? {};
  store.post(InstanceId, ExecutionId, event);
};

/** An instance that has taken no turn, and the message that starts it. */
export function newInstance(one: NewInstance): { instance: Instance; event: HistoryEvent } {
  const { nowMs, generation, ...rest } = one;
  const instance: Instance = {
    ...rest,
    status: 'Pending',
    customStatus: null,
    output: null,
    generationStarted: false,
    createdMs: nowMs,
    updatedMs: nowMs,
  };
  return { instance, event: executionStarted({ ...rest, instanceId: one.id, generation }, nowMs) };
}

/** Writes an instance and its first message; whatever bore that id before is gone. Inside a transaction. */
export function startInstance(store: Store, one: NewInstance): void {
  const { instance, event } = newInstance(one);
  store.putNew(instance);
  store.post(one.id, one.executionId, event);
}
