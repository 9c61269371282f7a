import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  orchestratorCompleted,
  taskCompleted,
  taskFailed,
  taskScheduled,
  timerCreated,
  timerFired,
  type HistoryEvent,
} from '../../local/host/durable/history';
import { openDatabase } from '../../local/host/database';
import { begunIn, begunText, openAfter, openFrom, tasksOf, type ActivityTask, type StoredTurn } from '../../local/host/durable/open-work';
import { startInstance } from '../../local/host/durable/start-instance';
import { createStore } from '../../local/host/durable/store';

const execution = { instanceId: 'i', executionId: 'e' };
const openWork = (turns: StoredTurn[]) => tasksOf(execution, openAfter(turns));
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
  const rows = turns.map(({ picks, begins }, seq) => {
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
    return { seq, events: [...ends, ...told, orchestratorCompleted(created)], began: begunIn(begunText(activities)) };
  });
  return { rows, open };
}

const kind = fc.constantFrom<Kind>('activity', 'timer');
const anyTurns = fc.array(fc.record({ picks: fc.array(fc.nat(9), { maxLength: 3 }), begins: fc.array(kind, { maxLength: 4 }) }), {
  maxLength: 8,
});

test('what is open is what was begun and has not ended, with the inputs and times that it was begun with', () => {
  fc.assert(
    fc.property(anyTurns, (taken) => {
      const { rows, open } = turnsOf(taken);
      const ids = (of: Kind): number[] => [...open].filter(([, one]) => one === of).map(([id]) => id);
      expect(openWork(rows)).toEqual({ activities: ids('activity').map(activity), timers: ids('timer').map(timer) });
    }),
  );
});

test('the rows from the first on that began what is open tell it as all rows do, and no later ones do', () => {
  fc.assert(
    fc.property(anyTurns, (taken) => {
      const { rows } = turnsOf(taken);
      const from = openFrom(openAfter(rows), rows.length);
      expect(openWork(rows.slice(from))).toEqual(openWork(rows));
      if (from < rows.length) expect(openWork(rows.slice(from + 1))).not.toEqual(openWork(rows));
    }),
  );
});

test('a number that a rewound history gives a second time is open from the row that gave it last', () => {
  const row = (seq: number, id: number): StoredTurn => ({ seq, events: [timerCreated(id, timer(id).fireAtMs, created)], began: [] });
  expect(openFrom(openAfter([row(0, 1), row(1, 2), row(2, 1)]), 3)).toBe(1);
});

/** An instance of which the store has what a test writes, and nothing else. */
function oneInstance() {
  const db = openDatabase(':memory:');
  const store = createStore(db);
  store.transaction(() =>
    startInstance(store, {
      id: 'i',
      executionId: 'e',
      name: 'Story',
      version: null,
      input: null,
      parent: null,
      generation: 0,
      nowMs: created,
    }),
  );
  return { db, store };
}

test('a start finds what is open whether the store had the past at hand when a turn was written, had to read it, or only its end', () => {
  const atHand = fc.constantFrom('kept', 'read', 'pushed out');
  fc.assert(
    fc.property(anyTurns, fc.array(atHand, { minLength: 8, maxLength: 8 }), (taken, how) => {
      const { rows } = turnsOf(taken);
      const one = oneInstance();
      let store = one.store;
      for (const [at, { events, began }] of rows.entries()) {
        if (how[at] !== 'kept') store = createStore(one.db);
        if (how[at] === 'read') store.past('i');
        const tasks = began.map((task) => ({ ...execution, ...task }));
        store.transaction(() => store.appendHistory('i', events, tasks));
        expect(createStore(one.db).openWork()).toEqual(openWork(rows.slice(0, at + 1)));
      }
      one.db.close();
    }),
  );
});

test('a start reads no row before those that began what is open: not of one that waits, and of no other', () => {
  const { db, store } = oneInstance();
  const write = (events: HistoryEvent[], began: ActivityTask[] = []): void =>
    store.transaction(() => store.appendHistory('i', events, began));
  // A row that were read would throw.
  const spoil = (before: number): unknown => db.prepare("UPDATE history SET event = 'spoilt' WHERE seq < ?").run([before]);
  write([taskScheduled(0, 'Step0', null, created)], [activity(0)]);
  write([endOf('activity', 0)]);
  spoil(2);
  expect(createStore(db).openWork()).toEqual({ activities: [], timers: [] });
  write([timerCreated(1, timer(1).fireAtMs, created)], [activity(2), activity(3)]);
  write([endOf('activity', 2)]);
  spoil(2);
  expect(createStore(db).openWork()).toEqual({ activities: [activity(3)], timers: [timer(1)] });
  db.close();
});

test.each(['kept', 'not kept'])('what is open in a history that is written anew is found, its past %s', (which) => {
  const { db, store: first } = oneInstance();
  first.transaction(() => {
    for (const id of [0, 1]) first.appendHistory('i', [timerCreated(id, timer(id).fireAtMs, created)]);
  });
  const store = which === 'kept' ? first : createStore(db);
  store.transaction(() => store.replaceHistory('i', [timerCreated(1, timer(1).fireAtMs, created), orchestratorCompleted(created)]));
  expect(createStore(db).openWork()).toEqual({ activities: [], timers: [timer(1)] });
  store.transaction(() => store.appendHistory('i', [endOf('timer', 1), timerCreated(2, timer(2).fireAtMs, created)]));
  expect(createStore(db).openWork()).toEqual({ activities: [], timers: [timer(2)] });
  db.close();
});
