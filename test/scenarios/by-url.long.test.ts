import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  answerAsk,
  atStep,
  build,
  endOf,
  expectTold,
  expectUntouched,
  makeApp,
  makeAppByUrl,
  packageOf,
  postsOf,
  reach,
  rollOut,
  view,
  type App,
} from './app';
import { siteOf, sponsor, startStack, type Json, type Stack } from './harness';

/**
 * On Consumption on Linux there is no SCM site to push to: the slot fetches its package from Slipway's own container, and the address of the package is what
 * proves its content. The rest of the story is the same.
 */
let stack: Stack;
beforeAll(async () => {
  const names = [
    'deployed',
    'back',
    'same',
    'reverted',
    'pushed-back',
    'foreign',
    'foreign-late',
    'unread',
    'slow',
    'state',
    'premium',
    'flex',
    'contained',
  ];
  stack = await startStack({ apps: Object.fromEntries(names.map((name) => [name, { deployment: { within: '1m', poll: '5s' } }])) });
});
afterAll(() => stack.stop());

const settingsOf = async (app: App, slot?: string): Promise<Record<string, string>> => {
  const { webApps } = stack.arm;
  const read = slot
    ? webApps.listApplicationSettingsSlot(sponsor.resourceGroup, app.site, slot)
    : webApps.listApplicationSettings(sponsor.resourceGroup, app.site);
  return (await read).properties ?? {};
};

/** Somebody else names another package. */
async function namesAnother(app: App, slot: string): Promise<void> {
  const { package: foreign } = await packageOf(stack, { version: '6.6.6' }, app.name);
  const properties = { ...(await settingsOf(app, slot)), WEBSITE_RUN_FROM_PACKAGE: foreign.url };
  await stack.arm.webApps.updateApplicationSettingsSlot(sponsor.resourceGroup, app.site, slot, { properties });
}

const rollBack = async (id: string): Promise<Json> =>
  (await stack.call(`/api/rollouts/${id}/roll-back`, { method: 'POST', body: { reason: 'it is slow' } })).json;

