/* The page (src/dashboard) as the static files that a trigger serves. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const source = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', 'src', 'dashboard');

/** Answers name → bytes; the same sources give the same bytes. */
export async function buildPage() {
  const { outputFiles } = await build({
    entryPoints: { page: path.join(source, 'main.tsx'), 'page-style': path.join(source, 'page.css') },
    outdir: source,
    entryNames: '[name]',
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    // What browsers of the last three years understand.
    target: ['chrome111', 'firefox113', 'safari16.4'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    logLevel: 'warning',
  });
  return Object.fromEntries([
    ...outputFiles.map((file) => [path.basename(file.path), Buffer.from(file.contents)]),
    ...['index.html', 'icon.svg'].map((name) => [name, readFileSync(path.join(source, name))]),
  ]);
}
