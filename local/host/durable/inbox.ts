import { EventKind, type HistoryEvent } from './history';
import type { Execution } from './open-work';
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
  /** Of an instance that is gone: all but the starts of others that wait for its end. */
  forget(execution: Execution): void;
}

/** What the store's transactions call. */
interface Bounds {
  beforeCommit(): void;
  afterCommit(): void;
  afterRollback(): void;
}

interface Waiting {
  instanceId: string;
  executionId: string | null;
  event: HistoryEvent;
  laid: Laid;
}

export function createInbox(sql: Sql): Inbox & Bounds {
  /** Instances that may have something in their inbox: looking into an empty one costs as much as writing to it. */
  const mayHaveMail = new Set<string>((sql('SELECT DISTINCT instance_id AS id FROM inbox').all() as { id: string }[]).map(({ id }) => id));
  let waiting: Waiting[] = [];
  let written: Laid[] = [];

  const write = (instanceId: string, executionId: string | null, event: HistoryEvent): number => {
    const put = sql('INSERT INTO inbox (instance_id, execution_id, event) VALUES (?, ?, ?)');
    return Number(put.run([instanceId, executionId, JSON.stringify(event)]).lastInsertRowid);
  };
  const lying = (id: string): InboxMessage[] => {
    const rows = sql('SELECT seq, execution_id AS executionId, event FROM inbox WHERE instance_id = ? ORDER BY seq').all([id]);
    return (rows as (Omit<InboxMessage, 'event'> & { event: string })[]).map((row) => ({
      ...row,
      event: JSON.parse(row.event) as HistoryEvent,
    }));
  };
  const layDown = (): void => {
    for (const { instanceId, executionId, event, laid } of waiting.filter((one) => !one.laid.isTaken)) {
      laid.seq = write(instanceId, executionId, event);
      written.push(laid);
    }
    waiting = [];
  };

  return {
    inbox(id) {
      if (waiting.some((one) => one.instanceId === id)) layDown();
      if (!mayHaveMail.has(id)) return [];
      const messages = lying(id);
      if (messages.length === 0) mayHaveMail.delete(id);
      return messages;
    },
    post(instanceId, executionId, event) {
      write(instanceId, executionId, event);
      mayHaveMail.add(instanceId);
    },
    lay(instanceId, executionId, event) {
      const laid: Laid = { isTaken: false };
      waiting.push({ instanceId, executionId, event, laid });
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
    forget({ instanceId, executionId }) {
      const stays = (one: Pick<InboxMessage, 'event' | 'executionId'>): boolean =>
        one.event.EventType === EventKind.executionStarted && one.executionId !== executionId;
      waiting = waiting.filter((one) => one.instanceId !== instanceId || stays(one));
      const gone = lying(instanceId).filter((one) => !stays(one));
      this.consume(gone.map(({ seq }) => seq));
    },
    beforeCommit: layDown,
    afterCommit() {
      written = [];
    },
    afterRollback() {
      waiting = [];
      // These numbers will be other messages'.
      for (const laid of written.splice(0)) delete laid.seq;
    },
  };
}
