import { timerFired, type HistoryEvent } from './history';
import type { InboxMessage, Laid } from './inbox';
import type { ActivityTask, DurableTimer, TaskId } from './open-work';
import type { Instance, Store } from './store';

/** A message that has come for an instance and is not in its history yet. */
export interface Arrival {
  event: HistoryEvent;
  /** Null: for whichever generation runs. */
  executionId: string | null;
  /** The instance that this message starts, while it is not in the store itself. */
  newborn?: Instance;
  /** Its number, once it lies in the inbox. */
  seq(): number | undefined;
  /** Takes it out of the store, or what it came of: a turn has it. Inside a transaction. */
  takeOut(): void;
  /** Puts it into the inbox: no turn takes it now. Inside a transaction. */
  keep(): void;
}

/**
 * What an activity came to, or a timer that is due. It is committed together with the turn that takes it: until then the history says that the
 * activity is to run and the timer to fire, and after a crash they do so again.
 */
const outcome = (store: Store, task: TaskId, event: HistoryEvent, takeOut: () => void): Arrival => ({
  event,
  executionId: task.executionId,
  seq: () => undefined,
  takeOut,
  keep: () => {
    takeOut();
    if (store.instance(task.instanceId)?.executionId === task.executionId) store.post(task.instanceId, task.executionId, event);
  },
});

export const endedActivity = (store: Store, task: ActivityTask, event: HistoryEvent): Arrival =>
  outcome(store, task, event, () => store.dropStray(task));

export const dueTimer = (store: Store, timer: DurableTimer): Arrival =>
  outcome(store, timer, timerFired(timer.eventId, timer.fireAtMs, timer.createdMs), () => {});

/** A message that lies in the inbox. */
export const lyingMessage = (store: Store, message: InboxMessage): Arrival => ({
  event: message.event,
  executionId: message.executionId,
  seq: () => message.seq,
  takeOut: () => store.consume([message.seq]),
  keep: () => {},
});

/** A message that is put into the inbox by `write`, in a unit of its own, while a turn may take it already. */
export function postedMessage(
  store: Store,
  instanceId: string,
  message: Pick<Arrival, 'event' | 'executionId' | 'newborn'>,
): Arrival & { write(): void } {
  let laid: Laid | undefined;
  return {
    ...message,
    write() {
      // After a transaction that was rolled back the number may be another message's.
      laid = undefined;
      laid = store.lay(instanceId, message.executionId, message.event);
    },
    seq: () => laid?.seq,
    takeOut: () => {
      if (laid) store.takeUp(laid);
    },
    keep: () => store.noteMail(instanceId),
  };
}
