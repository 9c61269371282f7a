import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { gateKinds } from '../../src/domain/settings-gates';
import { describeMistakes, readSettings } from '../../src/domain/read-settings';
import { knownKeys, settingsJsonSchema, type JsonSchema } from '../../src/domain/settings-schema';

/** docs/policy.md explains each key of slipway.yaml, and whatever settings the documents show load. */
const root = path.join(__dirname, '../..');
const documents = ['README.md', ...readdirSync(path.join(root, 'docs')).flatMap((file) => (file.endsWith('.md') ? [`docs/${file}`] : []))];
const textOf = (file: string): string => readFileSync(path.join(root, file), 'utf8');

const frame = `azure: { subscription: sub, resourceGroup: group }
people: { team: [team@example.com], testers: [tess@example.com], stakeholders: [boss@example.com], on-call: [night@example.com] }
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

/** What is written as YAML and has keys of ours: a part of slipway.yaml, or of a policy. */
const examples = documents.flatMap((file) =>
  [...textOf(file).matchAll(/^```yaml\n(.*?)^```$/gms)].flatMap(([, yaml = '']) => {
    const keys = Object.keys((parse(yaml) as object | null) ?? {});
    const isAll = (known: string[]): boolean => keys.length > 0 && keys.every((key) => known.includes(key));
    if (isAll(knownKeys([])))
      return [{ file, yaml, whole: JSON.stringify({ ...(parse(`${frame}    {}`) as object), ...(parse(yaml) as object) }) }];
    return isAll(knownKeys(['policies', 'any'])) ? [{ file, yaml, whole: frame + yaml.replace(/^/gm, '    ') }] : [];
  }),
);

test.each(examples.map(({ file, yaml, whole }) => [file, yaml.split('\n')[0] ?? '', whole]))(
  '%s: the example that begins with "%s" loads',
  (file, _first, whole) => {
    const read = readSettings(whole);
    expect(read.kind === 'settings' ? [] : describeMistakes(file, read.mistakes)).toEqual([]);
  },
);

test('docs/policy.md has examples, of every kind of gate', () => {
  const own = examples.filter(({ file }) => file === 'docs/policy.md');
  expect(own.length).toBeGreaterThanOrEqual(9);
  for (const kind of gateKinds) expect(own.some(({ yaml }) => yaml.includes(`kind: ${kind}\n`))).toBe(true);
});

/** Each key as `gates[].name`, of every kind; a key that people choose themselves is a star. */
function keysOf(schema: JsonSchema, at: string): string[] {
  const { properties = {}, propertyNames, additionalProperties, items, anyOf = [], oneOf = [] } = schema;
  const below = (key: string): string => (at === '' ? key : `${at}.${key}`);
  return [
    ...Object.entries(properties).flatMap(([key, value]) => [below(key), ...keysOf(value, below(key))]),
    ...(propertyNames?.enum ?? []).map(below),
    ...(typeof additionalProperties === 'object' ? keysOf(additionalProperties, below('*')) : []),
    ...(items ? keysOf(items, `${at}[]`) : []),
    ...[...anyOf, ...oneOf].flatMap((one) => keysOf(one, at)),
  ];
}

test('docs/policy.md explains every key, and no other', () => {
  const explained = [...textOf('docs/policy.md').matchAll(/^\| `([^`]+)`/gm)].map(([, key = '']) => key);
  const keys = new Set(
    keysOf(settingsJsonSchema(), '').map((key) => key.replace(/^policies\.\*\./, '').replace(/^(?:revert|hotfix)\.gates\[\]/, 'gates[]')),
  );
  // A section whose keys are all explained by themselves.
  keys.delete('azure');
  expect([...keys].filter((key) => !explained.includes(key))).toEqual([]);
  expect(explained.filter((key) => !keys.has(key))).toEqual([]);
});
