import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

const packageIn = (appDirectory: string): string => path.join(appDirectory, 'package.json');

export function mainOf(appDirectory: string): string {
  const file = packageIn(appDirectory);
  const { main } = JSON.parse(readFileSync(file, 'utf8')) as { main?: unknown };
  if (typeof main !== 'string' || main === '') throw new Error(`${file} has no "main". Name the file that registers the functions.`);
  return main;
}

/** The files that package.json's `main` names: one path, a glob, or several in braces, as the real worker takes it. */
export function mainFiles(appDirectory: string): string[] {
  const main = mainOf(appDirectory);
  const found = new Set<string>();
  for (const pattern of expandBraces(main)) {
    for (const one of matches(appDirectory, pattern.replace(/^\.\//, ''))) found.add(one);
  }
  if (found.size === 0)
    throw new Error(`"main" of ${packageIn(appDirectory)} is "${main}", and no such file is there. Build the app, or correct "main".`);
  return [...found];
}

/** `a{b,c}d` to `abd`, `acd`; commas outside of braces part the list too. */
export function expandBraces(pattern: string): string[] {
  const open = pattern.indexOf('{');
  const close = pattern.indexOf('}', open);
  if (open < 0 || close < 0) return pattern.split(',').map((one) => one.trim());
  const head = pattern.slice(0, open);
  const tail = pattern.slice(close + 1);
  return pattern
    .slice(open + 1, close)
    .split(',')
    .flatMap((one) => expandBraces(`${head}${one.trim()}${tail}`));
}

function matches(root: string, pattern: string): string[] {
  if (!/[*?]/.test(pattern)) {
    const candidates = [pattern, `${pattern}.js`, path.join(pattern, 'index.js')].map((one) => path.join(root, one));
    // One at a time: below a file there is nothing to look for, and the system says so with an error.
    const found = candidates.find((one) => statSync(one, { throwIfNoEntry: false })?.isFile() === true);
    return found === undefined ? [] : [found];
  }
  const expression = new RegExp(`^${pattern.split('/').map(segment).join('/').replaceAll('(?:.*/)?/', '(?:.*/)?')}$`);
  const fixed = pattern.split('/').findIndex((one) => /[*?]/.test(one));
  const start = pattern.split('/').slice(0, fixed).join('/');
  return walk(path.join(root, start))
    .filter((one) => expression.test(path.relative(root, one).split(path.sep).join('/')))
    .sort();
}

function segment(glob: string): string {
  if (glob === '**') return '(?:.*/)?';
  return glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]');
}

function walk(directory: string): string[] {
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const full = path.join(directory, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : walk(full);
    return [full];
  });
}
