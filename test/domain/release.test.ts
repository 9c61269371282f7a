import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { digestOfMarker, disablingSetting, markerOf, rolloutOfMarker } from '../../src/domain/release';

const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/);
const sha256 = fc.stringMatching(/^[0-9a-f]{64}$/);

test('a marker says which rollout staged the slot, and the beginning of its digest', () => {
  fc.assert(
    fc.property(id, sha256, (rolloutId, digest) => {
      const marker = markerOf(rolloutId, digest);
      expect(marker).toBe(`${rolloutId}.${digest.slice(0, 12)}`);
      expect([rolloutOfMarker(marker), digestOfMarker(marker)]).toEqual([rolloutId, digest.slice(0, 12)]);
    }),
  );
});

test.each(['', 'r1', 'r1.', 'r1.0a1b2c3d4e5', 'r1.0a1b2c3d4e5f6', 'r1.0A1B2C3D4E5F', 'r1.ghijklmnopqr', 'r1.0a1b2c3d4e5f '])(
  'what somebody else wrote there, as %j, names neither',
  (text) => {
    expect([rolloutOfMarker(text), digestOfMarker(text)]).toEqual([undefined, '']);
  },
);

test('a function is switched off by the setting that the Functions host reads', () => {
  expect(disablingSetting('on-order')).toBe('AzureWebJobs.on-order.Disabled');
});
