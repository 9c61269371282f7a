import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { RefusedAddress, type Outgoing } from './outgoing';

export type Fetched = { kind: 'fetched'; sha256: string; sizeBytes: number } | { kind: 'too-large' } | { kind: 'unreachable'; why: string };

/** An activity has five minutes, and the package is uploaded after it was fetched. */
const withinMs = 180_000;
const mostRedirects = 4;

/**
 * Fetches https (http from a loopback address only) into a file, hashing on the way. Follows a few redirects, each judged anew and
 * none away from https. Texts name the host, never path or query: the URL may be signed.
 */
export async function fetchFile(outgoing: Outgoing, url: string, file: string, mostBytes: number): Promise<Fetched> {
  const signal = AbortSignal.timeout(withinMs);
  let at: URL | undefined = parsed(url);
  for (let redirects = 0; redirects <= mostRedirects; redirects++) {
    const which = redirects === 0 ? 'The package URL' : 'A redirect';
    const refusal = at === undefined ? 'it is no URL' : outgoing.refusalOf(at, 'package');
    if (at === undefined || refusal !== undefined)
      return unreachable(`${which} was not followed: ${refusal ?? ''}. Hand in an https URL on a host that slipway.yaml allows.`);
    let answer: IncomingMessage;
    try {
      answer = await outgoing.open(at, { method: 'GET', headers: {}, signal });
    } catch (error) {
      return unreachable(`${at.host} could not be reached: ${reasonOf(error, signal)}.`);
    }
    const { statusCode = 0, headers } = answer;
    if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) {
      answer.destroy();
      const next = parsed(headers.location, at);
      if (next?.protocol === 'http:' && at.protocol === 'https:')
        return unreachable(`${at.host} redirects from https to http, which is not followed. Hand in the package's own URL.`);
      at = next;
      continue;
    }
    if (statusCode !== 200) {
      answer.destroy();
      return unreachable(`${at.host} answered ${statusCode}. Look whether the package is still there and the URL's signature still valid.`);
    }
    try {
      return await keepStream(answer, file, mostBytes);
    } catch (error) {
      return unreachable(`${at.host} broke off: ${reasonOf(error, signal)}.`);
    }
  }
  return unreachable(`The package URL redirects more than ${mostRedirects} times. Hand in the package's own URL.`);
}

/** Writes a stream into a file, hashing it; stops beyond the limit. */
export async function keepStream(source: Readable, file: string, mostBytes: number): Promise<Fetched> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const tooLarge = new Error('too large');
  const count = new Transform({
    transform(part: Buffer, _encoding, next) {
      sizeBytes += part.length;
      hash.update(part);
      next(sizeBytes > mostBytes ? tooLarge : null, part);
    },
  });
  try {
    await pipeline(source, count, createWriteStream(file));
  } catch (error) {
    if (error === tooLarge) return { kind: 'too-large' };
    throw error;
  }
  return { kind: 'fetched', sha256: hash.digest('hex'), sizeBytes };
}

const unreachable = (why: string): Fetched => ({ kind: 'unreachable', why });

function parsed(url: string, base?: URL): URL | undefined {
  return URL.canParse(url, base?.href) ? new URL(url, base) : undefined;
}

function reasonOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return `it took longer than ${withinMs / 1000} s`;
  if (error instanceof RefusedAddress) return error.message;
  return (error as NodeJS.ErrnoException).code ?? 'the connection failed';
}
