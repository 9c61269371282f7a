import { rollBack, type Sqlite } from '../database';
import type { HistoryEvent, ParentInstance } from './history';
import { createHistories } from './histories';
import { createInbox } from './inbox';
import { follow, openAfter, openFrom, tasksOf, type ActivityTask, type Execution, type OpenWork, type TaskId } from './open-work';
import { createKeeper, emptyPast, eventsOf, longerBy, pastOf, pastOfAll, textOf, type Past } from './past';
import { preparedOnce } from './sql';
import { arrivedResults, createStrays } from './strays';

export type RuntimeStatus = 'Pending' | 'Running' | 'Suspended' | 'Completed' | 'Failed' | 'Terminated';

export const isFinished = (status: RuntimeStatus): boolean => status === 'Completed' || status === 'Failed' || status === 'Terminated';

export interface Instance {
  id: string;
  executionId: string;
  name: string;
  version: string | null;
  status: RuntimeStatus;
  /** These two are JSON text, or null. */
  input: string | null;
  customStatus: string | null;
  /** JSON text of what it returned; of one that failed, was terminated or is suspended, the reason as it is. */
  output: string | null;
  parent: ParentInstance | null;
  /** A new generation (continue-as-new) is written and has had no turn yet. */
  generationStarted: boolean;
  createdMs: number;
  updatedMs: number;
}

interface InstanceRow {
  id: string;
  execution_id: string;
  name: string;
  version: string | null;
  status: RuntimeStatus;
  input: string | null;
  custom_status: string | null;
  output: string | null;
  parent: string | null;
  generation_started: number;
  created_ms: number;
  updated_ms: number;
  last_event: string | null;
}

/** A turn that changes nothing about its instance but the time writes its history alone: when that was says the end of the history's last row. */
const instanceColumns = `*, (SELECT substr(event, -60) FROM history WHERE instance_id = instances.id ORDER BY seq DESC LIMIT 1) AS last_event`;
const lastTime = (row: InstanceRow): number => {
  const text = /"Timestamp":"([^"]+)"\}$/.exec(row.last_event ?? '')?.[1];
  return text === undefined ? row.updated_ms : Math.max(row.updated_ms, Date.parse(text));
};

const toInstance = (row: InstanceRow): Instance => ({
  id: row.id,
  executionId: row.execution_id,
  name: row.name,
  version: row.version,
  status: row.status,
  input: row.input,
  customStatus: row.custom_status,
  output: row.output,
  parent: row.parent === null ? null : (JSON.parse(row.parent) as ParentInstance),
  generationStarted: row.generation_started === 1,
  createdMs: row.created_ms,
  updatedMs: lastTime(row),
});

const tablesOfAnInstance = ['history', 'activities'] as const;

/**
 * Durable state in SQLite. Every write below belongs into a `transaction`. What turns read again and again, an instance and its past, is kept in
 * memory too: written through, and dropped when a transaction is rolled back.
 */
