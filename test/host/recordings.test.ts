import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { EventKind, type HistoryEvent } from '../../local/host/durable/history';
import { replay } from '../../local/host/durable/replay';
import type { OrchestratorState } from '../../local/host/durable/state';

/**
 * Turns of the real durable extension: what an orchestrator was given, what it answered, and what the extension made of the answer, which stands in
 * the history that the next turn was given. Replayed here, the same answer has to lead to the same decisions under the same numbers.
 */
const recordings = path.join(__dirname, '../../../shared/host/recordings');
const dayMs = 86_400_000;

interface Turn {
  function: string;
  payload: { instanceId: string; history: HistoryEvent[] };
  state?: OrchestratorState;
}

interface Row {
  kind: string;
  phase?: string;
  function?: string;
  invocationId?: string;
  triggerParsed?: Turn['payload'];
  returnParsed?: OrchestratorState;
  exception?: { message?: string };
}

const mark = '$OutOfProcData$:';

function turnsOf(rows: Row[]): Turn[] {
  const turns = new Map<string, Turn>();
  for (const row of rows) {
    if (row.kind !== 'orchestrationTrigger' || row.invocationId === undefined) continue;
    if (row.phase === 'request' && row.triggerParsed)
      turns.set(row.invocationId, { function: row.function ?? '', payload: row.triggerParsed });
    const turn = turns.get(row.invocationId);
    if (row.phase !== 'response' || !turn) continue;
    const message = row.exception?.message ?? '';
    const at = message.indexOf(mark);
    if (row.returnParsed) turn.state = row.returnParsed;
    else if (at >= 0) turn.state = JSON.parse(message.slice(at + mark.length)) as OrchestratorState;
  }
  return [...turns.values()];
}

const scheduledKinds = new Set<number>([
  EventKind.taskScheduled,
  EventKind.subOrchestrationCreated,
  EventKind.timerCreated,
  EventKind.eventSent,
]);

/** What the extension scheduled because of a turn: the scheduling events between the end of its history and the turn's own end. */
function scheduledBy(turn: Turn, next: Turn): string[] {
  const added = next.payload.history.slice(turn.payload.history.length);
  const end = added.findIndex((event) => event.EventType === EventKind.orchestratorCompleted);
  return added
    .slice(0, end)
    .filter((event) => scheduledKinds.has(event.EventType))
    .map((event) => [event.EventType, event.EventId, event.Name ?? Date.parse(event.FireAt ?? '')].join(' '));
}

function decidedBy(turn: Turn): string[] {
  const everything = {
    isActivity: () => true,
    isOrchestrator: () => true,
    isEntity: (name: string) => name !== 'nosuchentity',
    httpSleepMs: 30_000,
    longTimerPieceMs: 3 * dayMs,
    longestTimerMs: 6 * dayMs,
  };
  const kinds = {
    activity: EventKind.taskScheduled,
    subOrchestration: EventKind.subOrchestrationCreated,
    timer: EventKind.timerCreated,
    send: EventKind.eventSent,
  };
  return replay(turn.payload.history, turn.state, everything).decisions.map((one) =>
    [kinds[one.kind], one.id, one.kind === 'timer' ? one.fireAtMs : one.name].join(' '),
  );
}

/** Each turn with the one that followed it in the same generation of the same instance. */
function pairs(turns: Turn[]): [Turn, Turn][] {
  const executionOf = (turn: Turn): string =>
    turn.payload.history.find((event) => event.OrchestrationInstance)?.OrchestrationInstance?.ExecutionId ?? '';
  return turns.flatMap((turn, at): [Turn, Turn][] => {
    const next = turns
      .slice(at + 1)
      .find((later) => executionOf(later) === executionOf(turn) && later.payload.history.length > turn.payload.history.length);
    return next && turn.state ? [[turn, next]] : [];
  });
}

const files = [
  '01-chain',
  '02-fanout',
  '03b-retry',
  '04-event-or-timer',
  '05-events',
  '06-suborchestration',
  '07-continueasnew',
  '08-entities',
  '10-suspend-resume-terminate-rewind-purge',
  '15-long-timers',
  '19-callhttp',
  '27-waiting.turns',
];

describe.each(files)('turns of %s', (name) => {
  const file = path.join(recordings, `${name}.jsonl`);
  test('lead to the decisions that the real extension took', () => {
    if (!existsSync(file)) {
      console.warn(`The recording ${name} is not here: only the host's own turns are compared.`);
      expect(decidedBy(ownTurn)).toEqual([`${EventKind.taskScheduled} 0 Hello`]);
      return;
    }
    const rows = readFileSync(file, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Row);
    const all = pairs(turnsOf(rows));
    expect(all.length).toBeGreaterThan(0);
    for (const [turn, next] of all) {
      expect({ turn: turn.function, at: turn.payload.history.length, decisions: decidedBy(turn) }).toEqual({
        turn: turn.function,
        at: turn.payload.history.length,
        decisions: scheduledBy(turn, next),
      });
    }
  });
});

const at = '2026-01-05T09:00:00Z';
const ownTurn: Turn = {
  function: 'Chain',
  payload: {
    instanceId: 'chain',
    history: [
      { EventType: EventKind.orchestratorStarted, EventId: -1, IsPlayed: false, Timestamp: at },
      { EventType: EventKind.executionStarted, Name: 'Chain', EventId: -1, IsPlayed: false, Timestamp: at },
    ],
  },
  state: { isDone: false, actions: [[{ functionName: 'Hello', actionType: 0, input: '"Tokyo"' }]], schemaVersion: 3 },
};

test("the host's own turn leads to one activity", () => {
  expect(decidedBy(ownTurn)).toEqual([`${EventKind.taskScheduled} 0 Hello`]);
});
