import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { taskCompleted, taskFailed, taskScheduled, timerCreated, timerFired, type HistoryEvent } from '../../local/host/durable/history';
import { begunText, openWork, type ActivityTask, type StoredTurn } from '../../local/host/durable/open-work';

const execution = { instanceId: 'i', executionId: 'e' };
const created = Date.UTC(2026, 0, 5, 9, 0, 0, 120);
const activity = (eventId: number): ActivityTask => ({
  ...execution,
  eventId,
  name: `Step${eventId}`,
  input: eventId % 2 === 0 ? null : `{"id":${eventId}}`,
});
const timer = (eventId: number) => ({ ...execution, eventId, fireAtMs: created + 1000 * eventId + 7, createdMs: created });

type Kind = 'activity' | 'timer';
const endOf = (kind: Kind, id: number): HistoryEvent => {
  if (kind === 'timer') return timerFired(id, timer(id).fireAtMs, created);
  return id % 3 === 0 ? taskFailed(id, 'r', 'd', created) : taskCompleted(id, '1', created);
};

/** A turn ends some of what is open, chosen by `picks`, and then begins others. */
function turnsOf(turns: { picks: number[]; begins: Kind[] }[]): { rows: StoredTurn[]; open: Map<number, Kind> } {
  let nextId = 0;
  const open = new Map<number, Kind>();
  const rows = turns.map(({ picks, begins }) => {
    const ends = picks.flatMap((pick) => {
      const [id, kind] = [...open][pick % Math.max(1, open.size)] ?? [];
      if (id === undefined || kind === undefined) return [];
      open.delete(id);
      return [endOf(kind, id)];
    });
    const begun = begins.map((kind) => ({ kind, id: nextId++ }));
    for (const { kind, id } of begun) open.set(id, kind);
    const told = begun.map(({ kind, id }) =>
      kind === 'timer' ? timerCreated(id, timer(id).fireAtMs, created) : taskScheduled(id, `Step${id}`, null, created),
    );
    const activities = begun.filter(({ kind }) => kind === 'activity').map(({ id }) => activity(id));
    return { events: [...ends, ...told], began: begunText(activities) };
  });
  return { rows, open };
}

test('what is open is what was begun and has not ended, with the inputs and times that it was begun with', () => {
  const kind = fc.constantFrom<Kind>('activity', 'timer');
  const turns = fc.array(fc.record({ picks: fc.array(fc.nat(9), { maxLength: 3 }), begins: fc.array(kind, { maxLength: 4 }) }), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(turns, (taken) => {
      const { rows, open } = turnsOf(taken);
      const ids = (of: Kind): number[] => [...open].filter(([, one]) => one === of).map(([id]) => id);
      expect(openWork(execution, rows)).toEqual({ activities: ids('activity').map(activity), timers: ids('timer').map(timer) });
    }),
  );
});
