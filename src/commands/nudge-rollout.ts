import type { Instances } from '../azure/instances';
import type { Ports } from '../azure/ports';
import { isoNow } from '../azure/clock';
import { isAskedThere } from '../azure/request-rows';
import { changeRow } from '../azure/rows';
import { wakeRollout } from '../azure/wake-rollout';
import { problem, type InputProblem } from '../domain/problems';
import { nudgeWindowOf } from '../domain/request-pace';
import { writeTime, type RolloutRow } from '../domain/rollout';
import { asksService } from '../domain/service-gate';
import { rolloutKey } from '../domain/tables';

/** `now`: the rollout looks at once. `soon`: another nudge was heeded lately, and the look that follows it answers this one. `not`: it waits for no service. */
export type Nudged = { kind: 'nudged'; id: string; looks: 'now' | 'soon' | 'not' } | { kind: 'refused'; problem: InputProblem };

export type NudgeRollout = (id: string, instances: Instances) => Promise<Nudged>;

/**
 * A service says that there is something to look at. It is taken for no more than that: the rollout asks the service itself, and whoever nudges without
 * a reason costs two looks in half a minute at first, and ever fewer, however often they do it.
 */
export function createNudgeRollout(ports: Pick<Ports, 'rows' | 'clock'>): NudgeRollout {
  return async (id, instances) => {
    const changed = await changeRow<RolloutRow>(ports.rows, id, rolloutKey, (row) =>
      row.ask && looksOf(row, ports.clock.now()) === 'now'
        ? {
            value: {
              ...row,
              ask: { ...row.ask, nudgedAt: isoNow(ports.clock), nudges: (row.ask.nudges ?? 0) + 1 },
              lastWriteAt: writeTime(row, ports.clock.now()),
            },
          }
        : undefined,
    );
    if (changed.kind === 'missing') return { kind: 'refused', problem: problem('unknown-rollout', id) };
    if (changed.kind === 'left') return { kind: 'nudged', id, looks: looksOf(changed.value, ports.clock.now()) };
    await wakeRollout(ports.rows, instances, id);
    return { kind: 'nudged', id, looks: 'now' };
  };
}

/** Of an ask that is granted a service is read anyway, directly before the swap. */
function looksOf(row: RolloutRow, nowMs: number): 'now' | 'soon' | 'not' {
  if (!isAskedThere(row) || row.ask?.state !== 'open' || !asksService(row)) return 'not';
  const { nudgedAt } = row.ask;
  return nudgedAt !== undefined && nowMs < Date.parse(nudgedAt) + nudgeWindowOf(row.ask) * 1000 ? 'soon' : 'now';
}
