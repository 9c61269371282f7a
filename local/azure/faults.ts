import { itsmServices, messageServices, type Faults, type ItsmService, type MessageService } from './types';
import type { Store } from './store';

export type FaultName =
  | 'swap-answer-lost-but-happened' // `answer` says how, 504 from the gateway unless given; the swap goes on
  | 'swap-answer-lost-not-happened' // as before; nothing begun
  | 'swap-answer-lost-happens-later' // as before; begun `afterMs` later, unless another one is running then
  | 'swap-conflict-own' // 409 naming a running SwapSiteSlots operation: the one this very POST began
  | 'swap-conflict-stranger' // 409 naming one that a stranger has just begun, `from` a slot if given, else from the same
  | 'stranger-swaps-first' // 202; a stranger's swap of the same slots is applied before ours, which so undoes it
  | 'swap-prepared-409' // "prepared for swap": somebody's swap with preview is open; nothing begun
  | 'swap-lock-429' // 429 "Cannot acquire exclusive lock": a lock, not a quota; nothing begun unless `happens`
  | 'swap-quota-429' // 429 "Number of requests … exceeded the limit"; `afterMs`: what Retry-After says, 60 s unless given; nothing begun
  | 'swap-reverts-itself' // when the swap has ended, and `afterMs` have gone by, a second one undoes it
  | 'ping-fails-417' // the source never answers the warm-up request; `atOnce`: the POST itself says so
  | 'vm-allocation-400' // "allocation of VM instances … has changed": may be tried again; `atOnce`: the POST itself says so
  | 'scm-waking' // 500 ×4, then 503 ×4, with empty bodies
  | 'deployment-fails' // accepted, then status 3
  | 'deployment-not-loaded' // succeeds, and what ran before goes on answering until the next restart
  | 'zero-functions' // the slot's host indexes nothing
  | 'mail-429' // `afterMs`: what Retry-After says, 60 s unless given
  | 'mail-refused' // the sender's domain is not linked
  | `${MessageService}-429` // asked too often; `afterMs`: what Retry-After says, 60 s unless given
  | `${MessageService}-503` // down
  | `${MessageService}-refused` // the service will not have it, however often
  | `${ItsmService}-429` // as those above
  | `${ItsmService}-503`
  | `${ItsmService}-refused`
  | `${ItsmService}-answer-lost` // what writes is done, and its connection is cut
  | 'jira-search-lags' // what was made less than `afterMs` ago, a minute unless given, is not found yet
  | 'slot-slow-start' // 503 for `afterMs` after each restart
  | 'slot-no-answer' // the connection is dropped (after `afterMs`)
  | 'production-503';

export type LostAnswer = 503 | 504 | 307 | 429 | 'reset' | 'silence';

export interface FaultOptions {
  /** Only this site; absent: any. */
  site?: string;
  /** Only this slot (for swaps: the source); absent: any. */
  slot?: string;
  /** Strikes before it is used up. Absent: one for what befalls a single operation, eight for `scm-waking`, no end for the rest. */
  times?: number;
  /** Delay on the clock; what is delayed depends on the fault. */
  afterMs?: number;
  /** `swap-lock-429` only: the swap is begun all the same. */
  happens?: boolean;
  /** How the answer to a swap is lost: a status, a connection that is reset, or none at all. */
  answer?: LostAnswer;
  /** `vm-allocation-400` and `ping-fails-417`: told by the answer to the POST, which begins nothing, and not by the poll. */
  atOnce?: boolean;
  /** `swap-conflict-stranger`: the slot that the stranger swaps with production. */
  from?: string;
}

interface ActiveFault {
  name: FaultName;
  options: FaultOptions;
  left: number | null;
}

const messageFaults = Object.fromEntries(
  messageServices.flatMap((service) => ['429', '503', 'refused'].map((fault) => [`${service}-${fault}`, 1])),
) as Record<`${MessageService}-${'429' | '503' | 'refused'}`, number>;

const itsmFaults = Object.fromEntries(
  itsmServices.flatMap((service) => ['429', '503', 'refused', 'answer-lost'].map((fault) => [`${service}-${fault}`, 1])),
) as Record<`${ItsmService}-${'429' | '503' | 'refused' | 'answer-lost'}`, number>;

const usualTimes: Record<FaultName, number | null> = {
  'swap-answer-lost-but-happened': 1,
  'swap-answer-lost-not-happened': 1,
  'swap-answer-lost-happens-later': 1,
  'swap-conflict-own': 1,
  'swap-conflict-stranger': 1,
  'stranger-swaps-first': 1,
  'swap-prepared-409': 1,
  'swap-lock-429': 1,
  'swap-quota-429': 1,
  'swap-reverts-itself': 1,
  'ping-fails-417': 1,
  'vm-allocation-400': 1,
  'scm-waking': 8,
  'deployment-fails': 1,
  'deployment-not-loaded': 1,
  'zero-functions': null,
  'mail-429': 1,
  'mail-refused': 1,
  ...messageFaults,
  ...itsmFaults,
  'jira-search-lags': null,
  'slot-slow-start': null,
  'slot-no-answer': null,
  'production-503': null,
};

export const faultNames = Object.keys(usualTimes) as FaultName[];

/** Where something happens; what happens at no slot has none. */
export interface FaultPlace {
  site: string;
  slot: string;
}

export interface FaultBoard extends Faults {
  /** Uses up one strike of the fault if it is on for this place, and answers its options and how many strikes came before; undefined otherwise. */
  strike(name: FaultName, place?: FaultPlace): (FaultOptions & { before: number }) | undefined;
  /** As strike, without using anything up. */
  has(name: FaultName, place?: FaultPlace): FaultOptions | undefined;
}

/** Faults survive a restart, as everything here does: a crash in the middle of a scenario must not mend it. */
export function openFaults(store: Store): FaultBoard {
  const rows = store.collection<ActiveFault>('fault');
  const find = (name: FaultName, place: FaultPlace | undefined): ActiveFault | undefined => {
    const fault = rows.get(name);
    if (!fault || fault.left === 0) return undefined;
    const { site, slot } = fault.options;
    if (site !== undefined && site !== place?.site) return undefined;
    if (slot !== undefined && slot !== place?.slot) return undefined;
    return fault;
  };
  return {
    on(name, options = {}) {
      rows.put(name, { name, options, left: options.times ?? usualTimes[name] });
    },
    off(name) {
      for (const each of name ? [name] : faultNames) rows.remove(each);
    },
    active: () => rows.all().filter((fault) => fault.left !== 0),
    has: (name, place) => find(name, place)?.options,
    strike(name, place) {
      const fault = find(name, place);
      if (!fault) return undefined;
      const total = fault.options.times ?? usualTimes[name];
      if (fault.left !== null) rows.put(name, { ...fault, left: fault.left - 1 });
      return { ...fault.options, before: total === null || fault.left === null ? 0 : total - fault.left };
    },
  };
}
