import { writeTime, type Phase, type RolloutRow } from '../domain/rollout';
import { environmentOf, type Policy, type Target } from '../domain/settings';
import { lanePartition, laneKey, rolloutKey } from '../domain/tables';
import type { LaneRow } from '../domain/lane';
import type { Ports } from './ports';
import { changeRow, type Change } from './rows';

export async function readRollout(ports: Pick<Ports, 'rows'>, rolloutId: string): Promise<RolloutRow> {
  const found = await ports.rows.read<RolloutRow>(rolloutId, rolloutKey);
  if (!found) throw new Error(`Rollout ${rolloutId} has no row: its rows were deleted, or storage was reset while its story went on.`);
  return found.value;
}

/** Changes the rollout row by ETag; `change` is told the time that becomes `lastWriteAt`, and returns undefined to leave the row. Answers the row as it then is. */
export async function changeRollout(
  ports: Pick<Ports, 'rows' | 'clock'>,
  rolloutId: string,
  change: (row: RolloutRow, at: string) => RolloutRow | { row: RolloutRow; also: Change[] } | undefined,
): Promise<RolloutRow> {
  const changed = await changeRow<RolloutRow>(ports.rows, rolloutId, rolloutKey, (row) => {
    const at = writeTime(row, ports.clock.now());
    const next = change(row, at);
    if (!next) return undefined;
    const { row: value, also } = 'also' in next ? next : { row: next, also: [] };
    return { value: { ...value, lastWriteAt: at }, also };
  });
  if (changed.kind === 'missing')
    throw new Error(`Rollout ${rolloutId} has no row: its rows were deleted, or storage was reset while its story went on.`);
  return changed.value;
}

/** Where a rollout goes by today's slipway.yaml. */
export function placeOf(ports: Pick<Ports, 'settings'>, row: Pick<RolloutRow, 'app' | 'environment'>): { target: Target; policy: Policy } {
  const found = environmentOf(ports.settings, row.app, row.environment);
  if (!found)
    throw new Error(
      `slipway.yaml names no environment "${row.environment}" of app "${row.app}" any more. Put it back until its rollouts have ended.`,
    );
  return found;
}

/**
 * Refuses an act under a turn in the lane that is over, of a rollout that somebody ended meanwhile, or of a phase that is past (an old run
 * of an activity may wake up late).
 */
export async function assertHolding(ports: Pick<Ports, 'rows'>, row: RolloutRow, epoch: number, during: readonly Phase[]): Promise<void> {
  if (row.ending || !during.includes(row.phase))
    throw new Error(
      `Rollout ${row.id} is ${row.ending ? `ended (${row.ending.outcome})` : row.phase}: what belongs to ${during.join(' or ')} is not done any more.`,
    );
  const lane = await ports.rows.read<LaneRow>(lanePartition(row.app, row.environment), laneKey);
  if (lane?.value.state !== 'held' || lane.value.holder !== row.id || lane.value.epoch !== epoch)
    throw new Error(
      `Rollout ${row.id} no longer holds the lane of ${row.app} in ${row.environment} (epoch ${epoch} is over): it touches nothing.`,
    );
}
