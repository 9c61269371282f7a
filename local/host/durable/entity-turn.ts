import { randomUUID } from 'node:crypto';
import type { TypedData } from '../functions-core';
import { findFunction, invoke } from '../invoke';
import { toLevel } from '../log-level';
import { messageOf } from './activity-data';
import { bindingOfType } from './compute-turn';
import { entityOf, lockAcquired, requestText, responseText, schedulerId, type EntityKey, type EntityRequest } from './entity-message';
import { planEntityTurn, type EntityPlan, type EntityState } from './entity-plan';
import { eventRaised } from './history';
import { inRecordedOrder, stampOf } from './message-order';
import type { Instance, Store } from './store';
import type { Turn, TurnEffects, TurnWorld } from './turn-world';

/** What the package answers to a batch. `signals` name their target as the app wrote it. */
interface BatchAnswer {
  results: { isError: boolean; result?: string }[];
  signals: { target: EntityKey; name: string; input: string; requestId: string }[];
  entityExists: boolean;
  entityState?: string;
}

/** An entity is an instance named after itself. */
export const isEntityInstance = (store: Store, id: string): boolean =>
  entityOf(id) !== undefined && (store.instance(id)?.name ?? id).startsWith('@');

/** Takes one turn of an entity: runs a batch of operations; state, answers and signals are written all at once. */
export async function takeEntityTurn(world: TurnWorld, id: string): Promise<Turn | undefined> {
  const { store } = world;
  const key = entityOf(id);
  const messages = store.inbox(id);
  if (!key || messages.length === 0) return undefined;
  if (!world.entities.has(key.name)) {
    world.log('error', `A message for "${id}" waits: no entity named "${key.name}" is registered. Register it, or correct the name.`);
    return undefined;
  }
  const plan = planEntityTurn(entityState(store.instance(id)), messages, world.entities.largestBatch);
  if (plan.taken.length === 0) return undefined;
  const answer = plan.batch.length > 0 ? await runBatch(world, key, plan) : undefined;
  return { write: () => commitEntityTurn(world, id, plan, answer) };
}

export function entityState(instance: Instance | undefined): EntityState {
  return instance?.input ? (JSON.parse(instance.input) as EntityState) : { sorter: {} };
}

async function runBatch(world: TurnWorld, key: EntityKey, plan: EntityPlan): Promise<BatchAnswer> {
  const fn = findFunction(world.registry, key.name);
  const binding = fn && bindingOfType(fn, 'entityTrigger');
  if (!fn || !binding) throw new Error(`The entity "${key.name}" is not registered any more.`);
  const { exists = false, state = null } = plan.entity;
  const batch = plan.batch.map(({ op, input = null, signal = false, id }) => ({ name: op, input, isSignal: signal, id }));
  // Entities signal each other by the name as it is written in the code; what the function sees is in lower case all the same (recorded).
  const self = { ...key, name: key.name.toLowerCase() };
  const data: TypedData = { string: JSON.stringify({ self, exists, state, batch }) };
  try {
    const response = await invoke(world.registry, fn, {
      inputs: [{ name: binding, data }, ...world.extraInputs(fn)],
      triggerMetadata: { [binding]: data },
      log: (level, message) => world.log(toLevel(level), message, fn.metadata.name),
    });
    await world.writeOutputs(fn, response);
    if (typeof response.returnValue?.json !== 'string') throw new Error(`Entity "${fn.metadata.name}" answered no state.`);
    return JSON.parse(response.returnValue.json) as BatchAnswer;
  } catch (error) {
    // Not an operation that failed (the package answers those): a hook or an output did. Nothing of the batch counts.
    world.log('error', `Entity "${fn.metadata.name}" failed as a whole: ${messageOf(error)}`, fn.metadata.name);
    const results = plan.batch.map(() => ({ isError: true, result: '{}' }));
    return { results, signals: [], entityExists: exists, ...(state !== null && { entityState: state }) };
  }
}

