import type { FaultName, FaultOptions } from '../azure';
import type { Outcome } from '../../src/domain/rollout';

export interface RehearsalFault {
  /** As the local Azure knows it. */
  name: FaultName;
  options: FaultOptions;
  /** What Azure does. */
  says: string;
  /** How a rollout must end that meets it. */
  outcome: Outcome;
}

const staging = { slot: 'staging' };
const production = { slot: 'production' };

/** What can be rehearsed to go wrong, by the name it is asked for. */
export const rehearsalFaults: Record<string, RehearsalFault> = {
  'swap-answer-lost': {
    name: 'swap-answer-lost-but-happened',
    options: {},
    says: 'Azure swaps, and its answer to the request is lost.',
    outcome: 'deployed',
  },
  'swap-answer-lost-not-happened': {
    name: 'swap-answer-lost-not-happened',
    options: {},
    says: 'Azure loses the request to swap, and its answer with it.',
    outcome: 'deployed',
  },
  'swap-reverts-itself': {
    name: 'swap-reverts-itself',
    options: {},
    says: 'Azure swaps, and swaps back by itself.',
    outcome: 'rolled-back',
  },
  'deployment-fails': {
    name: 'deployment-fails',
    options: staging,
    says: 'The slot takes the package, and its deployment fails.',
    outcome: 'failed',
  },
  'scm-waking': {
    name: 'scm-waking',
    options: staging,
    says: 'The slot’s deployment site answers 500 four times, then 503 four times, before it wakes.',
    outcome: 'deployed',
  },
  'zero-functions': {
    name: 'zero-functions',
    options: staging,
    says: 'The slot’s host finds no function in the package.',
    outcome: 'failed',
  },
  'production-503': {
    name: 'production-503',
    options: production,
    says: 'Production answers 503 to everybody after the swap.',
    outcome: 'rolled-back',
  },
  'mail-429': {
    name: 'mail-429',
    options: { afterMs: 1000 },
    says: 'The mail service says that too many mails were sent, once.',
    outcome: 'deployed',
  },
};
