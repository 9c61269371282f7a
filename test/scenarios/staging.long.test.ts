import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { approved, build, expectTold, expectUntouched, makeApp, mailsOf, reach } from './app';
import { approver, siteOf, sponsor, startStack, type Stack } from './harness';

/** What goes wrong in the staging slot, or with its SCM site, before anybody is asked. */
let stack: Stack;
beforeAll(async () => {
  const patient = { deployment: { within: '2m', poll: '20s' } };
  stack = await startStack({ apps: { waking: {}, failing: {}, empty: patient, late: patient, unlisted: {}, stale: {}, preview: {} } });
});
afterAll(() => stack.stop());

const nobodyIsAsked = (id: string): void =>
  expect(mailsOf(stack, id).filter(({ to }) => to.some(({ address }) => address === approver))).toEqual([]);

test('an SCM site that wakes up with four 500 and four 503 is waited for', async () => {
  stack.azure.faults.on('scm-waking', { site: siteOf('waking'), slot: 'staging' });
  const { app, id } = await approved(stack, 'waking');
  await expectTold(stack, id, { outcome: 'deployed' });
  expect(stack.azure.faults.active()).toEqual([]);
  expect(await app.production()).toBe('2.0.0');
  // Each arrived once: none was pushed over another.
  expect(stack.azure.receipts().pushes.filter(({ site, answered }) => site === app.site && answered === 202)).toHaveLength(1);
});

test('a deployment that SCM lists with 200 and that failed is no success; the 30 s of its nameless Retry-After are not waited for', async () => {
  stack.azure.faults.on('deployment-fails', { site: siteOf('failing'), slot: 'staging' });
  const app = await makeApp(stack, 'failing');
  const id = await app.start({ version: '2.0.0' });
  const { phases } = await expectUntouched(stack, app, id, { outcome: 'failed', code: 'deployment-failed' });
  nobodyIsAsked(id);
  const { startedAt = '', endedAt = '' } = phases.find(({ phase }) => phase === 'staging') ?? {};
  expect(Date.parse(endedAt) - Date.parse(startedAt)).toBeLessThan(30_000);
});

test('a host that indexes no function does not hold the release, whatever its SCM site says', async () => {
  stack.azure.faults.on('zero-functions', { site: siteOf('empty'), slot: 'staging' });
  const app = await makeApp(stack, 'empty');
  const id = await app.start({ version: '2.0.0' });
  const { ending } = await expectUntouched(stack, app, id, { outcome: 'failed', code: 'staging-unproven' });
  expect(ending?.reason).toContain('indexed no functions');
  nobodyIsAsked(id);
  stack.azure.faults.off('zero-functions');
});

test('a host that indexes its functions two minutes late is waited for', async () => {
  stack.azure.faults.on('zero-functions', { site: siteOf('late'), slot: 'staging' });
  const app = await makeApp(stack, 'late');
  const id = await app.start({ version: '2.0.0' });
  await reach(stack, id, 'staging');
  await stack.advance(120);
  stack.azure.faults.off('zero-functions');
  await reach(stack, id, 'asking');
});

test('a queue function that the release did not list fails it, by name', async () => {
  const app = await makeApp(stack, 'unlisted');
  const request = await app.request({ version: '2.0.0' });
  const functions = request.functions.filter(({ name }: { name: string }) => name !== 'greet');
  const { json } = await stack.call('/api/rollouts', { method: 'POST', body: { ...request, functions } });
  const { ending } = await expectUntouched(stack, app, json.id, { outcome: 'failed', code: 'unlisted-function' });
  expect(ending?.reason).toContain('greet (queue)');
  nobodyIsAsked(json.id);
});

test('a slot in which the wrong release answers, though SCM has the right one, fails its check', async () => {
  const app = await makeApp(stack, 'stale');
  await stack.azure.strangerPushes(app.site, 'staging', (await build({ version: '1.5.0' })).zip);
  stack.azure.faults.on('deployment-not-loaded', { site: app.site });
  const id = await app.start({ version: '2.0.0' });
  const { ending } = await expectUntouched(stack, app, id, { outcome: 'failed', code: 'check-unhealthy' });
  expect(ending?.reason).toContain('1.5.0');
  expect(stack.azure.faults.active()).toEqual([]);
  nobodyIsAsked(id);
});

test("somebody's swap with preview is named before anything is done", async () => {
  const app = await makeApp(stack, 'preview');
  await stack.arm.webApps.applySlotConfigurationSlot(sponsor.resourceGroup, app.site, 'staging', {
    targetSlot: 'production',
    preserveVnet: true,
  });
  const id = await app.start({ version: '2.0.0' });
  await expectUntouched(stack, app, id, { outcome: 'failed', code: 'prepared-for-swap' });
  expect(stack.azure.receipts().pushes.filter(({ site, answered }) => site === app.site && answered !== 0)).toEqual([]);
  nobodyIsAsked(id);
});
