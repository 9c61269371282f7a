import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { describeMistakes, readSettings } from '../../src/domain/read-settings';

const root = path.join(__dirname, '../..');

test('the examples of docs/channels.md are settings', () => {
  const blocks = [...readFileSync(path.join(root, 'docs/channels.md'), 'utf8').matchAll(/```yaml\n(.*?)```/gs)];
  expect(blocks.length).toBeGreaterThan(0);
  const example = parse(readFileSync(path.join(root, 'examples/slipway.yaml'), 'utf8')) as object;
  for (const [, text = ''] of blocks) {
    const read = readSettings(JSON.stringify({ ...example, ...(parse(text) as object) }));
    expect(read.kind === 'mistakes' ? describeMistakes('docs/channels.md', read.mistakes) : []).toEqual([]);
  }
});
