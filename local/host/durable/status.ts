import type { HttpAnswer } from '../http-message';
import { EventKind, executionStarted, type HistoryEvent } from './history';
import { valueIn } from './json-text';
import { booleanOf, type Query } from './query';
import type { Instance, Store } from './store';

type Histories = Pick<Store, 'history'>;

/**
 * How an instance is shown over HTTP: keys, their order and formats as recorded.
 * @throws DoubleEvent for a history that cannot be shown
 */
export function statusBody(store: Histories, instance: Instance, query: Query): Record<string, unknown> {
  const parsed = (text: string | null): unknown => (text === null ? null : parsedOrText(text));
  const flag = (name: string): boolean | undefined => booleanOf(query.value(name));
  const isInputShown = flag('showInput') ?? true;
  return {
    name: instance.name,
    ...(instance.version !== null && { version: instance.version }),
    instanceId: instance.id,
    runtimeStatus: instance.status,
    input: isInputShown ? parsed(instance.input) : null,
    customStatus: parsed(instance.customStatus),
    output: parsed(instance.output),
    createdTime: wholeSeconds(instance.createdMs),
    lastUpdatedTime: wholeSeconds(instance.updatedMs),
    ...(flag('showHistory') &&
      instance.status !== 'Pending' && {
        historyEvents: historyBody(historyOf(store, instance), { output: flag('showHistoryOutput') ?? false, input: isInputShown }),
      }),
  };
}

/** An entity's turns each begin a new generation, so its history is a start and nothing else (recorded). */
function historyOf(store: Histories, instance: Instance): HistoryEvent[] {
  if (!instance.name.startsWith('@')) return store.history(instance.id);
  const { id, name, version, executionId, input, parent } = instance;
  return [executionStarted({ instanceId: id, executionId, name, version, input, parent, generation: null }, instance.createdMs)];
}

const wholeSeconds = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

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

/** What is left out of each kind of event, besides what is left out of all (the extension's `DurableClient`). */
const hidden: Record<number, string[]> = {
  [EventKind.executionStarted]: ['Name', 'OrchestrationInstance', 'ParentInstance', 'Version', 'Tags'],
  [EventKind.taskScheduled]: ['Version'],
  [EventKind.subOrchestrationCreated]: ['Version'],
  [EventKind.taskCompleted]: ['TaskScheduledId'],
  [EventKind.taskFailed]: ['TaskScheduledId'],
  [EventKind.subOrchestrationCompleted]: ['TaskScheduledId'],
  [EventKind.subOrchestrationFailed]: ['TaskScheduledId'],
  [EventKind.timerFired]: ['TimerId'],
};
const hiddenAlways = ['EventType', 'EventId', 'IsPlayed', 'Timestamp'];

interface Shown {
  output: boolean;
  input: boolean;
}

/** Two events that say they scheduled the same task: the real extension cannot show such a history. */
export class DoubleEvent extends Error {}

/** What was scheduled is folded into what came of it; the marks of turns are left out. */
function historyBody(history: HistoryEvent[], show: Shown): Record<string, unknown>[] {
  const scheduled = new Map<string, HistoryEvent>();
  const folded = new Set<HistoryEvent>();
  const bodies = history.map((event) => {
    const name = names[event.EventType] ?? '';
    if (event.EventType === EventKind.taskScheduled || event.EventType === EventKind.subOrchestrationCreated) {
      const key = `${name}_${event.EventId}`;
      if (scheduled.has(key)) throw new DoubleEvent(`An item with the same key has already been added. Key: ${key}`);
      scheduled.set(key, event);
    }
    const isTask = event.EventType === EventKind.taskCompleted || event.EventType === EventKind.taskFailed;
    const cause = scheduled.get(`${names[isTask ? EventKind.taskScheduled : EventKind.subOrchestrationCreated]}_${event.TaskScheduledId}`);
    if (cause) folded.add(cause);
    return { event, body: eventBody(event, cause, show) };
  });
  return bodies.filter(({ event }) => names[event.EventType] !== undefined && !folded.has(event)).map(({ body }) => body);
}

function eventBody(event: HistoryEvent, cause: HistoryEvent | undefined, show: Shown): Record<string, unknown> {
  const isGeneric = event.EventType === EventKind.genericEvent;
  const shown: Record<string, unknown> = { ...(isGeneric && { Data: event['Data'] }), EventType: names[event.EventType] };
  for (const [key, value] of Object.entries(event)) {
    if (hiddenAlways.includes(key) || hidden[event.EventType]?.includes(key)) continue;
    if (key === 'Input' && !show.input) continue;
    if (key !== 'Result') shown[key] = value;
    else if (show.output) shown[key] = typeof value === 'string' ? parsedOrText(value) : value;
  }
  shown['Timestamp'] = event.Timestamp;
  if (event.EventType === EventKind.executionStarted) shown['FunctionName'] = event.Name;
  if (!cause) return shown;
  shown['ScheduledTime'] = cause.Timestamp.replace(/Z$/, '+00:00');
  shown['FunctionName'] = cause.Name;
  if (cause.EventType === EventKind.subOrchestrationCreated) shown['InstanceId'] = cause.InstanceId;
  if (show.input) shown['Input'] = cause.Input ?? null;
  return shown;
}

/** Text that does not begin with JSON stands for itself: the reason of a termination, the message of a failure. */
function parsedOrText(value: string): unknown {
  const text = value.trim();
  if (text === '') return '';
  if (/^undefined(?:$|[\s\u0085,}\]]|\/[*/])/.test(text)) return undefinedMark;
  const found = valueIn(text);
  return found ? found.value : text;
}

/** Stands for what Json.NET reads from a text that begins with "undefined": a value that JSON has not. */
const undefinedMark = '\0undefined';

/** As Json.NET writes that value: such a status is no JSON. */
export function withUndefined(answer: HttpAnswer): HttpAnswer {
  return typeof answer.body === 'string' ? { ...answer, body: answer.body.replaceAll(JSON.stringify(undefinedMark), 'undefined') } : answer;
}
