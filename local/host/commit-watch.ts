import { commitParts, type CommitPart, type Written } from './commit-points';
import type { Sqlite, Statement } from './database';

/** One commit of a state file. */
export interface Commit {
  /** What it writes; several where it holds what came up at once, none where nobody has a name for it. */
  parts: CommitPart[];
  /** Its statements. */
  sql: string[];
}

export type Side = 'before' | 'after';

/**
 * Told of each commit, before and after it. Throws `PowerCut` to end it there: before, nothing of it is written; after, nobody learns of it. Whatever else it
 * throws ends it there as well, as a fault of the host.
 */
export type CommitWatch = (commit: Commit, side: Side) => void;

/** Nothing that comes after it is written or learned any more. */
export class PowerCut extends Error {
  constructor() {
    super('The power was cut here.');
  }
}

let ofThisProcess: CommitWatch | undefined;

/** From here on each state file that is opened in this process is watched by `watch`, where its host has no watch of its own. */
export function watchEveryCommit(watch: CommitWatch): void {
  ofThisProcess = watch;
}

const isWrite = (sql: string): boolean => /^\s*(?:INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP|ALTER|PRAGMA user_version\s*=)/i.test(sql);

/** The connection, whose commits its watch is told of; itself where there is none. */
export function watched(inner: Sqlite, watch: CommitWatch | undefined = ofThisProcess): Sqlite {
  if (!watch) return inner;
  let open: Written[] | undefined;
  let ended: { by: unknown } | undefined;
  const tell = (commit: Commit, side: Side): void => {
    // Whoever takes it for a commit that failed writes the same once more, and after COMMIT it is there already.
    if (ended) throw ended.by;
    try {
      watch(commit, side);
    } catch (error) {
      ended = { by: error };
      throw error;
    }
  };
  const commit = <T>(written: Written[], write: () => T): T => {
    const commit = { parts: commitParts(written), sql: written.map(({ sql }) => sql) };
    tell(commit, 'before');
    const result = write();
    tell(commit, 'after');
    return result;
  };
  const runs = (statement: Statement, sql: string, given: unknown[]): ReturnType<Statement['run']> => {
    const parameters = Array.isArray(given[0]) ? (given[0] as unknown[]) : given;
    const written: Written = { sql, parameters, ...orchestrationBehind(inner, sql, parameters) };
    if (!open) return commit([written], () => statement.run(...given));
    open.push(written);
    return statement.run(...given);
  };
  /** By statements of its own, BEGIN and COMMIT: one that wrote nothing is no commit. */
  const bounds: Record<string, (statement: Statement) => ReturnType<Statement['run']>> = {
    BEGIN(statement) {
      open = [];
      return statement.run();
    },
    COMMIT(statement) {
      const written = open ?? [];
      open = undefined;
      return written.length === 0 ? statement.run() : commit(written, () => statement.run());
    },
    ROLLBACK(statement) {
      open = undefined;
      return statement.run();
    },
  };
  return {
    exec: (sql) => (isWrite(sql) && !open ? commit([{ sql, parameters: [] }], () => inner.exec(sql)) : inner.exec(sql)),
    close: () => inner.close(),
    prepare(sql) {
      const statement = inner.prepare(sql);
      const bound = bounds[sql];
      if (!bound && !isWrite(sql)) return statement;
      return {
        get: (...parameters) => statement.get(...parameters),
        all: (...parameters) => statement.all(...parameters),
        run: (...given) => (bound ? bound(statement) : runs(statement, sql, given)),
      };
    },
  };
}

/** A change of an instance names no orchestration, and neither does a turn that changes nothing about its instance; its row does. */
function orchestrationBehind(inner: Sqlite, sql: string, parameters: unknown[]): { orchestration?: string } {
  const id = sql.startsWith('UPDATE instances') ? parameters.at(-1) : sql.startsWith('INSERT INTO history') ? parameters[0] : undefined;
  if (id === undefined) return {};
  const found = inner.prepare('SELECT name FROM instances WHERE id = ?').get(id) as { name?: string } | undefined;
  return found?.name === undefined ? {} : { orchestration: found.name };
}
