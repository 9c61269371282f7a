import { randomBytes } from 'node:crypto';
import type { Folder } from './folder';

export interface LocalKeys {
  /** The local storage account's key. Not Azurite's well-known one: with that a page of any origin could sign a request to our queue. */
  storageKey: string;
  linkKeys: string;
  ledgerKeys: string;
}

/** Made at the first start, the same ever after: links in mails and the ledger's chain depend on them. */
export function keysOf(folder: Folder): LocalKeys {
  const kept = folder.read<LocalKeys>('keys.json');
  if (kept) return kept;
  const signing = () => `k1:${randomBytes(32).toString('base64url')}`;
  const made = { storageKey: randomBytes(64).toString('base64'), linkKeys: signing(), ledgerKeys: signing() };
  folder.write('keys.json', made);
  return made;
}
