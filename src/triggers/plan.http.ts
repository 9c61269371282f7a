import type { HttpHandler } from '@azure/functions';
import { createPlanRollout, nextRelease, type Foreseen } from '../commands/plan-rollout';
import { planQuery } from '../domain/api-requests';
import { viewPlan } from '../domain/rollout-view';
import type { Ports } from '../azure/ports';
import { identifyWithRole, requesterOf } from './caller';
import { guardFaults, renderJson, renderProblem } from './problem-json';
import { readQueryAs } from './query';

/** GET /api/plan?app&environment&version&sha256&hotfix&at: what would happen, then, and why. */
export const planHandler = (ports: Ports): HttpHandler => {
  const plan = createPlanRollout(ports);
  return guardFaults(async (request) => {
    const identified = identifyWithRole(request, 'Slipway.Read');
    if (identified.kind === 'refused') return renderProblem(identified.problem);
    const query = readQueryAs(request, planQuery);
    if (query.kind === 'refused') return renderProblem(query.problem);
    const { version = nextRelease, ...given } = query.value;
    const answer = await plan({ ...given, version, requester: requesterOf(identified.caller) });
    return answer.kind === 'refused' ? renderProblem(answer.problem) : renderJson(200, viewForeseen(answer));
  });
};

const viewForeseen = ({ kind: _kind, plan, ...rest }: Foreseen) => ({ ...rest, plan: viewPlan(plan) });
