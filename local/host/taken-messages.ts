import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import type { Sqlite } from './database';

type Taken = Pick<DequeuedMessageItem, 'messageId' | 'popReceipt' | 'messageText'>;

/**
 * Messages that are being worked on. After a crash they would stay hidden for ten minutes; the next host gives them back at once, with the receipts
 * that are noted here.
 */
export interface TakenMessages {
  note(queueName: string, message: Taken): void;
  forget(messageId: string): void;
  giveBack(queue: QueueClient): Promise<void>;
  giveBackOne(queue: QueueClient, message: Taken): Promise<void>;
}

export function createTakenMessages(db: Sqlite): TakenMessages {
  db.exec(
    'CREATE TABLE IF NOT EXISTS taken_messages (id TEXT PRIMARY KEY, queue TEXT NOT NULL, receipt TEXT NOT NULL, body TEXT NOT NULL)',
  );
  const giveBackOne = async (queue: QueueClient, message: Taken): Promise<void> => {
    // Gone, or taken by somebody else meanwhile: then it is not ours to give back.
    await queue.updateMessage(message.messageId, message.popReceipt, message.messageText, 0).catch(() => {});
  };
  return {
    note(queueName, message) {
      db.prepare('INSERT OR REPLACE INTO taken_messages (id, queue, receipt, body) VALUES (?, ?, ?, ?)').run(
        message.messageId,
        queueName,
        message.popReceipt,
        message.messageText,
      );
    },
    forget(messageId) {
      db.prepare('DELETE FROM taken_messages WHERE id = ?').run(messageId);
    },
    async giveBack(queue) {
      const rows = db
        .prepare('SELECT id AS messageId, receipt AS popReceipt, body AS messageText FROM taken_messages WHERE queue = ?')
        .all(queue.name) as Taken[];
      for (const message of rows) {
        await giveBackOne(queue, message);
        this.forget(message.messageId);
      }
    },
    giveBackOne,
  };
}
