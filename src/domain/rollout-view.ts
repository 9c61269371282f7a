import { isHeld } from './held';
import { turnOf, type LaneRow } from './lane';
import type { Plan } from './plan';
import type { RolloutRow } from './rollout';
import { isServiceGate, serviceInWords } from './service-gate';
import type { GatePolicy } from './settings';

/** A rollout as the API shows it: no package URL, no setting's value, no token. */
export type RolloutView = ReturnType<typeof viewRollout>;
export type RolloutSummary = ReturnType<typeof summarizeRollout>;

export function summarizeRollout(row: RolloutRow) {
  return {
    id: row.id,
    app: row.app,
    environment: row.environment,
    kind: row.kind,
    ...(row.reverts === undefined ? {} : { reverts: row.reverts }),
    ...(row.promotes === undefined ? {} : { promotes: row.promotes }),
    ...(row.why === undefined ? {} : { why: row.why }),
    version: row.release.version,
    sha256: row.release.sha256,
    requester: row.requester,
    ...(row.actor === undefined ? {} : { actor: row.actor }),
    ...(row.hotfix === undefined ? {} : { hotfix: row.hotfix }),
    ...(row.override === undefined ? {} : { override: row.override }),
    admittedAt: row.admittedAt,
    phase: row.phase,
    /** `null` while the rollout is on its way. */
    outcome: row.ending?.outcome ?? null,
    ...(row.ending === undefined ? {} : { ending: row.ending }),
    ...(row.ending === undefined && isHeld(row.ask) ? { held: row.ask.held } : {}),
  };
}

/** `lane`: its own, where it is queued. */
export function viewRollout(row: RolloutRow, lane?: LaneRow) {
  const turn = lane && row.phase === 'queued' ? turnOf(lane, row.id) : undefined;
  const { commit, buildUrl, functions, settingNames } = row.release;
  return {
    ...summarizeRollout(row),
    ...(commit === undefined ? {} : { commit }),
    ...(buildUrl === undefined ? {} : { buildUrl }),
    functions,
    settingNames,
    phases: row.phases,
    ...(turn === undefined ? {} : { turn }),
    checks: row.checks,
    ...(row.plan === undefined ? {} : { plan: viewPlan(row.plan) }),
    ...(row.ask === undefined ? {} : { ask: row.ask }),
    ...(row.intent === undefined ? {} : { intent: row.intent }),
    lastWriteAt: row.lastWriteAt,
  };
}

export function viewPlan(plan: Plan) {
  if (plan.kind === 'refused')
    return { kind: plan.kind, sentence: plan.problem.sentence, code: plan.problem.code, next: plan.problem.next };
  if (plan.kind === 'unchanged') return { kind: plan.kind, sentence: plan.sentence };
  const { kind, sentence, way, adopts, replaces, combine, policyHash, standstills } = plan;
  return { kind, sentence, way, adopts, replaces, gates: plan.gates.map(viewGate), combine, policyHash, standstills };
}

/** Whom a gate asks, and what it takes for proof; of one that is answered in a service both are that service. */
export function viewGate(gate: GatePolicy) {
  const { name, kind } = gate;
  return isServiceGate(gate)
    ? { name, kind, approvers: [serviceInWords(gate)], needed: 1, proof: kind }
    : { name, kind, approvers: gate.approvers, needed: gate.needed, proof: gate.proof };
}
