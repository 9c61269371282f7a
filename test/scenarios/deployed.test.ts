import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { rollout } from '../../src/domain/api-shapes';
import { answerAsk, build, endOf, expectTold, makeApp, mailsOf, rollOut, type App } from './app';
import { approver, sponsor, startStack, team, type Stack } from './harness';

/** The main path, told in order: each scenario goes on from where the one before left the app. What is pushed runs in child processes. */
let stack: Stack;
let app: App;
let first: string;
beforeAll(async () => {
  stack = await startStack({
    apps: { hello: { revert: { gates: [{ name: 'revert', kind: 'signed-link', approvers: [approver] }] } } },
    slots: 'process',
  });
  app = await makeApp(stack, 'hello');
});
afterAll(() => stack.stop());

test('a release asked for over HTTP goes to production once the approver says yes; an app Slipway never touched is adopted', async () => {
  first = await app.start({ version: '2.0.0' });
  expect(await app.production()).toBe('1.0.0');
  await answerAsk(stack, first, 'yes');
  expect(await app.production()).toBe('1.0.0');
  const ask = mailsOf(stack, first).find(({ to }) => to[0]?.address === approver);
  expect(ask?.plainText).toContain('Slipway has not touched this app here before');

  const ended = await expectTold(stack, first, { outcome: 'deployed' });
  expect(rollout.parse(ended)).toEqual(ended);
  const { phases, plan } = ended;
  expect(await app.production()).toBe('2.0.0');
  expect(plan).toMatchObject({ kind: 'go', adopts: true });
  expect(phases.map(({ phase }) => phase)).toEqual([
    'queued',
    'planning',
    'announcing',
    'staging',
    'proving',
    'asking',
    'swapping',
    'watching',
    'telling',
    'done',
  ]);
  expect(mailsOf(stack, first).filter(({ to }) => to[0]?.address === team)).toHaveLength(2);
  expect(stack.azure.receipts().swapPosts).toHaveLength(1);
});

test('the queue function is off in staging, before and after the swap, and never in production', async () => {
  const target = { subscription: sponsor.subscriptionId, resourceGroup: sponsor.resourceGroup, functionApp: app.site, slot: 'staging' };
  const off = async (slot: 'production' | 'staging') =>
    (await stack.ports.appControl.listFunctions(target, slot)).filter(({ disabled }) => disabled);
  expect((await off('production')).map(({ name }) => name)).toEqual([]);
  expect((await off('staging')).map(({ name }) => name)).toEqual(['greet']);
  const { settingWrites, pushes } = stack.azure.receipts();
  const switchedOff = settingWrites.findIndex(({ names }) => names.includes('AzureWebJobs.greet.Disabled'));
  expect(settingWrites[switchedOff]).toMatchObject({ site: app.site, slot: 'staging' });
  expect(settingWrites[switchedOff]?.atMs).toBeLessThanOrEqual(pushes[0]?.atMs ?? 0);
});

test('the same release again is unchanged: nothing is pushed and nobody is asked', async () => {
  const before = stack.azure.receipts().pushes.length;
  const id = await app.start({ version: '2.0.0' }, { 'idempotency-key': 'again' });
  await expectTold(stack, id, { outcome: 'unchanged' });
  expect(stack.azure.receipts().pushes).toHaveLength(before);
  expect(mailsOf(stack, id).map(({ to }) => to[0]?.address)).toEqual([team]);
});

test('a revert after the end swaps back what staging still holds, though Slipway never rolled it out', async () => {
  const { status, json } = await stack.call(`/api/rollouts/${first}/roll-back`, { method: 'POST', body: { reason: 'it is slow' } });
  expect(status).toBe(202);
  await answerAsk(stack, json.id, 'yes');
  const { kind, reverts } = await expectTold(stack, json.id, { outcome: 'deployed' });
  expect({ kind, reverts }).toEqual({ kind: 'revert', reverts: first });
  expect(await app.production()).toBe('1.0.0');
});

test('a revert is refused, in words, when staging holds something else and Slipway never rolled out what was before', async () => {
  const id = await rollOut(stack, app, { version: '3.0.0' });
  await stack.azure.strangerPushes(app.site, 'staging', (await build({ version: '9.0.0' })).zip);
  const { json } = await stack.call(`/api/rollouts/${id}/roll-back`, { method: 'POST', body: { reason: 'it is slow' } });
  const { ending } = await expectTold(stack, json.id, { outcome: 'failed', code: 'revert-not-kept' });
  expect(ending?.reason).toContain('was never rolled out by Slipway');
  expect(await app.production()).toBe('3.0.0');
});

test('a revert pushes the kept package when staging holds something else by then', async () => {
  const id = await rollOut(stack, app, { version: '4.0.0' });
  await stack.azure.strangerPushes(app.site, 'staging', (await build({ version: '9.0.0' })).zip);
  const { json } = await stack.call(`/api/rollouts/${id}/roll-back`, { method: 'POST', body: { reason: 'it is slow' } });
  await answerAsk(stack, json.id, 'yes');
  await expectTold(stack, json.id, { outcome: 'deployed' });
  expect(await app.production()).toBe('3.0.0');
  expect((await endOf(stack, id)).outcome).toBe('deployed');
});
