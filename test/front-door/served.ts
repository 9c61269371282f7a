import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { HttpRequest, InvocationContext, type HttpHandler } from '@azure/functions';
import { operations } from '../../src/domain/api';
import { adoptHandler, doctorHandler } from '../../src/triggers/examine.http';
import { listLanesHandler, unblockLaneHandler } from '../../src/triggers/lanes.http';
import { decideHandler, readQuestionsHandler } from '../../src/triggers/decisions.http';
import { changeLineHandler, readLineHandler } from '../../src/triggers/line.http';
import { planHandler } from '../../src/triggers/plan.http';
import { readLedgerHandler } from '../../src/triggers/ledger.http';
import { listPlacesHandler, readFiguresHandler, readMeHandler, readTracesHandler } from '../../src/triggers/live.http';
import { openApiHandler } from '../../src/triggers/openapi.http';
import { pageHandler } from '../../src/triggers/page.http';
import {
  cancelRolloutHandler,
  listRolloutsHandler,
  nudgeRolloutHandler,
  overrideCalendarHandler,
  promoteRolloutHandler,
  readRolloutHandler,
  rollBackRolloutHandler,
  startRolloutByKeyHandler,
  startRolloutHandler,
  tryAgainHandler,
} from '../../src/triggers/rollouts.http';
import { frontDoorPorts, recordedInstances } from './ports';

/** The API's own handlers on a real port, over rows in memory: for what speaks to it, such as client, command line and page. `pageFolder`: where the page is built. */
export async function serveFrontDoor({ pageFolder }: { pageFolder?: string } = {}) {
  const { ports, time } = frontDoorPorts();
  const recorded = recordedInstances();
  const bound = () => recorded.instances;
  const handlers: Record<string, HttpHandler> = {
    startRollout: startRolloutHandler(ports, bound),
    startRolloutByKey: startRolloutByKeyHandler(ports, bound),
    listRollouts: listRolloutsHandler(ports),
    readRollout: readRolloutHandler(ports),
    cancelRollout: cancelRolloutHandler(ports, bound),
    rollBackRollout: rollBackRolloutHandler(ports, bound),
    tryAgain: tryAgainHandler(ports, bound),
    readTraces: readTracesHandler(ports),
    listPlaces: listPlacesHandler(ports),
    readFigures: readFiguresHandler(ports),
    readMe: readMeHandler(),
    listLanes: listLanesHandler(ports),
    unblockLane: unblockLaneHandler(ports, bound),
    decide: decideHandler(ports, bound),
    readQuestions: readQuestionsHandler(ports),
    promoteRollout: promoteRolloutHandler(ports, bound),
    nudgeRollout: nudgeRolloutHandler(ports, bound),
    overrideCalendar: overrideCalendarHandler(ports, bound),
    readLine: readLineHandler(ports),
    stopLine: changeLineHandler('stop', ports, bound),
    startLine: changeLineHandler('start', ports, bound),
    plan: planHandler(ports),
    readLedger: readLedgerHandler(ports),
    doctor: doctorHandler(ports),
    adopt: adoptHandler(ports),
    readOpenApi: openApiHandler(),
  };
  const page = pageFolder === undefined ? undefined : pageHandler(pageFolder);
  const server = createServer((incoming, outgoing) => {
    void answer(handlers, page, incoming).then(({ status, headers, body }) => outgoing.writeHead(status, headers).end(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { ...recorded, ports, time, url, close: () => new Promise((resolve) => server.close(resolve)) };
}

async function answer(handlers: Record<string, HttpHandler>, page: HttpHandler | undefined, incoming: IncomingMessage) {
  const url = new URL(incoming.url ?? '/', 'http://127.0.0.1');
  for (const { id, method, path } of operations) {
    const found = new RegExp(`^/api/${path.replace(/[.]/g, '\\.').replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`).exec(url.pathname);
    if (!found || method.toUpperCase() !== incoming.method) continue;
    const handler = handlers[id];
    if (!handler) throw new Error(`Nothing handles ${id} here.`);
    const params = Object.fromEntries(Object.entries(found.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]));
    const bytes = await buffer(incoming);
    const request = new HttpRequest({
      method: incoming.method,
      url: url.href,
      headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
      params,
      query: Object.fromEntries(url.searchParams),
      ...(bytes.length > 0 ? { body: { bytes } } : {}),
    });
    return answerOf(handler, request, id);
  }
  if (!page || incoming.method !== 'GET') return { status: 404, headers: {}, body: '' };
  const place = url.pathname.replace(/^\/(?:dashboard\/?)?/, '');
  return answerOf(page, new HttpRequest({ method: 'GET', url: url.href, params: { path: place } }), 'page');
}

async function answerOf(handler: HttpHandler, request: HttpRequest, functionName: string) {
  const response = await handler(request, new InvocationContext({ functionName, logHandler: () => undefined }));
  const { status = 200, headers, body } = response as { status?: number; headers?: Record<string, string>; body?: string | Uint8Array };
  return { status, headers: headers ?? {}, body: body ?? '' };
}
