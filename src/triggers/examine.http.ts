import type { HttpHandler } from '@azure/functions';
import { createAdopt } from '../commands/adopt';
import { createExamine } from '../commands/examine';
import { adoptQuery, examineQuery } from '../domain/api-requests';
import type { Ports } from '../azure/ports';
import { identifyWithRole, isSignInOn } from './caller';
import { readQueryAs } from './query';
import { guardFaults, renderJson, renderProblem } from './problem-json';

/** GET /api/doctor?app=&environment=: the preflight of a target, and Slipway itself. Reads app settings anew, as the caller's identity is. */
export const doctorHandler = (ports: Ports, settings: NodeJS.ProcessEnv = process.env): HttpHandler => {
  const examine = createExamine(ports);
  return guardFaults(async (request) => {
    const identified = identifyWithRole(request, 'Slipway.Read');
    if (identified.kind === 'refused') return renderProblem(identified.problem);
    const query = readQueryAs(request, examineQuery);
    if (query.kind === 'refused') return renderProblem(query.problem);
    const answer = await examine(query.value, {
      inAzure: Boolean(settings['WEBSITE_SITE_NAME']),
      signInOn: isSignInOn(settings),
      mailSender: settings['SLIPWAY_MAIL_SENDER'] ?? '',
    });
    return answer.kind === 'refused' ? renderProblem(answer.problem) : renderJson(200, answer.examined);
  });
};

/** GET /api/adopt?resource=: what slipway.yaml would say of a function app that is there. Names resources that nobody named before: for operators. */
export const adoptHandler = (ports: Ports): HttpHandler => {
  const adopt = createAdopt(ports);
  return guardFaults(async (request) => {
    const identified = identifyWithRole(request, 'Slipway.Operate');
    if (identified.kind === 'refused') return renderProblem(identified.problem);
    const query = readQueryAs(request, adoptQuery);
    if (query.kind === 'refused') return renderProblem(query.problem);
    const answer = await adopt(query.value.resource);
    return answer.kind === 'refused' ? renderProblem(answer.problem) : renderJson(200, answer.adoption);
  });
};
