import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fromBuffer } from 'yauzl';
import { parse } from 'yaml';
import { buildHello } from '../../examples/hello-release/build';
import { environmentOf, settingsSchema } from '../../src/domain/settings';

const namesIn = (zip: Buffer): Promise<string[]> =>
  new Promise((resolve, reject) => {
    fromBuffer(zip, (error, file) => {
      if (error) return reject(error);
      const names: string[] = [];
      file.on('entry', (entry: { fileName: string }) => names.push(entry.fileName));
      file.on('end', () => resolve(names));
    });
  });

describe('the build of the example', () => {
  test('gives the same bytes for the same version and others for another', async () => {
    const [one, again, two] = await Promise.all([
      buildHello({ version: '1.0.0' }),
      buildHello({ version: '1.0.0' }),
      buildHello({ version: '2.0.0' }),
    ]);
    expect(one.zip.equals(again.zip)).toBe(true);
    expect(one.sha256).toBe(createHash('sha256').update(one.zip).digest('hex'));
    expect(two.sha256).not.toBe(one.sha256);
  });

  test('has host.json at its root, and names its functions', async () => {
    const { zip, functions } = await buildHello({ version: '2.0.0' });
    expect(await namesIn(zip)).toEqual(['functions.js', 'host.json', 'package.json']);
    expect(functions).toContainEqual({ name: 'greet', trigger: 'queue' });
    expect(await namesIn((await buildHello({ version: '2.0.0', fault: 'no-host-json' })).zip)).not.toContain('host.json');
  });

  test('refuses a version that is none', async () => {
    await expect(buildHello({ version: '../2.0.0' })).rejects.toThrow('is no version');
  });
});

test('the laptop settings are valid and name the approver of production', () => {
  const file: unknown = parse(readFileSync(path.join(__dirname, '../../examples/slipway.yaml'), 'utf8'));
  const settings = settingsSchema.parse(file);
  const production = environmentOf(settings, 'hello', 'production');
  expect(production?.target).toMatchObject({ functionApp: 'hello-production', slot: 'staging' });
  expect(production?.policy.gates).toMatchObject([{ approvers: ['approver@example.com'] }]);
  expect(production?.policy.checks).toHaveLength(3);
});
