import { describe, expect, test } from '@jest/globals';
import { momentOf } from '../../local/host/durable/dotnet-moment';
import { booleanOf, integerOf, numberOf, queryOf, statusesIn } from '../../local/host/durable/query';
import { addressOf, segmentsOf } from '../../local/host/durable/request-path';

const query = (search: string) => queryOf(new URL(`http://h/?${search}`));

describe('the query', () => {
  test.each([
    ['a=1', '1'],
    ['A=1&a=2', '1,2'],
    ['a=', ''],
    ['a', undefined],
    ['b=a', undefined],
    ['a=x+y%20z%2B', 'x y z+'],
    ['b&a=1&c', '1'],
    ['', undefined],
  ])('%s', (search, read) => {
    expect(query(search).value('a')).toBe(read);
  });

  test.each([
    ['runtimeStatus=Completed,Failed', ['Completed', 'Failed']],
    ['runtimestatus=Running&runtimeStatus=%20Pending', ['Running', 'Pending']],
    // Small letters are no status: the filter is left out.
    ['runtimeStatus=completed,Bogus,', []],
    ['runtimeStatus=1,7,42,-1', ['Completed', 'Suspended', '42', '-1']],
  ])('%s', (search, read) => {
    expect(statusesIn(query(search))).toEqual(read);
  });

  test('booleans and numbers as .NET reads them', () => {
    expect(['true', ' FALSE ', '1', '', undefined].map(booleanOf)).toEqual([true, false, undefined, undefined, undefined]);
    expect(['2', ' -1 ', '+3', '1.0', '99999999999', 'abc', undefined].map(integerOf)).toEqual([2, -1, 3, ...Array<undefined>(4)]);
    expect(['1.5', '1e1', '1,000', '.5', '5.', 'x', '', undefined].map(numberOf)).toEqual([1.5, 10, 1000, 0.5, 5, ...Array<undefined>(3)]);
  });
});

describe('a time', () => {
  test.each([
    ['2026-11-23T06:45:28Z', '2026-11-23T06:45:28.000Z'],
    ['2026-11-23T06:45:28.1234567Z', '2026-11-23T06:45:28.123Z'],
    ['2026-11-23T06:45:28+02:00', '2026-11-23T04:45:28.000Z'],
    ['2026-11-23T06:45:28.5-0130', '2026-11-23T08:15:28.500Z'],
    ['2026-11-23 06:45', '2026-11-23T06:45:00.000Z'],
    ['2026-11-23', '2026-11-23T00:00:00.000Z'],
    ['2026/1/2', '2026-01-02T00:00:00.000Z'],
    ['11/23/2026 6:45:28 PM', '2026-11-23T18:45:28.000Z'],
    ['1/2/26', '2026-01-02T00:00:00.000Z'],
    ['Mon, 23 Nov 2026 06:45:28 GMT', '2026-11-23T06:45:28.000Z'],
    ['November 23, 2026', '2026-11-23T00:00:00.000Z'],
    ['1-01-01T00:00:00', '0001-01-01T00:00:00.000Z'],
  ])('%s', (text, read) => {
    expect(new Date(momentOf(text) ?? NaN).toISOString()).toBe(read);
  });

  test.each([
    undefined,
    '',
    'bogus',
    'notadate 1',
    '2026',
    '1',
    '2026-13-01',
    '2026-02-30',
    '2026-11-23T25:00:00Z',
    '2026-11-23T06:61',
    '13/13/2026',
    // A plus sign that was not encoded.
    '2026-11-23T06:45:28 02:00',
  ])('none: %s', (text) => {
    expect(momentOf(text)).toBeUndefined();
  });
});

test.each([
  ['instances/a', ['instances', 'a']],
  ['/instances/a/', ['instances', 'a']],
  ['instances//a', undefined],
  ['', undefined],
  // Recorded.
  ['instances/a%2Bb', ['instances', 'a b']],
  ['instances/a%25b', ['instances', 'a%b']],
  ['instances/%C5%BE', ['instances', 'ž']],
  ['instances/a%2Fb', ['instances', 'a', 'b']],
  // From the source.
  ['instances/a%2520b', ['instances', 'a b']],
  ['instances/a%252Bb', ['instances', 'a+b']],
  ['instances/a%25252Bb', ['instances', 'a+b']],
  ['instances/a%252Fb', ['instances', 'a', 'b']],
  ['instances/%FF', ['instances', '\uFFFD']],
])('the path %s', (path, segments) => {
  expect(segmentsOf(path)).toEqual(segments);
});

test.each([
  ['/instances/%40counter%40k?showHistory=true&code=a%2Fb', '/instances/@counter@k?showHistory=true&code=a%2Fb'],
  ['/instances/a%3Ab%2Bc%20%23%C5%BE%2Fd', '/instances/a:b+c%20%23%C5%BE%2Fd'],
  ['/instances/a%25b%2520', '/instances/a%25b%20'],
])('the address of %s', (asked, address) => {
  expect(addressOf(new URL(asked, 'http://127.0.0.1:7071'))).toBe(`http://127.0.0.1:7071${address}`);
});
