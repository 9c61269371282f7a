import { EventKind, executionStarted, type HistoryEvent } from './history';
import type { Instance, Store } from './store';

/** How an instance is shown over HTTP: keys, their order and formats as recorded. */
export function statusBody(store: Store, instance: Instance, query: URLSearchParams): Record<string, unknown> {
  const parsed = (json: string | null): unknown => (json === null ? null : (JSON.parse(json) as unknown));
  const flag = flagOf(query);
  return {
    name: instance.name,
    ...(instance.version !== null && { version: instance.version }),
    instanceId: instance.id,
    runtimeStatus: instance.status,
    input: flag('showInput', true) ? parsed(instance.input) : null,
    customStatus: parsed(instance.customStatus),
    output: parsed(instance.output),
    createdTime: wholeSeconds(instance.createdMs),
    lastUpdatedTime: wholeSeconds(instance.updatedMs),
    ...(flag('showHistory') && { historyEvents: historyBody(historyOf(store, instance), flag('showHistoryOutput')) }),
  };
}

/** An entity's turns each begin a new generation, so its history is a start and nothing else (recorded). */
function historyOf(store: Store, instance: Instance): HistoryEvent[] {
  if (!instance.name.startsWith('@')) return store.history(instance.id);
  const { id, name, version, executionId, input, parent } = instance;
  return [executionStarted({ instanceId: id, executionId, name, version, input, parent, generation: null }, instance.createdMs)];
}

/** A bad boolean counts as false. */
export function flagOf(query: URLSearchParams): (name: string, absent?: boolean) => boolean {
  return (name, absent = false) => {
    const entry = [...query].find(([key]) => key.toLowerCase() === name.toLowerCase());
    return entry ? entry[1].toLowerCase() === 'true' : absent;
  };
}

export const wholeSeconds = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

const names: Record<number, string> = {
  [EventKind.executionStarted]: 'ExecutionStarted',
  [EventKind.executionCompleted]: 'ExecutionCompleted',
  [EventKind.executionTerminated]: 'ExecutionTerminated',
  [EventKind.taskScheduled]: 'TaskScheduled',
  [EventKind.taskCompleted]: 'TaskCompleted',
  [EventKind.taskFailed]: 'TaskFailed',
  [EventKind.subOrchestrationCreated]: 'SubOrchestrationInstanceCreated',
  [EventKind.subOrchestrationCompleted]: 'SubOrchestrationInstanceCompleted',
  [EventKind.subOrchestrationFailed]: 'SubOrchestrationInstanceFailed',
  [EventKind.timerCreated]: 'TimerCreated',
  [EventKind.timerFired]: 'TimerFired',
  [EventKind.eventSent]: 'EventSent',
  [EventKind.eventRaised]: 'EventRaised',
  [EventKind.genericEvent]: 'GenericEvent',
  [EventKind.executionSuspended]: 'ExecutionSuspended',
  [EventKind.executionResumed]: 'ExecutionResumed',
};

const hidden = new Set([
  'EventType',
  'EventId',
  'IsPlayed',
  'TaskScheduledId',
  'TimerId',
  'OrchestrationInstance',
  'ParentInstance',
  'Version',
  'Name',
  'Tags',
  'ClientSpanId',
]);
/** An activity that has not ended is the one event that shows its tags (recorded). */
const keepsTags = new Set<number>([EventKind.taskScheduled]);
const keepsName = new Set<number>([EventKind.eventSent, EventKind.eventRaised, EventKind.taskScheduled, EventKind.subOrchestrationCreated]);

/** What was scheduled is folded into what came of it; the marks of turns are left out. */
function historyBody(history: HistoryEvent[], withOutput: boolean): Record<string, unknown>[] {
  const scheduled = new Map<number, HistoryEvent>();
  const done = new Set<number>();
  for (const event of history) {
    if (event.EventType === EventKind.taskScheduled || event.EventType === EventKind.subOrchestrationCreated)
      scheduled.set(event.EventId, event);
    if (event.TaskScheduledId !== undefined) done.add(event.TaskScheduledId);
  }
  return history
    .filter((event) => names[event.EventType] !== undefined && !(scheduled.get(event.EventId) === event && done.has(event.EventId)))
    .map((event) => eventBody(event, scheduled, withOutput));
}

function eventBody(event: HistoryEvent, scheduled: Map<number, HistoryEvent>, withOutput: boolean): Record<string, unknown> {
  const isGeneric = event.EventType === EventKind.genericEvent;
  const shown: Record<string, unknown> = { ...(isGeneric && { Data: event['Data'] }), EventType: names[event.EventType] };
  for (const [key, value] of Object.entries(event)) {
    const isKept = (key === 'Name' && keepsName.has(event.EventType)) || (key === 'Tags' && keepsTags.has(event.EventType));
    if (key === 'Timestamp' || (hidden.has(key) && !isKept)) continue;
    if (key === 'Result') {
      if (withOutput) shown[key] = parsedOrText(value);
    } else {
      shown[key] = value;
    }
  }
  shown['Timestamp'] = event.Timestamp;
  if (event.EventType === EventKind.executionStarted) shown['FunctionName'] = event.Name;
  const cause = event.TaskScheduledId === undefined ? undefined : scheduled.get(event.TaskScheduledId);
  if (cause) {
    shown['ScheduledTime'] = cause.Timestamp.replace(/Z$/, '+00:00');
    shown['FunctionName'] = cause.Name;
    if (cause.EventType === EventKind.subOrchestrationCreated) shown['InstanceId'] = cause.InstanceId;
    shown['Input'] = cause.Input ?? null;
  }
  return shown;
}

function parsedOrText(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}
