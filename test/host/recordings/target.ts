import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Target {
  port: number;
  close(): void;
}

/** What the scenarios' `callHttp` calls. It answers as the one that was called when the recordings were made: each path is a way to answer. */
export async function startTarget(): Promise<Target> {
  let polls = 0;
  /** Two polls find the work still under way. */
  const isReady = (): boolean => {
    polls = (polls + 1) % 3;
    return polls === 0;
  };
  const here = (request: http.IncomingMessage, path: string): string => `http://${request.headers.host}${path}`;
  const server = http.createServer((request, response) => {
    const answer = (status: number, headers: http.OutgoingHttpHeaders, body = ''): void =>
      void response.writeHead(status, headers).end(body);
    request.resume().on('end', () => {
      switch (/^\/\w*/.exec(request.url ?? '')?.[0]) {
        case '/ok':
          return answer(200, { 'content-type': 'application/json', 'x-custom': ['a', 'b'] }, '{"hello":"world"}');
        case '/text':
          return answer(200, { 'content-type': 'text/plain' }, 'plain text');
        case '/poll':
        case '/poll2':
          return answer(202, { location: here(request, '/status'), 'retry-after': '2' }, 'accepted');
        case '/status':
          if (isReady()) return answer(200, { 'content-type': 'application/json' }, '{"final":true}');
          return answer(202, { location: here(request, '/status'), 'retry-after': '1' }, 'still');
        case '/s':
          return isReady() ? answer(200, {}, 'done') : answer(202, { location: here(request, '/s') });
        case '/nora':
          return answer(202, { location: here(request, '/ok') });
        case '/noloc':
          return answer(202, {}, 'no location');
        case '/redir':
          return answer(302, { location: here(request, '/ok') });
        default:
          return answer(request.url?.startsWith('/500') ? 500 : 404, { 'content-type': 'text/plain' }, 'error body');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() };
}
