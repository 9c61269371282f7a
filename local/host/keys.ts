import { randomBytes } from 'node:crypto';
import type { HostKeys } from './contract';
import { readMeta, writeMeta, type Sqlite } from './database';
import { sameText } from './same-text';

/** The keys of a host and of its functions, made at the first start and kept in the state file. */
export interface KeyRing {
  all(): HostKeys;
  /** Replaces the keys and keeps them. */
  keep(keys: HostKeys): void;
}

export const makeKey = (): string => randomBytes(40).toString('base64url');

export function loadKeys(db: Sqlite, functionNames: string[]): KeyRing {
  const stored = readMeta(db, 'keys');
  let keys = {
    ofFunctions: {},
    ...(stored === undefined ? freshKeys() : (JSON.parse(stored) as Omit<HostKeys, 'ofFunctions'> & Partial<HostKeys>)),
  };
  const keep = (given: HostKeys): void => {
    keys = given;
    writeMeta(db, 'keys', JSON.stringify(given));
  };
  const named = functionNames.map((name) => name.toLowerCase());
  // Every function has a key of its own named "default", as there.
  keep({ ...keys, ofFunctions: { ...Object.fromEntries(named.map((name) => [name, { default: makeKey() }])), ...keys.ofFunctions } });
  return { all: () => keys, keep };
}

function freshKeys(): HostKeys {
  return { masterKey: makeKey(), functionKeys: { default: makeKey() }, systemKeys: { durabletask_extension: makeKey() }, ofFunctions: {} };
}

export type KeyLevel = 'function' | 'system' | 'admin';

/** Whether a key opens a level: for a function, also one of its own keys; of the system's, that of the extension alone. The master key opens all; compared in constant time. */
export function keyOpens(keys: HostKeys, given: string | undefined, level: KeyLevel, owner = ''): boolean {
  if (given === undefined || given === '') return false;
  const opening = {
    function: [...Object.values(keys.functionKeys), ...Object.values(keys.ofFunctions[owner.toLowerCase()] ?? {})],
    system: [keys.systemKeys[`${owner.toLowerCase()}_extension`] ?? ''],
    admin: [],
  }[level];
  return [keys.masterKey, ...opening].map((key) => sameText(key, given)).includes(true);
}
