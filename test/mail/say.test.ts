import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { escapeHtml, oneLine } from '../../src/domain/escape-html';
import { asSentence, sayBetween, sayDuration, sayFunctions, sayLatency, saySize, sayTime } from '../../src/domain/say';

describe('what is said of', () => {
  test.each([
    [-5, '0.0 s'],
    [300, '0.3 s'],
    [9_949, '9.9 s'],
    [9_950, '10 s'],
    [71_000, '71 s'],
    [119_400, '119 s'],
    [119_600, '2 min'],
    [720_000, '12 min'],
    [3_569_000, '59 min'],
    [3_570_000, '1 h 00 min'],
    [11_100_000, '3 h 05 min'],
    [172_740_000, '47 h 59 min'],
    [172_800_000, '2 days'],
    [9 * 86_400_000, '9 days'],
  ])('a duration of %d ms is %s', (milliseconds, said) => expect(sayDuration(milliseconds)).toBe(said));

  test('any duration has one of five forms', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e11 }), (ms) =>
        /^(\d\.\d s|\d{2,3} s|\d{1,2} min|\d{1,2} h \d\d min|\d+ days)$/.test(sayDuration(ms)),
      ),
    );
  });

  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.0 kB'],
    [4_120, '4.1 kB'],
    [41_300, '41 kB'],
    [999_499, '999 kB'],
    [999_500, '1.0 MB'],
    [9_949_000, '9.9 MB'],
    [9_950_000, '10 MB'],
    [12_000_000, '12 MB'],
    [999_499_999, '999 MB'],
    [999_500_000, '1.0 GB'],
    [1_300_000_000, '1.3 GB'],
    [4_000_000_000_000, '4000 GB'],
  ])('a size of %d bytes is %s', (bytes, said) => expect(saySize(bytes)).toBe(said));

  test.each([
    ['we look', 'we look.'],
    [' we look. ', 'we look.'],
    ['Really?', 'Really?'],
    ['He said “no.”', 'He said “no.”'],
    ['see 2.0 first', 'see 2.0 first.'],
    ['  why not now ', 'why not now.'],
  ])('%j is the sentence %j', (text, sentence) => expect(asSentence(text)).toBe(sentence));

  test('a latency, a time and a span', () => {
    expect([sayLatency(411.6), sayLatency(999.6), sayLatency(1_900)]).toEqual(['412 ms', '1.0 s', '1.9 s']);
    expect(sayTime('2026-11-23T11:34:56.789Z')).toBe('2026-11-23 11:34 UTC');
    expect(sayBetween('2026-11-23T11:34:00Z', '2026-11-23T11:46:00Z')).toBe('12 min');
  });
});

describe('text for HTML', () => {
  test('holds no markup, no quotes, and nothing that turns a line round', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', 'a', '\u202e', '\u0000', '\u2066', '\n', '\u0085') }),
        (text) => {
          expect(escapeHtml(text)).not.toMatch(/[<>"'\u202e\u2066]|(?!\n)\p{Cc}|&(?!amp;|lt;|gt;|quot;|#39;)/u);
        },
      ),
    );
    expect(escapeHtml('<a href="x">A & B\'s</a>')).toBe('&lt;a href=&quot;x&quot;&gt;A &amp; B&#39;s&lt;/a&gt;');
  });

  test('on one line stays on one line', () => {
    expect(oneLine(' 2.0.0\r\nBcc: eve@example.com\u2028x\t')).toBe('2.0.0 Bcc: eve@example.com x');
  });
});

test('one function is said as one', () => {
  expect([1, 2].map(sayFunctions)).toEqual(['1 function', '2 functions']);
});
