import { EventKind, type HistoryEvent } from './history';

/** One generation of an instance. */
export interface Execution {
  instanceId: string;
  executionId: string;
}

export interface TaskId extends Execution {
  eventId: number;
}

export interface ActivityTask extends TaskId {
  name: string;
  /** JSON text; null for no input. */
  input: string | null;
}

export interface DurableTimer extends TaskId {
  fireAtMs: number;
  createdMs: number;
}

export interface OpenWork {
  activities: ActivityTask[];
  timers: DurableTimer[];
}

/** One turn as it is stored. */
export interface StoredTurn {
  events: HistoryEvent[];
  /** The activities that it began, which a history tells without their inputs; see `begunText`. */
  began: string | null;
}

/** Null for none. */
export const begunText = (tasks: ActivityTask[]): string | null =>
  tasks.length === 0 ? null : JSON.stringify(tasks.map(({ eventId, name, input }) => [eventId, name, input]));

/** What an execution has begun and not seen the end of, read off its history. */
export function openWork({ instanceId, executionId }: Execution, turns: Iterable<StoredTurn>): OpenWork {
  const activities = new Map<number, ActivityTask>();
  const timers = new Map<number, DurableTimer>();
  for (const { events, began } of turns) {
    for (const event of events) {
      if (event.EventType === EventKind.timerCreated) timers.set(event.EventId, timerOf({ instanceId, executionId }, event));
      const ended = taskEndedBy(event);
      if (ended) (ended.kind === 'timer' ? timers : activities).delete(ended.id);
    }
    if (began === null) continue;
    for (const [eventId, name, input] of JSON.parse(began) as [number, string, string | null][])
      activities.set(eventId, { instanceId, executionId, eventId, name, input });
  }
  return { activities: [...activities.values()], timers: [...timers.values()] };
}

const timerOf = ({ instanceId, executionId }: Execution, event: HistoryEvent): DurableTimer => ({
  instanceId,
  executionId,
  eventId: event.EventId,
  fireAtMs: Date.parse(event.FireAt ?? ''),
  createdMs: Date.parse(event.Timestamp),
});

/** The activity or timer whose end an event tells. */
export function taskEndedBy(event: HistoryEvent): { kind: 'activity' | 'timer'; id: number } | undefined {
  switch (event.EventType) {
    case EventKind.taskCompleted:
    case EventKind.taskFailed:
      return { kind: 'activity', id: event.TaskScheduledId ?? -1 };
    case EventKind.timerFired:
      return { kind: 'timer', id: event.TimerId ?? -1 };
    default:
      return undefined;
  }
}
