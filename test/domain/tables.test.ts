import { expect, test } from '@jest/globals';
import * as tables from '../../src/domain/tables';

const rowsOfOne = [
  tables.rolloutKey,
  tables.sourceKey,
  tables.releaseSettingsKey,
  tables.laneKey,
  tables.ledgerHeadKey,
  ...['release', 'security'].flatMap((gate) => [
    tables.gateKey(gate),
    ...['ann@example.com', 'ben@example.com'].map((one) => tables.decisionKey(gate, one)),
  ]),
  ...[1, 2].flatMap((n) => [tables.pushKey(n), tables.swapKey(n), tables.ledgerEntryKey(n)]),
  ...['a', 'b'].flatMap((id) => [tables.noticeKey(id), tables.incidentKey(id), tables.ledgerIdKey(id)]),
  ...[null, 'all', 'hello'].map(tables.stopKey),
];

test('each row has a key of its own, without what Tables refuse', () => {
  expect(new Set(rowsOfOne).size).toBe(rowsOfOne.length);
  for (const key of [...rowsOfOne, tables.decisionKey('g', 'a/b?c#d\\e'), tables.keyPartition('a/b?c#d\\e')])
    expect(key).toMatch(/^[\w.-]+$/);
});

test('one who decides has one row, however the address is written', () => {
  expect(tables.decisionKey('release', 'Ann@Example.com')).toBe(tables.decisionKey('release', 'ann@example.com'));
});

test('entries of a ledger lie in their order', () => {
  const keys = [1, 2, 10, 99, 100, 12345].map(tables.ledgerEntryKey);
  expect([...keys].sort()).toEqual(keys);
});
