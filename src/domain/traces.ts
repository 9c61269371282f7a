import type { NoticeRow } from './notice';

/** What a rollout left besides its own row: notices to people, pushes and requests to swap. No text of a mail, no address of a link. */
export interface RolloutTraces {
  notices: NoticeTrace[];
  pushes: { push: number; at: string }[];
  swaps: { attempt: number; at: string }[];
}

/** `settledAt`: when it was sent, or given up. */
export interface NoticeTrace {
  id: string;
  moment: NoticeRow['moment'];
  channel: string;
  recipient: string;
  state: NoticeRow['state'];
  attempts: number;
  at: string;
  settledAt?: string;
}

export function viewTraces(of: {
  notices: readonly NoticeRow[];
  pushes: readonly { push: number; at: string }[];
  swaps: readonly { attempt: number; at: string }[];
}): RolloutTraces {
  return {
    notices: of.notices
      .map(({ id, moment, channel, recipient, state, attempts, model, settledAt }) => ({
        id,
        moment,
        channel,
        recipient,
        state,
        attempts,
        at: model.at,
        ...(settledAt === undefined ? {} : { settledAt }),
      }))
      .sort((a, b) => (`${a.at} ${a.id}` < `${b.at} ${b.id}` ? -1 : 1)),
    pushes: of.pushes.map(({ push, at }) => ({ push, at })),
    swaps: of.swaps.map(({ attempt, at }) => ({ attempt, at })),
  };
}
