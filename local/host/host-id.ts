import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { readMeta, writeMeta, type Sqlite } from './database';

/** A host id for this app and this state, at most 32 characters: the setting's, or one that is made once and kept in the state file. */
export function hostIdOf(db: Sqlite, appDirectory: string, settings: NodeJS.ProcessEnv): string {
  const given = settings['AzureFunctionsWebHost__hostid'];
  if (given) return given.slice(0, 32);
  const known = readMeta(db, 'hostId');
  if (known !== undefined) return known;
  const name = path
    .basename(path.resolve(appDirectory))
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, '');
  const made = `${name.slice(0, 20)}-${randomBytes(5).toString('hex')}`;
  writeMeta(db, 'hostId', made);
  return made;
}
