import { currently, PowerCut, type Effect, type Warden } from './effects';
import { commitName, type Written } from './name-commit';

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
  return {
    exec: (sql) => (isWrite(sql) && !open ? commit([{ sql, parameters: [] }], () => inner.exec(sql)) : inner.exec(sql)),
    close: () => inner.close(),
    prepare(sql) {
      const statement = inner.prepare(sql);
      if (!isWrite(sql)) return statement;
      return {
        get: (...parameters) => statement.get(...parameters),
        all: (...parameters) => statement.all(...parameters),
        run(...parameters) {
          const written = { sql, parameters, ...activityBehind(inner, sql, parameters) };
          if (!open) return commit([written], () => statement.run(...parameters));
          open.push(written);
          return statement.run(...parameters);
        },
      };
    },
    transaction: (run) => () => {
      const written: Written[] = [];
      let effect: Effect | undefined;
      const result = inner.transaction(() => {
        open = written;
        let value: unknown;
        try {
          value = run();
        } finally {
          open = undefined;
        }
        effect = written.length === 0 ? undefined : effectOf(written, warden);
        // Thrown inside, so that the transaction is rolled back.
        if (effect && !warden.beforeCommit(effect)) throw new PowerCut();
        return value;
      })();
      if (effect && !warden.afterCommit(effect)) throw new PowerCut();
      return result;
    },
  };
}

/** A kept result names no activity; the row that it takes away does. */
function activityBehind(inner: Connection, sql: string, parameters: unknown[]): { activity?: string } {
  if (!sql.startsWith('DELETE FROM activities') || parameters.length !== 3) return {};
  const found = inner
    .prepare('SELECT name FROM activities WHERE instance_id = ? AND execution_id = ? AND event_id = ?')
    .get(...parameters) as { name?: string } | undefined;
  return found?.name === undefined ? {} : { activity: found.name };
}

function effectOf(written: Written[], warden: Warden): Effect {
  const named = commitName(written);
  if (named === undefined) warden.strange(`a commit of ${written.map(({ sql }) => sql.replace(/\s+/g, ' ').slice(0, 60)).join('; ')}`);
  const { what, subject } = named ?? { what: 'unknown commit', subject: '' };
  return { kind: 'commit', point: `host: ${what}`, subject, isRead: false };
}
