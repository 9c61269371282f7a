import { astray } from './astray';
import { adoptId, releaseLocks } from './entity-actions';
import { schedulerId, type EntityKey } from './entity-message';
import { EventKind, failureDetails, type FailureDetails, type HistoryEvent } from './history';
import { NonDeterministic, confirm } from './non-deterministic';
import { runAction } from './run-action';
import { Breach, newScript, type Decision, type ReplayRules, type Script } from './script';
import type { Action, OrchestratorState } from './state';

export type Ending =
  | { kind: 'completed'; output: unknown }
  /** `details`: the framework itself made the failure. Without a message nothing of the app did fail. */
  | {
      kind: 'failed';
      message: string | null;
      details?: FailureDetails;
      /** The type of what the framework itself caught: it says nothing of which orchestrator it was. */
      caught?: string;
    }
  | { kind: 'terminated'; reason: string | null }
  | { kind: 'continuedAsNew'; input: unknown; carried: HistoryEvent[] };

export interface Replayed {
  decisions: Decision[];
  ending?: Ending;
  /** Sentences for the host's log: calls that will never be answered. */
  warnings: string[];
}

/**
 * What the durable extension does with the answer of an orchestrator's turn: it replays the answered actions, one after the other, against the
 * history. Each event settles what waits for it; an action that the history does not know yet is a new decision. The numbers of tasks come from
 * here, and the package counts on its own: where an app makes the two differ (a task put into two groups), results go astray here as they do there.
 */
export function replay(history: HistoryEvent[], state: OrchestratorState | undefined, rules: ReplayRules): Replayed {
  return goOn(newScript([], rules), history, state);
}

/**
 * The same from where an earlier turn's replay stood: `events` are those since, and `state.actions` those that the orchestrator answered on top.
 * Right only where the earlier turn ended at an action that waits (`canGoOn`); where all had run, the new ones belong further back.
 */
export function goOn(script: Script, events: HistoryEvent[], state: OrchestratorState | undefined): Replayed {
  const actions = state?.actions[0] ?? [];
  script.actions.push(...actions);
  script.isDone = state?.isDone === true && !state.error;
  const warned = script.warnings.length;
  const replayed = applyAll(script, actions, events, state);
  return { ...replayed, warnings: script.warnings.slice(warned) };
}

/**
 * An answer of which the extension takes nothing, for the reason given. To it the orchestration then ended at its start, so that what the history says
 * was scheduled is what it finds missing first.
 * @param caught where the orchestrator failed besides, and the extension takes its answer while it handles that: the type of what it throws then
 */
export function unread(history: HistoryEvent[], message: string, rules: ReplayRules, caught?: string): Replayed {
  const { ending } = replay(history, undefined, rules);
  return { decisions: [], ending: ending ?? { kind: 'failed', message, ...(caught && { caught }) }, warnings: [] };
}

export const canGoOn = (script: Script): boolean => !script.returned;

function applyAll(script: Script, actions: Action[], events: HistoryEvent[], state: OrchestratorState | undefined): Replayed {
  const { warnings } = script;
  try {
    for (const event of events) apply(script, event);
  } catch (error) {
    if (!(error instanceof NonDeterministic)) throw error;
    // What was decided is scheduled all the same: an activity under its changed name runs (recorded).
    return {
      decisions: [...script.made.values()],
      ending: { kind: 'failed', message: error.message, caught: NonDeterministic.type },
      warnings,
    };
  }
  if (script.terminated) {
    if (script.lock) warnings.push(lockKept(script.lock.entities, 'was terminated', 'Raise an event that ends it instead.'));
    return { decisions: [...script.made.values()], ending: { kind: 'terminated', ...script.terminated }, warnings };
  }
  warnings.push(...astray(script, actions, events, state));
  const ending = endingOf(script, state);
  if (ending?.kind === 'failed' && script.lock) warnings.push(lockKept(script.lock.entities, 'failed', 'Release it in a finally.'));
  return { decisions: [...script.made.values()], ...(ending && { ending }), warnings };
}

/** The extension gives back only what an orchestrator holds that returned. */
const lockKept = (entities: EntityKey[], how: string, advice: string): string =>
  `It ${how} while it held the lock of ${entities.map(schedulerId).join(', ')}: nobody gives that back, and whoever else asks waits for ever. ${advice}`;

