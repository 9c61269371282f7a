import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { VirtualClock } from '../../../local/host';
import { mainFiles } from '../../../local/host/main-files';

const ofNode = createRequire(__filename);

/** What a file that is loaded by `loadFile` sees instead of the globals of that name. */
export interface Surroundings {
  require?: (name: string) => unknown;
  setTimeout?: (run: () => void, ms: number) => unknown;
  [global: string]: unknown;
}

/**
 * Loads a CommonJS file where it stands, unmodified, with some globals bound to others: so that its waits are waits of the virtual clock.
 * Packages come from this repository, because none are installed beside the file.
 */
export function loadFile(file: string, surroundings: Surroundings, loaded = new Map<string, { exports: unknown }>()): unknown {
  const known = loaded.get(file);
  if (known) return known.exports;
  const module: { exports: unknown } = { exports: {} };
  loaded.set(file, module);
  const given = surroundings.require;
  const load = (name: string): unknown =>
    name.startsWith('.') ? loadFile(path.resolve(path.dirname(file), name), surroundings, loaded) : (given?.(name) ?? ofNode(name));
  const all: Record<string, unknown> = { ...surroundings, require: load, module, exports: module.exports, __filename: file };
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- what Node itself does to a CommonJS file, with other names bound
  const run = new Function(...Object.keys(all), readFileSync(file, 'utf8')) as (...values: unknown[]) => void;
  run(...Object.values(all));
  return module.exports;
}

/** A timeout of work that is held: its hold counts as given back while it waits. */
export const timeoutOn =
  (clock: VirtualClock) =>
  (run: () => void, ms = 0): void =>
    void clock.sleep(ms).then(run);

/** The packages as this test process has them; the host's own module is among them. */
function packages(name: string): unknown {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the name comes from the app's own `require`
  return name.startsWith('@azure/') || name === 'durable-functions' ? (require(name) as unknown) : undefined;
}

/** Registers the recorded app's functions, unmodified. Its timeouts are those of `clock`. */
export function loadScenarioApp(appDirectory: string, clock: VirtualClock): void {
  const loaded = new Map<string, { exports: unknown }>();
  for (const file of mainFiles(appDirectory)) loadFile(file, { require: packages, setTimeout: timeoutOn(clock) }, loaded);
}
