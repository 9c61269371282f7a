import { currently, PowerCut, type Effect, type Warden } from './effects';
import { commitParts, type Written } from './name-commit';

/** The part of libsql that is watched. */
interface Statement {
  run(...parameters: unknown[]): unknown;
  get(...parameters: unknown[]): unknown;
  all(...parameters: unknown[]): unknown;
}
interface Connection {
  prepare(sql: string): Statement;
  exec(sql: string): unknown;
  transaction(run: () => unknown): () => unknown;
  close(): unknown;
}
type Open = new (file: string, options?: unknown) => Connection;

/**
 * From here on every SQLite connection that a watched process (or a watched host in this process) opens tells its warden of each commit, before and
 * after it. Has to come before whatever loads `libsql`.
 */
export function watchCommits(): void {
  const id = require.resolve('libsql');
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- what others will get from require is replaced
  const original = require('libsql') as Open;
  const watched = function (file: string, options?: unknown): Connection {
    const connection = new original(file, options);
    const found = currently();
    return found ? watch(connection, found.warden) : connection;
  };
  const cached = require.cache[id];
  if (!cached) throw new Error('libsql was loaded, and is not in the cache of modules: its commits can not be watched.');
  cached.exports = Object.assign(watched, { default: watched });
}

const isWrite = (sql: string): boolean => /^\s*(?:INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP|ALTER|PRAGMA user_version\s*=)/i.test(sql);

function watch(inner: Connection, warden: Warden): Connection {
  let open: Written[] | undefined;
  const commit = <T>(written: Written[], write: () => T): T => {
    const effect = effectOf(written, warden);
    if (!warden.beforeCommit(effect)) throw new PowerCut();
    const result = write();
    if (!warden.afterCommit(effect)) throw new PowerCut();
    return result;
  };
  const runs = (statement: Statement, sql: string, given: unknown[]): unknown => {
    const parameters = Array.isArray(given[0]) ? given[0] : given;
    const written: Written = { sql, parameters, ...orchestrationBehind(inner, sql, parameters) };
    if (!open) return commit([written], () => statement.run(...given));
    open.push(written);
    return statement.run(...given);
  };
  /** By statements of its own, BEGIN and COMMIT: one that wrote nothing is no commit. */
  const bounds: Record<string, (statement: Statement) => unknown> = {
    BEGIN(statement) {
      open = [];
      return statement.run();
    },
    COMMIT(statement) {
      const written = open ?? [];
      const result = written.length === 0 ? statement.run() : commit(written, () => statement.run());
      open = undefined;
      return result;
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
    transaction() {
      throw new Error('The host is to say BEGIN and COMMIT itself: what a transaction of the driver writes is not watched.');
    },
  };
}

/** A change of an instance names no orchestration, and neither does a turn that changes nothing about its instance; its row does. */
function orchestrationBehind(inner: Connection, sql: string, parameters: unknown[]): { orchestration?: string } {
  const id = sql.startsWith('UPDATE instances') ? parameters.at(-1) : sql.startsWith('INSERT INTO history') ? parameters[0] : undefined;
  if (id === undefined) return {};
  const found = inner.prepare('SELECT name FROM instances WHERE id = ?').get(id) as { name?: string } | undefined;
  return found?.name === undefined ? {} : { orchestration: found.name };
}

function effectOf(written: Written[], warden: Warden): Effect {
  const [first, ...others] = commitParts(written);
  if (!first) warden.strange(`a commit of ${written.map(({ sql }) => sql.replace(/\s+/g, ' ').slice(0, 60)).join('; ')}`);
  const { what, subject } = first ?? { what: 'unknown commit', subject: '' };
  return { kind: 'commit', point: `host: ${what}`, also: others.map((part) => `host: ${part.what}`), subject, isRead: false };
}
