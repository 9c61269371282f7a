import http from 'node:http';
import type { FaultBoard } from '../faults';
import type { Schedule } from '../schedule';
import type { Answer, Handler } from '../servers';
import { production, type Sites } from '../sites';
import type { Slots } from './slots';

const page = (status: number, title: string, text: string): Answer => ({
  status,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><h1>${title}</h1><p>${text}</p></html>`,
});

const unavailable = page(503, 'Service Unavailable', 'The service is unavailable.');

/** What a slot's host name leads to: always the same address, whatever content the slot has now. */
export function frontDoor(
  site: string,
  slotName: string,
  parts: { sites: Sites; slots: Slots; faults: FaultBoard; schedule: Schedule },
): Handler {
  const { sites, slots, faults, schedule } = parts;
  const place = { site, slot: slotName };
  return async ({ request, url }, response) => {
    const slot = sites.slot(site, slotName);
    if (!slot) return { status: 404 };
    const dead = faults.strike('slot-no-answer', place);
    if (dead) {
      if (dead.afterMs) await schedule.sleep(dead.afterMs);
      request.socket.destroy();
      return 'dropped';
    }
    if (slotName === production && faults.strike('production-503', place)) return unavailable;
    const serving = slots.serving(slot);
    switch (serving.kind) {
      case 'stopped':
        return page(
          403,
          'Error 403 - This web app is stopped.',
          'The web app you have attempted to reach is currently stopped and does not accept any requests.',
        );
      case 'empty':
        return url.pathname === '/'
          ? page(200, 'Your Azure Function App is up and running.', 'Nothing has been deployed here yet.')
          : { status: 404 };
      case 'starting':
      case 'broken':
        return unavailable;
      case 'running':
        if (faults.has('zero-functions', place) && url.pathname.startsWith('/api/')) return { status: 404 };
        await passOn(request, response, serving.content.port);
        return 'dropped';
    }
  };
}

/** Ends when the answer has been passed on, or the connection is gone. */
function passOn(request: http.IncomingMessage, response: http.ServerResponse, port: number): Promise<void> {
  return new Promise((resolve) => {
    const { origin: _ownOrigin, host, ...headers } = request.headers;
    const onward = http.request(
      {
        host: '127.0.0.1',
        port,
        method: request.method,
        path: request.url,
        headers: { ...headers, host: `127.0.0.1:${port}`, 'x-forwarded-host': host ?? '', 'x-original-url': request.url ?? '/' },
      },
      (answer) => {
        const { connection: _hopByHop, 'keep-alive': _alsoHopByHop, ...kept } = answer.headers;
        response.writeHead(answer.statusCode ?? 502, kept);
        answer.pipe(response);
        answer.once('error', () => response.destroy());
      },
    );
    onward.once('error', () => {
      if (!response.headersSent) response.writeHead(502, { 'content-type': 'text/plain' }).end('Bad Gateway');
      else response.destroy();
    });
    response.once('close', () => {
      onward.destroy();
      resolve();
    });
    request.pipe(onward);
  });
}
