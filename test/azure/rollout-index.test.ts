import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  deployedBefore,
  endedInDays,
  letGo,
  newestRollouts,
  noteOpen,
  openRollouts,
  rolloutsOfNow,
  type Search,
} from '../../src/azure/rollout-index';
import { endedRowOf, hasEnded } from '../../src/domain/ended-row';
import { figuresOf } from '../../src/domain/figures';
import { freeLane } from '../../src/domain/lane';
import { viewPlace } from '../../src/domain/live-view';
import { outcomes, type RolloutRow } from '../../src/domain/rollout';
import { openPartition, rolloutKey } from '../../src/domain/tables';
import type { Rows } from '../../src/azure/rows';
import { iso, rollout } from '../mail/world';
import { rowsInMemory } from '../rows-in-memory';

const apps = ['shop', 'till'] as const;
const environments = ['test', 'production'] as const;
const places = apps.flatMap((app) => environments.map((environment) => ({ app, environment })));
const digests = ['aa', 'bb'].map((two) => two.repeat(32));

/** A rollout, and whether it is open no more. */
interface Told {
  row: RolloutRow;
  isLetGo: boolean;
}

const told: fc.Arbitrary<Told> = fc
  .record({
    place: fc.constantFrom(...places),
    admitted: fc.nat({ max: 50 }),
    // Less than nothing by the clocks of two machines.
    took: fc.integer({ min: -4, max: 30 }),
    outcome: fc.constantFrom(...outcomes, undefined),
    sha256: fc.constantFrom(...digests),
    kind: fc.constantFrom('deploy' as const, 'revert' as const),
    isLetGo: fc.boolean(),
  })
  .map(({ place, admitted, took, outcome, sha256, kind, isLetGo }) => ({
    row: {
      ...{ ...rollout, ...place, kind, admittedAt: iso(admitted * 60), release: { ...rollout.release, sha256 } },
      ...(outcome && { ending: { outcome, at: iso((admitted + took) * 60), reason: 'It was so.', next: '', serves: '' } }),
    },
    isLetGo,
  }));

const all = fc.array(told, { maxLength: 40 }).map((ones) => ones.map((one, n) => ({ ...one, row: { ...one.row, id: `r${n}` } })));

/** No two at once, as two have one order only where their times differ. */
const endings = (ones: readonly Told[]) => ones.flatMap(({ row }) => row.ending?.at ?? []);
const apart = all.filter((ones) => new Set(endings(ones)).size === endings(ones).length);

async function keep(ones: readonly Told[]) {
  const rows = rowsInMemory();
  expect(await openRollouts({ rows })).toEqual([]);
  for (const { row, isLetGo } of ones) {
    await noteOpen({ rows }, row.id);
    await rows.write([{ kind: 'insert', partition: row.id, row: rolloutKey, value: row }]);
    if (isLetGo && hasEnded(row)) await letGo({ rows }, row);
  }
  return { rows };
}

const idsOf = (rows: readonly { id: string }[]): string[] => rows.map(({ id }) => id);
const byAdmission = (a: RolloutRow, b: RolloutRow): number => b.admittedAt.localeCompare(a.admittedAt) || (a.id < b.id ? -1 : 1);

describe('rollouts, found without reading all rows, are those that reading all of them finds', () => {
  it('in a list, newest first, by whatever it is asked for', async () => {
    const search: fc.Arbitrary<Search> = fc.record({
      app: fc.constantFrom(...apps, 'gone', undefined),
      environment: fc.constantFrom(...environments, undefined),
      outcome: fc.constantFrom(...outcomes, 'running' as const, undefined),
      limit: fc.integer({ min: 1, max: 8 }),
    });
    await fc.assert(
      fc.asyncProperty(all, search, async (ones, asked) => {
        const wanted = ones
          .map(({ row }) => row)
          .filter(({ app }) => (asked.app ?? app) === app)
          .filter(({ environment }) => (asked.environment ?? environment) === environment)
          .filter(({ ending }) => (asked.outcome ?? ending?.outcome ?? 'running') === (ending?.outcome ?? 'running'))
          .sort(byAdmission);
        expect(await newestRollouts(await keep(ones), asked)).toEqual(wanted.slice(0, asked.limit));
      }),
    );
  });

  it('on the page of what is live', async () => {
    await fc.assert(
      fc.asyncProperty(apart, async (ones) => {
        const ports = await keep(ones);
        const open = await openRollouts(ports);
        for (const place of places) {
          const there = ones.map(({ row }) => row).filter(({ app, environment }) => app === place.app && environment === place.environment);
          expect(viewPlace(place, await rolloutsOfNow(ports, place, open), freeLane)).toEqual(viewPlace(place, there, freeLane));
        }
      }),
    );
  });

  it('in the figures of some days', async () => {
    await fc.assert(
      fc.asyncProperty(all, fc.integer({ min: 1, max: 90 }), async (ones, minutes) => {
        const ports = await keep(ones);
        const nowMs = Date.parse(iso(80 * 60));
        const days = minutes / 1440;
        const ended = ones.map(({ row }) => row).filter(hasEnded);
        const inDays = await endedInDays(ports, await openRollouts(ports), nowMs, days);
        expect(figuresOf(inDays, nowMs, days)).toEqual(figuresOf(ended.map(endedRowOf), nowMs, days));
      }),
    );
  });

  it('where a package has to have been before', async () => {
    await fc.assert(
      fc.asyncProperty(apart, fc.constantFrom(...places), fc.constantFrom(...digests), async (ones, { app, environment }, sha256) => {
        const [latest] = ones
          .map(({ row }) => row)
          .filter((row) => row.app === app && row.environment === environment && row.kind === 'deploy' && row.release.sha256 === sha256)
          .filter(hasEnded)
          .filter(({ ending }) => ending.outcome === 'deployed')
          .sort((a, b) => b.ending.at.localeCompare(a.ending.at));
        const found = await deployedBefore(await keep(ones), { environment }, { app, sha256 });
        expect(found).toEqual(latest ? [{ rolloutId: latest.id, environment, at: latest.ending.at }] : []);
      }),
    );
    expect(await deployedBefore({ rows: rowsInMemory() }, undefined, { app: 'shop', sha256: '' })).toEqual([]);
  });
});

