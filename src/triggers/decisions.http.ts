import type { HttpHandler, HttpRequest } from '@azure/functions';
import { createDecideSignedIn, createReadQuestions } from '../commands/decide-signed-in';
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
    const rolloutId = rolloutIdIn(request);
    if (rolloutId === undefined) return renderProblem(problem('unknown-rollout', (request.params['id'] ?? '').slice(0, 200)));
    const answer = await decide({ rolloutId, ...body.value, ...signInOf(identified.caller) }, instances(context));
    return answer.kind === 'refused' ? renderProblem(answer.problem) : renderJson(200, { id: rolloutId, decision: answer.decision });
  });
};

/** GET /api/rollouts/{id}/questions: what it asks whoever is signed in. */
export const readQuestionsHandler = (ports: Ports): HttpHandler => {
  const read = createReadQuestions(ports);
  return guardFaults(async (request) => {
    const identified = identify(request);
    if (identified.kind === 'refused') return renderProblem(identified.problem);
    const rolloutId = rolloutIdIn(request);
    const questions = rolloutId === undefined ? undefined : await read(rolloutId, signInOf(identified.caller));
    return questions
      ? renderJson(200, { questions })
      : renderProblem(problem('unknown-rollout', (request.params['id'] ?? '').slice(0, 200)));
  });
};

function rolloutIdIn(request: HttpRequest): string | undefined {
  const id = request.params['id'] ?? '';
  return /^[A-Za-z0-9_-]{1,200}$/.test(id) ? id : undefined;
}