function commitEntityTurn(world: TurnWorld, id: string, plan: EntityPlan, answer: BatchAnswer | undefined): TurnEffects {
  const { store } = world;
  const effects: TurnEffects = { woken: [], activities: [], timers: [], timersDropped: false };
  const post = (target: string, executionId: string | null, name: string, text: string): void => {
    store.post(target, executionId, eventRaised(name, text, world.now()));
    effects.woken.push(target);
  };
  const reply = ({ parent, parentExecution, id: name }: EntityRequest, text: string): void => {
    if (parent !== undefined) post(parent, parentExecution ?? null, name, text);
  };
  // A copy: what is written may have to be written once more.
  const after: EntityState = structuredClone(answer ? withAnswer(plan.entity, answer) : plan.entity);

  plan.batch.forEach((request, at) => {
    const { isError = false, result = null } = answer?.results[at] ?? {};
    if (isError) warnOfFailure(world, id, request);
    if (!request.signal) reply(request, responseText(result, isError));
  });
  for (const signal of answer?.signals ?? []) {
    // The target's name keeps its case, so a signal to "Counter" reaches another entity than a client's or an orchestrator's (recorded).
    const target = schedulerId(signal.target);
    if (target !== target.replace(signal.target.name, signal.target.name.toLowerCase())) warnOfCase(world, id, signal.target);
    const request = { op: signal.name, signal: true, input: signal.input, id: randomUUID(), parent: id } as const;
    post(target, null, 'op', requestText({ ...request, ...stampOf(after.sorter, target, world.now()) }));
  }
  for (const request of plan.locks) {
    const pos = (request.pos ?? 0) + 1;
    const next = request.lockset?.[pos];
    if (next) post(schedulerId(next), null, 'op', requestText({ ...request, pos }));
    else reply(request, responseText(lockAcquired, false));
  }
  store.consume(plan.taken);
  store.putInstance(entityInstance(id, after, store.instance(id)?.executionId, world.now()));
  if (plan.isMore) effects.woken.push(id);
  return effects;
}

function withAnswer(before: EntityState, answer: BatchAnswer): EntityState {
  const { lockedBy, sorter } = before;
  return {
    ...(answer.entityExists && { exists: true }),
    ...(answer.entityExists && answer.entityState !== undefined && { state: answer.entityState }),
    ...(lockedBy !== undefined && { lockedBy }),
    sorter,
  };
}

/** Each turn begins a new generation, so created and updated are one time (recorded). */
function entityInstance(id: string, entity: EntityState, executionId: string | undefined, nowMs: number): Instance {
  return {
    id,
    executionId: executionId ?? randomUUID().replaceAll('-', ''),
    name: id,
    version: null,
    status: 'Running',
    input: JSON.stringify({ ...entity, sorter: inRecordedOrder(entity.sorter) }),
    customStatus: JSON.stringify({ ...(entity.exists && { entityExists: true }), ...(entity.lockedBy && { lockedBy: entity.lockedBy }) }),
    output: null,
    parent: null,
    generationStarted: false,
    createdMs: nowMs,
    updatedMs: nowMs,
  };
}

function warnOfFailure(world: TurnWorld, id: string, request: EntityRequest): void {
  world.log(
    'error',
    `Operation "${request.op ?? ''}" of "${id}" failed. As on the real host its caller sees only "[object Object]", and what it had set before it threw is kept: ` +
      'set the state last, and return a failure as a result.',
    entityOf(id)?.name,
  );
}

function warnOfCase(world: TurnWorld, id: string, { name, key }: EntityKey): void {
  world.log(
    'warn',
    `"${id}" signals "@${name}@${key}", which clients and orchestrators cannot reach: they read "@${name.toLowerCase()}@${key}". ` +
      `As on the real host an entity's own signals keep the case of the name: write new EntityId("${name.toLowerCase()}", …) there.`,
    entityOf(id)?.name,
  );
}
