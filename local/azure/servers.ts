import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../host/clock';
import { refuseForeign } from '../host/loopback-guard';
import type { Certificates } from './certificates';
import type { Store } from './store';

export interface Asked {
  method: string;
  url: URL;
  headers: http.IncomingHttpHeaders;
  request: http.IncomingMessage;
  /** The whole body, as often as it is asked for; throws an Answer of 413 where it is larger than the server takes. */
  body(): Promise<Buffer>;
}

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  /** An object is sent as JSON; absent: an empty body. */
  body?: unknown;
  /** Nothing of this is sent: the connection is cut, or stays open for nothing. */
  lost?: 'reset' | 'silence';
}

/** `dropped`: the handler has dealt with the connection itself. */
export type Handler = (asked: Asked, response: http.ServerResponse) => Answer | 'dropped' | Promise<Answer | 'dropped'>;

export interface Listening {
  port: number;
  url: string;
}

export interface Servers {
  listen(name: string, handler: Handler, options: { tls: boolean; maxBodyBytes?: number }): Promise<Listening>;
  moved(): { name: string; before: number; now: number }[];
  stop(): Promise<void>;
}

/** Every address here is 127.0.0.1 and a port that is remembered, so that links and settings stay true over a restart. */
export function openServers(store: Store, clock: Clock, certificates: Certificates, log: (line: string) => void): Servers {
  const ports = store.collection<{ name: string; port: number }>('port');
  const moved: { name: string; before: number; now: number }[] = [];
  const servers: (http.Server | https.Server)[] = [];
  return {
    async listen(name, handler, { tls, maxBodyBytes = 16 * 1024 * 1024 }) {
      let port = 0;
      const serve: http.RequestListener = (request, response) => {
        void answerOne({ request, response, handler, clock, port, tls, maxBodyBytes, log });
      };
      const server = tls ? https.createServer({ key: certificates.key, cert: certificates.cert }, serve) : http.createServer(serve);
      const before = ports.get(name)?.port;
      port = await bind(server, before);
      if (before !== undefined && before !== port) moved.push({ name, before, now: port });
      ports.put(name, { name, port });
      servers.push(server);
      return { port, url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}` };
    },
    moved: () => moved,
    async stop() {
      await Promise.all(
        servers.map(
          (server) =>
            new Promise<void>((resolve) => {
              server.close(() => resolve());
              server.closeAllConnections();
            }),
        ),
      );
    },
  };
}

async function bind(server: http.Server | https.Server, wanted: number | undefined): Promise<number> {
  const attempt = (port: number) =>
    new Promise<number>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve((server.address() as AddressInfo).port);
      });
    });
  if (wanted === undefined) return attempt(0);
  try {
    return await attempt(wanted);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EADDRINUSE' || code === 'EACCES') return attempt(0);
    throw error;
  }
}

interface Turn {
  request: http.IncomingMessage;
  response: http.ServerResponse;
  handler: Handler;
  clock: Clock;
  port: number;
  tls: boolean;
  maxBodyBytes: number;
  log: (line: string) => void;
}

async function answerOne(turn: Turn): Promise<void> {
  const { request, response, handler, clock, port, tls } = turn;
  const release = clock.hold();
  try {
    const refusal = refuseForeign(request, port, tls ? 'https' : 'http');
    if (refusal) {
      send(response, { status: refusal.status, body: refusal.reason });
      return;
    }
    const url = new URL(request.url ?? '/', `${tls ? 'https' : 'http'}://127.0.0.1:${port}`);
    let whole: Promise<Buffer> | undefined;
    const asked: Asked = {
      method: request.method ?? 'GET',
      url,
      headers: request.headers,
      request,
      body: () => (whole ??= readBody(request, turn.maxBodyBytes)),
    };
    const answer = await handler(asked, response);
    if (answer !== 'dropped') send(response, answer);
  } catch (error) {
    const answer = isAnswer(error) ? error : undefined;
    if (!answer) turn.log(`local Azure: ${request.method} failed inside: ${error instanceof Error ? error.message : String(error)}`);
    if (response.headersSent) response.destroy();
    else
      send(
        response,
        answer ?? { status: 500, body: { Code: 'InternalServerError', Message: 'There was an unexpected InternalServerError.' } },
      );
  } finally {
    release();
  }
}

const isAnswer = (value: unknown): value is Answer =>
  typeof value === 'object' && value !== null && typeof (value as Partial<Answer>).status === 'number';

async function readBody(request: http.IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > maxBytes) {
      const tooLarge: Answer = { status: 413, headers: { connection: 'close' } };
      throw tooLarge;
    }
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function send(response: http.ServerResponse, { status, headers = {}, body, lost }: Answer): void {
  if (lost === 'reset') response.req.socket.destroy();
  if (lost !== undefined) return;
  const bytes = toBytes(body);
  const isText = typeof body === 'string' || Buffer.isBuffer(body);
  const type = body === undefined ? {} : { 'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8' };
  response.writeHead(status, { ...type, 'content-length': String(bytes.length), ...headers });
  response.end(response.req.method === 'HEAD' ? undefined : bytes);
}

function toBytes(body: unknown): Buffer {
  if (body === undefined) return Buffer.alloc(0);
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

/** A JSON body as an object, or undefined where it is none. */
export async function jsonObject(asked: Asked): Promise<Record<string, unknown> | undefined> {
  try {
    const value: unknown = JSON.parse((await asked.body()).toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch (error) {
    if (isAnswer(error)) throw error;
    return undefined;
  }
}
