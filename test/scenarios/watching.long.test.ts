import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { markerSetting } from '../../src/domain/release';
import { approved, build, expectTold, postsOf, reach, swappersOf, type App } from './app';
import { sponsor, startStack, type Stack } from './harness';

/** What befalls a release while it is watched: bad answers are weighed by how long they last; a state that is lost is only looked at. */
const long = { watch: { for: '20m', every: '10s', window: '60s' } };
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ apps: { burst: long, breach: long, reverts: long, marker: {}, content: {}, unreadable: {} } });
});
afterAll(() => stack.stop());

async function watched(name: string): Promise<{ app: App; id: string }> {
  const { app, id } = await approved(stack, name);
  await reach(stack, id, 'watching');
  return { app, id };
}

async function answers503(app: App, seconds: number): Promise<void> {
  stack.azure.faults.on('production-503', { site: app.site });
  await stack.advance(seconds);
  stack.azure.faults.off('production-503');
}

const laneOf = async (name: string): Promise<unknown> =>
  (await stack.call('/api/lanes')).json.lanes.find((lane: { app: string }) => lane.app === name);

test('15 s of 503 in minute 11 are no reason to take a release back', async () => {
  const { app, id } = await watched('burst');
  await stack.advance(11 * 60);
  await answers503(app, 15);
  await expectTold(stack, id, { outcome: 'deployed' });
  expect(await app.production()).toBe('2.0.0');
  expect(postsOf(stack, app)).toHaveLength(1);
});

test('60 s of 503 in minute 11 are one', async () => {
  const { app, id } = await watched('breach');
  await stack.advance(11 * 60);
  await answers503(app, 60);
  await expectTold(stack, id, { outcome: 'rolled-back', code: 'health-breach' });
  expect(await app.production()).toBe('1.0.0');
  expect(postsOf(stack, app)).toHaveLength(2);
});

test('a swap that takes itself back minutes later is told as such, and nothing more is posted', async () => {
  stack.azure.faults.on('swap-reverts-itself', { site: 'site-reverts', afterMs: 4 * 60_000 });
  const { app, id } = await watched('reverts');
  await expectTold(stack, id, { outcome: 'rolled-back', code: 'swap-reverted-itself' });
  expect(await app.production()).toBe('1.0.0');
  expect(postsOf(stack, app)).toHaveLength(1);
  expect(swappersOf(stack, app)).toEqual(['arm', 'itself']);
});

test('a marker that somebody removes: nothing is posted, a person has to look', async () => {
  const { app, id } = await watched('marker');
  const { properties = {} } = await stack.arm.webApps.listApplicationSettings(sponsor.resourceGroup, app.site);
  const { [markerSetting]: marker, ...others } = properties;
  expect(marker).toContain(id);
  await stack.arm.webApps.updateApplicationSettings(sponsor.resourceGroup, app.site, { properties: others });
  await expectTold(stack, id, { outcome: 'needs-attention', code: 'state-breach' });
  expect(await app.production()).toBe('2.0.0');
  expect(postsOf(stack, app)).toHaveLength(1);
  expect(await laneOf('marker')).toMatchObject({ state: 'blocked' });
});

test('somebody deploys to production: nothing is posted, though the release is no longer healthy, and a person has to look', async () => {
  const { app, id } = await watched('content');
  await stack.azure.strangerPushes(app.site, 'production', (await build({ version: '6.6.6' })).zip);
  await expectTold(stack, id, { outcome: 'needs-attention', code: 'state-breach' });
  expect(await app.production()).toBe('6.6.6');
  expect(postsOf(stack, app)).toHaveLength(1);
  expect(await laneOf('content')).toMatchObject({ state: 'blocked' });
});

test('content that can not be read during the watch is no breach', async () => {
  const { app, id } = await watched('unreadable');
  stack.azure.faults.on('scm-waking', { site: app.site, slot: 'production', times: 6 });
  await expectTold(stack, id, { outcome: 'deployed' });
  expect(stack.azure.faults.active()).toEqual([]);
  expect(await app.production()).toBe('2.0.0');
  expect(postsOf(stack, app)).toHaveLength(1);
});
