import type { Target } from './fates';

/** What both ways of crashing are played with, one story each, and must agree on: who did what, how often, and how it ended. */
export const commonSubset: readonly { scenario: string; targets: Target[] }[] = [
  {
    scenario: 'deployed',
    targets: [
      { point: 'startRollout: write release-settings+rollout+source', side: 'after' },
      { point: 'pushPackage: scm push', side: 'after' },
      { point: 'approval: write decision+gate+rollout', side: 'after' },
      { point: 'postSwap: arm swap', side: 'after' },
      { point: 'closeRollout: write rollout', side: 'after' },
    ],
  },
  {
    scenario: 'deployed',
    targets: [
      { point: 'host: turn of rollout, to grantSwap', side: 'before' },
      { point: 'postSwap: write swap', side: 'after' },
      { point: 'sendNotice: mail send', side: 'after' },
    ],
  },
  {
    scenario: 'asked for by a message, rejected',
    targets: [
      { point: 'rolloutsQueue: start rollout', side: 'after' },
      { point: 'host: turn of rollout, to lookAtAsk', side: 'before' },
    ],
  },
];
