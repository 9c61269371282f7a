import type { HttpHandler } from '@azure/functions';
import { figuresQuery } from '../domain/api-requests';
import { figuresOf } from '../domain/figures';
import { viewPlace, type PlaceView } from '../domain/live-view';
import type { NoticeRow } from '../domain/notice';
import { problem } from '../domain/problems';
import { environmentOf, placesOf } from '../domain/settings';
import { standstillsFor } from '../domain/standstill';
import { rolloutKey } from '../domain/tables';
import { viewTraces } from '../domain/traces';
import { readLane } from '../azure/lane-rows';
import type { Place } from '../azure/ledger';
import type { Ports } from '../azure/ports';
import { endedInDays, openRollouts, rolloutsOfNow } from '../azure/rollout-index';
import { standingStops } from '../azure/stop-rows';
import { identifyWithRole, isSignInOn } from './caller';
import { guardFaults, renderJson, renderProblem } from './problem-json';
import { readQueryAs } from './query';

/** GET /api/live: every environment that slipway.yaml names, what runs there and what is on its way. */
export const listPlacesHandler = (ports: Ports): HttpHandler =>
  guardFaults(async (request) => {
    const identified = identifyWithRole(request, 'Slipway.Read');
    if (identified.kind === 'refused') return renderProblem(identified.problem);
    const [open, stops] = await Promise.all([openRollouts(ports), standingStops(ports)]);
    const view = async ({ app, environment }: Place): Promise<PlaceView> => {
      const [lane, rows] = await Promise.all([readLane(ports, { app, environment }), rolloutsOfNow(ports, { app, environment }, open)]);
      const policy = environmentOf(ports.settings, app, environment)?.policy;
      const standstills = standstillsFor(
        { kind: 'deploy' },
        policy ? [policy] : [],
        stops.filter((stop) => stop.app === null || stop.app === app),
        ports.clock.now(),
      );
      return viewPlace({ app, environment }, rows, lane, standstills);
    };
    return renderJson(200, { places: await Promise.all(placesOf(ports.settings).map(view)) });
  });

/** GET /api/figures?days: the four figures of delivery over the last days (90). */
export const readFiguresHandler = (ports: Ports): HttpHandler =>
  guardFaults(async (request) => {
    const identified = identifyWithRole(request, 'Slipway.Read');
    if (identified.kind === 'refused') return renderProblem(identified.problem);
    const query = readQueryAs(request, figuresQuery);
    if (query.kind === 'refused') return renderProblem(query.problem);
    const { days } = query.value;
    const now = ports.clock.now();
    return renderJson(200, figuresOf(await endedInDays(ports, await openRollouts(ports), now, days), now, days));
  });

/** GET /api/rollouts/{id}/traces: the notices, pushes and requests to swap of a rollout. */
export const readTracesHandler = (ports: Ports): HttpHandler =>
  guardFaults(async (request) => {
    const identified = identifyWithRole(request, 'Slipway.Read');
    if (identified.kind === 'refused') return renderProblem(identified.problem);
    const id = (request.params['id'] ?? '').slice(0, 200);
    if (!/^[A-Za-z0-9_-]+$/.test(id) || !(await ports.rows.read(id, rolloutKey))) return renderProblem(problem('unknown-rollout', id));
    const list = async <T>(prefix: string): Promise<T[]> => (await ports.rows.list<T>(id, prefix)).map(({ value }) => value);
    const [notices, pushes, swaps] = await Promise.all([
      list<NoticeRow>('notice-'),
      list<{ push: number; at: string }>('push-'),
      list<{ attempt: number; at: string }>('swap-'),
    ]);
    return renderJson(200, viewTraces({ notices, pushes, swaps }));
  });

/** GET /api/me: who calls and what they may do. */
export const readMeHandler = (settings: NodeJS.ProcessEnv = process.env): HttpHandler =>
  guardFaults(async (request) => {
    const identified = identifyWithRole(request, 'Slipway.Read');
    if (identified.kind === 'refused') return renderProblem(identified.problem);
    const { name, roles, addresses } = identified.caller;
    const signIn = request.headers.has('x-ms-client-principal') ? 'here' : isSignInOn(settings) ? 'possible' : 'off';
    return renderJson(200, { name, roles, addresses, signIn });
  });