it('takes no more reading, however much has ended before', async () => {
  const place = { app: 'shop', environment: 'production' };
  const readOf = async (count: number): Promise<number> => {
    const ones = Array.from({ length: count }, (_, n) => {
      const ending = { outcome: 'deployed' as const, at: iso(n * 60 + 30), reason: '', next: '', serves: '' };
      return { row: { ...rollout, ...place, id: `r${n}`, admittedAt: iso(n * 60), ending }, isLetGo: n < count - 3 };
    });
    const { rows } = await keep(ones);
    let taken = 0;
    const counting: Rows = {
      ...rows,
      read: (partition, row) => ((taken += 1), rows.read(partition, row)),
      async list<T>(partition: string, prefix: string) {
        const found = await rows.list<T>(partition, prefix);
        taken += found.length;
        return found;
      },
      async *walk<T>(partition: string, prefix: string) {
        for await (const one of rows.walk<T>(partition, prefix)) {
          taken += 1;
          yield one;
        }
      },
      everywhere: () => Promise.reject(new Error('the whole table was asked for')),
    };
    const open = await openRollouts({ rows: counting });
    await rolloutsOfNow({ rows: counting }, place, open);
    expect(await newestRollouts({ rows: counting }, { limit: 5 })).toHaveLength(5);
    expect(await endedInDays({ rows: counting }, open, Date.parse(iso(count * 60)), 10 / 1440)).toHaveLength(10);
    return taken;
  };
  expect(await readOf(900)).toBe(await readOf(20));
});

/** After so many writes none is taken any more. */
function cutAfter(writes: number, rows: Rows): Rows {
  let left = writes;
  return { ...rows, write: (changes) => (left-- > 0 ? rows.write(changes) : Promise.reject(new Error('the power went'))) };
}

describe('an open rollout', () => {
  const ended = { ...rollout, ending: { outcome: 'deployed' as const, at: iso(60), reason: '', next: '', serves: '' } };

  it('that has no rows of its own yet is no rollout yet', async () => {
    const rows = rowsInMemory();
    await noteOpen({ rows }, 'r1');
    expect(await openRollouts({ rows })).toEqual([]);
  });

  it('of a Slipway that kept no list is found too, also where the first who takes them up is cut off', async () => {
    for (let writes = 0; writes <= 3; writes += 1) {
      const rows = rowsInMemory();
      for (const id of ['r1', 'r2']) await rows.write([{ kind: 'insert', partition: id, row: rolloutKey, value: { ...rollout, id } }]);
      await openRollouts({ rows: cutAfter(writes, rows) }).catch((error: unknown) => expect(String(error)).toContain('the power went'));
      expect(idsOf(await openRollouts({ rows }))).toEqual(['r1', 'r2']);
    }
  });

  it('that is among the ended ones already counts once', async () => {
    const older = { ...ended, id: 'older', admittedAt: iso(-100_000), ending: { ...ended.ending, at: iso(-30) } };
    const { rows } = await keep([
      { row: ended, isLetGo: true },
      { row: older, isLetGo: true },
    ]);
    await noteOpen({ rows }, ended.id);
    expect(idsOf(await newestRollouts({ rows }, { limit: 2 }))).toEqual([ended.id, 'older']);
    expect(idsOf(await endedInDays({ rows }, await openRollouts({ rows }), Date.parse(iso(120)), 1))).toEqual([ended.id, 'older']);
  });

  it('is let go only once it is found among the ended ones, whatever write was the last', async () => {
    for (let writes = 0; writes <= 3; writes += 1) {
      const { rows } = await keep([{ row: ended, isLetGo: false }]);
      await letGo({ rows: cutAfter(writes, rows) }, ended).catch((error: unknown) => expect(String(error)).toContain('the power went'));
      expect(idsOf(await newestRollouts({ rows }, { limit: 5 }))).toEqual([ended.id]);
      expect(idsOf(await endedInDays({ rows }, await openRollouts({ rows }), Date.parse(iso(120)), 1))).toEqual([ended.id]);
      await letGo({ rows }, ended);
      expect(await rows.list(openPartition, 'open-')).toEqual([]);
      expect(idsOf(await newestRollouts({ rows }, { limit: 5 }))).toEqual([ended.id]);
    }
  });
});
