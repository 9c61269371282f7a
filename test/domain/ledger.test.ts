import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonical } from '../../src/domain/canonical';
import { emptyHead, sealEntry, verifyChain, type Deed, type LedgerEntry } from '../../src/domain/ledger';
import { viewLedger } from '../../src/domain/ledger-view';
import { someTime } from './generated';

const key = { id: 'k1', key: new Uint8Array(32).fill(1) };
const laterKey = { id: 'k2', key: new Uint8Array(32).fill(2) };
const keys = [laterKey, key];

/** JSON as a store gives it back: nothing in it that JSON can't tell apart. */
const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown);
const data = fc.dictionary(fc.string(), json, { maxKeys: 4 });
const deed: fc.Arbitrary<Deed> = fc.record({ id: fc.uuid(), kind: fc.constantFrom('asked', 'granted', 'swapped'), at: someTime(5), data });
const deeds = (minLength: number) => fc.array(deed, { minLength, maxLength: 8 });

/** Keys rotate in the middle. */
function chainOf(all: readonly Deed[]): LedgerEntry[] {
  const chain: LedgerEntry[] = [];
  all.forEach((one, n) => {
    const before = chain.at(-1);
    chain.push(
      sealEntry(before ? { v: 1, number: before.number, seal: before.seal } : emptyHead, one, n < all.length / 2 ? key : laterKey),
    );
  });
  return chain;
}

const headOf = (chain: readonly LedgerEntry[]): string => chain.at(-1)?.seal ?? '';

function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, one]) => [name, shuffled(one)]),
  );
}

describe('the ledger', () => {
  it('is whole as it was written, in whatever order a store gives the fields back', () => {
    fc.assert(
      fc.property(deeds(1), (all) => {
        const chain = chainOf(all);
        const stored = chain.map((entry) => shuffled(JSON.parse(JSON.stringify(entry))) as LedgerEntry);
        const whole = { kind: 'whole', number: all.length, seal: headOf(chain) };
        expect(verifyChain(stored, keys)).toEqual(whole);
        for (const { seal } of chain) expect(verifyChain(stored, keys, seal)).toEqual(whole);
      }),
    );
  });

  it('is whole while it is empty', () => {
    expect(verifyChain([], keys)).toEqual({ kind: 'whole', number: 0, seal: '' });
  });

  const change = fc.oneof(
    fc.record({ id: fc.uuid() }),
    fc.record({ kind: fc.string() }),
    fc.record({ at: fc.string() }),
    fc.record({ data }),
    fc.record({ keyId: fc.constantFrom('k1', 'k2', 'k3') }),
    fc.record({ before: fc.string() }),
    fc.record({ seal: fc.oneof(fc.string(), fc.constant('a'.repeat(64))) }),
    fc.record({ number: fc.nat() }),
    fc.record({ v: fc.nat() }),
    fc.record({ added: json }),
  );

  it('shows any entry that was changed, and which', () => {
    fc.assert(
      fc.property(deeds(1), fc.nat(), change, (all, pick, changes) => {
        const chain = chainOf(all);
        const n = pick % all.length;
        const changed = chain.map((entry, m) => (m === n ? ({ ...entry, ...changes } as LedgerEntry) : entry));
        fc.pre(canonical(changed) !== canonical(chain));
        expect(verifyChain(changed, keys)).toMatchObject({ kind: 'broken', at: n + 1 });
      }),
      { numRuns: 400 },
    );
  });

  it('shows any entry that was removed inside, and which', () => {
    fc.assert(
      fc.property(deeds(2), fc.nat(), (all, pick) => {
        const n = pick % (all.length - 1);
        expect(verifyChain(chainOf(all).toSpliced(n, 1), keys)).toEqual({
          kind: 'broken',
          at: n + 1,
          why: `entry ${n + 1} is missing: entry ${n + 2} stands in its place`,
        });
      }),
    );
  });

  it('shows entries in another order, twice, or numbered anew', () => {
    fc.assert(
      fc.property(deeds(2), fc.nat(), fc.nat(), (all, one, two) => {
        const chain = chainOf(all);
        const [a, b] = [one % all.length, two % all.length];
        const [first, second] = [chain[a], chain[b]];
        if (!first || !second) throw new Error('an entry is missing');
        expect(verifyChain(chain.toSpliced(a, 0, first), keys).kind).toBe('broken');
        fc.pre(a !== b);
        expect(verifyChain(chain.with(a, second).with(b, first), keys).kind).toBe('broken');
        const renumbered = chain.with(a, { ...second, number: first.number }).with(b, { ...first, number: second.number });
        expect(verifyChain(renumbered, keys).kind).toBe('broken');
      }),
    );
  });

  it('shows a cut tail to one who knows the head, and can not to others', () => {
    fc.assert(
      fc.property(deeds(1), fc.nat(), (all, pick) => {
        const chain = chainOf(all);
        const kept = chain.slice(0, pick % all.length);
        expect(verifyChain(kept, keys)).toEqual({ kind: 'whole', number: kept.length, seal: headOf(kept) });
        expect(verifyChain(kept, keys, headOf(chain))).toMatchObject({ kind: 'broken', at: kept.length });
      }),
    );
  });

  it('shows a chain written anew with the right key to one who knows the head', () => {
    fc.assert(
      fc.property(deeds(1), deed, (all, other) => {
        const chain = chainOf(all);
        const anew = chainOf([other, ...all.slice(1)]);
        fc.pre(canonical(anew) !== canonical(chain));
        expect(verifyChain(anew, keys, headOf(chain))).toMatchObject({
          kind: 'broken',
          why: 'no entry carries the seal given as head: the chain was cut, or written anew',
        });
      }),
    );
  });

  it('shows one entry taken from a chain written anew with the right key', () => {
    fc.assert(
      fc.property(deeds(2), deed, (all, other) => {
        const [chain, anew] = [chainOf(all), chainOf([other, ...all.slice(1)])];
        fc.pre(canonical(anew[0]) !== canonical(chain[0]));
        const mixed = [...anew.slice(0, 1), ...chain.slice(1)];
        expect(verifyChain(mixed, keys)).toEqual({ kind: 'broken', at: 2, why: 'entry 2 does not follow the entry before it' });
      }),
    );
  });

  it('can not be sealed without its key', () => {
    fc.assert(
      fc.property(deeds(1), fc.uint8Array({ minLength: 32, maxLength: 32 }), (all, guess) => {
        const forged = all.map((one) => sealEntry(emptyHead, one, { id: 'k1', key: guess }));
        expect(verifyChain(forged.slice(0, 1), keys)).toEqual({ kind: 'broken', at: 1, why: 'entry 1 was changed after it was sealed' });
      }),
    );
  });

  it('says which key it lacks', () => {
    const [entry] = chainOf([{ id: 'a', kind: 'asked', at: '2026-11-23T10:00:00.000Z', data: {} }]);
    expect(verifyChain(entry ? [entry] : [], [laterKey])).toEqual({
      kind: 'broken',
      at: 1,
      why: 'entry 1 is sealed with key "k1", which is not among the ledger\'s keys',
    });
  });
});

