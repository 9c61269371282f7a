import Database from 'libsql';
import { watched, type CommitWatch } from './commit-watch';

/** The part of libsql's interface (that of better-sqlite3) that the host uses; its own types know no more than one parameter. */
export interface Statement {
  run(...parameters: unknown[]): { changes: number; lastInsertRowid: number | bigint };
  get(...parameters: unknown[]): unknown;
  all(...parameters: unknown[]): unknown[];
}

export interface Sqlite {
  prepare(sql: string): Statement;
  exec(sql: string): void;
  close(): void;
}

/**
 * Before schema 3 open activities and timers had rows of their own, and a history did not say what a turn began. Their activities go on as those do that no history
 * tells of, and their timers stand in the histories. Before schema 4 a row did not say from where on the history tells what is open: then all of it is read.
 */
const schemaVersion = 4;

const tables = [
  'CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)',
  `CREATE TABLE IF NOT EXISTS instances (
    id TEXT PRIMARY KEY, execution_id TEXT NOT NULL, name TEXT NOT NULL, version TEXT, status TEXT NOT NULL,
    input TEXT, custom_status TEXT, output TEXT, parent TEXT, generation_started INTEGER NOT NULL DEFAULT 0,
    created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL)`,
  'CREATE TABLE IF NOT EXISTS history (instance_id TEXT NOT NULL, seq INTEGER NOT NULL, event TEXT NOT NULL, began TEXT, open_from INTEGER)',
  'CREATE INDEX IF NOT EXISTS history_by_instance ON history (instance_id, seq)',
  `CREATE TABLE IF NOT EXISTS inbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, instance_id TEXT NOT NULL, execution_id TEXT, event TEXT NOT NULL)`,
  'CREATE INDEX IF NOT EXISTS inbox_by_instance ON inbox (instance_id, seq)',
  `CREATE TABLE IF NOT EXISTS activities (
    instance_id TEXT NOT NULL, execution_id TEXT NOT NULL, event_id INTEGER NOT NULL, name TEXT NOT NULL, input TEXT,
    PRIMARY KEY (instance_id, execution_id, event_id)) WITHOUT ROWID`,
];

/**
 * Opens (or makes) the state file. Write-ahead log, so that readers never wait. `synchronous = FULL`: a start or an event that was answered with
 * 202 must be there after a power cut too, and a turn costs one sync, which is little beside what an activity does.
 */
export function openDatabase(file: string, watch?: CommitWatch): Sqlite {
  const db = watched(new Database(file), watch);
  try {
    // First: a host that was told to end may still hold the file for a moment.
    db.exec('PRAGMA busy_timeout = 2000');
    db.exec('PRAGMA journal_mode = WAL');
    db.exec('PRAGMA synchronous = FULL');
    const { user_version: found } = db.prepare('PRAGMA user_version').get() as { user_version: number };
    if (found > schemaVersion)
      throw new Error(
        `The state file ${file} was written by a newer version (schema ${found}, this host knows ${schemaVersion}). Use that version, or another file.`,
      );
    if (found < schemaVersion) bringUpToDate(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** What is there says what is to be done, not its number: a host of before may have been killed between making the tables and numbering them. */
function bringUpToDate(db: Sqlite): void {
  const history = db.prepare("SELECT name FROM pragma_table_info('history')").all() as { name: string }[];
  const lacks = (column: string): boolean => history.length > 0 && !history.some(({ name }) => name === column);
  const older = [
    ...(lacks('began') ? ['ALTER TABLE history ADD COLUMN began TEXT', 'DROP TABLE IF EXISTS timers'] : []),
    ...(lacks('open_from') ? ['ALTER TABLE history ADD COLUMN open_from INTEGER'] : []),
  ];
  const run = (sql: string): unknown => db.prepare(sql).run();
  run('BEGIN');
  try {
    for (const sql of [...older, ...tables, `PRAGMA user_version = ${schemaVersion}`]) run(sql);
    run('COMMIT');
  } catch (error) {
    // Closed in the midst of it, the connection would keep the file locked.
    rollBack(db);
    throw error;
  }
}

/** A commit that failed has rolled back by itself; why it failed is what counts. */
export function rollBack(db: Sqlite): void {
  try {
    db.prepare('ROLLBACK').run();
  } catch {
    // Nothing is open.
  }
}

/** What the open handle itself says about how it keeps things; `synchronous` is SQLite's number, 2 for FULL. */
export function durabilityOf(db: Sqlite): { journalMode: string; synchronous: number } {
  const { journal_mode: journalMode } = db.prepare('PRAGMA journal_mode').get() as { journal_mode: string };
  const { synchronous } = db.prepare('PRAGMA synchronous').get() as { synchronous: number };
  return { journalMode, synchronous };
}

export function readMeta(db: Sqlite, name: string): string | undefined {
  return (db.prepare('SELECT value FROM meta WHERE name = ?').get(name) as { value: string } | undefined)?.value;
}

export function writeMeta(db: Sqlite, name: string, value: string): void {
  db.prepare('INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value').run(name, value);
}
