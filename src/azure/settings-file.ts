import { existsSync, readFileSync } from 'node:fs';
import { describeMistakes, readSettings, whole, type ReadSettings } from '../domain/read-settings';
import type { Settings } from '../domain/settings';

/** What a start needs: settings and a sentence for each warning, or a sentence for each mistake, with file, line and column. */
export type LoadedSettings = { kind: 'settings'; settings: Settings; warnings: string[] } | { kind: 'mistakes'; sentences: string[] };

/** Reads and judges slipway.yaml, once, before anything else can run; a file that can't be read is a mistake like any other. */
export function loadSettings(file: string): LoadedSettings {
  const read = readOrTell(file);
  return read.kind === 'settings'
    ? { ...read, warnings: describeMistakes(file, read.warnings) }
    : { kind: 'mistakes', sentences: describeMistakes(file, read.mistakes) };
}

function readOrTell(file: string): ReadSettings {
  if (!existsSync(file)) return whole('there is no such file; write it, or let SLIPWAY_CONFIG say where it is');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return whole("the file can't be read; give Slipway the right to, or let SLIPWAY_CONFIG name another");
  }
  return readSettings(text);
}
