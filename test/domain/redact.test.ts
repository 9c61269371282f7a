import { describe, expect, it } from '@jest/globals';
import { cutToBytes, redactJson, redactText } from '../../src/domain/redact';
import { oneLine, plainText } from '../../src/domain/escape-html';

describe('what may be secret', () => {
  it.each([
    ['https://ann:pw@builds.example.com/a.zip?sig=abc\nnext', 'https://[withheld]@builds.example.com/a.zip?[withheld]\nnext'],
    ['see http://x.example.com/#code and go on', 'see http://x.example.com/?[withheld] and go on'],
    ['settings: A=1\nB=2', 'settings: [withheld]'],
    ['"appSettings" : {"A":1}}', '"appSettings" : [withheld]'],
    ["'settings'=x", "'settings'= [withheld]"],
    ['Bearer   abc.def and more', 'Bearer [withheld] and more'],
    ['api-key = "one two" rest', 'api-key = [withheld] rest'],
    ["password:'one two' rest", 'password:[withheld] rest'],
    ['passwort=geheim, rest', 'passwort=[withheld], rest'],
    ["{'appsettings':{'A':'1'}}", "{'appsettings': [withheld]"],
    ['appsettings=x', 'appsettings= [withheld]'],
    ['amqps://ann:pw@bus.example.com/?x=1', 'amqps://[withheld]@bus.example.com/?[withheld]'],
    ['git+ssh://ann@example.com', 'git+ssh://[withheld]@example.com'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.s1gn', '[withheld]'],
    ['c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LQ==', '[withheld]'],
    ['QUJDREVGQUJDREVGQUJDREVGQUJDREVG12345678', '[withheld]'],
  ])('is taken out of %j', (text, redacted) => {
    expect(redactText(text)).toBe(redacted);
  });

  it.each([
    'hello-production-2026-11-29-0a1b2c3d',
    'node_modules/readableStream/lib/internal/streams',
    'src/activities/PushPackage/openRound-waitForLane',
    'abcdefghijklmnopqrstuvwx-and-more-words',
    'Nothing to hide; the code of the app is fine',
  ])('is not seen in %j', (text) => {
    expect(redactText(text)).toBe(text);
  });

  it.each([
    'abcdefghijklmnopqrstuvwxyzabcdefghij',
    'words-and-0a1b2c3d4e5f60718293a4b5',
    'words-and-some-numbers-1234567-too',
    'words-and-some-UPPERCASE-WORDS-too',
  ])('may be in %j, which falls apart into no words', (text) => {
    expect(redactText(text)).toBe('[withheld]');
  });

  it('is what settings hold, by whatever name, and what telling names hold; yes, no and nothing tell nothing', () => {
    expect(redactJson({ settings: { a: 'x' }, AppSettings: { b: 1 }, settingsFile: { c: 'f' }, mySettings: { d: 'm' } })).toEqual({
      settings: { a: '[withheld]' },
      AppSettings: { b: '[withheld]' },
      settingsFile: { c: 'f' },
      mySettings: { d: 'm' },
    });
    expect(redactJson([{ sha256: 'AbC' }, 'https://x/?y'])).toEqual([{ sha256: 'AbC' }, 'https://x/?[withheld]']);
    expect(redactJson({ token: 'x', functionKey: true, secret: null, list: { keys: [1] } })).toEqual({
      token: '[withheld]',
      functionKey: true,
      secret: null,
      list: { keys: '[withheld]' },
    });
  });

  it('is withheld below twenty levels', () => {
    const nested = (levels: number): unknown => (levels === 0 ? 'end' : { in: nested(levels - 1) });
    const listed = (levels: number): unknown => (levels === 0 ? 'end' : [listed(levels - 1)]);
    for (const deep of [nested, listed]) {
      expect(redactJson(deep(20))).toEqual(deep(20));
      expect(JSON.stringify(redactJson(deep(21)))).toContain('[withheld]');
    }
  });
});

it('cuts between characters', () => {
  expect(cutToBytes('abcd', 4)).toBe('abcd');
  expect(cutToBytes('abcd', 3)).toBe('abc');
  expect(cutToBytes('aé', 2)).toBe('a');
  expect(cutToBytes('a\uFFFDbc', 5)).toBe('a\uFFFDb');
});

it('keeps lines where they may be, and puts all on one where they may not', () => {
  expect(plainText('a\nb\u0007c\u202ed')).toBe('a\nbcd');
  expect(oneLine(' a\r\n\tb\u0007 ')).toBe('a b');
});
