import { requestId, schedulerId, type EntityKey, type EntityRequest } from './entity-message';
import { settledFuture, type Future } from './future';
import type { HistoryEvent } from './history';
import { stampOf } from './message-order';
import { waitForEvent } from './run-event';
import { Breach, send, type Script } from './script';
import { ActionKind, type Action } from './state';
import { unknownEntity } from './unknown-function';

/** Runs one of the orchestrator's actions on entities. */
export function entityAction(script: Script, action: Action): Future {
  switch (action.actionType) {
    case ActionKind.callEntity:
    case ActionKind.signalEntity:
      return operate(script, action);
    case ActionKind.lockEntities:
      return lock(script, action);
    default:
      releaseLocks(script);
      return settledFuture();
  }
}

function operate(script: Script, action: Action): Future {
  const target = action.instanceId ?? '';
  const isSignal = action.actionType === ActionKind.signalEntity;
  const name = target.split('@')[1] ?? '';
  if (isSignal && !script.rules.isEntity(name)) throw new Breach(unknownEntity(name, script.rules.entityNames(), true));
  if (!isKnown(script, name, 'call is never answered')) return settledFuture(true);
  const { id } = request(script, target, {
    op: action.operation ?? '',
    ...(isSignal && { signal: true }),
    // An input that is null is none.
    ...(action.input !== undefined && action.input !== null && { input: JSON.stringify(action.input) }),
  });
  if (isSignal) return settledFuture();
  const answer = waitForEvent(script, id);
  lendLock(script, target, answer);
  return answer;
}

/** While an entity whose lock is held is called, its lock is out of the holder's hands, and then the last to be given back. */
function lendLock(script: Script, target: string, answer: Future): void {
  const { lock: held } = script;
  const entity = held?.entities.find((one) => schedulerId(one) === target);
  if (!held || !entity) return;
  held.entities = held.entities.filter((one) => one !== entity);
  answer.then(() => held.entities.push(entity));
}

function lock(script: Script, action: Action): Future {
  const lockset = (action.lockSet ?? []).map(({ name, key }): EntityKey => ({ name: name.toLowerCase(), key }));
  if (!lockset.every(({ name }) => isKnown(script, name, 'lock is never granted'))) return settledFuture(true);
  const [first] = lockset;
  if (!first) return settledFuture();
  // Each entity passes the request on to the next; the last one answers.
  const { id } = request(script, schedulerId(first), { op: null, lockset });
  script.lock = { id, entities: lockset };
  return waitForEvent(script, id);
}

function request(script: Script, target: string, what: Pick<EntityRequest, 'op' | 'signal' | 'input' | 'lockset'>): EntityRequest {
  const id = requestId(script.executionId, script.nextId);
  const { op, signal, input, lockset } = what;
  const whole: EntityRequest = {
    op,
    ...(signal && { signal }),
    ...(input !== undefined && { input }),
    id,
    parent: script.instanceId,
    parentExecution: script.executionId,
    ...stampOf(script.order, target, script.nowMs),
    ...(lockset && { lockset }),
  };
  send(script, { target, name: 'op', message: whole });
  return whole;
}

/** Also for an orchestration that ends without having released its lock (recorded). */
export function releaseLocks(script: Script): void {
  if (!script.lock) return;
  const { id, entities } = script.lock;
  delete script.lock;
  for (const entity of entities) send(script, { target: schedulerId(entity), name: 'release', message: { parent: script.instanceId, id } });
}

function isKnown(script: Script, name: string, loss: string): boolean {
  const known = script.rules.isEntity(name);
  if (!known)
    script.warnings.push(`No entity named "${name}" is registered: this ${loss}, as on the real host. Register it, or correct the name.`);
  return known;
}

/** The answer to a message bears the id that the message was sent with, which stands in the history; another version may have made ids in another way. */
export function adoptId(script: Script, event: HistoryEvent): void {
  const decision = script.made.get(event.EventId);
  const { id } = JSON.parse(event.Input ?? '{}') as { id?: string };
  if (decision?.kind !== 'send' || id === undefined || id === decision.message.id) return;
  const waiting = script.waiters.get(decision.message.id);
  if (!waiting) return;
  script.waiters.set(id, waiting);
  script.waiters.delete(decision.message.id);
  if (script.lock?.id === decision.message.id) script.lock.id = id;
}