test('a rollout ends deployed, with the address of its very digest and no signature in it, and nothing was pushed', async () => {
  const app = await makeAppByUrl(stack, 'deployed');
  const { json } = await stack.call(`/api/plan?app=${app.name}&environment=production&version=2.0.0`);
  expect(json).toMatchObject({ way: { kind: 'package-url' }, plan: { kind: 'go', way: 'package-url' }, problems: [] });
  const id = await rollOut(stack, app, { version: '2.0.0' });
  expect(await app.production()).toBe('2.0.0');

  const { sha256 } = await build({ version: '2.0.0' });
  const { WEBSITE_RUN_FROM_PACKAGE: url, SLIPWAY_MARKER: marker } = await settingsOf(app);
  expect(url).toMatch(new RegExp(`^http[^?]+/slipway-packages/${sha256}$`));
  expect(marker).toBe(`${id}.${sha256.slice(0, 12)}`);
  // It travelled: staging has what production had, and is as it was.
  expect((await settingsOf(app, 'staging'))['WEBSITE_RUN_FROM_PACKAGE']).toMatch(/\/releases\//);
  expect(stack.azure.receipts().pushes.filter(({ site }) => site === app.site)).toEqual([]);
  expect(postsOf(stack, app)).toHaveLength(1);
  // Marker and address in one write, or the slot would start twice.
  const writes = stack.azure.receipts().settingWrites.filter(({ site, names }) => site === app.site && names.includes('SLIPWAY_MARKER'));
  expect(writes).toHaveLength(1);
  expect(writes[0]?.names).toContain('WEBSITE_RUN_FROM_PACKAGE');
  const staged = (await view(stack, id)).phases.find(({ phase }) => phase === 'staging');
  expect(staged?.note).toContain('marker and address proven');
});

test('a rollout that is taken back while it is watched swaps back: production runs from the address that it had', async () => {
  const app = await makeAppByUrl(stack, 'back');
  const id = await app.start({ version: '2.0.0' });
  await answerAsk(stack, id, 'yes');
  await reach(stack, id, 'watching');
  await rollBack(id);
  expect(await endOf(stack, id)).toMatchObject({ outcome: 'rolled-back' });
  expect(await app.production()).toBe('1.0.0');
  expect((await settingsOf(app))['WEBSITE_RUN_FROM_PACKAGE']).toMatch(/\/releases\//);
  expect(postsOf(stack, app)).toHaveLength(2);
});

test('the release that is live already changes nothing', async () => {
  const app = await makeAppByUrl(stack, 'same');
  await rollOut(stack, app, { version: '2.0.0' });
  const again = await app.start({ version: '2.0.0' }, { 'idempotency-key': 'again' });
  await expectTold(stack, again, { outcome: 'unchanged' });
  expect(postsOf(stack, app)).toHaveLength(1);
});

test('a revert swaps back what staging still holds', async () => {
  const app = await makeAppByUrl(stack, 'reverted');
  const second = await rollOut(stack, app, { version: '2.0.0' });
  const { id } = await rollBack(second);
  expect(await endOf(stack, id)).toMatchObject({ outcome: 'deployed', plan: { way: 'already-there' } });
  expect(await app.production()).toBe('1.0.0');
});

test('a revert names the kept package again where staging holds something else by now', async () => {
  const app = await makeAppByUrl(stack, 'pushed-back');
  await rollOut(stack, app, { version: '2.0.0' });
  const third = await rollOut(stack, app, { version: '3.0.0' });
  await namesAnother(app, 'staging');
  await stack.settle();
  const { id } = await rollBack(third);
  expect(await endOf(stack, id)).toMatchObject({ outcome: 'deployed', plan: { way: 'package-url' } });
  expect(await app.production()).toBe('2.0.0');
});

test('another address than this rollout’s is not proven, and never swapped', async () => {
  const app = await makeAppByUrl(stack, 'foreign');
  const id = await app.start({ version: '2.0.0' });
  atStep(stack, id, 'proveStaging', () => namesAnother(app, 'staging'));
  const { ending } = await expectUntouched(stack, app, id, { outcome: 'failed', code: 'staging-unproven' });
  expect(ending?.reason).toContain('an address that is not Slipway’s');
});

test('another address that comes after the yes is seen directly before the swap, which is not made', async () => {
  const app = await makeAppByUrl(stack, 'foreign-late');
  const id = await app.start({ version: '2.0.0' });
  await reach(stack, id, 'asking');
  await namesAnother(app, 'staging');
  await answerAsk(stack, id, 'yes');
  await expectUntouched(stack, app, id, { outcome: 'failed', code: 'staging-changed' });
});

test('a slot whose identity may not read the package runs nothing: the rollout fails and says which role is missing', async () => {
  const app = await makeAppByUrl(stack, 'unread', ['releases']);
  const id = await app.start({ version: '2.0.0' });
  const { ending } = await expectUntouched(stack, app, id, { outcome: 'failed', code: 'package-not-fetched' });
  expect(ending?.next).toContain('Storage Blob Data Reader');
});

test('a cancel ends the wait for a slot that does not start', async () => {
  const app = await makeAppByUrl(stack, 'slow', ['releases']);
  const id = await app.start({ version: '2.0.0' });
  await reach(stack, id, 'staging');
  await stack.advance(10);
  await stack.call(`/api/rollouts/${id}/cancel`, { method: 'POST', body: { reason: 'not today' } });
  await expectUntouched(stack, app, id, { outcome: 'cancelled' });
});

test('production that is told another address while it is watched is a state that changed: nothing is posted', async () => {
  const app = await makeAppByUrl(stack, 'state');
  const id = await app.start({ version: '2.0.0' });
  await answerAsk(stack, id, 'yes');
  await reach(stack, id, 'watching');
  const { package: foreign } = await packageOf(stack, { version: '6.6.6' }, app.name);
  const properties = { ...(await settingsOf(app)), WEBSITE_RUN_FROM_PACKAGE: foreign.url };
  await stack.arm.webApps.updateApplicationSettings(sponsor.resourceGroup, app.site, { properties });
  const { ending } = await expectTold(stack, id, { outcome: 'needs-attention', code: 'state-breach' });
  expect(ending?.reason).toContain('a package from an address that is not Slipway’s');
  expect(postsOf(stack, app)).toHaveLength(1);
});

test.each([
  ['flex', 'FC1', 'functionapp,linux', 'FlexConsumption plan', 'siteUpdateStrategy'],
  ['contained', 'container-apps', 'functionapp,linux,container,azurecontainerapps', 'Azure Container Apps', 'revisions'],
] as const)('%s: where there are no slots the refusal says why, and what can be done', async (name, planSku, kind, where, next) => {
  await stack.azure.createSite({
    ...{ ...sponsor, name: siteOf(name), location: 'westeurope', planSku, kind },
    ...{ appSettings: {}, stickyNames: [], slots: [], package: (await build({ version: '1.0.0' })).zip },
  });
  await stack.advance(1);
  const { json } = await stack.call(`/api/plan?app=${name}&environment=production`);
  expect(json).toMatchObject({ way: { kind: 'none' }, plan: { kind: 'refused', code: 'plan-without-slots' } });
  const request = await packageOf(stack, { version: '2.0.0' }, name);
  const { json: started } = await stack.call('/api/rollouts', { method: 'POST', body: request });
  const { ending } = await expectTold(stack, started.id, { outcome: 'failed', code: 'plan-without-slots' });
  expect(ending?.reason).toContain(where);
  expect(ending?.reason).toContain('nowhere to prove a release');
  expect(ending?.next).toContain(next);
});

test('where an SCM site takes packages one is pushed, as before', async () => {
  expect((await makeApp(stack, 'premium')).site).toBe(siteOf('premium'));
  const { json } = await stack.call('/api/plan?app=premium&environment=production');
  expect(json).toMatchObject({ way: { kind: 'zip-push' }, plan: { way: 'zip-push' } });
});
