/** Rows in Azure Tables: the only truth. Every row is JSON in one partition, changed by ETag. */
export interface Row<T> {
  value: T;
  etag: string;
}

export type Change =
  | { kind: 'insert'; partition: string; row: string; value: object }
  /** Replaces the row if its ETag still is this one. */
  | { kind: 'replace'; partition: string; row: string; value: object; etag: string }
  | { kind: 'delete'; partition: string; row: string };

export type Written = { kind: 'written' } | { kind: 'conflict' };

export interface Rows {
  read<T>(partition: string, row: string): Promise<Row<T> | undefined>;
  /** The rows of a partition whose key begins with `prefix`, in key order. */
  list<T>(partition: string, prefix: string): Promise<{ row: string; value: T; etag: string }[]>;
  /** The same, read as they are taken: whoever stops early has not read the rest. */
  walk<T>(partition: string, prefix: string): AsyncIterable<{ row: string; value: T }>;
  /** Rows with exactly this key over all partitions. It reads the whole table, so nothing that is asked for often may need it. */
  everywhere<T>(row: string): Promise<{ partition: string; value: T }[]>;
  /**
   * All changes or none; one partition, at most 100 of them. `conflict` when a row inserted is there already or an ETag is no longer
   * the row's. Deleting a row that is gone is no conflict.
   */
  write(changes: readonly [Change, ...Change[]]): Promise<Written>;
}

/** Each try is lost only to a writer that got on; so many in a row mean that rows contradict each other, and trying on would never end. */
export const mostTries = 200;

/**
 * Reads, computes and replaces until no other writer came between. `change` returns undefined to leave the row as it is. Throws when
 * that does not come to an end, as where `also` holds an ETag that is out of date.
 */
export async function changeRow<T extends object>(
  rows: Rows,
  partition: string,
  row: string,
  change: (value: T) => { value: T; also?: Change[] } | undefined,
): Promise<{ kind: 'changed'; value: T } | { kind: 'left'; value: T } | { kind: 'missing' }> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const found = await rows.read<T>(partition, row);
    if (!found) return { kind: 'missing' };
    const next = change(found.value);
    if (!next) return { kind: 'left', value: found.value };
    const written = await rows.write([{ kind: 'replace', partition, row, value: next.value, etag: found.etag }, ...(next.also ?? [])]);
    if (written.kind === 'written') return { kind: 'changed', value: next.value };
  }
  throw new Error(`A change of row ${row} of ${partition} lost to other writers ${mostTries} times and was not written.`);
}
