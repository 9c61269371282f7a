import type { HistoryEvent } from './history';
import { taskEndedBy, type ActivityTask, type TaskId } from './open-work';
import type { Sql } from './sql';

const taskKey = ({ instanceId, executionId, eventId }: TaskId): string => `${instanceId} ${executionId} ${eventId}`;

/** Activities that run on while their instance was terminated or has failed: no history speaks for them any more. Every write belongs into a transaction of the store. */
export interface Strays {
  all(): ActivityTask[];
  keep(task: ActivityTask): void;
  drop(task: TaskId): void;
  /** After a rollback: what is in memory may not be what is on the disk. */
  forget(): void;
}

export function createStrays(sql: Sql): Strays {
  const all = (): ActivityTask[] =>
    sql(
      'SELECT instance_id AS instanceId, execution_id AS executionId, event_id AS eventId, name, input FROM activities ORDER BY event_id, instance_id',
    ).all() as ActivityTask[];
  // There is hardly ever one, and asking the disk costs as much as writing to it.
  let kept: Set<string> | undefined;
  const known = (): Set<string> => (kept ??= new Set(all().map(taskKey)));
  return {
    all,
    keep(task) {
      known().add(taskKey(task));
      sql('INSERT OR REPLACE INTO activities (instance_id, execution_id, event_id, name, input) VALUES (?, ?, ?, ?, ?)').run([
        task.instanceId,
        task.executionId,
        task.eventId,
        task.name,
        task.input,
      ]);
    },
    drop(task) {
      if (!known().delete(taskKey(task))) return;
      sql('DELETE FROM activities WHERE instance_id = ? AND execution_id = ? AND event_id = ?').run([
        task.instanceId,
        task.executionId,
        task.eventId,
      ]);
    },
    forget() {
      kept = undefined;
    },
  };
}

/** Tasks whose end lies in an inbox, of one instance or of all, and is in no history yet. */
export function arrivedResults(sql: Sql, instanceId?: string): { has(kind: 'activity' | 'timer', task: TaskId): boolean } {
  const all = 'SELECT instance_id AS instanceId, execution_id AS executionId, event FROM inbox WHERE execution_id IS NOT NULL';
  const rows = (instanceId === undefined ? sql(all).all() : sql(`${all} AND instance_id = ?`).all([instanceId])) as {
    instanceId: string;
    executionId: string;
    event: string;
  }[];
  const keys = rows.flatMap(({ event, ...execution }) => {
    const ended = taskEndedBy(JSON.parse(event) as HistoryEvent);
    return ended ? [`${ended.kind} ${taskKey({ ...execution, eventId: ended.id })}`] : [];
  });
  const found = new Set(keys);
  return { has: (kind, task) => found.has(`${kind} ${taskKey(task)}`) };
}
