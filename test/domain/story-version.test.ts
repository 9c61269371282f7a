import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isOlder } from '../../src/domain/story-version';

it('compares versions part by part, as numbers', () => {
  expect(isOlder('0.9.0', '0.10.0')).toBe(true);
  expect(isOlder('0.10.0', '0.9.9')).toBe(false);
  expect(isOlder('1.0', '1.0.0')).toBe(false);
  expect(isOlder('1', '1.0.1')).toBe(true);
  expect(isOlder('1.0.1', '1')).toBe(false);
});

it('takes a story that was begun without a version for older than any', () => {
  expect(isOlder(undefined, '0.0.1')).toBe(true);
  expect(isOlder('', '0.0.1')).toBe(true);
});

it('is an order: of two versions one is older, or they are the same', () => {
  const version = fc.tuple(fc.nat(20), fc.nat(20), fc.nat(20)).map((parts) => parts.join('.'));
  fc.assert(
    fc.property(version, version, (a, b) => {
      expect([isOlder(a, b), isOlder(b, a), a === b].filter(Boolean)).toHaveLength(1);
    }),
  );
});
