import { expect, test } from '@jest/globals';
import { nextKeys } from '../../scripts/next-keys';

const at = (day: string): Date => new Date(`${day}T12:00:00Z`);
const make = (): string => 'a'.repeat(43);
const ids = (text: string): string[] => text.split(',').map((one) => one.split(':')[0] ?? '');

test('the first key of a secret has its day for an id', () => {
  expect(nextKeys('link', '', at('2026-11-24'), make)).toBe(`k20261124:${make()}`);
});

test('a second rotation on one day makes another id', () => {
  const first = nextKeys('link', '', at('2026-11-24'), make);
  expect(ids(nextKeys('link', first, at('2026-11-24'), make))).toEqual(['k20261124-2', 'k20261124']);
});

test('links of an ask that is open for 30 days are still verified after a rotation, and old keys go', () => {
  const keys = `k20261101:${make()},k20260920:${make()},k20260801:${make()}`;
  expect(ids(nextKeys('link', keys, at('2026-11-10'), make))).toEqual(['k20261110', 'k20261101', 'k20260920']);
});

test('the key that was newest until now stays however old it is: asks of yesterday were signed with it', () => {
  expect(ids(nextKeys('link', `k20250101:${make()}`, at('2026-11-10'), make))).toEqual(['k20261110', 'k20250101']);
});

test('the ledger loses no key', () => {
  expect(ids(nextKeys('ledger', `k20200101:${make()},own:${make()}`, at('2026-11-10'), make))).toEqual(['k20261110', 'k20200101', 'own']);
});
