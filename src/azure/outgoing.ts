import { lookup } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import type { Looked } from '../domain/destinations';
import { fitsHost } from '../domain/host-pattern';
import type { Settings } from '../domain/settings';

/** Where requests may go that somebody outside Slipway had a say in: `outgoing` of slipway.yaml. */
export type OutgoingRules = Settings['outgoing'];

/**
 * `package`: an address from a request; only hosts that slipway.yaml names. `check`: a slot's address as Azure gave it, with a path that
 * slipway.yaml names. `channel`: an address that an app setting holds for a channel of slipway.yaml. `gate`: that of a service that slipway.yaml names.
 */
export type Purpose = 'package' | 'check' | 'channel' | 'gate';

export interface OutgoingRequest {
  method: string;
  headers: Record<string, string>;
  body?: string;
  signal: AbortSignal;
}

/**
 * The one way out for requests whose address somebody had a say in. A name is resolved once, every address it has is judged, and the
 * connection goes to one of those: a second look-up can't answer differently. No redirect is followed here: who follows one judges it anew.
 */
export interface Outgoing {
  /** Why this address is not asked, as the end of a sentence; undefined where it may be. A name's addresses are judged when it is opened. */
  refusalOf(url: URL, purpose: Purpose): string | undefined;
  /** Answers the head of the response; its body is unread. Rejects with a `RefusedAddress` where the name leads to an address that is refused. */
  open(url: URL, request: OutgoingRequest): Promise<http.IncomingMessage>;
  /** Whether this address would be asked, and its name resolves. Nothing is connected to. */
  look(url: URL, purpose: Purpose): Promise<Looked>;
}

/** Its message says why, as the end of a sentence. */
export class RefusedAddress extends Error {}

/**
 * Addresses that are no place to send such a request to: whoever may ask for a rollout could otherwise make Slipway knock at the
 * metadata service or at machines that only Slipway's network reaches.
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
for (const [net, bits] of [
  ['::', 128],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  inside.addSubnet(net, bits, 'ipv6');
/** Refused whatever slipway.yaml says: the metadata service, and Azure's own services for a machine. */
const never = new BlockList();
never.addSubnet('169.254.0.0', 16, 'ipv4');
never.addAddress('168.63.129.16', 'ipv4');
const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

const isIn = (list: BlockList, address: string): boolean => list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** Why an address may not be connected to, as the end of a sentence; undefined where it may. */
export function refusalOfAddress(address: string, allowed: { loopback: boolean; private: boolean }): string | undefined {
  if (isIn(never, address)) return 'its address belongs to the platform';
  if (isIn(loopback, address)) return allowed.loopback ? undefined : 'it lies on the machine Slipway runs on';
  return isIn(inside, address) && !allowed.private ? 'its address is a private one' : undefined;
}

export function createOutgoing(rules: OutgoingRules): Outgoing {
  const allowedFor = (host: string) => ({ loopback: rules.loopback, private: fitsHost(host, rules.private) });
  const outgoing: Outgoing = {
    refusalOf({ protocol, hostname, username, password }, purpose) {
      const host = hostname.replace(/^\[|\]$/g, '');
      if (username || password) return 'it holds a user name or password';
      const isOwnMachine = host === 'localhost' || (isIP(host) !== 0 && isIn(loopback, host));
      if (protocol !== 'https:' && !(protocol === 'http:' && isOwnMachine)) return 'it is not https';
      const refusal = isIP(host) === 0 ? undefined : refusalOfAddress(host, allowedFor(host));
      if (refusal !== undefined || isOwnMachine) return refusal;
      return purpose === 'package' && !fitsHost(host, rules.packages)
        ? `its host ${host} is not named under outgoing.packages in slipway.yaml`
        : undefined;
    },
    open(url, { method, headers, body, signal }) {
      const { request } = url.protocol === 'https:' ? https : http;
      return new Promise((resolve, reject) => {
        // A connection of its own: a kept one may be dead, or lead to what served before a swap.
        const call = request(
          url,
          { method, headers: { 'user-agent': 'slipway', ...headers }, signal, agent: false, lookup: judgedLookup(allowedFor) },
          resolve,
        );
        call.on('error', reject);
        call.end(body);
      });
    },
    look(url, purpose) {
      const why = outgoing.refusalOf(url, purpose);
      if (why !== undefined) return Promise.resolve({ kind: 'refused', why });
      return new Promise((resolve) => {
        // The system's resolver can't be called off, only not be waited for.
        const late = setTimeout(() => resolve({ kind: 'untold', code: 'ETIMEDOUT' }), resolvedWithinMs);
        judgedLookup(allowedFor)(url.hostname.replace(/^\[|\]$/g, ''), {}, (error) => {
          clearTimeout(late);
          resolve(error ? lookedIn(error) : { kind: 'found' });
        });
      });
    },
  };
  return outgoing;
}

const resolvedWithinMs = 5000;

function lookedIn(error: NodeJS.ErrnoException): Looked {
  if (error instanceof RefusedAddress) return { kind: 'refused', why: error.message };
  return error.code === 'ENOTFOUND' ? { kind: 'nowhere' } : { kind: 'untold', code: error.code ?? 'unknown' };
}

/** Every address of the name must be allowed: the connection may take any of them. */
const judgedLookup =
  (allowedFor: (host: string) => { loopback: boolean; private: boolean }): LookupFunction =>
  (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const refusal = addresses.map(({ address }) => refusalOfAddress(address, allowedFor(hostname))).find((each) => each !== undefined);
      if (refusal !== undefined) return callback(new RefusedAddress(refusal), '', 0);
      const [first] = addresses;
      if (options.all || first === undefined) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
