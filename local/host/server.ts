import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { readBody, send, text, type HttpAnswer, type HttpRequest } from './http-message';
import { refuseForeign } from './loopback-guard';

export interface Server {
  port: number;
  close(): Promise<void>;
  /** Cuts every connection. */
  cut(): void;
}

/** Listens on 127.0.0.1 alone. `begin` counts requests as work. */
export async function listen(
  port: number,
  begin: () => () => void,
  answer: (request: HttpRequest) => Promise<HttpAnswer>,
): Promise<Server> {
  const server = http.createServer((incoming, outgoing) => {
    const done = begin();
    // A connection that is kept open would hold up the end.
    if (!server.listening) outgoing.shouldKeepAlive = false;
    void handle(incoming, (server.address() as AddressInfo).port, answer)
      .then((result) => send(outgoing, incoming.method ?? 'GET', result))
      .catch(() => outgoing.destroy())
      .finally(done);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        cause.code === 'EADDRINUSE'
          ? new Error(`Port ${port} of 127.0.0.1 is taken. Stop who holds it, or let the host choose one (port 0).`, { cause })
          : cause,
      ),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
    cut() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function handle(
  incoming: http.IncomingMessage,
  port: number,
  answer: (request: HttpRequest) => Promise<HttpAnswer>,
): Promise<HttpAnswer> {
  const refusal = refuseForeign(incoming, port);
  if (refusal) return text(refusal.status, refusal.reason);
  const body = await readBody(incoming);
  if (!body) return text(413, 'The body is larger than 100 MB.');
  const target = incoming.url ?? '/';
  const base = `http://${incoming.headers.host}`;
  const url = URL.canParse(target, base) ? new URL(target, base) : undefined;
  // An absolute target may name another host than the Host header does.
  if (!url || url.host !== new URL(base).host) return text(400, 'The request target is no path.');
  return answer({ method: incoming.method ?? 'GET', url, headers: incoming.headers, body });
}