describe('a ledger as it is shown', () => {
  const place = { app: 'hello', environment: 'production' };

  it('holds each entry with its seal, without what only the check of the chain needs, and says whether it is whole', () => {
    fc.assert(
      fc.property(deeds(1), (all) => {
        const chain = chainOf(all);
        const shown = all.map((one, n) => ({ number: n + 1, ...one, seal: chain[n]?.seal }));
        expect(viewLedger(place, chain, keys)).toEqual({ ...place, entries: shown, chain: verifyChain(chain, keys) });
      }),
    );
  });

  it('is broken for one who knows another head', () => {
    const chain = chainOf([{ id: 'a', kind: 'asked', at: '2026-11-23T10:00:00.000Z', data: {} }]);
    expect(viewLedger(place, chain, keys, headOf(chain)).chain.kind).toBe('whole');
    expect(viewLedger(place, chain, keys, 'f'.repeat(64)).chain.kind).toBe('broken');
  });
});

describe('canonical JSON', () => {
  it('is JSON of the same value, whatever the order of its keys', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(JSON.parse(canonical(value))).toEqual(value);
        expect(canonical(shuffled(value))).toBe(canonical(value));
      }),
    );
  });

  it('tells two values apart that JSON tells apart', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        const isSame = canonical(a) === canonical(b);
        if (isSame) expect(a).toEqual(b);
        else expect(a).not.toEqual(b);
      }),
    );
  });

  it('has its keys in the order of their characters: seals and hashes of years ago are compared with it', () => {
    expect(canonical({ b: 1, a: { d: [2, 'x'], c: null }, B: true, 10: 0, 9: 0 })).toBe(
      '{"10":0,"9":0,"B":true,"a":{"c":null,"d":[2,"x"]},"b":1}',
    );
  });

  it('leaves out what is undefined, as JSON does', () => {
    expect(canonical({ b: undefined, a: [undefined, { d: 1, c: undefined }] })).toBe('{"a":[null,{"d":1}]}');
  });
});