export function createStore(db: Sqlite) {
  const sql = preparedOnce(db);
  const keeper = createKeeper();
  const { beforeCommit, afterCommit, afterRollback, ...inbox } = createInbox(sql);
  const strays = createStrays(sql);
  const histories = createHistories(sql);
  let isOpen = false;
  const addInstance = (insert: 'INSERT OR IGNORE' | 'INSERT OR REPLACE', one: Instance): number =>
    sql(
      `${insert} INTO instances (id, execution_id, name, version, status, input, custom_status, output, parent, generation_started, created_ms, updated_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run([
      one.id,
      one.executionId,
      one.name,
      one.version,
      one.status,
      one.input,
      one.customStatus,
      one.output,
      one.parent && JSON.stringify(one.parent),
      one.generationStarted ? 1 : 0,
      one.createdMs,
      one.updatedMs,
    ]).changes;
  const keepPast = (instance: Instance | undefined, past: Past): Past => {
    if (instance && !isFinished(instance.status)) {
      keeper.keep(instance);
      keeper.keepPast(instance.id, past);
    }
    return past;
  };

  return {
    /** All of it or nothing. Inside another transaction it is a part of that one. */
    transaction<T>(run: () => T): T {
      if (isOpen) return run();
      sql('BEGIN').run();
      isOpen = true;
      try {
        const result = run();
        beforeCommit();
        sql('COMMIT').run();
        afterCommit();
        return result;
      } catch (error) {
        keeper.clear();
        rollBack(db);
        afterRollback();
        strays.forget();
        throw error;
      } finally {
        isOpen = false;
      }
    },

    instance(id: string): Instance | undefined {
      const kept = keeper.find(id);
      if (kept) return kept.instance;
      const row = sql(`SELECT ${instanceColumns} FROM instances WHERE id = ?`).get(id) as InstanceRow | undefined;
      return row && toInstance(row);
    },
    /** In order of their ids, as a table of Azure Storage answers. */
    instances(): Instance[] {
      return (sql(`SELECT ${instanceColumns} FROM instances ORDER BY id`).all() as InstanceRow[]).map(toInstance);
    },
    putInstance(one: Instance): void {
      const kept = keeper.find(one.id)?.instance;
      if (kept?.executionId === one.executionId && kept.input === one.input) {
        sql('UPDATE instances SET status = ?, custom_status = ?, output = ?, generation_started = ?, updated_ms = ? WHERE id = ?').run([
          one.status,
          one.customStatus,
          one.output,
          one.generationStarted ? 1 : 0,
          one.updatedMs,
          one.id,
        ]);
      } else {
        addInstance('INSERT OR REPLACE', one);
      }
      if (isFinished(one.status)) keeper.drop(one.id);
      else keeper.keep(one);
    },
    /** After a turn whose events were appended: what it left as it was is not written again. */
    putAfterTurn(one: Instance): void {
      const kept = keeper.find(one.id)?.instance;
      const isAsBefore =
        kept?.executionId === one.executionId &&
        kept.status === one.status &&
        kept.customStatus === one.customStatus &&
        kept.output === one.output &&
        kept.generationStarted === one.generationStarted;
      if (isAsBefore) keeper.keep(one);
      else this.putInstance(one);
    },
    /** Whatever bore that id before is gone; starts that wait for its end go on waiting. */
    putNew(one: Instance): void {
      if (addInstance('INSERT OR IGNORE', one) === 0) {
        this.removeInstance(one.id);
        addInstance('INSERT OR IGNORE', one);
      }
      keeper.keep(one);
      keeper.keepPast(one.id, emptyPast());
    },
    removeInstance(id: string): void {
      inbox.forget({ instanceId: id, executionId: this.instance(id)?.executionId ?? '' });
      keeper.drop(id);
      for (const table of tablesOfAnInstance) sql(`DELETE FROM ${table} WHERE instance_id = ?`).run([id]);
      sql('DELETE FROM instances WHERE id = ?').run([id]);
    },

    history: (id: string): HistoryEvent[] => eventsOf(keeper.find(id)?.past ?? histories.read(id)),
    past(id: string): Past {
      const kept = keeper.find(id)?.past;
      if (kept) return kept;
      const past = pastOf({ ...histories.read(id), open: openAfter(histories.openTurns(id)) });
      return past.events === 0 ? past : keepPast(this.instance(id), past);
    },
    /** Notes how far the replay of an instance's past has come, for its next turn. */
    keepProgress(id: string, progress: Past['progress']): void {
      const past = keeper.find(id)?.past;
      if (past) past.progress = progress;
    },
    /** One row for all events of a turn, and what it began. */
    appendHistory(id: string, events: HistoryEvent[], began: ActivityTask[] = []): void {
      const past = keeper.find(id)?.past;
      const text = textOf(events);
      // Of a past that was pushed out meanwhile no more is read than a row takes.
      const { open, nextRow: seq } = past ?? { open: openAfter(histories.openTurns(id)), nextRow: histories.nextRow(id) };
      follow(open, { seq, events, began });
      histories.add(id, { seq, text, began, openFrom: openFrom(open, seq + 1) });
      if (past) keeper.keepPast(id, longerBy(past, events, text));
    },
    replaceHistory(id: string, events: HistoryEvent[]): void {
      histories.drop(id);
      keeper.keepPast(id, emptyPast());
      this.appendHistory(id, events);
    },

    ...inbox,
    /** Instances that have a turn to take. */
    ready(): string[] {
      const rows = sql(
        'SELECT DISTINCT instance_id AS id FROM inbox UNION SELECT id FROM instances WHERE generation_started = 1',
      ).all() as { id: string }[];
      return rows.map((row) => row.id);
    },

    /** What was begun and has not ended: of what runs it stands in the histories, and activities that nobody waits for any more are strays. */
    openWork(): OpenWork {
      const all = histories.withOpen().map((execution) => {
        const turns = histories.openTurns(execution.instanceId);
        const open = openAfter(turns);
        // Where these are all of its turns, they are at hand for the one that an activity soon leads to.
        if (open.activities.size > 0 && turns[0]?.seq === 0) keepPast(this.instance(execution.instanceId), pastOfAll(turns, open));
        return tasksOf(execution, open);
      });
      const arrived = arrivedResults(sql);
      return {
        activities: [...strays.all(), ...all.flatMap(({ activities }) => activities)].filter((task) => !arrived.has('activity', task)),
        timers: all.flatMap(({ timers }) => timers).filter((task) => !arrived.has('timer', task)),
      };
    },
    openWorkOf: (execution: Execution): OpenWork => tasksOf(execution, openAfter(histories.openTurns(execution.instanceId))),
    /** Before the last turn of an execution is written, one with these events that began these activities: what is open then runs on as a stray. */
    leaveActivities(execution: Execution, events: HistoryEvent[], began: ActivityTask[]): void {
      const id = execution.instanceId;
      const open = openAfter(histories.openTurns(id));
      follow(open, { seq: histories.nextRow(id), events, began });
      const { activities } = tasksOf(execution, open);
      if (activities.length === 0) return;
      const arrived = arrivedResults(sql, id);
      for (const task of activities) if (!arrived.has('activity', task)) strays.keep(task);
    },
    /** Its result has been taken, or comes to nothing. */
    dropStray: (task: TaskId): void => strays.drop(task),
  };
}

export type Store = ReturnType<typeof createStore>;
