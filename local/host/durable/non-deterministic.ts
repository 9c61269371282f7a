import type { HistoryEvent } from './history';
import type { Decision, Script } from './script';

/** The orchestrator decides otherwise than it did before. */
export class NonDeterministic extends Error {
  static readonly type = 'DurableTask.Core.Exceptions.NonDeterministicOrchestrationException';

  constructor(before: string, now: string) {
    super(
      `Non-Deterministic workflow detected: A previous execution of this orchestration scheduled ${before}${now} ` +
        'Was a change made to the orchestrator code after this instance had already started running?',
    );
  }
}

/** What the framework calls them. */
const actions: Record<Decision['kind'], string> = {
  activity: 'ScheduleTaskOrchestratorAction',
  subOrchestration: 'CreateSubOrchestrationAction',
  timer: 'CreateTimerOrchestratorAction',
  send: 'SendEventOrchestratorAction',
};

/**
 * An event that says "this was scheduled" must meet the decision of that number.
 * Texts are those of DurableTask.Core's TaskOrchestrationContext, each with its own spaces and commas.
 */
export function confirm(script: Script, event: HistoryEvent, kind: Decision['kind']): void {
  const decision = script.made.get(event.EventId);
  if (!decision)
    throw new NonDeterministic(before(event, kind, 'missing'), "but the current replay execution hasn't (yet?) scheduled this task.");
  if (decision.kind !== kind) throw new NonDeterministic(before(event, kind, 'other'), otherKind(kind, actions[decision.kind]));
  const is = 'name' in decision ? decision.name : undefined;
  if (is !== undefined && is.toLowerCase() !== event.Name?.toLowerCase())
    throw new NonDeterministic(before(event, kind, 'otherName'), otherName(kind, is));
  script.made.delete(event.EventId);
}

function before(event: HistoryEvent, kind: Decision['kind'], now: 'missing' | 'other' | 'otherName'): string {
  const { EventId: id, Name: name = '', Version: version, InstanceId: instance = '' } = event;
  switch (kind) {
    case 'activity':
      return now === 'missing'
        ? `an activity task with sequence ID ${id} and name '${name}' (version '${version ?? ''}'), `
        : `an activity task with sequence number ${id} named '${name}', `;
    case 'subOrchestration':
      return `a sub-orchestration task with sequence ID ${id} and name '${name}' (version '${version ?? ''}', instance ID '${instance}'), `;
    case 'timer':
      return `a timer task with sequence number ${id} ${now === 'missing' ? '' : 'named '}`;
    case 'send':
      return `a send event task with sequence ID ${id}, type 'EventSent'${now === 'missing' ? '' : ','} name '${name}', instance ID '${instance}'${now === 'otherName' ? ')' : ''}, `;
  }
}

function otherKind(kind: Decision['kind'], action: string): string {
  if (kind === 'send') return `but the current orchestration replay instead scheduled a ${action} task at this sequence number.`;
  const where = kind === 'subOrchestration' ? 'at' : 'with';
  return `but the current orchestration replay instead produced a ${action} action ${where} this sequence number.`;
}

function otherName(kind: Decision['kind'], name: string): string {
  switch (kind) {
    case 'activity':
      return `but the current orchestration replay instead scheduled an activity task named '${name}' with this sequence number. `;
    case 'subOrchestration':
      return `but the current orchestration replay instead scheduled a sub-orchestration task with name ${name} at this sequence number.`;
    default:
      return `but the current orchestration replay instead scheduled a send event task with name ${name}at this sequence number.`;
  }
}
