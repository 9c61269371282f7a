import type { HttpHandler } from '@azure/functions';
import { createDecideSignedIn } from '../commands/decide-signed-in';
import { decisionBody } from '../domain/api-requests';
import { problem } from '../domain/problems';
import { instancesOf } from '../azure/durable-instances';
import type { Ports } from '../azure/ports';
import { identify, signInOf } from './caller';
import { readBodyAs } from './json-body';
import { guardFaults, renderJson, renderProblem } from './problem-json';

/** POST /api/rollouts/{id}/decisions: the yes or no of whoever is signed in. Being an approver is all the right it takes. */
export const decideHandler = (ports: Ports, instances = instancesOf): HttpHandler => {
  const decide = createDecideSignedIn(ports);
  return guardFaults(async (request, context) => {
    const identified = identify(request);
    if (identified.kind === 'refused') return renderProblem(identified.problem);
    const body = await readBodyAs(request, decisionBody);
    if (body.kind === 'refused') return renderProblem(body.problem);
    const rolloutId = (request.params['id'] ?? '').slice(0, 200);
    if (!/^[A-Za-z0-9_-]{1,200}$/.test(rolloutId)) return renderProblem(problem('unknown-rollout', rolloutId));
    const answer = await decide({ rolloutId, ...body.value, ...signInOf(identified.caller) }, instances(context));
    return answer.kind === 'refused' ? renderProblem(answer.problem) : renderJson(200, { id: rolloutId, decision: answer.decision });
  });
};
