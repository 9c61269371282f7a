import type { Sqlite, Statement } from '../database';
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
}

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
  updatedMs: row.updated_ms,
});

const tablesOfAnInstance = ['history', 'inbox', 'activities', 'timers'] as const;

/** Durable state in SQLite. Every write below belongs into a `transaction`, one for each turn or message. */
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

  return {
    transaction: <T>(run: () => T): T => db.transaction(run)(),

    instance(id: string): Instance | undefined {
      const row = sql('SELECT * FROM instances WHERE id = ?').get(id) as InstanceRow | undefined;
      return row && toInstance(row);
    },
    /** In order of their ids, as a table of Azure Storage answers. */
    instances(): Instance[] {
      return (sql('SELECT * FROM instances ORDER BY id').all() as InstanceRow[]).map(toInstance);
    },
    putInstance(one: Instance): void {
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
      for (const table of tablesOfAnInstance) sql(`DELETE FROM ${table} WHERE instance_id = ?`).run(id);
      sql('DELETE FROM instances WHERE id = ?').run(id);
    },
    /** Drops what an instance that ended or continued as new still had scheduled: nobody listens to the results. */
    dropScheduled(id: string): void {
      sql('DELETE FROM timers WHERE instance_id = ?').run(id);
    },

    history(id: string): HistoryEvent[] {
      const rows = sql('SELECT event FROM history WHERE instance_id = ? ORDER BY seq').all(id) as { event: string }[];
      return rows.map((row) => JSON.parse(row.event) as HistoryEvent);
    },
    appendHistory(id: string, events: HistoryEvent[]): void {
      const last = (sql('SELECT MAX(seq) AS seq FROM history WHERE instance_id = ?').get(id) as { seq: number | null }).seq ?? -1;
      events.forEach((event, at) =>
        sql('INSERT INTO history (instance_id, seq, event) VALUES (?, ?, ?)').run(id, last + 1 + at, JSON.stringify(event)),
      );
    },
    replaceHistory(id: string, events: HistoryEvent[]): void {
      sql('DELETE FROM history WHERE instance_id = ?').run(id);
      this.appendHistory(id, events);
    },

    inbox(id: string): (InboxMessage & { executionId: string | null })[] {
      const rows = sql('SELECT seq, execution_id, event FROM inbox WHERE instance_id = ? ORDER BY seq').all(id) as {
        seq: number;
        execution_id: string | null;
        event: string;
      }[];
      return rows.map((row) => ({ seq: row.seq, executionId: row.execution_id, event: JSON.parse(row.event) as HistoryEvent }));
    },
    /** `executionId` null: for whichever generation runs (external events, terminate, suspend). */
    post(instanceId: string, executionId: string | null, event: HistoryEvent): void {
      sql('INSERT INTO inbox (instance_id, execution_id, event) VALUES (?, ?, ?)').run(instanceId, executionId, JSON.stringify(event));
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
      sql('INSERT INTO activities (instance_id, execution_id, event_id, name, input) VALUES (?, ?, ?, ?, ?)').run(
        task.instanceId,
        task.executionId,
        task.eventId,
        task.name,
        task.input,
      );
    },
    activities(): ActivityTask[] {
      return sql(`SELECT ${taskColumns}, name, input FROM activities ORDER BY rowid`).all() as ActivityTask[];
    },
    /** False if it is gone: its instance was purged or replaced meanwhile. */
    removeActivity(task: ActivityTask): boolean {
      return (
        sql('DELETE FROM activities WHERE instance_id = ? AND execution_id = ? AND event_id = ?').run(
          task.instanceId,
          task.executionId,
          task.eventId,
        ).changes > 0
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
