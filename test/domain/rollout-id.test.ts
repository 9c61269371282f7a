import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { rolloutIdOf, versionSlug } from '../../src/domain/rollout-id';

test.each([
  ['V1.2.3', 'v1-2-3'],
  ['  2026.11.29 (RC #4)!! ', '2026-11-29-rc-4'],
  ['--v2--', 'v2'],
  ['a-version-that-is-longer-than-thirty-characters', 'a-version-that-is-longer-than'],
  ['Ω', ''],
])('of version %s an id has %j', (version, slug) => {
  expect(versionSlug(version)).toBe(slug);
});

test('an id is short enough and of letters, digits and single dashes, whatever the version', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (version, key) => {
      expect(versionSlug(version).length).toBeLessThanOrEqual(30);
      expect(rolloutIdOf('hello', 'production', version, key)).toMatch(/^hello-production(?:-[a-z0-9]+)*-[0-9a-f]{8}$/);
    }),
  );
});
