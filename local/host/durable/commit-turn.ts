import { randomUUID } from 'node:crypto';
import { releaseText, requestText } from './entity-message';
import {
  EventKind,
  asPlayed,
  eventRaised,
  eventSent,
  executionCompleted,
  executionStarted,
  orchestratorCompleted,
  orchestratorStarted,
  subOrchestrationCompleted,
  subOrchestrationCreated,
  subOrchestrationFailed,
  taskScheduled,
  timerCreated,
  timestamp,
  type HistoryEvent,
} from './history';
import type { Ending, Replayed } from './replay';
import type { Decision, Sent } from './script';
import { startChild } from './start-instance';
import type { OrchestratorState } from './state';
import type { Instance, Store } from './store';
import type { TurnEffects, TurnWorld } from './turn-world';

/** Writes what a turn came to, inside one transaction. */
export function commitTurn(
  world: TurnWorld,
  instance: Instance,
  news: HistoryEvent[],
  state: OrchestratorState | undefined,
  replayed: Replayed,
): TurnEffects {
  const { store } = world;
  const nowMs = world.now();
  const effects: TurnEffects = { woken: [], activities: [], timers: [], timersDropped: false };
  const next: Instance = {
    ...instance,
    customStatus: statusAfter(instance, state, replayed.ending),
    updatedMs: nowMs,
    generationStarted: false,
  };
  if (instance.generationStarted) store.replaceHistory(instance.id, store.history(instance.id).map(playedMark));

  const { ending } = replayed;
  const execution = { instanceId: instance.id, executionId: instance.executionId };
  const scheduled = replayed.decisions.map((decision) => schedule(world, instance, decision, nowMs, effects));
  // Whatever ends by itself has nothing open.
  if (ending?.kind === 'failed' || ending?.kind === 'terminated') store.leaveActivities(execution, news, effects.activities);
  if (ending?.kind === 'continuedAsNew') {
    continueAsNew(world, next, ending, nowMs);
    effects.woken.push(instance.id);
    effects.timersDropped = true;
    return effects;
  }
  const closing: HistoryEvent[] = ending ? [end(world, next, ending, effects)] : [];
  if (!ending) for (const event of news) show(next, event);
  const added = [...news.map(asPlayed), ...scheduled, ...closing];
  // A new generation's history ends its first turn before that was taken, so that one which adds nothing has no end of its own (recorded).
  if (added.length > 0) store.appendHistory(instance.id, [...added, orchestratorCompleted(nowMs)], effects.activities);
  store.putAfterTurn(next);
  return effects;
}

/** A new generation that sets no custom status goes on showing that of the one before until its second turn. */
function statusAfter(instance: Instance, state: OrchestratorState | undefined, ending: Ending | undefined): string | null {
  if (!state) return instance.customStatus;
  if (state.customStatus !== undefined) return JSON.stringify(state.customStatus);
  return instance.generationStarted && ending?.kind !== 'continuedAsNew' ? instance.customStatus : null;
}

/** What an event changes about how its instance is shown. Only these do: one that was rewound stays Pending to its end. What is null leaves what is there. */
function show(next: Instance, event: HistoryEvent): void {
  switch (event.EventType) {
    case EventKind.executionStarted:
      next.status = 'Running';
      return;
    case EventKind.executionSuspended:
      next.status = 'Suspended';
      next.output = event.Reason ?? next.output;
      return;
    case EventKind.executionResumed:
      next.status = 'Running';
      next.output = event.Reason ?? next.output;
      return;
    default:
  }
}

const playedMark = (event: HistoryEvent): HistoryEvent =>
  event.EventType === EventKind.orchestratorCompleted ? { ...event, IsPlayed: true } : asPlayed(event);

/** An input that is not given and one that is null are both none (recorded for children and new generations that are given none). */
const inputOf = (value: unknown): string | null => (value === undefined || value === null ? null : JSON.stringify(value));

const jsonOf = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));

function schedule(world: TurnWorld, instance: Instance, decision: Decision, nowMs: number, effects: TurnEffects): HistoryEvent {
  const { store } = world;
  const task = { instanceId: instance.id, executionId: instance.executionId, eventId: decision.id };
  switch (decision.kind) {
    case 'activity': {
      const input = jsonOf(decision.input);
      const activity = { ...task, name: decision.name, input };
      effects.activities.push(activity);
      return taskScheduled(decision.id, decision.name, world.storeInputs ? JSON.stringify([decision.input ?? null]) : null, nowMs);
    }
    case 'timer': {
      const timer = { ...task, fireAtMs: decision.fireAtMs, createdMs: nowMs };
      effects.timers.push(timer);
      return timerCreated(decision.id, decision.fireAtMs, nowMs);
    }
    case 'subOrchestration': {
      const childId = decision.instanceId ?? `${dashed(instance.executionId)}:${decision.id}`;
      // Not the parent's (recorded).
      const version = decision.version ?? world.versions.current;
      callChild(world, instance, decision, childId, version, nowMs);
      effects.woken.push(childId);
      const input = world.storeInputs ? inputOf(decision.input) : null;
      return subOrchestrationCreated({ id: decision.id, name: decision.name, version, instanceId: childId, input }, nowMs);
    }
    case 'send': {
      const text = sentText(decision, nowMs);
      store.post(decision.target, null, eventRaised(decision.name, text, nowMs));
      effects.woken.push(decision.target);
      return eventSent(decision.id, decision.target, decision.name, text, nowMs);
    }
  }
}

