import { randomUUID } from 'node:crypto';
import type { FaultBoard } from './faults';
import type { ReceiptBook } from './receipts';
import type { Schedule } from './schedule';
import type { Answer } from './servers';
import { faultAnswer, type FaultWords } from './service-faults';
import type { Collection } from './store';
import type { MessageRecord, MessageService } from './types';

export interface DeskParts {
  messages: Collection<MessageRecord>;
  faults: FaultBoard;
  receipts: ReceiptBook;
  schedule: Schedule;
}

/** What every service that takes messages has: named faults, receipts of what came, and the accepted messages for the inbox. */
export interface MessageDesk {
  now(): number;
  /** The answer of a fault that is on for the service, in the service's own words; undefined where none is. */
  faulty(service: MessageService, words: FaultWords): Answer | undefined;
  /** `key`: what makes a repetition the same message; one that is there already is answered as it stands. */
  accept(
    service: MessageService,
    message: Pick<MessageRecord, 'body' | 'headers'>,
    key?: string,
  ): { record: MessageRecord; repeated: boolean };
  find(service: MessageService, key: string): MessageRecord | undefined;
  change(record: MessageRecord): void;
  /** Writes the receipt and answers the answer. */
  noted(service: MessageService, answer: Answer, repeated?: boolean): Answer;
}

export function openDesk({ messages, faults, receipts, schedule }: DeskParts): MessageDesk {
  return {
    now: () => schedule.now(),
    faulty: (service, words) => faultAnswer(faults, service, words),
    accept(service, message, key = randomUUID()) {
      const id = `${service}-${key}`;
      const before = messages.get(id);
      if (before) return { record: before, repeated: true };
      const record: MessageRecord = { id, service, acceptedAtMs: schedule.now(), ...message };
      messages.put(id, record);
      return { record, repeated: false };
    },
    find: (service, key) => messages.get(`${service}-${key}`),
    change: (record) => messages.put(record.id, record),
    noted(service, answer, repeated = false) {
      receipts.message({ atMs: schedule.now(), service, answered: answer.status, repeated });
      return answer;
    },
  };
}
