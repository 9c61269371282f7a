import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { durableMembers, membersPage, namedInTests, titlesOf } from '../../scripts/durable-members';

const root = path.join(__dirname, '../..');
const members = durableMembers(root).map((member) => member.name);

test("every public member of durable-functions is named by a test's title", () => {
  const named = namedInTests(__dirname);
  // The package's declarations were really read.
  expect(members).toEqual(
    expect.arrayContaining([
      'DurableOrchestrationContext.Task.any',
      'TimerTask.cancel',
      'DurableEntityContext.return',
      'DurableClient.rewind',
    ]),
  );
  expect(members.length).toBeGreaterThan(150);
  expect(members.filter((member) => !named.has(member))).toEqual([]);
});

test('a title names no member that is not there', () => {
  const owners = new Set(members.map((member) => member.split('.')[0]));
  const misnamed = [...namedInTests(__dirname).keys()].filter((name) => owners.has(name.split('.')[0]) && !members.includes(name));
  expect(misnamed).toEqual([]);
});

test('titles are read also where `each` and `describe` hold them', () => {
  const text = "describe('a', () => { test.each([1])('b %i', () => {}); test(`c`, () => {}); other('d'); });";
  expect(titlesOf('x.ts', text)).toEqual(['a', 'b %i', 'c']);
});

test('MEMBERS.md is as `npm run members` writes it', () => {
  expect(readFileSync(path.join(root, 'local/host/MEMBERS.md'), 'utf8')).toBe(membersPage(root));
});
