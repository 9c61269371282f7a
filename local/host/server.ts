import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { readBody, send, text, type HttpAnswer, type HttpHead, type HttpRequest, type HttpStreamer } from './http-message';
import { refuseForeign } from './loopback-guard';

export interface Server {
  port: number;
  close(): Promise<void>;
  /** Cuts every connection. */
  cut(): void;
}

export interface Answers {
  /** Asked before the body is read: who takes a request with its body as it comes. */
  stream(head: HttpHead): HttpStreamer | undefined;
  answer(request: HttpRequest): Promise<HttpAnswer>;
}

/** Listens on 127.0.0.1 alone. `begin` counts requests as work. */
export async function listen(port: number, begin: () => () => void, answers: Answers): Promise<Server> {
  const server = http.createServer((incoming, outgoing) => {
    const done = begin();
    // A connection that is kept open would hold up the end.
    if (!server.listening) outgoing.shouldKeepAlive = false;
    void handle(incoming, outgoing, (server.address() as AddressInfo).port, answers)
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

async function handle(incoming: http.IncomingMessage, outgoing: http.ServerResponse, port: number, answers: Answers): Promise<void> {
  const reply = (answer: HttpAnswer): void => send(outgoing, incoming.method ?? 'GET', answer);
  const refusal = refuseForeign(incoming, port);
  if (refusal) return reply(text(refusal.status, refusal.reason));
  const target = incoming.url ?? '/';
  const base = `http://${incoming.headers.host}`;
  const url = URL.canParse(target, base) ? new URL(target, base) : undefined;
  // An absolute target may name another host than the Host header does.
  const head = url && url.host === new URL(base).host ? { method: incoming.method ?? 'GET', url, headers: headersOf(incoming) } : undefined;
  const streamer = head && answers.stream(head);
  if (streamer) return streamer(incoming, outgoing);
  const body = await readBody(incoming);
  if (!body) return reply(text(413, 'The body is larger than 100 MB.'));
  if (!head) return reply(text(400, 'The request target is no path.'));
  return reply(await answers.answer({ ...head, body }));
}

/** A header that comes more than once has its values joined as the real server joins them: by a comma without a space. */
function headersOf({ headers, headersDistinct }: http.IncomingMessage): http.IncomingHttpHeaders {
  const repeated = Object.entries(headersDistinct).flatMap(([name, values = []]) => {
    const isJoined = values.length > 1 && headers[name] === values.join(name === 'cookie' ? '; ' : ', ');
    return isJoined ? [[name, values.join(',')]] : [];
  });
  return { ...headers, ...(Object.fromEntries(repeated) as Record<string, string>) };
}
