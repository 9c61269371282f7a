import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { bindingData, jsonProperties } from '../../local/host/binding-data';
import { parseExpression } from '../../local/host/binding-expression';
import { formatDate } from '../../local/host/dotnet-date';

const nowMs = Date.UTC(2026, 0, 5, 9, 3, 7, 45);
const world = { now: () => nowMs, functionName: 'fn' };
const bind = (text: string, data: Record<string, unknown> = {}): string => parseExpression(text).bind(bindingData(data), world);

describe('a binding expression', () => {
  test.each([
    ['plain/text', {}, 'plain/text'],
    ['{{x}}', {}, '{x}'],
    ['in/{name}.txt', { Name: 'a' }, 'in/a.txt'],
    ['{NAME}', { name: 7 }, '7'],
    ['{a.b.C}', { a: { B: { c: true } } }, 'True'],
    ['{object}', { object: { a: 1 } }, ''],
    ['{DateTime}', {}, '2026-01-05T09-03-07Z'],
    ['{datetime:yyyyMMdd-HHmm}', {}, '20260105-0903'],
    // The real one splits at full stops first, and so loses what follows one.
    ['{datetime:yyyy.MM}', {}, '2026'],
    ['{datetime}', { DateTime: 'given' }, 'given'],
    ['{sys.utcnow:yyyy}', {}, '2026'],
    ['{sys.methodname}', {}, 'fn'],
  ])('%s with %j is %s', (text, data, bound) => {
    expect(bind(text, data)).toBe(bound);
  });

  test('makes GUIDs, a new one each time', () => {
    expect(bind('{rand-guid}')).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(bind('{rand-guid:N}')).toMatch(/^[0-9a-f]{32}$/);
    expect(bind('{sys.randguid:B}')).toMatch(/^\{[0-9a-f-]{36}\}$/);
    expect(bind('{rand-guid}')).not.toBe(bind('{rand-guid}'));
  });

  test.each([
    ['{missing}', "No value for named parameter 'missing'."],
    ['{rand-guid:Q}', 'no format "Q"'],
    ['{sys.moon}', '"sys" has no "moon"'],
  ])('%s fails the call', (text, reason) => {
    expect(() => bind(text)).toThrow(reason);
  });

  test('a member that is not there fails the call', () => {
    expect(() => bind('{a.b}', { a: {} })).toThrow("Error while accessing 'b': property doesn't exist.");
  });

  test.each([
    ['{', 'closing brace is missing'],
    ['x}', 'opening brace is missing'],
    ['{}', 'the name "" is refused'],
    ['{a-b}', 'the name "a-b" is refused'],
    ['{1a}', 'refused'],
    ['{a..b}', 'refused'],
  ])('%s is refused', (text, reason) => {
    expect(() => parseExpression(text)).toThrow(reason);
  });

  test('captures the names of a path, each as much as it can, and regards case', () => {
    const path = parseExpression('in/{name}.{ext}');
    expect(path.capture('in/a/b.c.txt')).toEqual({ name: 'a/b.c', ext: 'txt' });
    expect(path.capture('in/none')).toBeUndefined();
    expect(path.capture('IN/a.b')).toBeUndefined();
    expect(parseExpression('in/a+b').capture('in/aab')).toBeUndefined();
  });

  test('what is captured, bound again, is the path', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z./-]{0,8}$/), fc.stringMatching(/^[a-z]{1,4}$/), (name, end) => {
        const path = parseExpression('in/{name}.{end}');
        const captured = path.capture(`in/${name}.${end}`);
        expect(captured && path.bind(bindingData(captured), world)).toBe(`in/${name}.${end}`);
      }),
    );
  });
});

test.each([
  ['o', '2026-01-05T09:03:07.0450000Z'],
  ['s', '2026-01-05T09:03:07'],
  ['R', 'Mon, 05 Jan 2026 09:03:07 GMT'],
  ['dddd d MMMM yy h:mm tt', 'Monday 5 January 26 9:03 AM'],
  ["HH'h'mm\\msszzz", '09h03m07+00:00'],
  ['ss.fff.FF', '07.045.04'],
  ['%d', '5'],
])('the date format %s', (format, text) => {
  expect(formatDate(nowMs, format)).toBe(text);
});

test('a date format of one letter that is not known is refused', () => {
  expect(() => formatDate(nowMs, 'q')).toThrow('The date format "q" is not known');
});

test('properties of JSON are names, without arrays and nulls; other text has none', () => {
  expect(jsonProperties(' {"a":1,"b":[1],"c":null,"d":{"e":2}}')).toEqual({ a: 1, d: { e: 2 } });
  expect([jsonProperties('[1]'), jsonProperties('{'), jsonProperties(undefined)]).toEqual([{}, {}, {}]);
});
