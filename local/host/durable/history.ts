/** Numbers of DurableTask's history events, as they stand in the trigger's payload. */
export const EventKind = {
  executionStarted: 0,
  executionCompleted: 1,
  executionTerminated: 3,
  taskScheduled: 4,
  taskCompleted: 5,
  taskFailed: 6,
  subOrchestrationCreated: 7,
  subOrchestrationCompleted: 8,
  subOrchestrationFailed: 9,
  timerCreated: 10,
  timerFired: 11,
  orchestratorStarted: 12,
  orchestratorCompleted: 13,
  eventSent: 14,
  eventRaised: 15,
  genericEvent: 17,
  executionSuspended: 19,
  executionResumed: 20,
} as const;

export interface ParentInstance {
  Name: string;
  OrchestrationInstance: { InstanceId: string; ExecutionId: string };
  TaskScheduleId: number;
  Version: string | null;
}

/** What a failure that the framework itself made carries with it; keys and their order as recorded. */
export interface FailureDetails {
  ErrorType: string;
  ErrorMessage: string;
  StackTrace: string | null;
  InnerFailure: FailureDetails | null;
  IsNonRetriable: boolean;
  Properties: unknown;
}

export const failureDetails = (some: Partial<FailureDetails>): FailureDetails => ({
  ErrorType: some.ErrorType ?? 'Error',
  ErrorMessage: some.ErrorMessage ?? '',
  StackTrace: some.StackTrace ?? null,
  InnerFailure: some.InnerFailure ? failureDetails(some.InnerFailure) : null,
  IsNonRetriable: some.IsNonRetriable ?? false,
  Properties: some.Properties ?? null,
});

/** One event of a history. The order of an event's keys is that of the recordings; the builders below keep it. */
export interface HistoryEvent {
  EventType: number;
  EventId: number;
  IsPlayed: boolean;
  Timestamp: string;
  OrchestrationInstance?: { InstanceId: string; ExecutionId: string };
  ParentInstance?: ParentInstance | null;
  Name?: string;
  Version?: string | null;
  Input?: string | null;
  InstanceId?: string;
  TaskScheduledId?: number;
  TimerId?: number;
  FireAt?: string;
  Result?: string | null;
  Reason?: string | null;
  Details?: string | null;
  OrchestrationStatus?: string;
  [more: string]: unknown;
}

/** The events of a turn share a time or two: what was printed last is kept. */
let printed = { ms: NaN, text: '' };

/** ISO text as .NET prints it: no zeros at the end of the fraction, no fraction when there is none. */
export function timestamp(ms: number): string {
  if (printed.ms !== ms) printed = { ms, text: new Date(ms).toISOString().replace(/\.?0*Z$/, 'Z') };
  return printed.text;
}

function event(kind: number, eventId: number, nowMs: number, fields: Record<string, unknown> = {}): HistoryEvent {
  return { EventType: kind, ...fields, EventId: eventId, IsPlayed: false, Timestamp: timestamp(nowMs) };
}

export const orchestratorStarted = (nowMs: number): HistoryEvent => event(EventKind.orchestratorStarted, -1, nowMs);
export const orchestratorCompleted = (nowMs: number): HistoryEvent => event(EventKind.orchestratorCompleted, -1, nowMs);

export interface Started {
  instanceId: string;
  executionId: string;
  name: string;
  version: string | null;
  /** JSON text, or null for none. */
  input: string | null;
  parent: ParentInstance | null;
  /** 0 for an instance that a client started; null for a sub-orchestration and after continue-as-new. */
  generation: number | null;
}

export function executionStarted(started: Started, nowMs: number): HistoryEvent {
  return {
    OrchestrationInstance: { InstanceId: started.instanceId, ExecutionId: started.executionId },
    ...event(EventKind.executionStarted, -1, nowMs, {
      ParentInstance: started.parent,
      Name: started.name,
      Version: started.version,
      Input: started.input,
      Tags: null,
      Correlation: null,
      ParentTraceContext: null,
      ScheduledStartTime: null,
      Generation: started.generation,
      GenerateNewTrace: false,
    }),
  };
}

