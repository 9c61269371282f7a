#!/usr/bin/env node
/*
 * npm run record-history: at a release, stores the histories of this version's stories in test/history/recorded, under the version that
 * package.json names. From then on every later version must tell them alike.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const { version } = JSON.parse(readFileSync(path.join(repository, 'package.json'), 'utf8'));
const jest = path.join(repository, 'node_modules/jest/bin/jest.js');
const { status } = spawnSync(process.execPath, [jest, '--config', 'jest.long.config.js', '--forceExit', 'test/history/recording'], {
  cwd: repository,
  stdio: 'inherit',
  env: { ...process.env, SLIPWAY_RECORD_HISTORY: version },
});
process.exitCode = status ?? 1;
