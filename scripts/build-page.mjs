#!/usr/bin/env node
/* Builds the page (src/dashboard) to the static files that a trigger serves: part of npm run build. */
import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const source = path.join(repository, 'src', 'dashboard');
const target = path.join(repository, 'dist', 'src', 'dashboard');

mkdirSync(target, { recursive: true });
await build({
  entryPoints: { page: path.join(source, 'main.tsx'), 'page-style': path.join(source, 'page.css') },
  outdir: target,
  entryNames: '[name]',
  bundle: true,
  minify: true,
  format: 'esm',
  // What browsers of the last three years understand.
  target: ['chrome111', 'firefox113', 'safari16.4'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  logLevel: 'warning',
});
for (const name of ['index.html', 'icon.svg']) copyFileSync(path.join(source, name), path.join(target, name));