export const executionCompleted = (status: string, result: string | null, failure: FailureDetails | null, nowMs: number): HistoryEvent =>
  event(EventKind.executionCompleted, -1, nowMs, { OrchestrationStatus: status, Result: result, FailureDetails: failure });

export const executionTerminated = (reason: string | null, nowMs: number): HistoryEvent =>
  event(EventKind.executionTerminated, -1, nowMs, { Input: reason });

export const executionSuspended = (reason: string | null, nowMs: number): HistoryEvent =>
  event(EventKind.executionSuspended, -1, nowMs, { Reason: reason });

export const executionResumed = (reason: string | null, nowMs: number): HistoryEvent =>
  event(EventKind.executionResumed, -1, nowMs, { Reason: reason });

export const taskScheduled = (id: number, name: string, input: string | null, nowMs: number): HistoryEvent =>
  event(EventKind.taskScheduled, id, nowMs, { Name: name, Version: '', Input: input, ParentTraceContext: null, Tags: null });

export const taskCompleted = (scheduledId: number, result: string | null, nowMs: number): HistoryEvent =>
  event(EventKind.taskCompleted, -1, nowMs, { TaskScheduledId: scheduledId, Result: result });

export const taskFailed = (scheduledId: number, reason: string, details: string, nowMs: number): HistoryEvent =>
  event(EventKind.taskFailed, -1, nowMs, { TaskScheduledId: scheduledId, Reason: reason, Details: details, FailureDetails: null });

export const subOrchestrationCreated = (
  child: { id: number; name: string; version: string | null; instanceId: string; input: string | null },
  nowMs: number,
): HistoryEvent =>
  event(EventKind.subOrchestrationCreated, child.id, nowMs, {
    Name: child.name,
    Version: child.version,
    InstanceId: child.instanceId,
    Input: child.input,
    ClientSpanId: null,
    Tags: null,
  });

export const subOrchestrationCompleted = (scheduledId: number, result: string | null, nowMs: number): HistoryEvent =>
  event(EventKind.subOrchestrationCompleted, -1, nowMs, { TaskScheduledId: scheduledId, Result: result });

export const subOrchestrationFailed = (scheduledId: number, reason: string | null, details: string | null, nowMs: number): HistoryEvent =>
  event(EventKind.subOrchestrationFailed, -1, nowMs, {
    TaskScheduledId: scheduledId,
    Reason: reason,
    Details: details,
    FailureDetails: null,
  });

export const timerCreated = (id: number, fireAtMs: number, nowMs: number): HistoryEvent =>
  event(EventKind.timerCreated, id, nowMs, { FireAt: timestamp(fireAtMs) });

/** `createdMs`: the real extension stamps a fired timer with the time of its creation. */
export const timerFired = (timerId: number, fireAtMs: number, createdMs: number): HistoryEvent =>
  event(EventKind.timerFired, -1, createdMs, { TimerId: timerId, FireAt: timestamp(fireAtMs) });

export const eventRaised = (name: string, input: string, nowMs: number): HistoryEvent =>
  event(EventKind.eventRaised, -1, nowMs, { Name: name, Input: input, ParentTraceContext: null });

export const eventSent = (id: number, instanceId: string, name: string, input: string, nowMs: number): HistoryEvent =>
  event(EventKind.eventSent, id, nowMs, { InstanceId: instanceId, Name: name, Input: input });

/** `data`: why an instance was rewound; null where it stands for an event that the rewinding took away. */
export const genericEvent = (id: number, data: string | null, nowMs: number): HistoryEvent => ({
  Data: data,
  ...event(EventKind.genericEvent, id, nowMs),
});

/** These are marked as played once their turn is over; what was scheduled, and the turn's own marks, never are. */
const played = new Set<number>([
  EventKind.executionStarted,
  EventKind.taskCompleted,
  EventKind.taskFailed,
  EventKind.subOrchestrationCompleted,
  EventKind.subOrchestrationFailed,
  EventKind.timerFired,
  EventKind.eventRaised,
  EventKind.genericEvent,
  EventKind.executionSuspended,
  EventKind.executionResumed,
  EventKind.executionTerminated,
]);

/** A turn's events as the turns after it see them. */
export function asPlayed(one: HistoryEvent): HistoryEvent {
  return played.has(one.EventType) ? { ...one, IsPlayed: true } : one;
}
