import type { FaultBoard } from '../faults';
import type { ReceiptBook } from '../receipts';
import type { Schedule } from '../schedule';
import type { Answer, Asked } from '../servers';
import { faultAnswer, type FaultWords } from '../service-faults';
import type { ItsmService } from '../types';

/** What every service that approves changes has: named faults, and receipts of what came. */
export interface ItsmDesk {
  now(): number;
  /** `act` is what is asked; its answer is lost, or it is not even asked, where a fault is on. What came is noted, with what was answered. */
  serve(service: ItsmService, asked: Asked, words: FaultWords, act: () => Promise<Answer>): Promise<Answer>;
}

export function openItsmDesk({ faults, receipts, schedule }: { faults: FaultBoard; receipts: ReceiptBook; schedule: Schedule }): ItsmDesk {
  return {
    now: () => schedule.now(),
    async serve(service, asked, words, act) {
      const { method, url } = asked;
      const note = (answer: Answer, answered = answer.status): Answer => {
        receipts.itsm({ atMs: schedule.now(), service, method, path: url.pathname, answered });
        return answer;
      };
      const failing = faultAnswer(faults, service, words);
      if (failing) return note(failing);
      const answer = await act();
      const isLost = method !== 'GET' && faults.strike(`${service}-answer-lost`) !== undefined;
      return isLost ? note({ ...answer, lost: 'reset' }, 0) : note(answer);
    },
  };
}
