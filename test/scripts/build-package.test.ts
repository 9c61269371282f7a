import { expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/*
 * scripts/build-package.mjs puts something smaller in place of two packages that durable-functions brings. A newer one that reaches for more of
 * them would fail in Azure alone, so what it reaches is held here.
 */
const folder = path.join(__dirname, '..', '..', 'node_modules', 'durable-functions', 'lib', 'src');
const durableFunctions = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.js'))
  .map((file) => readFileSync(path.join(folder, file), 'utf8'))
  .join('\n');

test('of the validators durable-functions calls the one that the package keeps', () => {
  const called = [...durableFunctions.matchAll(/validator_1\.(\w+)/g)].map(([, name]) => name);
  expect([...new Set(called)]).toEqual(['isURL']);
});

test('durable-functions uploads no forms, for which the package has no types of files', () => {
  expect(durableFunctions).toContain('axios');
  expect(durableFunctions).not.toMatch(/form-?data|multipart|postForm/i);
});
