import { begunIn, begunText, type Begun, type Execution, type StoredTurn } from './open-work';
import { eventsOf } from './past';
import type { Sql } from './sql';

/** A turn with its events' JSON texts too. */
export interface ReadTurn extends StoredTurn {
  text: string;
}

interface Row {
  seq: number;
  text: string;
  began: string | null;
}

const turnOf = ({ seq, text, began }: Row): ReadTurn => ({ seq, text, events: eventsOf({ text }), began: begunIn(began) });

/**
 * The turns of the instances, a row each. Where the last does not say from which on they tell what is open, as before schema 4, all are read. Every write
 * belongs into a transaction of the store.
 */
export interface Histories {
  /** All of one. */
  read(id: string): { text: string; nextRow: number };
  /** Its rows that tell what is open, and no others; see `openFrom`. */
  openTurns(id: string): ReadTurn[];
  /** Of those that have not ended, who may have something open. */
  withOpen(): Execution[];
  nextRow(id: string): number;
  add(id: string, row: { seq: number; text: string; began: Begun[]; openFrom: number }): void;
  drop(id: string): void;
}

export function createHistories(sql: Sql): Histories {
  return {
    // In one piece: row by row it takes twice as long.
    read(id) {
      const all = sql(
        `SELECT ifnull(group_concat(event, ',' ORDER BY seq), '') AS text, ifnull(max(seq) + 1, 0) AS nextRow FROM history WHERE instance_id = ?`,
      );
      return all.get([id]) as { text: string; nextRow: number };
    },
    openTurns(id) {
      const rows = sql(
        `SELECT seq, event AS text, began FROM history WHERE instance_id = ?
           AND seq >= ifnull((SELECT open_from FROM history WHERE instance_id = ? ORDER BY seq DESC LIMIT 1), 0) ORDER BY seq`,
      );
      return (rows.all([id, id]) as Row[]).map(turnOf);
    },
    withOpen: () =>
      sql(
        `SELECT id AS instanceId, execution_id AS executionId FROM instances WHERE status NOT IN ('Completed', 'Failed', 'Terminated')
           AND (SELECT seq >= ifnull(open_from, 0) FROM history WHERE instance_id = instances.id ORDER BY seq DESC LIMIT 1)`,
      ).all() as Execution[],
    nextRow(id) {
      const next = sql('SELECT ifnull(max(seq) + 1, 0) AS seq FROM history WHERE instance_id = ?').get([id]);
      return (next as { seq: number }).seq;
    },
    add(id, { seq, text, began, openFrom }) {
      sql('INSERT INTO history (instance_id, seq, event, began, open_from) VALUES (?, ?, ?, ?, ?)').run([
        id,
        seq,
        text,
        begunText(began),
        openFrom,
      ]);
    },
    drop: (id) => void sql('DELETE FROM history WHERE instance_id = ?').run([id]),
  };
}
