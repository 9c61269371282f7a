import type { HttpHandler, HttpRequest, HttpResponseInit } from '@azure/functions';
import { createCancelRollout, type Asked } from '../commands/cancel-rollout';
import { createNudgeRollout, type Nudged } from '../commands/nudge-rollout';
import { createOverrideCalendar } from '../commands/override-calendar';
import { createPromoteRollout } from '../commands/promote-rollout';
import { createRollBackRollout } from '../commands/roll-back-rollout';
import { createTryAgain } from '../commands/try-again';
import { createStartRollout } from '../commands/start-rollout';
import { requestKeyOf } from '../domain/admission';
import { listQuery, overrideBody, promoteBody, reasonBody } from '../domain/api-requests';
import { problem } from '../domain/problems';
import type { RolloutRow } from '../domain/rollout';
import { decodeRolloutRequest } from '../domain/rollout-request';
import { summarizeRollout, viewRollout } from '../domain/rollout-view';
import { rolloutKey } from '../domain/tables';
import { instancesOf } from '../azure/durable-instances';
import { readLane } from '../azure/lane-rows';
import type { Ports } from '../azure/ports';
import { newestRollouts } from '../azure/rollout-index';
import { identifyKeyHolder, identifyWithRole, requesterOf, type Identified, type Role } from './caller';
import { readBodyAs, readJsonBody } from './json-body';
import { guardFaults, renderJson, renderProblem } from './problem-json';
import { readQueryAs } from './query';

/** POST /api/rollouts, for people and programs that sign in. */
export const startRolloutHandler = (ports: Ports, instances = instancesOf): HttpHandler =>
  startHandler(ports, instances, (request) => identifyWithRole(request, 'Slipway.Start'));

/** POST /api/rollouts-by-key, registered with authLevel `function`: for build systems that hold a function key. */
export const startRolloutByKeyHandler = (ports: Ports, instances = instancesOf): HttpHandler =>
  startHandler(ports, instances, identifyKeyHolder);

function startHandler(ports: Ports, instances: typeof instancesOf, identifyCaller: (request: HttpRequest) => Identified): HttpHandler {
  const start = createStartRollout(ports);
  return guardFaults(async (request, context) => {
    const identified = identifyCaller(request);
    if (identified.kind === 'refused') return renderProblem(identified.problem);
    const idempotencyKey = request.headers.get('idempotency-key') ?? undefined;
    if (idempotencyKey !== undefined && !/^[\x20-\x7e]{1,200}$/.test(idempotencyKey)) return renderProblem(problem('invalid-key'));
    const body = await readJsonBody(request);
    if (body.kind === 'refused') return renderProblem(body.problem);
    if (body.kind === 'none') return renderProblem(problem('invalid-json', 'The body is empty, which'));
    const decoded = decodeRolloutRequest(body.value);
    if (decoded.kind === 'invalid') return renderProblem(problem('invalid-request', decoded.errors));
    const key = requestKeyOf({ idempotencyKey, event: decoded.event, requestId: decoded.request.requestId });
    const started = await start(decoded.request, { requester: requesterOf(identified.caller), key }, instances(context));
    return started.kind === 'refused' ? renderProblem(started.problem) : accepted(ports, started);
  });
}

type Accepted = Pick<Extract<Asked, { kind: 'accepted' }>, 'id' | 'already' | 'stillHeldBy'>;

function accepted(ports: Ports, { id, already, stillHeldBy = [] }: Accepted): HttpResponseInit {
  const path = `/api/rollouts/${id}`;
  return renderJson(
    202,
    { id, already, statusUrl: ports.publicUrl + path, ...(stillHeldBy.length > 0 ? { stillHeldBy } : {}) },
    { location: path },
  );
}

/** GET /api/rollouts?app&environment&outcome&limit, newest first. `outcome=running`: those that have not ended. */
export const listRolloutsHandler = (ports: Ports): HttpHandler =>
  guardFaults(async (request) => {
    const identified = identifyWithRole(request, 'Slipway.Read');
    if (identified.kind === 'refused') return renderProblem(identified.problem);
    const query = readQueryAs(request, listQuery);
    if (query.kind === 'refused') return renderProblem(query.problem);
    const rollouts = await newestRollouts(ports, query.value);
    return renderJson(200, { rollouts: rollouts.map(summarizeRollout) });
  });

/** GET /api/rollouts/{id} */
export const readRolloutHandler = (ports: Ports): HttpHandler =>
  guardFaults(async (request) => {
    const identified = identifyWithRole(request, 'Slipway.Read');
    if (identified.kind === 'refused') return renderProblem(identified.problem);
    const id = idOf(request);
    const found = isId(id) ? await ports.rows.read<RolloutRow>(id, rolloutKey) : undefined;
    if (!found) return renderProblem(problem('unknown-rollout', id));
    const lane = found.value.phase === 'queued' ? await readLane(ports, found.value) : undefined;
    return renderJson(200, viewRollout(found.value, lane));
  });

