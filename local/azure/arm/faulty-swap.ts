import type { FaultOptions, LostAnswer } from '../faults';
import type { Answer } from '../servers';
import { placeOf, type Slot } from '../sites';
import { armError, gatewayTimeout, webAnswer, webError } from './errors';
import type { ArmParts, Place } from './operation';
import { slotId } from './site-resource';
import type { SwapOperation } from './swap';

/** Puts one POST on record with what it really began, whatever it answered. */
export type NoteSwap = (answer: Answer, operation: SwapOperation | undefined) => Answer;

/** The answers to a POST that say little or the wrong thing about what it did, and those that refuse it. Undefined: no such fault is on. */
export function faultySwap(place: Place, target: Slot, parts: ArmParts, note: NoteSwap): Answer | Promise<Answer> | undefined {
  return lost(place, target, parts, note) ?? conflict(place, target, parts, note) ?? refused(place, target, parts, note);
}

function lost({ site, slot }: Place, target: Slot, parts: ArmParts, note: NoteSwap): Promise<Answer> | undefined {
  const { faults, swaps } = parts;
  const at = placeOf(slot);
  const begin = (afterMs?: number): SwapOperation => swaps.begin(site.name, slot.name, target.name, 'arm', afterMs);
  const answer = (options: FaultOptions): Answer => lostAnswer(options.answer ?? 504, `${parts.armUrl()}${slotId(site, slot)}/slotsswap`);
  const happened = faults.strike('swap-answer-lost-but-happened', at);
  if (happened) return late(parts, happened.afterMs, note(answer(happened), begin()));
  const nothing = faults.strike('swap-answer-lost-not-happened', at);
  if (nothing) return late(parts, nothing.afterMs, note(answer(nothing), undefined));
  const later = faults.strike('swap-answer-lost-happens-later', at);
  return later && late(parts, undefined, note(answer(later), begin(later.afterMs)));
}

function conflict({ site, slot }: Place, target: Slot, parts: ArmParts, note: NoteSwap): Promise<Answer> | undefined {
  const { faults, swaps } = parts;
  const at = placeOf(slot);
  const naming = ({ id, createdMs, source }: SwapOperation): Answer => webAnswer(webError.otherOperation(id, createdMs, source));
  const own = faults.strike('swap-conflict-own', at);
  if (own) {
    const operation = swaps.begin(site.name, slot.name, target.name, 'arm');
    return late(parts, own.afterMs, note(naming(operation), operation));
  }
  const stranger = faults.strike('swap-conflict-stranger', at);
  if (!stranger) return undefined;
  const theirs = swaps.begin(site.name, stranger.from ?? slot.name, target.name, 'stranger');
  return late(parts, stranger.afterMs, note(naming(theirs), undefined));
}

function refused({ site, slot }: Place, target: Slot, parts: ArmParts, note: NoteSwap): Answer | Promise<Answer> | undefined {
  const { faults, swaps } = parts;
  const at = placeOf(slot);
  const lock = faults.strike('swap-lock-429', at);
  if (lock) {
    const operation = lock.happens ? swaps.begin(site.name, slot.name, target.name, 'arm') : undefined;
    return late(parts, lock.afterMs, note(webAnswer(webError.exclusiveLock()), operation));
  }
  const quota = faults.strike('swap-quota-429', at);
  if (quota) return note(throttled(Math.ceil((quota.afterMs ?? 60_000) / 1000)), undefined);
  if (faults.strike('swap-prepared-409', at)) return note(webAnswer(webError.prepared()), undefined);
  if (faults.has('vm-allocation-400', at)?.atOnce && faults.strike('vm-allocation-400', at))
    return note(webAnswer(webError.instancesChanged(site.name, slot.name)), undefined);
  if (faults.has('ping-fails-417', at)?.atOnce && faults.strike('ping-fails-417', at))
    return note(webAnswer(webError.noPing(site.name, slot.name)), undefined);
  return undefined;
}

async function late({ schedule }: ArmParts, afterMs: number | undefined, answer: Answer): Promise<Answer> {
  if (afterMs !== undefined) await schedule.sleep(afterMs);
  return answer;
}

/** The text of a resource manager that counts requests: https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling */
const throttled = (seconds: number): Answer => ({
  ...armError(
    429,
    'SubscriptionRequestsThrottled',
    `Number of 'write' requests for subscription exceeded the limit. Please try again after '${seconds}' seconds.`,
  ),
  headers: { 'retry-after': String(seconds) },
});

function lostAnswer(how: LostAnswer, url: string): Answer {
  switch (how) {
    case 504:
      return gatewayTimeout();
    case 503:
      return { ...armError(503, 'ServerBusy', 'The server is busy. Please try again later.'), headers: { 'retry-after': '0' } };
    case 429:
      return { status: 429, headers: { 'retry-after': '0' } };
    case 307:
      return { status: 307, headers: { location: `${url}?api-version=2025-05-01` } };
    case 'reset':
    case 'silence':
      return { status: 0, lost: how };
  }
}
