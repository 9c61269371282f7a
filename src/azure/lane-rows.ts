import { blockLane, freeLane, leaveLane, type LaneRow } from '../domain/lane';
import type { RolloutRow } from '../domain/rollout';
import { laneKey, lanePartition } from '../domain/tables';
import type { Place } from './ledger';
import type { Ports } from './ports';
import { changeRow } from './rows';

/** The lane of an app and environment, as it stands; free where nobody ever asked for a turn. */
export async function readLane(ports: Pick<Ports, 'rows'>, { app, environment }: Place): Promise<LaneRow> {
  return (await ports.rows.read<LaneRow>(lanePartition(app, environment), laneKey))?.value ?? freeLane;
}

/**
 * Takes an ended rollout out of its lane: gives up its turn or its place in the queue, or blocks the lane where nobody can say what
 * production serves. Answers who is first in the queue now.
 */
export async function giveUpLane(ports: Pick<Ports, 'rows'>, row: RolloutRow): Promise<string | undefined> {
  const why = { by: row.id, reason: row.ending?.reason ?? '', at: row.ending?.at ?? '' };
  const left = await changeRow<LaneRow>(ports.rows, lanePartition(row.app, row.environment), laneKey, (lane) => ({
    value: row.ending?.outcome === 'needs-attention' ? blockLane(lane, row.id, why) : leaveLane(lane, row.id),
  }));
  return left.kind === 'missing' || left.value.state !== 'free' ? undefined : left.value.queue[0]?.rolloutId;
}
