import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Snapshot } from '../../local/azure';
import { answerAsk, build, endOf, makeAppFromSnapshot, reach, rollOut, type App } from './app';
import { startStack, type Json, type Stack } from './harness';

/**
 * The role that `infra/modules/target-role.bicep` gives Slipway on an app: a local Azure that is made from the committed snapshot, and enforces what the
 * snapshot grants, carries all that Slipway does; with any action taken away, something of it is refused and says which.
 */
const read = (name: string) =>
  JSON.parse(readFileSync(path.join(__dirname, `../../infra/parameters/${name}.snapshot.json`), 'utf8')) as Snapshot & {
    predictedResources: { properties?: Json }[];
  };
const actionsOf = ({ predictedResources }: ReturnType<typeof read>): string[] => {
  const role = predictedResources.find(({ type }) => type === 'Microsoft.Authorization/roleDefinitions');
  return (role?.properties as Json).permissions[0].actions;
};
const snapshot = read('target');
const byUrl = read('target-by-url');
const principalId = '33333333-3333-3333-3333-333333333333';
const actions = actionsOf(snapshot);
/** What only a package by URL takes; the others are taken away from the usual role, one by one. */
const actionsByUrl = actionsOf(byUrl).filter((action) => !actions.includes(action));

let stack: Stack;
beforeAll(async () => {
  const names = ['whole', 'whole-by-url', ...[...actions, ...actionsByUrl].map((_, n) => `without-${n}`)];
  const apps = Object.fromEntries(names.map((name) => [name, {}]));
  stack = await startStack({ apps, resourceGroup: 'rg-apps' });
});
afterAll(() => stack.stop());

const doctor = (app: App): Promise<{ status: number; json: Json }> => stack.call(`/api/doctor?app=${app.name}&environment=production`);
const adopt = (app: App): Promise<{ status: number; json: Json }> =>
  stack.call(
    `/api/adopt?resource=${encodeURIComponent(`/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-apps/providers/Microsoft.Web/sites/${app.site}`)}`,
  );

const rollBack = async (id: string): Promise<Json> =>
  (await stack.call(`/api/rollouts/${id}/roll-back`, { method: 'POST', body: { reason: 'it is slow' } })).json;

test.each([
  ['zip-push', 'whole', snapshot],
  ['package-url', 'whole-by-url', byUrl],
] as const)('the role is enough, by %s: a rollout, one that is taken back, a revert by push, doctor and adopt', async (way, name, made) => {
  const app = await makeAppFromSnapshot(stack, name, made, principalId);
  const examined = await doctor(app);
  expect(examined.json.findings.filter(({ about }: Json) => about === 'target')).toEqual([]);
  expect(examined.json).toMatchObject({ ok: true, way });
  expect((await adopt(app)).json).toMatchObject({ slot: 'staging', findings: [] });

  await rollOut(stack, app, { version: '2.0.0' });
  const taken = await app.start({ version: '3.0.0' });
  await answerAsk(stack, taken, 'yes');
  await reach(stack, taken, 'watching');
  await rollBack(taken);
  expect(await endOf(stack, taken)).toMatchObject({ outcome: 'rolled-back' });
  expect(await app.production()).toBe('2.0.0');

  const fourth = await rollOut(stack, app, { version: '4.0.0' });
  await (way === 'zip-push' ? stack.azure.strangerPushes(app.site, 'staging', (await build({ version: '9.0.0' })).zip) : nameAnother(app));
  const { id } = await rollBack(fourth);
  expect(await endOf(stack, id)).toMatchObject({ outcome: 'deployed' });
  expect(await app.production()).toBe('2.0.0');
});

/** Somebody else lets staging run from elsewhere. What is granted is Slipway's, so for so long everything is. */
async function nameAnother({ site }: App): Promise<void> {
  const granted = stack.azure.access.granted();
  stack.azure.access.grant(undefined);
  const { properties = {} } = await stack.arm.webApps.listApplicationSettingsSlot('rg-apps', site, 'staging');
  const changed = { ...properties, WEBSITE_RUN_FROM_PACKAGE: 'http://127.0.0.1:1/9.0.0.zip' };
  await stack.arm.webApps.updateApplicationSettingsSlot('rg-apps', site, 'staging', { properties: changed });
  await stack.settle();
  stack.azure.access.grant(granted);
}

test.each([...actions, ...actionsByUrl].map((action, n) => [action, n] as const))(
  'the role is not too much: without %s something is refused, by that name',
  async (action, n) => {
    const app = await makeAppFromSnapshot(stack, `without-${n}`, actions.includes(action) ? snapshot : byUrl, principalId);
    const granted = stack.azure.access.granted() ?? [];
    stack.azure.access.grant(granted.map((grant) => ({ ...grant, actions: grant.actions.filter((each) => each !== action) })));
    const told = await untilRefused(app);
    expect(told).toContain(action);
    // A fault of a step is written into the log as well, as it should be.
    stack.failures();
  },
);

/** What the first of the set that does not succeed says. */
async function untilRefused(app: App): Promise<string> {
  const examined = await doctor(app);
  if (!examined.json.ok) return JSON.stringify(examined.json);
  const adopted = await adopt(app);
  if (adopted.status !== 200) return JSON.stringify(adopted.json);
  const id = await app.start({ version: '2.0.0' });
  let ended = await stack.call(`/api/rollouts/${id}`);
  await stack.until(`rollout ${id} asks or ends`, async () => {
    ended = await stack.call(`/api/rollouts/${id}`);
    return ended.json.phase === 'asking' || ended.json.phase === 'done';
  });
  if (ended.json.phase === 'asking') await answerAsk(stack, id, 'yes');
  return JSON.stringify((await endOf(stack, id)).ending);
}
