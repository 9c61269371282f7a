import { rolloutKey } from '../domain/tables';
import type { RolloutRow } from '../domain/rollout';
import type { Instances } from './instances';
import type { Rows } from './rows';

/**
 * Nudges a rollout after a row of its was changed. The round is read *after* the change: the story writes its round before it reads
 * the rows, so one of the two sees the other. A lost nudge is raised again by the watchdog.
 */
export async function wakeRollout(rows: Rows, instances: Instances, rolloutId: string): Promise<void> {
  const found = await rows.read<RolloutRow>(rolloutId, rolloutKey);
  if (found && !found.value.ending) await instances.wake(rolloutId, found.value.round);
}
