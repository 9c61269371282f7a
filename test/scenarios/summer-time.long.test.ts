import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { answerAsk, expectTold, makeApp, view } from './app';
import { startStack, type Stack } from './harness';

/** The night in which clocks in Berlin go from 02:00 to 03:00: a window is what clocks on the wall show, and no hour is waited too long. */
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    beginsAt: '2026-03-28T23:00:00Z',
    apps: {
      night: { calendar: { zone: 'Europe/Berlin', windows: [{ days: ['sun'], from: '03:30', to: '05:00' }] }, expiry: '12h' },
      frozen: {
        calendar: { zone: 'Europe/Berlin', freezes: [{ from: '2026-03-28', to: '2026-03-29T04:00', reason: 'the clocks change' }] },
        expiry: '12h',
      },
    },
  });
});
afterAll(() => stack.stop());

test.each([
  ['night', '2026-03-29T01:30:00Z'],
  ['frozen', '2026-03-29T02:00:00Z'],
])('%s: the swap begins at %s', async (name, opensAt) => {
  const app = await makeApp(stack, name);
  const id = await app.start({ version: '2.0.0' });
  await answerAsk(stack, id, 'yes');
  const swapping = async () => (await view(stack, id)).phases.find(({ phase }) => phase === 'swapping');
  await stack.until('it swaps', async () => (await swapping()) !== undefined, { stepSeconds: 60, withinSeconds: 12 * 3600 });
  const lateMs = Date.parse((await swapping())!.startedAt) - Date.parse(opensAt);
  expect(lateMs).toBeGreaterThanOrEqual(0);
  expect(lateMs).toBeLessThan(10_000);
  await expectTold(stack, id, { outcome: 'deployed' });
  expect(await app.production()).toBe('2.0.0');
});
