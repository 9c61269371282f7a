import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ActivityName } from '../../src/activities/catalogue';
import { approved, answerAsk, atStep, expectTold, expectUntouched, makeApp, postsOf, reach } from './app';
import { startStack, type Stack } from './harness';

/** Storage that does not answer for a minute, and a clock that is suddenly another. */
const long = { watch: { for: '5m', every: '10s', window: '60s' } };
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    apps: { refuses: {}, cuts: {}, stalls: {}, api: {}, slept: {}, 'slept-long': long, sick: long, back: {}, settling: {} },
    storageCanFail: true,
  });
});
afterAll(() => stack.stop());

/** Nothing but storage may have failed. */
function onlyStorageFailed(): void {
  for (const failure of stack.failures())
    expect(failure).toMatch(/ECONNRE(?:FUSED|SET)|socket hang up|could not|REQUEST_SEND_ERROR|watchdog/i);
}

const outages: { how: 'refuses' | 'cuts' | 'stalls'; at: ActivityName }[] = [
  { how: 'refuses', at: 'postSwap' },
  { how: 'cuts', at: 'sampleProduction' },
  { how: 'stalls', at: 'pushPackage' },
];

test.each(outages)('$how: storage that does so for a minute before $at holds a rollout up, and no more', async ({ how, at }) => {
  const app = await makeApp(stack, how);
  const id = await app.start({ version: '2.0.0' });
  let isOut = false;
  atStep(stack, id, at, () => {
    isOut = true;
    stack.storageFails(how, 60);
  });
  if (at !== 'pushPackage') await answerAsk(stack, id, 'yes');
  // Nobody asks meanwhile: whoever waited for an answer could not move the time on.
  while (!isOut) await stack.advance(0.2);
  await stack.advance(61);
  if (at === 'pushPackage') await answerAsk(stack, id, 'yes');
  await expectTold(stack, id, { outcome: 'deployed' });
  expect(await app.production()).toBe('2.0.0');
  expect(postsOf(stack, app)).toHaveLength(1);
  onlyStorageFailed();
});

test('a request that comes meanwhile is answered with a problem that holds no address, and may be made again', async () => {
  const app = await makeApp(stack, 'api');
  const request = await app.request({ version: '2.0.0' });
  const start = () => stack.call('/api/rollouts', { method: 'POST', body: request, headers: { 'idempotency-key': 'once' } });
  stack.storageFails('refuses', 60);
  const refused = await start();
  expect(refused).toMatchObject({ status: 500, json: { title: 'Slipway failed' } });
  expect(JSON.stringify(refused.json)).not.toMatch(/127\.0\.0\.1|devstoreaccount1/);
  await stack.advance(61);
  const [first, second] = [await start(), await start()];
  expect([first.status, second.json.already, second.json.id]).toEqual([202, true, first.json.id]);
  await answerAsk(stack, first.json.id, 'no');
  await expectUntouched(stack, app, first.json.id, { outcome: 'rejected' });
  onlyStorageFailed();
});

test('a machine that sleeps over the expiry wakes up to an ask that expired, and not to a story that was lost', async () => {
  const app = await makeApp(stack, 'slept');
  const id = await app.start({ version: '2.0.0' });
  await reach(stack, id, 'asking');
  await stack.settle();
  stack.clock.jump(3 * 3_600_000);
  await expectUntouched(stack, app, id, { outcome: 'expired', code: 'expired' });
});

test('time that nobody watched is no watching: after a long sleep production is looked at for as long as policy says', async () => {
  const { app, id } = await approved(stack, 'slept-long');
  await reach(stack, id, 'watching');
  await stack.advance(60);
  stack.clock.jump(8 * 3_600_000);
  const awakeMs = stack.clock.now();
  await expectTold(stack, id, { outcome: 'deployed' });
  expect(stack.clock.now() - awakeMs).toBeGreaterThanOrEqual(4 * 60_000 - 20_000);
  expect(await app.production()).toBe('2.0.0');
});

test('a release that is sick when the machine wakes up is taken back', async () => {
  const { app, id } = await approved(stack, 'sick');
  await reach(stack, id, 'watching');
  await stack.advance(60);
  stack.azure.faults.on('production-503', { site: app.site });
  stack.clock.jump(8 * 3_600_000);
  await stack.until('it is taken back', () => postsOf(stack, app).length === 2);
  stack.azure.faults.off('production-503');
  await expectTold(stack, id, { outcome: 'rolled-back', code: 'health-breach' });
  expect(await app.production()).toBe('1.0.0');
});

test('a clock that is set back half a minute during the watch changes nothing', async () => {
  const { app, id } = await approved(stack, 'back');
  await reach(stack, id, 'watching');
  await stack.advance(10);
  stack.clock.jump(-30_000);
  await expectTold(stack, id, { outcome: 'deployed' });
  expect(postsOf(stack, app)).toHaveLength(1);
  expect(await app.production()).toBe('2.0.0');
});

test('a clock that jumps while a lost swap is settled gives one more POST, and no third', async () => {
  stack.azure.faults.on('swap-answer-lost-not-happened', { site: 'site-settling' });
  const { app, id } = await approved(stack, 'settling');
  await stack.until('the swap is posted', () => postsOf(stack, app).length === 1, { stepSeconds: 0.2 });
  stack.clock.jump(8 * 3_600_000);
  await expectTold(stack, id, { outcome: 'deployed' });
  expect(postsOf(stack, app)).toHaveLength(2);
  expect(await app.production()).toBe('2.0.0');
});
