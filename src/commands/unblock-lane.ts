import { unblock, type LaneRow } from '../domain/lane';
import { problem, type InputProblem } from '../domain/problems';
import { environmentOf } from '../domain/settings';
import { laneKey, lanePartition } from '../domain/tables';
import { isoNow } from '../azure/clock';
import type { Instances } from '../azure/instances';
import { appendLedger, type Place } from '../azure/ledger';
import type { Ports } from '../azure/ports';
import { changeRow } from '../azure/rows';
import type { Asking } from './cancel-rollout';
import { wakeRollout } from '../azure/wake-rollout';

export type Unblocked = { kind: 'unblocked'; lane: LaneRow } | { kind: 'refused'; problem: InputProblem };

export type UnblockLane = (place: Place, asking: Asking, instances: Instances) => Promise<Unblocked>;

/** Lets a lane move again that nobody could vouch for: somebody looked, and says so with a reason. */
export function createUnblockLane(ports: Pick<Ports, 'rows' | 'clock' | 'settings' | 'ledgerKeys'>): UnblockLane {
  return async (place, { by, reason }, instances) => {
    const { app, environment } = place;
    const partition = lanePartition(app, environment);
    const found = await ports.rows.read<LaneRow>(partition, laneKey);
    if (!found && !environmentOf(ports.settings, app, environment))
      return { kind: 'refused', problem: problem('unknown-lane', app, environment) };
    if (found?.value.state !== 'blocked')
      return { kind: 'refused', problem: problem('lane-not-blocked', app, environment, found?.value.state ?? 'free') };

    // The record comes first: a crash in between leaves a lane that is asked for again, never one that moves without a record.
    const { epoch, blocked } = found.value;
    const data = { by, reason, blockedBy: blocked?.by ?? null, blockedFor: blocked?.reason ?? null, epoch };
    await appendLedger(ports, place, { id: `unblock-${epoch}`, kind: 'unblocked', at: isoNow(ports.clock), data });
    const changed = await changeRow<LaneRow>(ports.rows, partition, laneKey, (lane) =>
      lane.state === 'blocked' && lane.epoch === epoch ? { value: unblock(lane) } : undefined,
    );
    if (changed.kind === 'missing') return { kind: 'refused', problem: problem('lane-not-blocked', app, environment, 'free') };
    const next = changed.value.queue[0];
    if (next) await wakeRollout(ports.rows, instances, next.rolloutId);
    return { kind: 'unblocked', lane: changed.value };
  };
}
