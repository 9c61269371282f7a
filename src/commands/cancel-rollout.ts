import { problem, type InputProblem } from '../domain/problems';
import { isBeforeSwap, writeTime, type Intent, type RolloutRow } from '../domain/rollout';
import type { StoppedApp } from '../domain/stop';
import { rolloutKey } from '../domain/tables';
import { isoNow } from '../azure/clock';
import type { Instances } from '../azure/instances';
import type { Ports } from '../azure/ports';
import { changeRow } from '../azure/rows';
import { wakeRollout } from '../azure/wake-rollout';

/** Who asks for something, and why. */
export interface Asking {
  by: string;
  reason: string;
}

export type Asked =
  { kind: 'accepted'; id: string; already: boolean; stillHeldBy?: readonly StoppedApp[] } | { kind: 'refused'; problem: InputProblem };

export type CancelRollout = (id: string, asking: Asking, instances: Instances) => Promise<Asked>;

/** Asks a rollout to stop; it does so at its next turn, and not any more from its first swap request on. One that was only to give way stops at once. */
export function createCancelRollout(ports: Pick<Ports, 'rows' | 'clock'>): CancelRollout {
  return async (id, asking, instances) => {
    const intent: Intent = { kind: 'cancel', ...asking, at: isoNow(ports.clock) };
    const changed = await changeRow<RolloutRow>(ports.rows, id, rolloutKey, (row) =>
      refusal(row) || row.intent?.kind === 'cancel'
        ? undefined
        : { value: { ...row, intent, lastWriteAt: writeTime(row, ports.clock.now()) } },
    );
    if (changed.kind === 'missing') return { kind: 'refused', problem: problem('unknown-rollout', id) };
    const refused = changed.kind === 'left' && refusal(changed.value);
    if (refused) return { kind: 'refused', problem: refused };
    await wakeRollout(ports.rows, instances, id);
    return { kind: 'accepted', id, already: changed.kind === 'left' };
  };
}

function refusal({ id, phase, ending, intent }: RolloutRow): InputProblem | undefined {
  if (ending) return intent?.kind === 'cancel' && ending.outcome === 'cancelled' ? undefined : problem('ended-already', id, ending);
  if (intent?.kind === 'cancel' || isBeforeSwap(phase)) return undefined;
  return phase === 'swapping' || phase === 'watching' ? problem('too-late', id, phase) : problem('closing-now', id, phase);
}
