import type { Ports } from '../azure/ports';
import { changeRollout } from '../azure/rollout-rows';
import type { RolloutRow } from '../domain/rollout';
import type { Activity } from './activity';
import type { Catalogue } from './catalogue';

type Open = Catalogue['openRound'];

/** Writes that round n is open, then reads what anybody wants: whoever changes a row after that raises `wake-<n>`. */
export function createOpenRound(ports: Ports): Activity<Open['input'], Open['output']> {
  return async ({ rolloutId, round }) => ({ intent: (await openRound(ports, rolloutId, round)).intent ?? null });
}

/** A round's number only ever grows, also when an old activity runs again; an ended rollout opens none. */
export async function openRound(ports: Pick<Ports, 'rows' | 'clock'>, rolloutId: string, round: number): Promise<RolloutRow> {
  return changeRollout(ports, rolloutId, (row, at) =>
    row.ending ? undefined : { ...row, round: Math.max(row.round, round), roundOpenedAt: at },
  );
}
