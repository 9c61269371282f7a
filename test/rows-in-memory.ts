import type { Change, Row, Rows, Written } from '../src/azure/rows';

interface Kept {
  json: string;
  etag: string;
}

/** A second implementation of `Rows`, as strict as Tables about keys, partitions and ETags; values go through JSON. */
export function rowsInMemory(): Rows {
  const partitions = new Map<string, Map<string, Kept>>();
  let writes = 0;
  const rowsOf = (partition: string) => partitions.get(partition) ?? new Map<string, Kept>();
  const open = <T>({ json, etag }: Kept): Row<T> => ({ value: JSON.parse(json) as T, etag });

  function fits(change: Change): boolean {
    const kept = rowsOf(change.partition).get(change.row);
    if (change.kind === 'insert') return kept === undefined;
    return change.kind === 'delete' || (kept !== undefined && kept.etag === change.etag);
  }

  function apply(change: Change): void {
    const rows = rowsOf(change.partition);
    partitions.set(change.partition, rows);
    if (change.kind === 'delete') rows.delete(change.row);
    else rows.set(change.row, { json: JSON.stringify(change.value), etag: `W/"${++writes}"` });
  }

  return {
    async read<T>(partition: string, row: string) {
      await Promise.resolve();
      const kept = rowsOf(partition).get(row);
      return kept && open<T>(kept);
    },
    async list<T>(partition: string, prefix: string) {
      await Promise.resolve();
      return [...rowsOf(partition)]
        .filter(([row]) => row.startsWith(prefix))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([row, kept]) => ({ row, ...open<T>(kept) }));
    },
    async *walk<T>(partition: string, prefix: string) {
      for (const { row, value } of await this.list<T>(partition, prefix)) yield { row, value };
    },
    async everywhere<T>(row: string) {
      await Promise.resolve();
      return [...partitions].flatMap(([partition, rows]) => {
        const kept = rows.get(row);
        return kept ? [{ partition, value: open<T>(kept).value }] : [];
      });
    },
    async write(changes): Promise<Written> {
      await Promise.resolve();
      refuseWhatTablesRefuse(changes);
      if (!changes.every(fits)) return { kind: 'conflict' };
      changes.forEach(apply);
      return { kind: 'written' };
    },
  };
}

function refuseWhatTablesRefuse(changes: readonly Change[]): void {
  if (changes.length > 100) throw new Error(`A transaction holds at most 100 changes, not ${changes.length}.`);
  if (new Set(changes.map(({ partition }) => partition)).size > 1) throw new Error('A transaction stays in one partition.');
  if (new Set(changes.map(({ row }) => row)).size < changes.length) throw new Error('A transaction names a row once.');
  for (const change of changes)
    if (change.kind !== 'delete' && JSON.stringify(change.value).length > 900_000) throw new Error('A row holds at most 900 KB.');
  for (const { partition, row } of changes)
    for (const key of [partition, row]) if (/[/\\#?\p{Cc}]/u.test(key)) throw new Error(`Tables refuse the key ${JSON.stringify(key)}.`);
}
