import type { Sqlite, Statement } from '../database';

/** Prepares a statement once. */
export type Sql = (text: string) => Statement;

export function preparedOnce(db: Sqlite): Sql {
  const prepared = new Map<string, Statement>();
  return (text) => {
    const known = prepared.get(text);
    if (known) return known;
    const made = db.prepare(text);
    prepared.set(text, made);
    return made;
  };
}
