import { EventKind, genericEvent, type HistoryEvent } from './history';
import type { DurableTimer } from './open-work';
import type { RuntimeStatus, Store } from './store';

interface Rewound {
  /** Instances that have a turn to take. */
  woken: string[];
  /** They were open when their instances failed, and come all the same. */
  timers: DurableTimer[];
}

export type Rewinding = ({ kind: 'rewound' } & Rewound) | { kind: 'unknown' } | { kind: 'wrongState'; status: RuntimeStatus };

/**
 * Takes a failed instance back to before its failures: each failed task, what scheduled it, and the end give way to an empty event, so that the next turn
 * schedules them anew. A failed sub-orchestration is rewound instead, and its parent goes on with what it then answers (recorded).
 */
export function rewind(store: Store, id: string, reason: string | null, nowMs: number): Rewinding {
  const instance = store.instance(id);
  if (!instance) return { kind: 'unknown' };
  if (instance.status !== 'Failed') return { kind: 'wrongState', status: instance.status };
  return { kind: 'rewound', ...store.transaction(() => rewindOne(store, id, reason, nowMs)) };
}

/** The instances that begin again are those that no failed child stands below. */
function rewindOne(store: Store, id: string, reason: string | null, nowMs: number): Rewound {
  const instance = store.instance(id);
  if (instance?.status !== 'Failed') return { woken: [], timers: [] };
  const history = store.history(id);
  const { timers } = store.openWorkOf({ instanceId: id, executionId: instance.executionId });
  const { history: emptied, children } = withoutFailures(history);
  store.replaceHistory(id, emptied);
  store.putInstance({ ...instance, status: 'Pending', updatedMs: nowMs });
  const below = children.map((child) => rewindOne(store, child, reason, nowMs));
  if (children.length === 0) store.post(id, instance.executionId, genericEvent(-1, reason, nowMs));
  return {
    woken: children.length === 0 ? [id] : below.flatMap(({ woken }) => woken),
    timers: [...timers, ...below.flatMap((one) => one.timers)],
  };
}

/** Pure: the history without what failed, and the ids of the sub-orchestrations that did. */
export function withoutFailures(history: HistoryEvent[]): { history: HistoryEvent[]; children: string[] } {
  const failed = new Set(idsOf(history, EventKind.taskFailed));
  const failedChildren = new Set(idsOf(history, EventKind.subOrchestrationFailed));
  const next = Math.max(-1, ...history.map((event) => event.EventId)) + 1;
  const emptied = history.map((event): HistoryEvent => {
    switch (event.EventType) {
      case EventKind.taskFailed:
      case EventKind.subOrchestrationFailed:
        return empty(event, -1);
      case EventKind.taskScheduled:
        return failed.has(event.EventId) ? empty(event, event.EventId) : event;
      case EventKind.executionCompleted:
        return event.OrchestrationStatus === 'Failed' ? empty(event, next) : event;
      default:
        return event;
    }
  });
  const children = history.filter((event) => event.EventType === EventKind.subOrchestrationCreated && failedChildren.has(event.EventId));
  return { history: emptied, children: children.flatMap((event) => event.InstanceId ?? []) };
}

const idsOf = (history: HistoryEvent[], kind: number): number[] =>
  history.flatMap((event) => (event.EventType === kind ? (event.TaskScheduledId ?? []) : []));

const empty = (event: HistoryEvent, id: number): HistoryEvent => ({
  ...genericEvent(id, null, 0),
  IsPlayed: event.IsPlayed,
  Timestamp: event.Timestamp,
});
