import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Stack } from '../scenarios/harness';
import { writeRecording } from './recordings';
import { storyStack, tellStories, type Recording } from './tell-stories';
import { toldOtherwise } from './told-otherwise';

/** What `npm run record-history` writes down, and that it can be told again. */
let stack: Stack;
let told: Recording;

beforeAll(async () => {
  stack = await storyStack();
  told = await tellStories(stack);
}, 240_000);
afterAll(() => stack.stop());

test('what this version told it tells again, to the byte', async () => {
  expect(told.turns.length).toBeGreaterThan(30);
  expect(await toldOtherwise(told, { model: stack.model })).toEqual([]);
  const version = process.env['SLIPWAY_RECORD_HISTORY'];
  if (version !== undefined) writeRecording(version, told);
});
