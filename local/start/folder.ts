import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';

/** Where a start keeps its state: `.slipway/` of the checkout, unless told otherwise. */
export interface Folder {
  repository: string;
  root: string;
  /** The folder as people know it. */
  shown: string;
  /** Path of a file or folder in it. */
  at(...names: string[]): string;
  /** A small JSON file; undefined when it is not there. Throws a sentence when it can't be read as JSON. */
  read<T>(name: string): T | undefined;
  /** Whole or not at all; readable by its owner alone. */
  write(name: string, value: object): void;
  remove(...names: string[]): void;
  /** Deletes what starts leave here, but for the lock; whatever else somebody keeps in it stays. */
  clear(): void;
}

const ours = /^(?:(?:keys|ports|azurite|announced|releases|site|running)\.json|slipway\.db(?:-.*)?|azurite|azure|logs|package)$/;

/** Not made by a start, and not empty. A start makes its keys first of all, but for logs and lock. */
function isForeign(root: string): boolean {
  const names = existsSync(root) ? readdirSync(root) : [];
  return !names.includes('keys.json') && names.some((name) => !ours.test(name) && !/^(?:lock|.*\.new)$/.test(name));
}

/** Throws a sentence when there is no such folder and none can be made, or when it is somebody else's: its files would lie among ours. */
export function openFolder(repository: string, state = '.slipway'): Folder {
  const root = path.resolve(repository, state);
  const shown = root === path.join(repository, '.slipway') ? '.slipway' : root;
  try {
    if (isForeign(root)) throw new Error('other files lie in it');
    mkdirSync(path.join(root, 'logs'), { recursive: true, mode: 0o700 });
    accessSync(root, constants.W_OK);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${shown} can't be the folder of the state: ${why}. Name another with --state DIR.`, { cause: error });
  }
  const at = (...names: string[]) => path.join(root, ...names);
  const remove = (...names: string[]) => rmSync(at(...names), { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  return {
    repository,
    root,
    shown,
    at,
    read<T>(name: string) {
      let text: string;
      try {
        text = readFileSync(at(name), 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
      try {
        return JSON.parse(text) as T;
      } catch {
        throw new Error(`${shown}/${name} is damaged: it holds no JSON. Put back a copy of it, or begin anew with npm start -- --fresh.`);
      }
    },
    write(name, value) {
      const beside = at(`${name}.new`);
      writeFileSync(beside, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
      chmodSync(beside, 0o600);
      renameSync(beside, at(name));
    },
    remove,
    clear() {
      for (const name of readdirSync(root)) if (ours.test(name)) remove(name);
      mkdirSync(at('logs'), { mode: 0o700 });
    },
  };
}
