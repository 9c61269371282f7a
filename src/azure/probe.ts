import type { IncomingMessage } from 'node:http';
import type { Check, Probe } from '../domain/verdict';
import { RefusedAddress, type Outgoing } from './outgoing';

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
export async function probe(outgoing: Outgoing, url: string, { method, headers, body }: ProbeRequest, timeoutMs: number): Promise<Probe> {
  const address = new URL(url);
  const refusal = outgoing.refusalOf(address, 'check');
  if (refusal !== undefined) return { kind: 'no-answer', why: `the slot's address is not asked: ${refusal}` };
  const startedAt = performance.now();
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  const sent = lowerCased(headers);
  if (text !== undefined) {
    sent['content-type'] ??= 'application/json';
    sent['content-length'] = String(Buffer.byteLength(text));
  }
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await outgoing.open(address, { method, headers: sent, signal, ...(text === undefined ? {} : { body: text }) });
    const read = await readUpTo(response, mostBytes);
    return {
      kind: 'answer',
      status: response.statusCode ?? 0,
      headers: headersOf(response),
      body: read.toString('utf8'),
      latencyMs: performance.now() - startedAt,
    };
  } catch (error) {
    return { kind: 'no-answer', why: whyOf(error, signal, timeoutMs) };
  }
}

/** What comes after the limit is not read, and the connection is given up. */
async function readUpTo(response: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let leftBytes = limitBytes;
  for await (const part of response as AsyncIterable<Buffer>) {
    parts.push(part.subarray(0, leftBytes));
    leftBytes -= part.length;
    if (leftBytes <= 0) break;
  }
  return Buffer.concat(parts);
}

function whyOf(error: unknown, signal: AbortSignal, timeoutMs: number): string {
  if (signal.aborted) return `nothing within ${timeoutMs / 1000} s`;
  if (error instanceof RefusedAddress) return `the slot's address is not asked: ${error.message}`;
  const code = codeOf(error);
  // A header that HTTP can't carry, for one.
  if (code.startsWith('ERR_')) return `the request could not be made (${code})`;
  return words[code] ?? code;
}

/** Node's own errors carry a code; an AbortError only a name. */
const codeOf = (error: unknown): string => {
  const { code, name } = error as { code?: string; name?: string };
  return code ?? name ?? 'no reason given';
};

const lowerCased = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}
