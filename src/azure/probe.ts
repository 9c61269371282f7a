import http from 'node:http';
import https from 'node:https';
import type { Check, Probe } from '../domain/verdict';

const mostBytes = 1024 * 1024;

/** Codes whose cause can be said in words; all else is said by its code. */
const words: Record<string, string> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was cut',
  ENOTFOUND: 'the host name is unknown',
  EPIPE: 'the connection was cut',
};

export type ProbeRequest = Pick<Check, 'method' | 'headers' | 'body'>;

/**
 * One HTTP request, timed in real milliseconds from its start to the end of the body. No redirect is followed: where a check goes is
 * what its writer named, and a function key goes nowhere else. A body beyond 1 MB is cut off. Never throws; texts hold neither URL nor headers.
 */
export function probe(url: string, { method, headers, body }: ProbeRequest, timeoutMs: number, ca?: readonly string[]): Promise<Probe> {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    const noAnswer = (why: string): void => resolve({ kind: 'no-answer', why });
    const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    const sent: Record<string, string> = { 'user-agent': 'slipway', ...lowerCased(headers) };
    if (text !== undefined) {
      sent['content-type'] ??= 'application/json';
      sent['content-length'] = String(Buffer.byteLength(text));
    }
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      const { request } = url.startsWith('https:') ? https : http;
      // A connection of its own: a kept one may be dead, or lead to what served before a swap.
      const call = request(url, { method, headers: sent, signal, agent: false, ...(ca ? { ca: [...ca] } : {}) }, (response) => {
        const parts: Buffer[] = [];
        let sizeBytes = 0;
        const done = (): void =>
          resolve({
            kind: 'answer',
            status: response.statusCode ?? 0,
            headers: headersOf(response),
            body: Buffer.concat(parts).toString('utf8'),
            latencyMs: performance.now() - startedAt,
          });
        response.on('data', (part: Buffer) => {
          const left = mostBytes - sizeBytes;
          parts.push(part.subarray(0, left));
          sizeBytes += part.length;
          if (part.length < left) return;
          done();
          call.destroy();
        });
        response.on('end', done);
        response.on('error', (error) => noAnswer(whyOf(error, signal, timeoutMs)));
      });
      call.on('error', (error) => noAnswer(whyOf(error, signal, timeoutMs)));
      call.end(text);
    } catch (error) {
      // A header that HTTP can't carry, for one.
      noAnswer(`the request could not be made (${codeOf(error)})`);
    }
  });
}

function whyOf(error: Error, signal: AbortSignal, timeoutMs: number): string {
  if (signal.aborted) return `nothing within ${timeoutMs / 1000} s`;
  const code = codeOf(error);
  return words[code] ?? code;
}

/** Node's own errors carry a code; an AbortError only a name. */
const codeOf = (error: unknown): string => {
  const { code, name } = error as { code?: string; name?: string };
  return code ?? name ?? 'no reason given';
};

const lowerCased = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

function headersOf({ headers }: http.IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}
