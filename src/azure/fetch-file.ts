import { createHash } from 'node:crypto';
import { lookup } from 'node:dns';
import { createWriteStream } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export type Fetched = { kind: 'fetched'; sha256: string; sizeBytes: number } | { kind: 'too-large' } | { kind: 'unreachable'; why: string };

/** An activity has five minutes, and the package is uploaded after it was fetched. */
const withinMs = 180_000;
const mostRedirects = 4;

/**
 * Addresses that are no place to fetch a package from: whoever may ask for a rollout could otherwise make Slipway knock at the
 * metadata service or at machines that only Slipway's network reaches. Names are judged by the address that is then connected to, so
 * that a second look-up can't answer differently.
 */
const inside = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  inside.addSubnet(net, bits, 'ipv4');
inside.addAddress('168.63.129.16', 'ipv4'); // Azure's own services for a machine
for (const [net, bits] of [
  ['::', 128],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  inside.addSubnet(net, bits, 'ipv6');
const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

const isIn = (list: BlockList, address: string): boolean => list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** Why an address may not be fetched from; undefined where it may. `allowLoopback` is for the laptop, where the package lies on the same machine. */
export function refusalOfAddress(address: string, allowLoopback: boolean): string | undefined {
  if (isIn(loopback, address)) return allowLoopback ? undefined : 'it lies on the machine Slipway runs on';
  return isIn(inside, address) ? 'its address is a private one' : undefined;
}

/**
 * Fetches https (http from a loopback address only) into a file, hashing on the way. Follows a few redirects, each judged anew and
 * none away from https. Texts name the host, never path or query: the URL may be signed.
 */
export async function fetchFile(url: string, file: string, options: { mostBytes: number; allowLoopback: boolean }): Promise<Fetched> {
  const signal = AbortSignal.timeout(withinMs);
  let at: URL | undefined = parsed(url);
  for (let redirects = 0; redirects <= mostRedirects; redirects++) {
    const refusal = at === undefined ? 'it is no URL' : refusalOfUrl(at, options.allowLoopback);
    if (at === undefined || refusal !== undefined)
      return unreachable(`${redirects === 0 ? 'The package URL' : 'A redirect'} was not followed: ${refusal ?? ''}. Hand in an https URL.`);
    let answer: http.IncomingMessage;
    try {
      answer = await get(at, options.allowLoopback, signal);
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
      return await keepStream(answer, file, options.mostBytes);
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

function refusalOfUrl({ protocol, hostname, username, password }: URL, allowLoopback: boolean): string | undefined {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (username || password) return 'it holds a user name or password';
  const isLoopback = host === 'localhost' || (isIP(host) !== 0 && isIn(loopback, host));
  if (protocol !== 'https:' && !(protocol === 'http:' && isLoopback)) return 'it is not https';
  return isIP(host) === 0 ? undefined : refusalOfAddress(host, allowLoopback);
}

function get(url: URL, allowLoopback: boolean, signal: AbortSignal): Promise<http.IncomingMessage> {
  const { request } = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const call = request(
      url,
      { signal, agent: false, lookup: guardedLookup(allowLoopback), headers: { 'user-agent': 'slipway' } },
      resolve,
    );
    call.on('error', reject);
    call.end();
  });
}

/** Every address of the name must be allowed: the connection may take any of them. */
const guardedLookup =
  (allowLoopback: boolean): LookupFunction =>
  (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const refusal = addresses.map(({ address }) => refusalOfAddress(address, allowLoopback)).find((each) => each !== undefined);
      if (refusal !== undefined) return callback(Object.assign(new Error(refusal), { code: 'REFUSED_ADDRESS' }), '', 0);
      const [first] = addresses;
      if (options.all || first === undefined) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };

const unreachable = (why: string): Fetched => ({ kind: 'unreachable', why });

function parsed(url: string, base?: URL): URL | undefined {
  return URL.canParse(url, base?.href) ? new URL(url, base) : undefined;
}

function reasonOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return `it took longer than ${withinMs / 1000} s`;
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'REFUSED_ADDRESS' ? message : (code ?? 'the connection failed');
}
