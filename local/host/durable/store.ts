import type { Sqlite, Statement } from '../database';
import { createKeeper, emptyPast, eventsOf, longerBy, startInput, type Past } from './past';
import type { HistoryEvent, ParentInstance } from './history';

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

export interface InboxMessage {
  seq: number;
  event: HistoryEvent;
}

export interface ActivityTask {
  instanceId: string;
  executionId: string;
  eventId: number;
  name: string;
  /** JSON text; null for no input. */
  input: string | null;
}

export interface DurableTimer {
  instanceId: string;
  executionId: string;
  eventId: number;
  fireAtMs: number;
  createdMs: number;
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

const tablesOfAnInstance = ['history', 'inbox', 'activities', 'timers'] as const;

/**
 * Durable state in SQLite. Every write below belongs into a `transaction`. What turns read again and again, an instance and its past, is kept in
 * memory too: written through, and dropped when a transaction is rolled back.
 */
export function createStore(db: Sqlite) {
  const cache = new Map<string, Statement>();
  const sql = (text: string): Statement => {
    const known = cache.get(text);
    if (known) return known;
    const made = db.prepare(text);
    cache.set(text, made);
    return made;
  };
  const taskColumns = 'instance_id AS instanceId, execution_id AS executionId, event_id AS eventId';
  const keeper = createKeeper();
  /** Instances that may have something in their inbox: looking into an empty one costs as much as writing to it. */
  const mayHaveMail = new Set<string>((sql('SELECT DISTINCT instance_id AS id FROM inbox').all() as { id: string }[]).map(({ id }) => id));
  let isOpen = false;
  const rollBack = (): void => {
    try {
      sql('ROLLBACK').run();
    } catch {
      // A commit that failed has rolled back by itself; why it failed is what counts.
    }
  };

  return {
    /** All of it or nothing. Inside another transaction it is a part of that one. */
    transaction<T>(run: () => T): T {
      if (isOpen) return run();
      sql('BEGIN').run();
      isOpen = true;
      try {
        const result = run();
        sql('COMMIT').run();
        return result;
      } catch (error) {
        keeper.clear();
        rollBack();
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
        this.addInstance(one);
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
    addInstance(one: Instance): void {
      sql(
        `INSERT OR REPLACE INTO instances (id, execution_id, name, version, status, input, custom_status, output, parent, generation_started, created_ms, updated_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ).run(
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
      );
    },
    removeInstance(id: string): void {
      keeper.drop(id);
      for (const table of tablesOfAnInstance) sql(`DELETE FROM ${table} WHERE instance_id = ?`).run(id);
      sql('DELETE FROM instances WHERE id = ?').run(id);
    },
    /** Drops what an instance that ended or continued as new still had scheduled: nobody listens to the results. */
    dropScheduled(id: string): void {
      sql('DELETE FROM timers WHERE instance_id = ?').run(id);
    },

    history(id: string): HistoryEvent[] {
      return eventsOf(this.past(id));
    },
    past(id: string): Past {
      const kept = keeper.find(id)?.past;
      if (kept) return kept;
      const rows = sql('SELECT seq, event FROM history WHERE instance_id = ? ORDER BY seq').all(id) as { seq: number; event: string }[];
      const last = rows.at(-1);
      if (!last) return emptyPast();
      const instance = this.instance(id);
      if (instance && !isFinished(instance.status)) keeper.keep(instance);
      const past: Past = { ...emptyPast(), text: rows.map((row) => row.event).join(','), nextRow: last.seq + 1 };
      const events = eventsOf(past);
      past.events = events.length;
      past.input = startInput(events);
      keeper.keepPast(id, past);
      return past;
    },
    /** Notes how far the replay of an instance's past has come, for its next turn. */
    keepProgress(id: string, progress: Past['progress']): void {
      const past = keeper.find(id)?.past;
      if (past) past.progress = progress;
    },
    /** One row for all events of a turn: a row is their JSON texts, joined by commas. */
    appendHistory(id: string, events: HistoryEvent[]): void {
      const past = this.past(id);
      const text = events.map((event) => JSON.stringify(event)).join(',');
      sql('INSERT INTO history (instance_id, seq, event) VALUES (?, ?, ?)').run([id, past.nextRow, text]);
      keeper.keepPast(id, longerBy(past, events, text));
    },
    replaceHistory(id: string, events: HistoryEvent[]): void {
      sql('DELETE FROM history WHERE instance_id = ?').run(id);
      keeper.keepPast(id, emptyPast());
      this.appendHistory(id, events);
    },

    inbox(id: string): (InboxMessage & { executionId: string | null })[] {
      if (!mayHaveMail.has(id)) return [];
      const rows = sql('SELECT seq, execution_id, event FROM inbox WHERE instance_id = ? ORDER BY seq').all(id) as {
        seq: number;
        execution_id: string | null;
        event: string;
      }[];
      if (rows.length === 0) mayHaveMail.delete(id);
      return rows.map((row) => ({ seq: row.seq, executionId: row.execution_id, event: JSON.parse(row.event) as HistoryEvent }));
    },
    /** `executionId` null: for whichever generation runs (external events, terminate, suspend). */
    post(instanceId: string, executionId: string | null, event: HistoryEvent): void {
      this.lay(instanceId, executionId, event);
      this.noteMail(instanceId);
    },
    /** As `post`, for a message that a turn has in hand already: no turn looks for it. Answers its number. */
    lay(instanceId: string, executionId: string | null, event: HistoryEvent): number {
      const put = sql('INSERT INTO inbox (instance_id, execution_id, event) VALUES (?, ?, ?)');
      return Number(put.run(instanceId, executionId, JSON.stringify(event)).lastInsertRowid);
    },
    /** Says that something lies in the inbox. */
    noteMail(instanceId: string): void {
      mayHaveMail.add(instanceId);
    },
    consume(seqs: number[]): void {
      for (const seq of seqs) sql('DELETE FROM inbox WHERE seq = ?').run(seq);
    },
    /** Instances that have a turn to take. */
    ready(): string[] {
      const rows = sql(
        'SELECT DISTINCT instance_id AS id FROM inbox UNION SELECT id FROM instances WHERE generation_started = 1',
      ).all() as { id: string }[];
      return rows.map((row) => row.id);
    },

    addActivity(task: ActivityTask): void {
      sql('INSERT INTO activities (instance_id, execution_id, event_id, name, input) VALUES (?, ?, ?, ?, ?)').run([
        task.instanceId,
        task.executionId,
        task.eventId,
        task.name,
        task.input,
      ]);
    },
    activities(): ActivityTask[] {
      return sql(`SELECT ${taskColumns}, name, input FROM activities ORDER BY event_id, instance_id`).all() as ActivityTask[];
    },
    /** False if it is gone: its instance was purged or replaced meanwhile. */
    removeActivity(task: ActivityTask): boolean {
      return (
        sql('DELETE FROM activities WHERE instance_id = ? AND execution_id = ? AND event_id = ?').run([
          task.instanceId,
          task.executionId,
          task.eventId,
        ]).changes > 0
      );
    },

    addTimer(timer: DurableTimer): void {
      sql('INSERT INTO timers (instance_id, execution_id, event_id, fire_at_ms, created_ms) VALUES (?, ?, ?, ?, ?)').run(
        timer.instanceId,
        timer.executionId,
        timer.eventId,
        timer.fireAtMs,
        timer.createdMs,
      );
    },
    timers(): DurableTimer[] {
      return sql(
        `SELECT ${taskColumns}, fire_at_ms AS fireAtMs, created_ms AS createdMs FROM timers ORDER BY fire_at_ms, event_id`,
      ).all() as DurableTimer[];
    },
    removeTimer(timer: DurableTimer): boolean {
      return (
        sql('DELETE FROM timers WHERE instance_id = ? AND execution_id = ? AND event_id = ?').run(
          timer.instanceId,
          timer.executionId,
          timer.eventId,
        ).changes > 0
      );
    },
  };
}

export type Store = ReturnType<typeof createStore>;
