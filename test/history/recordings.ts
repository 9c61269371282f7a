import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Recording } from './tell-stories';

/** One file a version. */
const folder = path.join(__dirname, 'recorded');
const ending = '.json.gz';
const fileOf = (version: string): string => path.join(folder, version + ending);

export const currentVersion = (): string =>
  (JSON.parse(readFileSync(path.join(__dirname, '../../package.json'), 'utf8')) as { version: string }).version;

export const recordedVersions = (): string[] =>
  (existsSync(folder) ? readdirSync(folder) : []).filter((file) => file.endsWith(ending)).map((file) => file.slice(0, -ending.length));

export const readRecording = (version: string): Recording =>
  JSON.parse(gunzipSync(readFileSync(fileOf(version))).toString('utf8')) as Recording;

export function writeRecording(version: string, recording: Recording): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(fileOf(version), gzipSync(JSON.stringify(recording), { level: 9 }));
}
