import { EventKind, type HistoryEvent } from './history';
import type { EntityRelease, EntityRequest } from './entity-message';
import { noteReceived, type MessageOrder } from './message-order';
import type { InboxMessage } from './inbox';

/** What is kept of an entity; shown as its instance's input (recorded). What is not so is absent, never false or null. */
export interface EntityState {
  exists?: true;
  /** JSON text. */
  state?: string;
  /** The instance that holds its lock. */
  lockedBy?: string;
  sorter: MessageOrder;
}

/** What an entity's turn is about to do with its messages. */
export interface EntityPlan {
  /** As it is before the batch ran. */
  entity: EntityState;
  /** Operations to run, in order. */
  batch: EntityRequest[];
  /** Lock requests that were taken: to be passed on to the next entity of the set, or answered. */
  locks: EntityRequest[];
  /** Numbers of the messages that are done with. The others stay where they are. */
  taken: number[];
  /** There may be more to do at once. */
  isMore: boolean;
}

/**
 * Decides what the next turn of an entity does. Messages are taken in order; while the entity is locked, those of others than the lock's holder wait.
 * A request for the lock is a batch's end: the operations before it run first.
 */
export function planEntityTurn(before: EntityState, messages: InboxMessage[], largestBatch: number): EntityPlan {
  const entity: EntityState = { ...before, sorter: structuredClone(before.sorter) };
  const plan: EntityPlan = { entity, batch: [], locks: [], taken: [], isMore: false };
  const isMine = (request: EntityRequest): boolean => entity.lockedBy === undefined || request.parent === entity.lockedBy;

  for (const { seq, event } of messages) {
    const message = readMessage(event);
    if (message?.kind === 'request') {
      const { request } = message;
      if (!isMine(request)) continue;
      if (plan.batch.length >= largestBatch || (request.lockset && plan.batch.length > 0)) return { ...plan, isMore: true };
      if (request.lockset) plan.locks.push(request);
      else plan.batch.push(request);
      if (request.lockset && request.parent !== undefined) entity.lockedBy = request.parent;
      if (request.parent !== undefined && request.Timestamp !== undefined && !request.pos)
        noteReceived(entity.sorter, request.parent, request.parentExecution, request.Timestamp);
    }
    plan.taken.push(seq);
    if (message?.kind === 'release' && message.release.parent === entity.lockedBy) {
      delete entity.lockedBy;
      // Those that waited for the lock come first now.
      return { ...plan, isMore: true };
    }
  }
  return plan;
}

type Message = { kind: 'request'; request: EntityRequest } | { kind: 'release'; release: EntityRelease };

/** Undefined for what no entity understands (an event that somebody raised on its instance): it is taken and forgotten. */
function readMessage(event: HistoryEvent): Message | undefined {
  if (event.EventType !== EventKind.eventRaised || typeof event.Input !== 'string') return undefined;
  const message: unknown = JSON.parse(event.Input);
  if (typeof message !== 'object' || message === null || !('id' in message) || typeof message.id !== 'string') return undefined;
  if (event.Name === 'op') return { kind: 'request', request: message as EntityRequest };
  if (event.Name === 'release') return { kind: 'release', release: message as EntityRelease };
  return undefined;
}
