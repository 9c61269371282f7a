import type { Rows } from '../src/azure/rows';
import { changeRow } from '../src/azure/rows';

/** What every implementation of Rows holds. `open` answers rows that nobody else writes. */
export function rowsContract(name: string, open: () => Promise<Rows> | Rows): void {
  describe(`rows: ${name}`, () => {
    let rows: Rows;
    let partition: string;
    let count = 0;
    beforeAll(async () => {
      rows = await open();
    });
    beforeEach(() => {
      partition = `p-${++count}`;
    });

    it('reads nothing where nothing is', async () => {
      expect(await rows.read(partition, 'a')).toBeUndefined();
      expect(await rows.list(partition, '')).toEqual([]);
      for await (const { row } of rows.walk(partition, '')) throw new Error(`There is ${row}.`);
      expect(await rows.everywhere(`nowhere-${count}`)).toEqual([]);
    });

    it('gives back what was written, whole', async () => {
      const value = { v: 1, text: 'ä "quoted" \\ \n \u{1F600} \u0000', list: [1, null, { deep: true }], nothing: null };
      expect(await rows.write([{ kind: 'insert', partition, row: 'a', value }])).toEqual({ kind: 'written' });
      expect((await rows.read(partition, 'a'))?.value).toEqual(value);
    });

    it('keeps a value much larger than one property, and pairs of surrogates in it', async () => {
      const value = { text: 'x' + '\u{1F600}'.repeat(60_000) };
      await rows.write([{ kind: 'insert', partition, row: 'a', value }]);
      expect((await rows.read(partition, 'a'))?.value).toEqual(value);
      const etag = (await rows.read(partition, 'a'))?.etag ?? '';
      await rows.write([{ kind: 'replace', partition, row: 'a', value: { text: 'short' }, etag }]);
      expect((await rows.read(partition, 'a'))?.value).toEqual({ text: 'short' });
    });

    it('refuses a value that is too large, in words', async () => {
      const value = { text: 'x'.repeat(1_000_000) };
      await expect(rows.write([{ kind: 'insert', partition, row: 'a', value }])).rejects.toThrow(/holds at most/);
      expect(await rows.read(partition, 'a')).toBeUndefined();
    });

    it('inserts once, even the same value', async () => {
      const change = { kind: 'insert', partition, row: 'a', value: { n: 1 } } as const;
      expect(await rows.write([change])).toEqual({ kind: 'written' });
      expect(await rows.write([change])).toEqual({ kind: 'conflict' });
    });

    it('replaces by ETag only', async () => {
      await rows.write([{ kind: 'insert', partition, row: 'a', value: { n: 1 } }]);
      const first = (await rows.read(partition, 'a'))?.etag ?? '';
      expect(await rows.write([{ kind: 'replace', partition, row: 'a', value: { n: 2 }, etag: first }])).toEqual({ kind: 'written' });
      expect(await rows.write([{ kind: 'replace', partition, row: 'a', value: { n: 3 }, etag: first }])).toEqual({ kind: 'conflict' });
      expect((await rows.read(partition, 'a'))?.value).toEqual({ n: 2 });
      expect((await rows.read(partition, 'a'))?.etag).not.toBe(first);
    });

    it('has a conflict where the row to replace is gone', async () => {
      await rows.write([{ kind: 'insert', partition, row: 'a', value: { n: 1 } }]);
      const etag = (await rows.read(partition, 'a'))?.etag ?? '';
      await rows.write([{ kind: 'delete', partition, row: 'a' }]);
      expect(await rows.write([{ kind: 'replace', partition, row: 'a', value: { n: 2 }, etag }])).toEqual({ kind: 'conflict' });
      expect(await rows.read(partition, 'a')).toBeUndefined();
    });

    it('deletes, and a row that is gone is no conflict, alone or among others', async () => {
      await rows.write([{ kind: 'insert', partition, row: 'a', value: { n: 1 } }]);
      expect(await rows.write([{ kind: 'delete', partition, row: 'a' }])).toEqual({ kind: 'written' });
      expect(await rows.write([{ kind: 'delete', partition, row: 'a' }])).toEqual({ kind: 'written' });
      await rows.write([{ kind: 'insert', partition, row: 'b', value: { n: 1 } }]);
      expect(
        await rows.write([
          { kind: 'delete', partition, row: 'a' },
          { kind: 'delete', partition, row: 'b' },
          { kind: 'insert', partition, row: 'c', value: { n: 3 } },
        ]),
      ).toEqual({ kind: 'written' });
      expect((await rows.list(partition, '')).map(({ row }) => row)).toEqual(['c']);
    });

    it('writes all or none', async () => {
      await rows.write([{ kind: 'insert', partition, row: 'a', value: { n: 1 } }]);
      const etag = (await rows.read(partition, 'a'))?.etag ?? '';
      const insertTaken = await rows.write([
        { kind: 'replace', partition, row: 'a', value: { n: 2 }, etag },
        { kind: 'insert', partition, row: 'b', value: { n: 2 } },
      ]);
      expect(insertTaken).toEqual({ kind: 'written' });
      const staleReplace = await rows.write([
        { kind: 'insert', partition, row: 'c', value: { n: 3 } },
        { kind: 'replace', partition, row: 'a', value: { n: 3 }, etag },
      ]);
      expect(staleReplace).toEqual({ kind: 'conflict' });
      const now = (await rows.read(partition, 'a'))?.etag ?? '';
      const takenInsert = await rows.write([
        { kind: 'replace', partition, row: 'a', value: { n: 4 }, etag: now },
        { kind: 'delete', partition, row: 'b' },
        { kind: 'insert', partition, row: 'b2', value: {} },
        { kind: 'insert', partition, row: 'a2', value: {} },
        { kind: 'delete', partition, row: 'never-there' },
        { kind: 'replace', partition, row: 'nor-this', value: {}, etag: now },
      ]);
      expect(takenInsert).toEqual({ kind: 'conflict' });
      expect((await rows.list<{ n: number }>(partition, '')).map(({ row, value }) => [row, value.n])).toEqual([
        ['a', 2],
        ['b', 2],
      ]);
    });

    it('lists by prefix in key order, and nothing beside it', async () => {
      for (const row of ['gate-b', 'gate-a', 'gate-', 'gate', 'gatf', 'decision-x', 'gate-\u{1F600}', 'gate-a-1'])
        await rows.write([{ kind: 'insert', partition, row, value: { row } }]);
      const found = await rows.list<{ row: string }>(partition, 'gate-');
      expect(found.map(({ row }) => row)).toEqual(['gate-', 'gate-a', 'gate-a-1', 'gate-b', 'gate-\u{1F600}']);
      expect(found.map(({ value }) => value.row)).toEqual(found.map(({ row }) => row));
      expect((await rows.list(partition, '')).length).toBe(8);
    });

    it('walks through a long partition in key order, all of it or its beginning', async () => {
      const names = Array.from({ length: 180 }, (_, n) => `ended-${String(n).padStart(3, '0')}`);
      for (const part of [names.slice(100), names.slice(0, 100)]) {
        const [first, ...more] = part.map((row) => ({ kind: 'insert' as const, partition, row, value: { row } }));
        if (first) await rows.write([first, ...more]);
      }
      await rows.write([{ kind: 'insert', partition, row: 'lane', value: { row: 'lane' } }]);
      const walked = async (prefix: string, most: number): Promise<string[]> => {
        const found: string[] = [];
        for await (const { row, value } of rows.walk<{ row: string }>(partition, prefix)) {
          expect(value.row).toBe(row);
          found.push(row);
          if (found.length === most) break;
        }
        return found;
      };
      expect(await walked('ended-', 1000)).toEqual(names);
      expect(await walked('ended-', 17)).toEqual(names.slice(0, 17));
      expect(await walked('', 1000)).toEqual([...names, 'lane']);
      expect(await walked('nothing-', 1)).toEqual([]);
    });

    it('finds a key in all partitions', async () => {
      const row = `key-${count}`;
      for (const part of ['x', 'y']) await rows.write([{ kind: 'insert', partition: `${partition}-${part}`, row, value: { part } }]);
      await rows.write([{ kind: 'insert', partition: `${partition}-x`, row: `${row}-other`, value: {} }]);
      const found = await rows.everywhere<{ part: string }>(row);
      expect(found.map(({ value }) => value.part).sort()).toEqual(['x', 'y']);
      expect(found.map((each) => each.partition).sort()).toEqual([`${partition}-x`, `${partition}-y`]);
    });

    it('refuses more than one partition in one write', async () => {
      await expect(
        rows.write([
          { kind: 'insert', partition, row: 'a', value: {} },
          { kind: 'insert', partition: `${partition}-other`, row: 'a', value: {} },
        ]),
      ).rejects.toThrow(/one partition/);
    });

    it('counts right under writers at once', async () => {
      await rows.write([{ kind: 'insert', partition, row: 'n', value: { n: 0 } }]);
      await Promise.all(
        Array.from({ length: 8 }, () => changeRow<{ n: number }>(rows, partition, 'n', ({ n }) => ({ value: { n: n + 1 } }))),
      );
      expect((await rows.read(partition, 'n'))?.value).toEqual({ n: 8 });
      const inserted = await Promise.all(
        Array.from({ length: 8 }, (_, by) => rows.write([{ kind: 'insert', partition, row: 'once', value: { by } }])),
      );
      expect(inserted.filter(({ kind }) => kind === 'written').length).toBe(1);
    });
  });
}