/** POST /api/rollouts/{id}/cancel */
export const cancelRolloutHandler = (ports: Ports, instances = instancesOf): HttpHandler => {
  const cancel = createCancelRollout(ports);
  return operate(ports, (id, caller, reason, context) => cancel(id, { by: caller.name, reason }, instances(context)));
};

/** POST /api/rollouts/{id}/roll-back. The id in the answer is the new rollout's where this one has ended. */
export const rollBackRolloutHandler = (ports: Ports, instances = instancesOf): HttpHandler => {
  const rollBack = createRollBackRollout(ports);
  return operate(ports, (id, caller, reason, context) => rollBack(id, { requester: requesterOf(caller), reason }, instances(context)));
};

/** POST /api/rollouts/{id}/nudge, registered with authLevel `function`: for services that a gate is answered in. Whatever they send is not read. */
export const nudgeRolloutHandler = (ports: Ports, instances = instancesOf): HttpHandler => {
  const nudge = createNudgeRollout(ports);
  return guardFaults(async (request, context) => {
    const identified = identifyKeyHolder(request);
    if (identified.kind === 'refused') return renderProblem(identified.problem);
    const id = idOf(request);
    const nudged: Nudged = isId(id) ? await nudge(id, instances(context)) : { kind: 'refused', problem: problem('unknown-rollout', id) };
    return nudged.kind === 'refused' ? renderProblem(nudged.problem) : renderJson(200, { id, looks: nudged.looks });
  });
};

/** POST /api/rollouts/{id}/override: lets it pass windows and freezes. */
export const overrideCalendarHandler = (ports: Ports, instances = instancesOf): HttpHandler => {
  const override = createOverrideCalendar(ports);
  return operate(ports, (id, caller, reason, context) => override(id, { by: caller.name, reason }, instances(context)), {
    bodyOf: overrideBody,
  });
};

/** POST /api/rollouts/{id}/promote. The id in the answer is the new rollout's. */
export const promoteRolloutHandler = (ports: Ports, instances = instancesOf): HttpHandler => {
  const promote = createPromoteRollout(ports);
  return guardFaults(async (request, context) => {
    const identified = identifyWithRole(request, 'Slipway.Start');
    if (identified.kind === 'refused') return renderProblem(identified.problem);
    const body = await readBodyAs(request, promoteBody);
    if (body.kind === 'refused') return renderProblem(body.problem);
    const id = idOf(request);
    if (!isId(id)) return renderProblem(problem('unknown-rollout', id));
    const asked = await promote(id, { requester: requesterOf(identified.caller), ...body.value }, instances(context));
    return asked.kind === 'refused' ? renderProblem(asked.problem) : accepted(ports, asked);
  });
};

/** POST /api/rollouts/{id}/try-again: the same release once more. The id in the answer is the new rollout's. */
export const tryAgainHandler = (ports: Ports, instances = instancesOf): HttpHandler => {
  const tryAgain = createTryAgain(ports);
  return operate(ports, (id, caller, _reason, context) => tryAgain(id, requesterOf(caller), instances(context)), { role: 'Slipway.Start' });
};

type Act = (
  id: string,
  caller: Extract<Identified, { kind: 'caller' }>['caller'],
  reason: string,
  context: Parameters<HttpHandler>[1],
) => Promise<Asked>;

function operate(
  ports: Ports,
  act: Act,
  { bodyOf = reasonBody, role = 'Slipway.Operate' }: { bodyOf?: typeof overrideBody | typeof reasonBody; role?: Role } = {},
): HttpHandler {
  return guardFaults(async (request, context) => {
    const identified = identifyWithRole(request, role);
    if (identified.kind === 'refused') return renderProblem(identified.problem);
    const body = await readBodyAs(request, bodyOf);
    if (body.kind === 'refused') return renderProblem(body.problem);
    const id = idOf(request);
    if (!isId(id)) return renderProblem(problem('unknown-rollout', id));
    const asked = await act(id, identified.caller, body.value.reason || 'no reason given', context);
    return asked.kind === 'refused' ? renderProblem(asked.problem) : accepted(ports, asked);
  });
}

const idOf = (request: HttpRequest): string => (request.params['id'] ?? '').slice(0, 200);
/** Whatever else is no rollout's id; keys of rows refuse some characters with an error of their own. */
const isId = (id: string): boolean => /^[A-Za-z0-9_-]{1,200}$/.test(id);
