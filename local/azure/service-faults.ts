import type { FaultBoard } from './faults';
import type { Answer } from './servers';
import type { ItsmService, MessageService } from './types';

/** How a service says that it is asked too often, is down, or will not have it. Retry-After is added to the first. */
export interface FaultWords {
  tooMany: Answer;
  down: Answer;
  refused: Answer;
}

/** The answer of a fault that is on for the service, in the service's own words; undefined where none is. */
export function faultAnswer(faults: FaultBoard, service: ItsmService | MessageService, words: FaultWords): Answer | undefined {
  const throttled = faults.strike(`${service}-429`);
  if (throttled) {
    const seconds = String(Math.ceil((throttled.afterMs ?? 60_000) / 1000));
    return { ...words.tooMany, headers: { ...words.tooMany.headers, 'retry-after': seconds } };
  }
  if (faults.strike(`${service}-503`)) return words.down;
  return faults.strike(`${service}-refused`) ? words.refused : undefined;
}
