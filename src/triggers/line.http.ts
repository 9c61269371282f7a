import type { HttpHandler } from '@azure/functions';
import { createChangeLine } from '../commands/stop-line';
import { lineBody } from '../domain/api-requests';
import { instancesOf } from '../azure/durable-instances';
import type { Ports } from '../azure/ports';
import { standingStops } from '../azure/stop-rows';
import { identifyWithRole } from './caller';
import { readBodyAs } from './json-body';
import { guardFaults, renderJson, renderProblem } from './problem-json';

/** POST /api/line/stop and /api/line/start. */
export const changeLineHandler = (change: 'stop' | 'start', ports: Ports, instances = instancesOf): HttpHandler => {
  const changeLine = createChangeLine(ports);
  return guardFaults(async (request, context) => {
    const identified = identifyWithRole(request, 'Slipway.Operate');
    if (identified.kind === 'refused') return renderProblem(identified.problem);
    const body = await readBodyAs(request, lineBody);
    if (body.kind === 'refused') return renderProblem(body.problem);
    const { app = null, reason } = body.value;
    const answer = await changeLine(change, app, { by: identified.caller.name, reason }, instances(context));
    if (answer.kind === 'refused') return renderProblem(answer.problem);
    const { already, stop, otherStops } = answer;
    return renderJson(200, { app: stop.app, stopped: stop.stopped, already, otherStops });
  });
};

/** GET /api/line: the stops that stand. `app` null: all apps. */
export const readLineHandler = (ports: Ports): HttpHandler =>
  guardFaults(async (request) => {
    const identified = identifyWithRole(request, 'Slipway.Read');
    if (identified.kind === 'refused') return renderProblem(identified.problem);
    return renderJson(200, { stops: await standingStops(ports) });
  });