function sentText(sent: Sent, nowMs: number): string {
  if (sent.name === 'release') return releaseText(sent.message);
  const { lockset, ...request } = sent.message;
  // A request for a lock has no time of its own (recorded).
  return requestText(lockset ? sent.message : { ...request, requestTime: timestamp(nowMs).replace(/Z$/, '+00:00') });
}

function callChild(
  world: TurnWorld,
  parent: Instance,
  decision: Decision & { kind: 'subOrchestration' },
  childId: string,
  version: string | null,
  nowMs: number,
): void {
  const { waits } = startChild(world.store, {
    id: childId,
    executionId: randomUUID().replaceAll('-', ''),
    name: decision.name,
    version,
    input: inputOf(decision.input),
    parent: {
      Name: parent.name,
      OrchestrationInstance: { InstanceId: parent.id, ExecutionId: parent.executionId },
      TaskScheduleId: decision.id,
      Version: parent.version,
    },
    generation: null,
    nowMs,
  });
  if (!waits) return;
  const text = `Instance "${parent.id}": the sub-orchestration id "${childId}" is taken by a running instance; this call waits until that one has ended.`;
  world.log('warn', text, parent.name);
}

const dashed = (executionId: string): string =>
  executionId.includes('-') ? executionId : executionId.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

function continueAsNew(world: TurnWorld, instance: Instance, ending: Ending & { kind: 'continuedAsNew' }, nowMs: number): void {
  const { store } = world;
  // Without an input the new generation reads null, and the status goes on showing the one before.
  const input = inputOf(ending.input);
  const executionId = randomUUID().replaceAll('-', '');
  const start = executionStarted(
    {
      instanceId: instance.id,
      executionId,
      name: instance.name,
      version: instance.version,
      input,
      parent: instance.parent,
      generation: null,
    },
    nowMs,
  );
  store.replaceHistory(instance.id, [orchestratorStarted(nowMs), start, ...ending.carried.map(asPlayed), orchestratorCompleted(nowMs)]);
  const shown = { input: input ?? instance.input, status: 'Running', createdMs: nowMs } as const;
  store.putInstance({ ...instance, ...shown, executionId, generationStarted: true });
}

function end(world: TurnWorld, next: Instance, ending: Exclude<Ending, { kind: 'continuedAsNew' }>, effects: TurnEffects): HistoryEvent {
  const { store } = world;
  const nowMs = world.now();
  const status = { completed: 'Completed', failed: 'Failed', terminated: 'Terminated' } as const;
  next.status = status[ending.kind];
  const result = resultOf(next.name, ending);
  const details = ending.kind === 'failed' ? ending.details : undefined;
  // The text of details goes before others (recorded).
  next.output = (details ? `${details.ErrorType}: ${details.ErrorMessage}` : result) ?? next.output;
  effects.timersDropped = true;
  tellParent(store, next, ending, result, nowMs, effects);
  return executionCompleted(next.status, result, details ?? null, nowMs);
}

function resultOf(name: string, ending: Exclude<Ending, { kind: 'continuedAsNew' }>): string | null {
  switch (ending.kind) {
    case 'completed':
      return jsonOf(ending.output);
    case 'failed':
      return ending.message === null || ending.caught ? ending.message : `Orchestrator function '${name}' failed: ${ending.message}`;
    case 'terminated':
      return ending.reason;
  }
}

function tellParent(
  store: Store,
  child: Instance,
  ending: Exclude<Ending, { kind: 'continuedAsNew' }>,
  result: string | null,
  nowMs: number,
  effects: TurnEffects,
): void {
  if (!child.parent) return;
  const { OrchestrationInstance: parent, TaskScheduleId: id } = child.parent;
  store.post(parent.InstanceId, parent.ExecutionId, answerOf(id, ending, result, nowMs));
  effects.woken.push(parent.InstanceId);
}

/** The framework's own text of what it caught; the frames that follow there are .NET's. */
const unhandled = (type: string, message: string): string => `Unhandled exception while executing orchestration: ${type}: ${message}\n\t`;

function answerOf(id: number, ending: Exclude<Ending, { kind: 'continuedAsNew' }>, result: string | null, nowMs: number): HistoryEvent {
  switch (ending.kind) {
    case 'completed':
      return subOrchestrationCompleted(id, result ?? 'null', nowMs);
    case 'failed': {
      const { message, details = null } = ending;
      const text = message === null ? null : ending.caught ? unhandled(ending.caught, message) : `Message: ${message}, StackTrace: `;
      // With details of its own the package makes a TaskFailedError of it (recorded).
      return { ...subOrchestrationFailed(id, result, text, nowMs), FailureDetails: details };
    }
    case 'terminated':
      // Without Details, as recorded: the package cannot read it, and the parent fails as non-deterministic.
      return subOrchestrationFailed(id, ending.reason ?? '', null, nowMs);
  }
}
