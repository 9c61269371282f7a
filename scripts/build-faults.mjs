#!/usr/bin/env node
/* Compiles test/faults into dist/test beside the build it watches: its processes run without Jest. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const test = path.join(repository, 'test');
const sources = readdirSync(path.join(test, 'faults')).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
buildSync({
  entryPoints: [path.join(test, 'azurite.ts'), ...sources.map((file) => path.join(test, 'faults', file))],
  outdir: path.join(repository, 'dist', 'test'),
  outbase: test,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
});
