import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { answerAsk, endOf, expectTold, makeApp, mailsOf, packageOf, reach, view } from './app';
import { startStack, type Json, type Stack } from './harness';

/** Test, then production: two function apps, one policy file, one package. */
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    environments: {
      shop: { test: { gates: [], promote: 'production' }, production: { requires: { environment: 'test', within: '7d' } } },
      till: { test: { gates: [] }, production: { requires: { environment: 'test', within: '1h' } } },
    },
  });
});
afterAll(() => stack.stop());

const versionAt = async (site: string): Promise<string> =>
  ((await (await fetch(`${stack.azure.siteUrl(site)}/api/hello`)).json()) as { version: string }).version;
const rolloutsOf = async (app: string): Promise<Json[]> => (await stack.call(`/api/rollouts?app=${app}`)).json.rollouts;
const start = async (app: string, environment: string, more: object = {}): Promise<string> =>
  (
    await stack.call('/api/rollouts', {
      method: 'POST',
      body: { ...(await packageOf(stack, { version: '2.0.0' }, app)), environment, ...more },
    })
  ).json.id;
const promote = (id: string, body: object = {}) => stack.call(`/api/rollouts/${id}/promote`, { method: 'POST', body });

test('one queue message takes a release to test and, by promotion, the very same package to production', async () => {
  await makeApp(stack, 'shop-test');
  await makeApp(stack, 'shop-production');
  const request = await packageOf(stack, { version: '2.0.0', settings: { COLOUR: 'red' } }, 'shop');
  await stack.enqueue(JSON.stringify({ ...request, environment: 'test' }));
  await stack.until('a rollout goes on to production', async () => (await rolloutsOf('shop')).length === 2);
  const [second, first] = await rolloutsOf('shop');
  expect([first, second]).toMatchObject([
    { environment: 'test', outcome: 'deployed' },
    { environment: 'production', promotes: first.id, sha256: first.sha256, requester: first.requester },
  ]);
  expect(await versionAt('site-shop-test')).toBe('2.0.0');
  expect(await versionAt('site-shop-production')).toBe('1.0.0');
  await answerAsk(stack, second.id, 'yes');
  await expectTold(stack, second.id, { outcome: 'deployed' });
  expect(await versionAt('site-shop-production')).toBe('2.0.0');
  expect((await view(stack, second.id)).settingNames).toEqual(['COLOUR']);
  expect(mailsOf(stack, second.id)[0]?.plainText).toContain(`Promoted from: ${first.id}`);
  // The package came to Slipway once, and each app was pushed the same bytes.
  const pushes = stack.azure.receipts().pushes.filter(({ site }) => site.startsWith('site-shop'));
  expect(new Set(pushes.map(({ sha256 }) => sha256)).size).toBe(1);
  expect((await rolloutsOf('shop')).length).toBe(2);
});

test('what was not deployed in test, or too long ago, goes nowhere; a person promotes what was', async () => {
  await makeApp(stack, 'till-test');
  await makeApp(stack, 'till-production');
  const early = await start('till', 'production');
  await expectTold(stack, early, { outcome: 'failed', code: 'not-deployed-before' });
  const tested = await start('till', 'test');
  await reach(stack, tested, 'watching');
  expect((await promote(tested, { environment: 'production' })).status).toBe(409);
  expect((await endOf(stack, tested)).outcome).toBe('deployed');
  expect((await promote(tested)).status).toBe(422);
  const { status, json } = await promote(tested, { environment: 'production' });
  expect(status).toBe(202);
  expect((await promote(tested, { environment: 'production' })).json).toMatchObject({ id: json.id, already: true });
  await answerAsk(stack, json.id, 'no', 'not before lunch');
  await expectTold(stack, json.id, { outcome: 'rejected' });
  await stack.advance(3700);
  const late = await promote(tested, { environment: 'production' });
  expect(late.json.id).not.toBe(json.id);
  await expectTold(stack, late.json.id, { outcome: 'failed', code: 'deployed-too-long-ago' });
  expect(await versionAt('site-till-production')).toBe('1.0.0');
});
