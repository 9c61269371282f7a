import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { answerAsk, atStep, build, expectTold, makeApp, postsOf, reach, swappersOf, type App } from './app';
import { startStack, type Stack } from './harness';

/** Somebody else works on the same function app, at the worst of times. Slipway never takes their content to production unless Azure itself did. */
let stack: Stack;
let foreign: Buffer;
beforeAll(async () => {
  const names = ['proving', 'swaps', 'deploys', 'there-and-back', 'before', 'swaps-before', 'during'];
  const apps = Object.fromEntries(names.map((name) => [name, {}]));
  stack = await startStack({ apps: { ...apps, staging: { deployment: { within: '2m', poll: '20s' } } } });
  foreign = (await build({ version: '6.6.6' })).zip;
});
afterAll(() => stack.stop());

async function begun(name: string): Promise<{ app: App; id: string; pushes: () => Promise<void> }> {
  const app = await makeApp(stack, name);
  const id = await app.start({ version: '2.0.0' });
  return { app, id, pushes: () => stack.azure.strangerPushes(app.site, 'staging', foreign) };
}

const swapped = (app: App): Promise<unknown> => Promise.all([stack.azure.strangerSwaps(app.site, 'staging'), stack.advance(10)]);

test('deploys to staging just before Slipway reads back what it pushed: that is not proven, and nobody is asked', async () => {
  const { app, id, pushes } = await begun('staging');
  atStep(stack, id, 'proveStaging', pushes);
  await expectTold(stack, id, { outcome: 'failed', code: 'staging-unproven' });
  expect(await app.production()).toBe('1.0.0');
  expect(postsOf(stack, app)).toEqual([]);
});

test('deploys to staging just before it is checked: the check sees the wrong release', async () => {
  const { app, id, pushes } = await begun('proving');
  atStep(stack, id, 'runCheck', pushes);
  const { ending } = await expectTold(stack, id, { outcome: 'failed', code: 'check-unhealthy' });
  expect(ending?.reason).toContain('6.6.6');
  expect(await app.production()).toBe('1.0.0');
  expect(postsOf(stack, app)).toEqual([]);
});

test('swaps at the gate: the yes comes to nothing, and the mail says what production serves', async () => {
  const { app, id } = await begun('swaps');
  await reach(stack, id, 'asking');
  await swapped(app);
  await answerAsk(stack, id, 'yes');
  const { ending } = await expectTold(stack, id, { outcome: 'failed', code: 'staging-changed' });
  expect(ending?.reason).toContain('Slipway did not touch production.');
  expect(ending?.serves).toContain('serves 2.0.0');
  expect(await app.production()).toBe('2.0.0');
  expect(postsOf(stack, app)).toEqual([]);
});

test('deploys to production at the gate: the ask showed something else, so nothing is swapped', async () => {
  const { app, id } = await begun('deploys');
  await reach(stack, id, 'asking');
  await stack.azure.strangerPushes(app.site, 'production', foreign);
  await answerAsk(stack, id, 'yes');
  await expectTold(stack, id, { outcome: 'failed', code: 'production-changed' });
  // Until what was pushed has started.
  await stack.advance(1);
  expect(await app.production()).toBe('6.6.6');
  expect(postsOf(stack, app)).toEqual([]);
});

test('swaps there and back at the gate: both slots hold what the ask showed, so the yes counts', async () => {
  const { app, id } = await begun('there-and-back');
  await reach(stack, id, 'asking');
  await swapped(app);
  await swapped(app);
  await answerAsk(stack, id, 'yes');
  await expectTold(stack, id, { outcome: 'deployed' });
  expect(await app.production()).toBe('2.0.0');
  expect(swappersOf(stack, app)).toEqual(['stranger', 'stranger', 'arm']);
});

test('deploys to staging between the grant and the swap: it is not posted', async () => {
  const { app, id, pushes } = await begun('before');
  atStep(stack, id, 'postSwap', pushes);
  await answerAsk(stack, id, 'yes');
  await expectTold(stack, id, { outcome: 'failed', code: 'swap-not-posted' });
  expect(await app.production()).toBe('1.0.0');
  expect(postsOf(stack, app)).toEqual([]);
});

test('begins to swap between the grant and the swap: it is not posted, and the mail says what theirs brought', async () => {
  const { app, id } = await begun('swaps-before');
  atStep(stack, id, 'postSwap', () => void stack.azure.strangerSwaps(app.site, 'staging'));
  await answerAsk(stack, id, 'yes');
  const { ending } = await expectTold(stack, id, { outcome: 'failed', code: 'swap-not-posted' });
  expect(ending?.serves).toContain('serves 2.0.0');
  expect(await app.production()).toBe('2.0.0');
  expect(postsOf(stack, app)).toEqual([]);
  await stack.advance(10);
  expect(swappersOf(stack, app)).toEqual(['stranger']);
});

test('deploys to staging while it is swapped: production has the right marker and foreign content, and a person has to look', async () => {
  const { app, id, pushes } = await begun('during');
  await answerAsk(stack, id, 'yes');
  await stack.until('the swap is posted', () => postsOf(stack, app).length === 1, { stepSeconds: 0.2 });
  await pushes();
  await expectTold(stack, id, { outcome: 'needs-attention', code: 'swap-unclear' });
  expect(await app.production()).toBe('6.6.6');
  expect(postsOf(stack, app)).toHaveLength(1);
});
