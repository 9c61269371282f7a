import { isoNow } from '../azure/clock';
import { appendLedger } from '../azure/ledger';
import type { Ports } from '../azure/ports';
import { changeRollout } from '../azure/rollout-rows';
import type { Activity } from './activity';
import type { Catalogue } from './catalogue';

type Record = Catalogue['recordPlan'];

/** Freezes the plan, policy and all, into the rollout's row, and puts its hash on record. Answers the one that stands: the first. */
export function createRecordPlan(ports: Ports): Activity<Record['input'], Record['output']> {
  return async ({ rolloutId, plan: made }) => {
    const row = await changeRollout(ports, rolloutId, (row) => (row.plan ? undefined : { ...row, plan: made }));
    const { app, environment, plan = made } = row;
    const data =
      plan.kind === 'go' ? { kind: plan.kind, way: plan.way, policyHash: plan.policyHash, replaces: plan.replaces } : { kind: plan.kind };
    await appendLedger(
      ports,
      { app, environment },
      { id: `${rolloutId}:plan`, kind: 'plan', at: isoNow(ports.clock), data: { rolloutId, ...data } },
    );
    return { plan };
  };
}
