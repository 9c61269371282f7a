import { randomBytes } from 'node:crypto';
import type { HostKeys } from './contract';
import { readMeta, writeMeta, type Sqlite } from './database';
import { sameText } from './same-text';

/** The host's keys, made at the first start and kept in the state file. */
export function loadKeys(db: Sqlite): HostKeys {
  const stored = readMeta(db, 'keys');
  if (stored !== undefined) return JSON.parse(stored) as HostKeys;
  const key = (): string => randomBytes(40).toString('base64url');
  const keys: HostKeys = { masterKey: key(), functionKeys: { default: key() }, systemKeys: { durabletask_extension: key() } };
  writeMeta(db, 'keys', JSON.stringify(keys));
  return keys;
}

export type KeyLevel = 'function' | 'system' | 'admin';

/** Whether a key opens a level. The master key opens all; compared in constant time. */
export function keyOpens(keys: HostKeys, given: string | undefined, level: KeyLevel): boolean {
  if (given === undefined || given === '') return false;
  const opening = { function: Object.values(keys.functionKeys), system: Object.values(keys.systemKeys), admin: [] }[level];
  return [keys.masterKey, ...opening].map((key) => sameText(key, given)).includes(true);
}
