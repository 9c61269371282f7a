import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { answerAsk, approved, expectTold, makeApp, mailsOf, postsOf, reach } from './app';
import { startStack, team, type Stack } from './harness';

/** From the yes on: answers that get lost, swaps that go wrong, production that does not get well. */
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    apps: { happened: {}, nothappened: {}, locked: {}, reverts: {}, noping: {}, breach: {}, asked: {}, taken: {}, gone: {} },
  });
});
afterAll(async () => {
  stack.azure.faults.off();
  await stack.stop();
});

test('a swap whose answer was lost and that happened is not posted again', async () => {
  stack.azure.faults.on('swap-answer-lost-but-happened', { site: 'site-happened' });
  const { app, id } = await approved(stack, 'happened');
  await expectTold(stack, id, { outcome: 'deployed' });
  expect(postsOf(stack, app)).toHaveLength(1);
  expect(await app.production()).toBe('2.0.0');
});

test('a swap whose answer was lost and that did not happen is posted a second time, after the settle time', async () => {
  stack.azure.faults.on('swap-answer-lost-not-happened', { site: 'site-nothappened' });
  const { app, id } = await approved(stack, 'nothappened');
  await expectTold(stack, id, { outcome: 'deployed' });
  const [first, second, ...more] = postsOf(stack, app);
  expect(more).toEqual([]);
  expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(10_000);
  expect(await app.production()).toBe('2.0.0');
});

test('a swap that is never done is posted twice, and not a third time', async () => {
  stack.azure.faults.on('swap-answer-lost-not-happened', { site: 'site-gone', times: 5 });
  const { app, id } = await approved(stack, 'gone');
  await expectTold(stack, id, { outcome: 'failed', code: 'swap-not-done' });
  stack.azure.faults.off('swap-answer-lost-not-happened');
  expect(postsOf(stack, app)).toHaveLength(2);
  expect(await app.production()).toBe('1.0.0');
});

test('a lock that Azure names is waited for, and the swap that happens all the same is not posted again', async () => {
  stack.azure.faults.on('swap-lock-429', { site: 'site-locked', happens: true });
  const { app, id } = await approved(stack, 'locked');
  await expectTold(stack, id, { outcome: 'deployed' });
  expect(postsOf(stack, app)).toHaveLength(1);
  expect(await app.production()).toBe('2.0.0');
});

test('a swap that takes itself back is told as such, and nothing more is posted', async () => {
  stack.azure.faults.on('swap-reverts-itself', { site: 'site-reverts' });
  const { app, id } = await approved(stack, 'reverts');
  const { ending } = await expectTold(stack, id, { outcome: 'rolled-back', code: 'swap-reverted-itself' });
  expect(ending?.serves).toMatch(/never rolled out/);
  expect(postsOf(stack, app)).toHaveLength(1);
  expect(await app.production()).toBe('1.0.0');
});

test('a release that does not answer the warm-up is not swapped in', async () => {
  stack.azure.faults.on('ping-fails-417', { site: 'site-noping', times: 5 });
  const { app, id } = await approved(stack, 'noping');
  await expectTold(stack, id, { outcome: 'failed' });
  stack.azure.faults.off('ping-fails-417');
  expect(postsOf(stack, app).length).toBeLessThanOrEqual(2);
  expect(stack.azure.receipts().swaps.filter(({ site, outcome }) => site === app.site && outcome === 'applied')).toEqual([]);
  expect(await app.production()).toBe('1.0.0');
});

test('a release that is not healthy in production is swapped back, without asking anybody', async () => {
  const { app, id } = await approved(stack, 'breach');
  await reach(stack, id, 'watching');
  stack.azure.faults.on('production-503', { site: app.site });
  await stack.until('it is taken back', () => postsOf(stack, app).length === 2);
  stack.azure.faults.off('production-503');
  const { ending } = await expectTold(stack, id, { outcome: 'rolled-back', code: 'health-breach' });
  expect(ending?.serves).toMatch(/never rolled out/);
  expect(await app.production()).toBe('1.0.0');
  expect(
    mailsOf(stack, id)
      .filter(({ to }) => to[0]?.address !== team)
      .map(({ to }) => to[0]?.address),
  ).toEqual(['ann@example.com', 'on-call@example.com']);
});

test('a roll-back that is asked for during the watch swaps back; a cancel then comes too late', async () => {
  const { app, id } = await approved(stack, 'asked');
  await reach(stack, id, 'watching');
  expect((await stack.call(`/api/rollouts/${id}/cancel`, { method: 'POST', body: {} })).status).toBe(409);
  const asked = await stack.call(`/api/rollouts/${id}/roll-back`, { method: 'POST', body: { reason: 'customers complain' } });
  expect(asked).toMatchObject({ status: 202, json: { id } });
  const { ending } = await expectTold(stack, id, { outcome: 'rolled-back' });
  expect(ending?.reason).toContain('olga asked for it: customers complain');
  expect(postsOf(stack, app)).toHaveLength(2);
  expect(await app.production()).toBe('1.0.0');
});

test('a stranger who swaps back during the watch is seen; Slipway posts nothing', async () => {
  const { app, id } = await approved(stack, 'taken');
  await reach(stack, id, 'watching');
  await Promise.all([stack.azure.strangerSwaps(app.site, 'staging'), stack.advance(10)]);
  await expectTold(stack, id, { outcome: 'rolled-back', code: 'swap-reverted-itself' });
  expect(postsOf(stack, app)).toHaveLength(1);
  expect(await app.production()).toBe('1.0.0');
});

test('a roll-back that is asked for before the swap is refused: cancel is for that', async () => {
  const app = await makeApp(stack, 'asked');
  const id = await app.start({ version: '3.0.0' });
  await reach(stack, id, 'asking');
  const { status, json } = await stack.call(`/api/rollouts/${id}/roll-back`, { method: 'POST', body: { reason: 'why not' } });
  expect(status).toBe(409);
  expect(JSON.stringify(json)).toContain('cancel');
  await answerAsk(stack, id, 'no');
  await expectTold(stack, id, { outcome: 'rejected' });
  expect(await app.production()).toBe('1.0.0');
});
