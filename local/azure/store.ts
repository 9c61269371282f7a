import path from 'node:path';
import Database from 'libsql';

export interface Collection<T> {
  get(id: string): T | undefined;
  put(id: string, value: T): void;
  remove(id: string): void;
  /** In the order of first insertion. */
  all(): T[];
}

export interface Store {
  collection<T>(name: string): Collection<T>;
  /** All or nothing: what `work` writes is there after a crash as a whole or not at all. */
  together<T>(work: () => T): T;
  close(): void;
}

/**
 * State as JSON documents in one SQLite file. Synchronous on purpose: an answer leaves only after its write is in the
 * write-ahead log, so a killed process keeps what it acknowledged. (NORMAL, not FULL: a power cut of the laptop may take the last writes.)
 */
export function openStore(directory: string): Store {
  const database = new Database(path.join(directory, 'azure.sqlite'));
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
  database.exec(
    'CREATE TABLE IF NOT EXISTS document (number INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (kind, id))',
  );
  const read = database.prepare('SELECT body FROM document WHERE kind = ? AND id = ?');
  const list = database.prepare('SELECT body FROM document WHERE kind = ? ORDER BY number');
  const write = database.prepare(
    'INSERT INTO document (kind, id, body) VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body',
  );
  const erase = database.prepare('DELETE FROM document WHERE kind = ? AND id = ?');
  const parse = <T>(row: unknown): T => JSON.parse((row as { body: string }).body) as T;
  let inside = false;
  return {
    collection: <T>(kind: string): Collection<T> => ({
      get: (id) => {
        const row = read.get(kind, id);
        return row === undefined ? undefined : parse<T>(row);
      },
      put: (id, value) => void write.run(kind, id, JSON.stringify(value)),
      remove: (id) => void erase.run(kind, id),
      all: () => list.all(kind).map((row) => parse<T>(row)),
    }),
    together(work) {
      if (inside) return work();
      inside = true;
      database.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        database.exec('COMMIT');
        return result;
      } catch (error) {
        database.exec('ROLLBACK');
        throw error;
      } finally {
        inside = false;
      }
    },
    close: () => void database.close(),
  };
}
