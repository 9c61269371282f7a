import type { TimerHandler } from '@azure/functions';
import { purgeBegunBefore } from '../azure/durable-instances';
import type { Ports } from '../azure/ports';

/** As long as the longest gate. Whoever looks into a rollout later has its rows and the ledger. */
const historyDays = 30;

/** Every night: history of orchestrations that ended, which nobody but a developer reads, would otherwise grow for ever. */
export const purgeHistoryHandler =
  ({ clock }: Pick<Ports, 'clock'>): TimerHandler =>
  async (_timer, context) => {
    const purged = await purgeBegunBefore(context, new Date(clock.now() - historyDays * 86_400_000));
    context.log(`Purged the history of ${purged} orchestrations that were begun more than ${historyDays} days ago and have ended.`);
  };
