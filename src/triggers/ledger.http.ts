import type { HttpHandler } from '@azure/functions';
import { ledgerQuery } from '../domain/api-requests';
import { viewLedger } from '../domain/ledger-view';
import { problem } from '../domain/problems';
import { environmentOf } from '../domain/settings';
import { readLedger } from '../azure/ledger';
import type { Ports } from '../azure/ports';
import { identifyWithRole } from './caller';
import { isPlaceName } from './place-name';
import { guardFaults, renderJson, renderProblem } from './problem-json';
import { readQueryAs } from './query';

/** GET /api/ledger/{app}/{environment}?head. What slipway.yaml does not name any more is read all the same, as long as it has entries. */
export const readLedgerHandler = (ports: Ports): HttpHandler =>
  guardFaults(async (request) => {
    const identified = identifyWithRole(request, 'Slipway.Read');
    if (identified.kind === 'refused') return renderProblem(identified.problem);
    const query = readQueryAs(request, ledgerQuery);
    if (query.kind === 'refused') return renderProblem(query.problem);
    const { app = '', environment = '' } = request.params;
    const entries = isPlaceName(app) && isPlaceName(environment) ? await readLedger(ports, { app, environment }) : [];
    if (entries.length === 0 && !environmentOf(ports.settings, app, environment))
      return renderProblem(problem('unknown-lane', app.slice(0, 40), environment.slice(0, 40)));
    return renderJson(200, viewLedger({ app, environment }, entries, ports.ledgerKeys, query.value.head));
  });
