import { expect, test } from '@jest/globals';
import * as tables from '../../src/domain/tables';

const rowsOfOne = () => [
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
  ...['a', 'b'].flatMap((id) => [tables.openKey(id), tables.endedKey(id, '2026-11-23T10:00:00.000Z')]),
  ...['a', 'b'].flatMap((id) => [tables.noticeKey(id), tables.incidentKey(id), tables.ledgerIdKey(id)]),
  ...[null, 'all', 'hello'].map(tables.stopKey),
];

test('each row has a key of its own, without what Tables refuse', () => {
  const rows = rowsOfOne();
  expect(new Set(rows).size).toBe(rows.length);
  for (const key of [...rows, tables.decisionKey('g', 'a/b?c#d\\e'), tables.keyPartition('a/b?c#d\\e')]) expect(key).toMatch(/^[\w.-]+$/);
});

test('one who decides has one row, however the address is written', () => {
  expect(tables.decisionKey('release', 'Ann@Example.com')).toBe(tables.decisionKey('release', 'ann@example.com'));
});

test('entries of a ledger lie in their order', () => {
  const keys = [1, 2, 10, 99, 100, 12345].map(tables.ledgerEntryKey);
  expect([...keys].sort()).toEqual(keys);
});

test('what ended last comes first', () => {
  const times = ['1999-12-31T23:59:59.999Z', '2026-11-23T10:00:00.000Z', '2026-11-23T10:00:00.001Z', '2286-11-20T17:46:39.999Z'];
  const keys = times.map((at) => tables.endedKey('a', at));
  expect([...keys].sort()).toEqual(keys.reverse());
});

test('keys stay the same over versions of Slipway, or it would not find what an older one wrote', () => {
  const {
    decisionKey,
    endedKey,
    gateKey,
    incidentKey,
    keyPartition,
    lanePartition,
    ledgerEntryKey,
    ledgerIdKey,
    noticeKey,
    openKey,
    pushKey,
    stopKey,
    swapKey,
  } = tables;
  expect([gateKey('release'), pushKey(1), swapKey(2), noticeKey('n'), incidentKey('room-r1'), ledgerEntryKey(7)]).toEqual([
    ...['gate-release', 'push-1', 'swap-2', 'notice-n', 'incident-room-r1', 'ledger-0000000007'],
  ]);
  expect([openKey('r1'), endedKey('r1', '2026-11-23T10:00:00.000Z')]).toEqual(['open-r1', 'ended-8204571999999-r1']);
  expect([lanePartition('hello', 'production'), stopKey(null), stopKey('hello')]).toEqual(['hello.production', 'all', 'app-hello']);
  expect([decisionKey('release', 'Jürgen@example.com'), ledgerIdKey('r1:granted'), keyPartition('request:1')]).toEqual([
    'decision-release-3d2a5310682ac922a4ba3ffac29753c038ecc44ac4c45c7a3b05ac5e155dd036',
    'entry-d66eb64a34334df2b69ace803ee13104a0e70e81badc8f351050d315e599bf07',
    'key-6ddc164a1c28db19cbbd4f7214a80364f3cb3524502c1cc2bf710ea9f54b8c7f',
  ]);
});
