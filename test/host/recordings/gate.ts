import type { TurnSchedule } from '../../../local/host';
import { EventKind, type HistoryEvent } from '../../../local/host/durable/history';
import { isMadeUp, type Ids } from './ids';
import { realTimerMs } from './pace';
import { newsOf, type TurnPayload } from './recording';
import { shapeOf } from './shape';

/** What only a client brings: no passing of time does. */
const fromClients = new Set<number>([
  EventKind.executionStarted,
  EventKind.executionTerminated,
  EventKind.eventRaised,
  EventKind.executionSuspended,
  EventKind.executionResumed,
]);

/** Lets instances take the turns that the recording has, one after the other as they are opened, each with the messages that it had there and in that order. */
export class Gate implements TurnSchedule {
  readonly timerComesMs = realTimerMs;
  private readonly recorded = new Map<string, TurnPayload[]>();
  private readonly opened = new Map<string, number>();
  private readonly taken = new Map<string, number>();
  private readonly forced = new Set<string>();
  private readonly waiting = new Map<string, readonly HistoryEvent[]>();
  private readonly asked: (() => void)[] = [];
  private wakeOwn: (instanceId: string) => void = () => {};

  constructor(private readonly ids: Ids) {}

  /** Another turn of the recording. */
  expect(payload: TurnPayload): void {
    const turns = this.recorded.get(payload.instanceId) ?? [];
    turns.push(payload);
    this.recorded.set(payload.instanceId, turns);
  }

  connect(wake: (instanceId: string) => void): void {
    this.wakeOwn = wake;
  }

  open(instanceId: string): void {
    this.opened.set(instanceId, (this.opened.get(instanceId) ?? 0) + 1);
    this.wake(instanceId);
  }

  /** Lets an instance take the turn that is open now with whatever waits for it. Answers whether anything does. */
  force(instanceId: string): boolean {
    if ((this.waiting.get(instanceId) ?? []).length === 0) return false;
    this.forced.add(instanceId);
    this.wake(instanceId);
    return true;
  }

  /** Counts a turn as taken that never came, so that those after it are not held up. */
  giveUp(instanceId: string): void {
    this.take(instanceId);
    this.wake(instanceId);
  }

  /** Whether the open turn lacks something that only a client's request can bring. */
  lacksRequest(instanceId: string): boolean {
    const turn = this.next(instanceId);
    if (!turn) return false;
    const waiting = this.waiting.get(instanceId) ?? [];
    return newsOf(turn.history)
      .filter((event) => position(event, waiting, new Set()) === undefined)
      .some((event) => fromClients.has(event.EventType) && !event.ParentInstance);
  }

  /** Resolves when the host asks for the next time. */
  nextAsked(): Promise<void> {
    return new Promise((resolve) => this.asked.push(resolve));
  }

  choose(ownId: string, waiting: readonly HistoryEvent[]): readonly number[] | undefined {
    for (const tell of this.asked.splice(0)) tell();
    this.recognise(ownId, waiting);
    const instanceId = this.ids.recorded(ownId);
    this.waiting.set(instanceId, waiting);
    const turn = this.next(instanceId);
    // What the recording knows nothing of is not held up: it shows as a turn too many.
    const isOpen = (this.taken.get(instanceId) ?? 0) < (this.opened.get(instanceId) ?? 0);
    if (turn && !isOpen) return undefined;
    const positions =
      !turn || this.forced.delete(instanceId) ? waiting.map((_event, at) => at) : positionsOf(newsOf(turn.history), waiting);
    if (positions) this.take(instanceId);
    return positions;
  }

  private take(instanceId: string): void {
    this.taken.set(instanceId, (this.taken.get(instanceId) ?? 0) + 1);
    this.waiting.delete(instanceId);
  }

  private next(instanceId: string): TurnPayload | undefined {
    return this.recorded.get(instanceId)?.[this.taken.get(instanceId) ?? 0];
  }

  private wake(instanceId: string): void {
    this.wakeOwn(this.ids.own(instanceId));
  }

  /** A child, or an instance that was started without an id, is known by its name, parent and input. */
  private recognise(ownId: string, waiting: readonly HistoryEvent[]): void {
    const own = waiting.find((event) => event.EventType === EventKind.executionStarted);
    if (!own || this.recorded.has(this.ids.recorded(ownId))) return;
    for (const [recordedId, [first]] of this.recorded) {
      if (!isMadeUp(recordedId) || this.ids.isKnown(recordedId)) continue;
      const recorded = first?.history.find((event) => event.EventType === EventKind.executionStarted);
      if (recorded && told(recorded, (id) => id) === told(own, (id) => this.ids.recorded(id))) return this.ids.learn(recordedId, ownId);
    }
  }
}

function told(start: HistoryEvent, recordedId: (id: string) => string): string {
  const parent = start.ParentInstance;
  const from = parent && [parent.TaskScheduleId, recordedId(parent.OrchestrationInstance.InstanceId)];
  return JSON.stringify(shapeOf([start.Name?.toLowerCase(), start.Input, from]));
}

/** Where each event's counterpart stands; undefined as long as one is missing, or a generation's beginning is still to come. */
function positionsOf(news: HistoryEvent[], waiting: readonly HistoryEvent[]): number[] | undefined {
  if (news.length === 0) return waiting.length === 0 ? [] : undefined;
  const used = new Set<number>();
  const positions = news.map((event) => position(event, waiting, used)).filter((at) => at !== undefined);
  return positions.length === news.length ? positions : undefined;
}

/** One that says the same goes before one that only answers the same task or has the same name. */
function position(event: HistoryEvent, waiting: readonly HistoryEvent[], used: Set<number>): number | undefined {
  const alike = waiting.map((one, at) => ({ one, at })).filter(({ one, at }) => !used.has(at) && roughly(one) === roughly(event));
  const found = alike.length < 2 ? alike[0] : (alike.find(({ one }) => whole(one) === whole(event)) ?? alike[0]);
  if (found) used.add(found.at);
  return found?.at;
}

const whole = (event: HistoryEvent): string => JSON.stringify(shapeOf(event));

const roughly = ({ EventType, TaskScheduledId, TimerId, Name }: HistoryEvent): string =>
  JSON.stringify(shapeOf([EventType, TaskScheduledId ?? TimerId ?? (EventType === EventKind.eventRaised ? Name : null)]));
