import { existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import Database from 'libsql';
import type { Sqlite } from './database';

/** A host that was told to end, or whose power was just cut, holds its file for a moment more. */
const waitMs = 1000;
const lookMs = 20;

/**
 * Does `open`, which answers what has the state file open, while no other host has it: two would run everything twice. Other readers and writers are
 * not kept out. The file is given back when `db` is closed, and by the system when the process ends, however it ends.
 * @throws Error in a sentence when another host holds the file
 */
export async function withStateFile<T extends { db: Sqlite }>(stateFile: string, open: () => Promise<T>): Promise<T> {
  if (stateFile === ':memory:') return open();
  const giveBack = await take(stateFile);
  try {
    const opened = await open();
    return { ...opened, db: closedThen(opened.db, giveBack) };
  } catch (error) {
    giveBack();
    throw error;
  }
}

async function take(stateFile: string): Promise<() => void> {
  // One file has one lock, by whatever name it is opened.
  const file = existsSync(stateFile) ? realpathSync(stateFile) : path.resolve(stateFile);
  // Never read, written or removed but through SQLite: a process that closes a file loses all its locks on it.
  const lock = new Database(`${file}-lock`);
  // For the sentence alone: a dead host may leave it.
  const holder = `${file}-host`;
  for (let leftMs = waitMs; !isTaken(lock); leftMs -= lookMs) {
    if (leftMs <= 0) {
      lock.close();
      throw new Error(`The state file ${stateFile} is held by another host${processIn(holder)}. Stop that one first.`);
    }
    // Not by SQLite's own waiting, which would keep a host of this process from letting go.
    await pass(lookMs);
  }
  writeFileSync(holder, `${process.pid}\n`);
  return () => {
    rmSync(holder, { force: true });
    lock.close();
  };
}

function isTaken(lock: Database.Database): boolean {
  try {
    // Without a journal, as nothing is ever written.
    lock.exec('PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'SQLITE_BUSY') return false;
    throw error;
  }
}

function processIn(holder: string): string {
  try {
    return ` (process ${readFileSync(holder, 'utf8').trim()})`;
  } catch {
    return '';
  }
}

const closedThen = (db: Sqlite, then: () => void): Sqlite => ({
  prepare: (sql) => db.prepare(sql),
  exec: (sql) => db.exec(sql),
  close() {
    db.close();
    then();
  },
});
