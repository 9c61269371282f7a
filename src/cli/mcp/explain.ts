import type { RolloutView } from '../../domain/rollout-view';
import { sayJourney } from '../../domain/say';
import { sayRequest, waitedFor } from '../../domain/waited-for';

/** A rollout in the words that an assistant needs: where it is, who is waited for, what went wrong, what to do. */
export function explain(view: RolloutView) {
  const { id, phase, outcome, ending, held, checks, phases, ask, plan } = view;
  const gates = ask?.state === 'open' && plan?.kind === 'go' && !held ? waitedFor(plan.gates, ask) : [];
  const waitsFor = gates.flatMap(({ approvers }) => approvers);
  const requests = (ask?.requests ?? []).map(sayRequest);
  return {
    id,
    what: sayJourney(view),
    phase,
    outcome: outcome ?? 'on its way',
    ...(waitsFor.length > 0 ? { waitsFor, until: ask?.expiresAt, note: 'A person has to answer; nobody else can.' } : {}),
    ...(held ? { held, until: ask?.expiresAt, note: 'Every yes is there; it goes on once nothing of that holds any more.' } : {}),
    ...(ending === undefined ? {} : { why: ending.reason, productionServes: ending.serves, next: ending.next }),
    ...(requests.length > 0 ? { requests } : {}),
    checksNotHealthy: checks.filter(({ verdict }) => verdict !== 'healthy').map(({ name, verdict, seen }) => ({ name, verdict, seen })),
    story: phases.flatMap(({ phase: each, note }) => (note === undefined ? [] : [`${each}: ${note}`])),
  };
}
