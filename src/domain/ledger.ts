import { createHmac, timingSafeEqual } from 'node:crypto';
import { canonical } from './canonical';

/** What is put on record. `id` names the deed, so that a rerun appends nothing. No secret ever goes in. */
export interface Deed {
  id: string;
  kind: string;
  at: string;
  data: Record<string, unknown>;
}

/** One link of the chain of one app and environment. */
export interface LedgerEntry extends Deed {
  v: 1;
  number: number;
  keyId: string;
  /** Seal of the entry before; '' for the first. */
  before: string;
  /** HMAC-SHA256 in hex over everything above. */
  seal: string;
}

export interface LedgerHead {
  v: 1;
  number: number;
  seal: string;
}

export const emptyHead: LedgerHead = { v: 1, number: 0, seal: '' };

export function sealEntry(head: LedgerHead, deed: Deed, key: { id: string; key: Uint8Array }): LedgerEntry {
  const open = { v: 1 as const, number: head.number + 1, ...deed, keyId: key.id, before: head.seal };
  return { ...open, seal: sealOf(open, key.key) };
}

export type ChainVerdict = { kind: 'whole'; number: number; seal: string } | { kind: 'broken'; at: number; why: string };

/**
 * Walks a chain from its first entry. Finds a row changed, removed inside, or reordered; a cut tail or a chain written anew only shows
 * against a head known from elsewhere (a closing notice).
 */
export function verifyChain(
  entries: readonly LedgerEntry[],
  keys: readonly { id: string; key: Uint8Array }[],
  knownHead?: string,
): ChainVerdict {
  let head = emptyHead;
  for (const entry of entries) {
    const { seal, ...open } = entry;
    const at = head.number + 1;
    if (entry.number !== at) return { kind: 'broken', at, why: `entry ${at} is missing: entry ${entry.number} stands in its place` };
    if (entry.before !== head.seal) return { kind: 'broken', at, why: `entry ${at} does not follow the entry before it` };
    const key = keys.find((one) => one.id === entry.keyId);
    if (!key) return { kind: 'broken', at, why: `entry ${at} is sealed with key "${entry.keyId}", which is not among the ledger's keys` };
    if (!isEqual(seal, sealOf(open, key.key))) return { kind: 'broken', at, why: `entry ${at} was changed after it was sealed` };
    head = { v: 1, number: entry.number, seal };
  }
  if (knownHead !== undefined && !entries.some((entry) => entry.seal === knownHead))
    return { kind: 'broken', at: head.number, why: 'no entry carries the seal given as head: the chain was cut, or written anew' };
  return { kind: 'whole', number: head.number, seal: head.seal };
}

const sealOf = (open: Omit<LedgerEntry, 'seal'>, key: Uint8Array): string =>
  createHmac('sha256', key).update(canonical(open)).digest('hex');

function isEqual(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}
