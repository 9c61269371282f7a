import fc from 'fast-check';
import { cutText, richestThatFits } from '../../src/domain/fit-text';

describe('a text that has to fit', () => {
  it('is never longer than it may be, begins as it was, and ends in a whole character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 30 }), (text, most) => {
        const cut = cutText(text, most);
        expect(cut.length).toBeLessThanOrEqual(most);
        expect(cut === text || (cut.endsWith('…') && text.startsWith(cut.slice(0, -1)))).toBe(true);
        expect(cut).toBe(Buffer.from(cut, 'utf8').toString('utf8'));
      }),
    );
    expect(cutText('😀😀', 2)).toBe('…');
    expect(cutText('one two', 5)).toBe('one…');
    expect(cutText('one two', 7)).toBe('one two');
  });
});

describe('the richest draft that fits', () => {
  const draft = (text: string) => (longest: number, most: number) => Array.from({ length: most }, () => cutText(text, longest));

  it('is as rich as there is room', () => {
    expect(richestThatFits(1000, draft('x'))).toHaveLength(60);
    // 60 times "x" in quotes, the commas, the brackets; in bytes, not in characters.
    expect(richestThatFits(241, draft('x'))).toHaveLength(60);
    expect(richestThatFits(240, draft('x'))).toHaveLength(30);
    expect(richestThatFits(241, draft('ü'))).toHaveLength(30);
    expect(richestThatFits(200, draft('x'))).toHaveLength(30);
    expect(richestThatFits(10, draft('x'))).toHaveLength(3);
    expect(richestThatFits(20_000, draft('x'.repeat(5000)))[0]).toHaveLength(600);
  });
});