/** An instance ends, or continues as new, only when nothing that it scheduled is open. A suspension does not keep it from that. */
function endingOf(script: Script, state: OrchestratorState | undefined): Ending | undefined {
  if (!script.returned || script.open.size > 0 || !state) return undefined;
  if (script.breach) return { kind: 'failed', message: script.breach.message, ...(state.error && { caught: 'System.ArgumentException' }) };
  if (state.error)
    return { kind: 'failed', message: state.error, ...(state.failureDetails && { details: failureDetails(state.failureDetails) }) };
  if (!state.isDone) return undefined;
  return script.continued ? { kind: 'continuedAsNew', ...script.continued } : { kind: 'completed', output: state.output };
}

function apply(script: Script, event: HistoryEvent): void {
  switch (event.EventType) {
    case EventKind.orchestratorStarted:
      script.nowMs = Math.max(script.nowMs, Date.parse(event.Timestamp));
      return;
    case EventKind.taskScheduled:
      return confirm(script, event, 'activity');
    case EventKind.subOrchestrationCreated:
      return confirm(script, event, 'subOrchestration');
    case EventKind.timerCreated:
      return confirm(script, event, 'timer');
    case EventKind.eventSent:
      adoptId(script, event);
      return confirm(script, event, 'send');
    case EventKind.executionTerminated:
      script.terminated = { reason: event.Input ?? null };
      return;
    case EventKind.executionSuspended:
      script.isSuspended = true;
      move(script.made, script.withheld);
      return;
    case EventKind.executionResumed:
      script.isSuspended = false;
      move(script.withheld, script.made);
      for (const late of script.held.splice(0)) applyResult(script, late);
      return;
    default:
      if (script.isSuspended) script.held.push(event);
      else applyResult(script, event);
  }
}

function move(from: Map<number, Decision>, to: Map<number, Decision>): void {
  for (const [id, decision] of from) to.set(id, decision);
  from.clear();
}

function applyResult(script: Script, event: HistoryEvent): void {
  switch (event.EventType) {
    case EventKind.executionStarted:
      script.instanceId = event.OrchestrationInstance?.InstanceId ?? '';
      script.executionId = event.OrchestrationInstance?.ExecutionId ?? '';
      script.parentId = event.ParentInstance?.OrchestrationInstance.InstanceId;
      return runFrom(script, 0);
    case EventKind.taskCompleted:
    case EventKind.subOrchestrationCompleted:
      return settleTask(script, event.TaskScheduledId, false, event.Result ?? undefined);
    case EventKind.taskFailed:
    case EventKind.subOrchestrationFailed:
      return failTask(script, event);
    case EventKind.timerFired:
      return settleTask(script, event.TimerId, false);
    case EventKind.eventRaised:
      return raise(script, event);
    default:
  }
}

function runFrom(script: Script, index: number): void {
  const action = script.actions[index];
  script.at = index;
  try {
    if (action) runAction(script, action).then(() => runFrom(script, index + 1));
    else atReturn(script);
  } catch (error) {
    if (!(error instanceof Breach)) throw error;
    script.breach = error;
    script.returned = true;
  }
}

/** Locks are given back at once, whatever the instance then still waits for. */
function atReturn(script: Script): void {
  script.returned = true;
  if (script.isDone) releaseLocks(script);
}

function settleTask(script: Script, id: number | undefined, failed: boolean, value?: string): void {
  const result = id === undefined ? undefined : script.open.get(id);
  if (id === undefined || !result) return;
  script.open.delete(id);
  result.settle(failed, value);
}

function failTask(script: Script, event: HistoryEvent): void {
  const result = event.TaskScheduledId === undefined ? undefined : script.open.get(event.TaskScheduledId);
  const details = event['FailureDetails'] as FailureDetails | null | undefined;
  if (result && details?.IsNonRetriable) result.isFinal = true;
  settleTask(script, event.TaskScheduledId, true);
}

function raise(script: Script, event: HistoryEvent): void {
  if (script.continued) {
    script.continued.carried.push(event);
    return;
  }
  const key = (event.Name ?? '').toLowerCase();
  // Of two waiters of one name the later gets the event; without a waiter it is kept for the next one.
  const latest = script.waiters.get(key)?.pop();
  if (latest) latest.settle();
  else script.buffered.set(key, (script.buffered.get(key) ?? 0) + 1);
}
