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

/** An activity as a turn began it: a history tells of it without its input. */
export type Begun = Pick<ActivityTask, 'eventId' | 'name' | 'input'>;

/** One turn as it is stored. */
export interface StoredTurn {
  /** The number of its row. */
  seq: number;
  events: HistoryEvent[];
  began: Begun[];
}

/** Null for none. */
export const begunText = (tasks: Begun[]): string | null =>
  tasks.length === 0 ? null : JSON.stringify(tasks.map(({ eventId, name, input }) => [eventId, name, input]));

export const begunIn = (text: string | null): Begun[] =>
  text === null ? [] : (JSON.parse(text) as [number, string, string | null][]).map(([eventId, name, input]) => ({ eventId, name, input }));

/** What an execution has begun and not seen the end of, by number and in the order in which it was begun; each with the row that began it. */
export interface Open {
  activities: Map<number, Begun & { seq: number }>;
  timers: Map<number, Omit<DurableTimer, keyof Execution> & { seq: number }>;
}

export const nothingOpen = (): Open => ({ activities: new Map(), timers: new Map() });

/** `turns`: all, or those from `openFrom` on. */
export function openAfter(turns: Iterable<StoredTurn>): Open {
  const open = nothingOpen();
  for (const turn of turns) follow(open, turn);
  return open;
}

/** Goes on by one turn. */
export function follow(open: Open, { seq, events, began }: StoredTurn): void {
  for (const event of events) {
    if (event.EventType === EventKind.timerCreated) put(open.timers, timerOf(seq, event));
    const ended = taskEndedBy(event);
    if (ended) (ended.kind === 'timer' ? open.timers : open.activities).delete(ended.id);
  }
  for (const { eventId, name, input } of began) put(open.activities, { seq, eventId, name, input });
}

/** At the end, whatever stood there under its number: `openFrom` looks at the first alone. */
function put<Task extends { eventId: number }>(tasks: Map<number, Task>, task: Task): void {
  tasks.delete(task.eventId);
  tasks.set(task.eventId, task);
}

const timerOf = (seq: number, event: HistoryEvent): Omit<DurableTimer, keyof Execution> & { seq: number } => ({
  seq,
  eventId: event.EventId,
  fireAtMs: Date.parse(event.FireAt ?? ''),
  createdMs: Date.parse(event.Timestamp),
});

/** The first row that has to be read to know what is open: none before it began anything that is. `next`: the row after the last. */
export const openFrom = ({ activities, timers }: Open, next: number): number =>
  Math.min(firstSeq(activities, next), firstSeq(timers, next));

const firstSeq = (tasks: Map<number, { seq: number }>, next: number): number => tasks.values().next().value?.seq ?? next;

/** The same as tasks of an execution. */
export function tasksOf({ instanceId, executionId }: Execution, { activities, timers }: Open): OpenWork {
  const ours = <Task extends { seq: number }>({ seq: _row, ...task }: Task) => ({ instanceId, executionId, ...task });
  return { activities: [...activities.values()].map(ours), timers: [...timers.values()].map(ours) };
}

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
