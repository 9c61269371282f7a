import type { HttpHandler } from '@azure/functions';
import { createUnblockLane } from '../commands/unblock-lane';
import { unblockBody } from '../domain/api-requests';
import { viewLane, type LaneView } from '../domain/lane';
import { problem } from '../domain/problems';
import { placesOf } from '../domain/settings';
import { instancesOf } from '../azure/durable-instances';
import { readLane } from '../azure/lane-rows';
import type { Place } from '../azure/ledger';
import type { Ports } from '../azure/ports';
import { identifyWithRole } from './caller';
import { readBodyAs } from './json-body';
import { isPlaceName } from './place-name';
import { guardFaults, renderJson, renderProblem } from './problem-json';

/** POST /api/lanes/{app}/{environment}/unblock */
export const unblockLaneHandler = (ports: Ports, instances = instancesOf): HttpHandler => {
  const unblock = createUnblockLane(ports);
  return guardFaults(async (request, context) => {
    const identified = identifyWithRole(request, 'Slipway.Operate');
    if (identified.kind === 'refused') return renderProblem(identified.problem);
    const body = await readBodyAs(request, unblockBody);
    if (body.kind === 'refused') return renderProblem(body.problem);
    const { app = '', environment = '' } = request.params;
    if (!isPlaceName(app) || !isPlaceName(environment))
      return renderProblem(problem('unknown-lane', app.slice(0, 40), environment.slice(0, 40)));
    const answer = await unblock({ app, environment }, { by: identified.caller.name, reason: body.value.reason }, instances(context));
    return answer.kind === 'refused' ? renderProblem(answer.problem) : renderJson(200, viewLane(app, environment, answer.lane));
  });
};

/** GET /api/lanes: every lane that slipway.yaml names. */
export const listLanesHandler = (ports: Ports): HttpHandler =>
  guardFaults(async (request) => {
    const identified = identifyWithRole(request, 'Slipway.Read');
    if (identified.kind === 'refused') return renderProblem(identified.problem);
    const view = async ({ app, environment }: Place): Promise<LaneView> =>
      viewLane(app, environment, await readLane(ports, { app, environment }));
    return renderJson(200, { lanes: await Promise.all(placesOf(ports.settings).map(view)) });
  });
