import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { toldInNext } from './next-version';
import { currentVersion, readRecording, recordedVersions } from './recordings';
import { shapeOf, toldOtherwise } from './told-otherwise';

/**
 * Our own upgrade: a rollout that an older version began is gone on with by this one, so whatever that version's story did at a history, this one must
 * do too. `recorded/` holds what every version left behind at its release (`npm run record-history`).
 */
test('new stories get the version of the package, and that one is recorded', () => {
  const { extensions } = JSON.parse(readFileSync(path.join(__dirname, '../../host.json'), 'utf8')) as {
    extensions: { durableTask: { defaultVersion: string } };
  };
  expect(extensions.durableTask.defaultVersion).toBe(currentVersion());
  expect(recordedVersions()).toContain(currentVersion());
});

describe.each(recordedVersions())('stories that %s began', (version) => {
  const recording = readRecording(version);

  test('were of every kind', () => {
    expect(new Set(recording.turns.map(({ functionName }) => functionName))).toEqual(new Set(['rollout', 'deliverNotice', 'endRollout']));
  });

  test('are told alike', async () => {
    expect(await toldOtherwise(recording, { see: shapeOf })).toEqual([]);
  });

  test('would not be, if two activities changed places without a version branch', async () => {
    const [first, second] = ['"switchOffTriggers"', '"writeMarker"'] as const;
    const change = (text: string): string => text.replace(first, 'another').replace(second, first).replace('another', second);
    const found = await toldOtherwise(recording, { change, see: shapeOf });
    expect(found.length).toBeGreaterThan(5);
    for (const sentence of found) expect(sentence).toContain(first);
  });

  test('are told alike by a version that tells its own in another shape', async () => {
    expect(await toldOtherwise(recording, { plugins: [toldInNext], see: shapeOf })).toEqual([]);
  });

  test('would not be, if that one had no version branch', async () => {
    const change = (text: string): string => text.replace(/!isOlder\(.*\)/, 'true');
    const found = await toldOtherwise(recording, { plugins: [toldInNext], change, see: shapeOf });
    expect(found.length).toBeGreaterThan(5);
    for (const sentence of found) expect(sentence).toContain('"lookAtSlots"');
  });

  test('hold no secret, and nothing of the machine they were recorded on', () => {
    const text = JSON.stringify(recording);
    expect(text).not.toMatch(/AccountKey|SharedAccessSignature|[?&]sig=|Bearer |PRIVATE KEY/);
    expect(text).not.toMatch(/\/(?:tmp|home|root|Users|var|work)\/|[A-Z]:\\\\/);
  });
});
