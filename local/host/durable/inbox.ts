import type { HistoryEvent } from './history';
import type { Sql } from './sql';

export interface InboxMessage {
  seq: number;
  /** Null: for whichever generation runs (external events, terminate, suspend). */
  executionId: string | null;
  event: HistoryEvent;
}

/** A message that goes into the inbox with its transaction's commit, unless a turn of the same transaction takes it: then it never lies there. */
export interface Laid {
  /** Its number, once it lies there. */
  seq?: number;
  isTaken: boolean;
}

/** The messages that instances have not taken yet. Every write belongs into a transaction of the store. */
export interface Inbox {
  inbox(id: string): InboxMessage[];
  /** `executionId` null: for whichever generation runs. */
  post(instanceId: string, executionId: string | null, event: HistoryEvent): void;
  /** As `post`, for a message that a turn has in hand already: no turn looks for it. */
  lay(instanceId: string, executionId: string | null, event: HistoryEvent): Laid;
  takeUp(laid: Laid): void;
  /** Says that something lies in the inbox. */
  noteMail(instanceId: string): void;
  consume(seqs: number[]): void;
}

export function createInbox(sql: Sql): Inbox & { beforeCommit(): void; afterRollback(): void } {
  /** Instances that may have something in their inbox: looking into an empty one costs as much as writing to it. */
  const mayHaveMail = new Set<string>((sql('SELECT DISTINCT instance_id AS id FROM inbox').all() as { id: string }[]).map(({ id }) => id));
  let waiting: { laid: Laid; write(): number }[] = [];

  const write = (instanceId: string, executionId: string | null, event: HistoryEvent): number => {
    const put = sql('INSERT INTO inbox (instance_id, execution_id, event) VALUES (?, ?, ?)');
    return Number(put.run([instanceId, executionId, JSON.stringify(event)]).lastInsertRowid);
  };
  const layDown = (): void => {
    for (const { laid, write } of waiting) if (!laid.isTaken) laid.seq = write();
    waiting = [];
  };

  return {
    inbox(id) {
      layDown();
      if (!mayHaveMail.has(id)) return [];
      const rows = sql('SELECT seq, execution_id, event FROM inbox WHERE instance_id = ? ORDER BY seq').all([id]) as {
        seq: number;
        execution_id: string | null;
        event: string;
      }[];
      if (rows.length === 0) mayHaveMail.delete(id);
      return rows.map((row) => ({ seq: row.seq, executionId: row.execution_id, event: JSON.parse(row.event) as HistoryEvent }));
    },
    post(instanceId, executionId, event) {
      write(instanceId, executionId, event);
      mayHaveMail.add(instanceId);
    },
    lay(instanceId, executionId, event) {
      const laid: Laid = { isTaken: false };
      waiting.push({ laid, write: () => write(instanceId, executionId, event) });
      return laid;
    },
    takeUp(laid) {
      if (laid.seq === undefined) laid.isTaken = true;
      else this.consume([laid.seq]);
    },
    noteMail: (instanceId) => void mayHaveMail.add(instanceId),
    consume(seqs) {
      for (const seq of seqs) sql('DELETE FROM inbox WHERE seq = ?').run([seq]);
    },
    beforeCommit: layDown,
    afterRollback() {
      waiting = [];
    },
  };
}
