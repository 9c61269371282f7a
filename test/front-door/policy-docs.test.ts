import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { describeMistakes, readSettings } from '../../src/domain/read-settings';
import { knownKeys } from '../../src/domain/settings-schema';

/** docs/policy.md shows each of its keys in an example that loads. */
const document = readFileSync(path.join(__dirname, '../../docs/policy.md'), 'utf8');

const frame = `azure: { subscription: sub, resourceGroup: group }
people: { team: [team@example.com] }
apps:
  hello:
    environments:
      production: { functionApp: hello, policy: careful }
      test: { functionApp: hello-test, policy: plain }
      later: { functionApp: hello-later, policy: plain }
policies:
  plain: {}
  careful:
`;

const examples = [...document.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, yaml = '']) => yaml);

test.each(examples.map((yaml) => [yaml.split('\n')[0] ?? '', yaml]))('the example that begins with "%s" loads', (_first, yaml) => {
  const read = readSettings(frame + yaml.replace(/^/gm, '    '));
  expect(read.kind === 'settings' ? [] : describeMistakes('docs/policy.md', read.mistakes)).toEqual([]);
});

/** Keys that tables of the document explain, as `name` or `name[].name`. */
const explained = new Set([...document.matchAll(/^\| `([^`]+)`/gm)].map(([, key]) => key));

test.each([
  ['gates', [0]],
  ['gates', [0, 'escalate']],
  ['revert', []],
  ['calendar', []],
  ['calendar', ['windows', 0]],
  ['calendar', ['freezes', 0]],
  ['hotfix', []],
] as const)('every key of %s %j is explained', (section, below) => {
  const path = [section, ...below].map(String).join('.').replace(/\.0/g, '[]');
  const keys = knownKeys(['policies', 'any', section, ...below]).map((key) => `${path}.${key}`);
  expect(keys.length).toBeGreaterThan(0);
  expect(keys.filter((key) => !explained.has(key) && !explained.has(key.slice(section.length + 1)))).toEqual([]);
});
