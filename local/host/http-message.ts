import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request before its body. */
export interface HttpHead {
  method: string;
  /** The full URL as the client wrote it. */
  url: URL;
  headers: IncomingMessage['headers'];
}

/** A request read whole, as every part of the host takes it. */
export interface HttpRequest extends HttpHead {
  body: Buffer;
}

/** Answers a request itself, with its body as it comes. Resolves when it is done with it. */
export type HttpStreamer = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>;

export interface HttpAnswer {
  status: number;
  headers?: Record<string, string | string[]>;
  body?: string | Uint8Array;
}

export const empty = (status: number, headers: Record<string, string> = {}): HttpAnswer => ({ status, headers });

export const json = (status: number, value: unknown, headers: Record<string, string> = {}): HttpAnswer => ({
  status,
  headers: { 'Content-Type': 'application/json; charset=utf-8', ...headers },
  // Json.NET writes these as escapes.
  body: JSON.stringify(value).replace(/[\u0085\u2028\u2029]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`),
});

export const text = (status: number, value: string): HttpAnswer => ({
  status,
  headers: { 'Content-Type': 'text/plain; charset=utf-8' },
  body: value,
});

/** The largest body that the real host takes by default. */
const longestBodyBytes = 100 * 1024 * 1024;

/** Undefined if the body is too large or the client went away. */
export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let sizeBytes = 0;
  try {
    for await (const part of request as AsyncIterable<Buffer>) {
      sizeBytes += part.length;
      if (sizeBytes > longestBodyBytes) return undefined;
      parts.push(part);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(parts);
}

export function send(response: ServerResponse, method: string, answer: HttpAnswer): void {
  if (response.destroyed) return;
  response.statusCode = answer.status;
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  const body = answer.body ?? '';
  if (!response.hasHeader('content-length') && !response.hasHeader('transfer-encoding') && answer.status !== 204 && answer.status !== 304) {
    response.setHeader('Content-Length', Buffer.byteLength(body));
  }
  response.end(method === 'HEAD' || answer.status === 204 || answer.status === 304 ? undefined : body);
}
