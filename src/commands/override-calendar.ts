import { createTellPeople } from '../activities/tell-people';
import { problem, type InputProblem } from '../domain/problems';
import { isBeforeSwap, phases, writeTime, type Override, type RolloutRow } from '../domain/rollout';
import { environmentOf, type Policy } from '../domain/settings';
import { standstillsFor, stopsFor } from '../domain/standstill';
import type { StoppedApp } from '../domain/stop';
import { rolloutKey } from '../domain/tables';
import { isoNow } from '../azure/clock';
import type { Instances } from '../azure/instances';
import { appendLedger } from '../azure/ledger';
import type { Ports } from '../azure/ports';
import { changeRow } from '../azure/rows';
import { stopsOf } from '../azure/stop-rows';
import { wakeRollout } from '../azure/wake-rollout';
import type { Asked, Asking } from './cancel-rollout';

export type OverrideCalendar = (id: string, asking: Asking, instances: Instances) => Promise<Asked>;

type Needs = Pick<Ports, 'rows' | 'clock' | 'settings' | 'ledgerKeys'>;

/** Announced apart from what was announced when the rollout began. */
const overrideNumber = 1;

/** Lets one rollout pass the windows and freezes of its policy, for a reason that everybody hears who hears of its start. Gates still ask. */
export function createOverrideCalendar(ports: Needs): OverrideCalendar {
  return async (id, asking, instances) => {
    const override: Override = { ...asking, at: isoNow(ports.clock) };
    const found = await ports.rows.read<RolloutRow>(id, rolloutKey);
    if (!found) return { kind: 'refused', problem: problem('unknown-rollout', id) };
    const stops = await stopsOf(ports, found.value.app);
    const changed = await changeRow<RolloutRow>(ports.rows, id, rolloutKey, (row) =>
      refusal(ports, row, stops) || row.override
        ? undefined
        : { value: { ...row, override, lastWriteAt: writeTime(row, ports.clock.now()) } },
    );
    if (changed.kind === 'missing') return { kind: 'refused', problem: problem('unknown-rollout', id) };
    const row = changed.value;
    const refused = row.override ? undefined : refusal(ports, row, stops);
    if (refused) return { kind: 'refused', problem: refused };
    const { by, reason, at } = row.override ?? override;
    await appendLedger(ports, row, { id: `${id}:override`, kind: 'override', at, data: { rolloutId: id, by, reason } });
    // Before that, the announcement itself says it.
    if (phases.indexOf(row.phase) >= phases.indexOf('announcing') && !row.ending)
      await createTellPeople(ports)({ rolloutId: id, moment: 'start', number: overrideNumber }, { instances });
    await wakeRollout(ports.rows, instances, id);
    return { kind: 'accepted', id, already: changed.kind === 'left', stillHeldBy: stopsFor(row, policiesOf(ports, row), stops) };
  };
}

function refusal(ports: Needs, row: RolloutRow, stops: readonly StoppedApp[]): InputProblem | undefined {
  const { id, phase, ending, kind } = row;
  if (ending) return problem('ended-already', id, ending);
  if (kind === 'revert') return problem('nothing-to-override', id);
  if (!isBeforeSwap(phase)) return problem('too-late-to-override', id, phase);
  const policies = policiesOf(ports, row);
  if (standstillsFor(row, policies, [], ports.clock.now()).length > 0) return undefined;
  return problem('held-by-no-calendar', id, stopsFor(row, policies, stops));
}

/** Directly before its swap both must say yes: today's, and that its plan was made with. */
function policiesOf({ settings }: Needs, { app, environment, plan }: RolloutRow): Policy[] {
  const today = environmentOf(settings, app, environment)?.policy;
  return [...(plan?.kind === 'go' ? [plan.policy] : []), ...(today ? [today] : [])];
}
