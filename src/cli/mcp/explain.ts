import type { RolloutView } from '../../domain/rollout-view';

/** A rollout in the words that an assistant needs: where it is, who is waited for, what went wrong, what to do. */
export function explain(view: RolloutView) {
  const { id, app, environment, version, kind, phase, outcome, ending, checks, phases, ask, plan } = view;
  const answered = new Set(ask?.decisions.map(({ gate, approver }) => `${gate} ${approver}`));
  const waitsFor =
    ask?.state === 'open' && plan?.kind === 'go'
      ? plan.gates.flatMap(({ name, approvers }) => approvers.filter((approver) => !answered.has(`${name} ${approver}`)))
      : [];
  return {
    id,
    what: kind === 'revert' ? `${app} back to ${version} in ${environment}` : `${app} ${version} to ${environment}`,
    phase,
    outcome: outcome ?? 'on its way',
    ...(waitsFor.length > 0 ? { waitsFor, until: ask?.expiresAt, note: 'A person has to answer; nobody else can.' } : {}),
    ...(ending === undefined ? {} : { why: ending.reason, productionServes: ending.serves, next: ending.next }),
    checksNotHealthy: checks.filter(({ verdict }) => verdict !== 'healthy').map(({ name, verdict, seen }) => ({ name, verdict, seen })),
    story: phases.flatMap(({ phase: each, note }) => (note === undefined ? [] : [`${each}: ${note}`])),
  };
}
