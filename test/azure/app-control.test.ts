import { readFileSync } from 'node:fs';
import type { AppControl } from '../../src/azure/app-control';
import { armAppControl } from '../../src/azure/app-control-arm';
import { scmPackagePush, type ScmPackagePush } from '../../src/azure/package-push-scm';
import type { Target } from '../../src/domain/settings';
import { appContract } from './app.contract';
import { group, plainApp, served, site, startCloud, subscriptionId, until, type Cloud } from '../local-azure/cloud';

const target: Target = { subscription: subscriptionId, resourceGroup: group, functionApp: 'hello', slot: 'staging' };

let cloud: Cloud;
let control: AppControl;
let push: ScmPackagePush;

/** Where this test says that Slipway keeps its packages. */
const packages = 'https://slipway.blob.core.windows.net/slipway-packages/';

beforeEach(async () => {
  cloud = await startCloud();
  await cloud.azure.createSite(site({ package: await plainApp('1.0.0') }));
  const access = { credential: cloud.credential, armEndpoint: cloud.azure.armUrl, ca: readFileSync(cloud.azure.caFile, 'utf8') };
  push = scmPackagePush(access);
  control = armAppControl({
    ...access,
    contentOf: push.contentOf,
    digestAt: (url) => (url.startsWith(packages) ? url.slice(packages.length) : undefined),
  });
});
afterEach(() => cloud.close());

const deployed = (message: string) =>
  until(
    () => push.readDeployment(target, message),
    ({ kind }) => kind !== 'running',
  );

const settled = () =>
  until(
    () => control.readSlots(target),
    ({ production, staging }) => !production.operationInProgress && !staging.operationInProgress,
  );

appContract('the local Azure', () => ({ target, control, push, until }));

describe('app control', () => {
  it('reads the facts of a target, names only', async () => {
    const facts = await control.readFacts(target);
    expect(facts).toMatchObject({
      slotExists: true,
      planTier: 'ElasticPremium',
      os: 'windows',
      onContainerApps: false,
      runsImage: false,
      productionRunning: true,
      slotRunning: true,
      preparedForSwap: false,
      operationInProgress: false,
      sharesHostId: false,
      stickyButMissing: [],
      warmUpAcceptsAnyStatus: true,
      runsFromUrl: false,
    });
    expect((await control.readFacts({ ...target, slot: 'nowhere' })).slotExists).toBe(false);
  });

  it('says in a sentence that an app is missing', async () => {
    const nobody = { ...target, functionApp: 'nobody' };
    await expect(control.readFacts(nobody)).rejects.toThrow(/knows no function app "nobody"/);
    await expect(control.listSlots(nobody)).rejects.toThrow(/knows no function app "nobody"/);
    expect(await control.listSlots(target)).toContain(target.slot);
  });

  it('reads both slots: no marker and a stranger before Slipway came', async () => {
    const { production, staging } = await control.readSlots(target);
    expect(production).toMatchObject({ marker: null, swapStatus: null, operationInProgress: false, running: true });
    expect(production.content.kind).toBe('read');
    expect(staging.content).toEqual({ kind: 'empty' });
    expect(control.slotUrl(production.hostName)).toBe(cloud.azure.siteUrl('hello'));
    expect(control.slotUrl('hello-staging.azurewebsites.net')).toBe('https://hello-staging.azurewebsites.net');
  });

  it('writes settings in one replace, only where something changes', async () => {
    expect(await control.writeSlotSettings(target, { reset: [], write: { SLIPWAY_MARKER: 'r-1.0123456789ab', COLOUR: 'red' } })).toEqual({
      changed: true,
    });
    expect(await control.writeSlotSettings(target, { reset: [], write: { COLOUR: 'red' } })).toEqual({ changed: false });
    expect((await control.readSlots(target)).staging.marker).toBe('r-1.0123456789ab');
    const before = cloud.azure.receipts().settingWrites.length;
    expect(await control.writeSlotSettings(target, { reset: ['COLOUR', 'SLIPWAY_MARKER'], write: { OTHER: '1' } })).toEqual({
      changed: true,
    });
    expect(cloud.azure.receipts().settingWrites.length).toBe(before + 1);
    const { properties } = await cloud.client.webApps.listApplicationSettingsSlot(group, 'hello', 'staging');
    expect(properties).toEqual({ FUNCTIONS_WORKER_RUNTIME: 'node', COLOUR: 'blue', KEEP: 'staging', OTHER: '1' });
  });

  it('makes names sticky, keeping those that are, before it sets their values', async () => {
    await control.writeStickySettings(target, { 'AzureWebJobs.orders.Disabled': 'true' });
    const { appSettingNames } = await cloud.client.webApps.listSlotConfigurationNames(group, 'hello');
    expect(appSettingNames).toEqual(['KEEP', 'AzureWebJobs.orders.Disabled']);
    const { properties } = await cloud.client.webApps.listApplicationSettingsSlot(group, 'hello', 'staging');
    expect(properties?.['AzureWebJobs.orders.Disabled']).toBe('true');
    expect((await control.readFacts(target)).stickyButMissing).toEqual([]);
  });

  it('pushes, proves, swaps and reads what moved', async () => {
    await control.writeSlotSettings(target, { reset: [], write: { SLIPWAY_MARKER: 'r-1.0123456789ab' } });
    expect(await push.isReady(target)).toBe(true);
    expect(await push.readDeployment(target, 'r-1.1')).toEqual({ kind: 'missing' });
    expect(await push.push(target, await plainApp('2.0.0'), 'r-1.1')).toMatchObject({ kind: 'accepted' });
    expect(await deployed('r-1.1')).toEqual({ kind: 'succeeded' });
    const before = await control.readSlots(target);
    expect(before.staging.content).toMatchObject({ kind: 'read', message: 'r-1.1' });
    expect((await control.listFunctions(target, 'staging')).map(({ name, trigger }) => [name, trigger]).sort()).toEqual([
      ['hello', 'http'],
      ['orders', 'queue'],
    ]);
    expect(typeof (await control.functionKey(target, 'staging'))).toBe('string');

    expect(await control.postSwap(target)).toEqual({ kind: 'accepted' });
    const { production, staging } = await settled();
    expect(production).toMatchObject({ marker: 'r-1.0123456789ab', content: before.staging.content });
    expect(production.swapStatus).toMatchObject({ source: 'staging', destination: 'Production' });
    expect(staging).toMatchObject({ marker: null, content: before.production.content });
    expect(await served(cloud.azure)).toBe('2.0.0');
    expect(cloud.azure.receipts().swapPosts.length).toBe(1);
  });

  it.each([
    ['swap-answer-lost-but-happened', { kind: 'unknown', code: 'http-504' }],
    ['swap-answer-lost-not-happened', { kind: 'unknown', code: 'http-504' }],
    ['swap-conflict-own', { kind: 'unknown', code: 'operation-in-progress' }],
    ['swap-lock-429', { kind: 'unknown', code: 'locked' }],
  ] as const)('posts once under %s and does not know', async (fault, answer) => {
    cloud.azure.faults.on(fault);
    expect(await control.postSwap(target)).toEqual(answer);
    await settled();
    expect(cloud.azure.receipts().swapPosts.length).toBe(1);
  });

  it('says of a slot without SCM that it could not tell', async () => {
    expect(await push.contentOf(undefined)).toEqual({ kind: 'unreadable' });
    expect(await push.contentOf('https://127.0.0.1:1')).toEqual({ kind: 'unreadable' });
  });

  it('reads from the setting what a slot runs by URL, and gives out nothing of an address that is not Slipway’s', async () => {
    const write = (url: string) => control.writeSlotSettings(target, { reset: [], write: { WEBSITE_RUN_FROM_PACKAGE: url } });
    await write(`${packages}${'ab'.repeat(32)}`);
    expect((await control.readSlots(target)).staging.content).toEqual({ kind: 'package', sha256: 'ab'.repeat(32) });
    await write('https://other.example/a.zip?sig=SECRET');
    const { staging, production } = await control.readSlots(target);
    expect(staging.content).toEqual({ kind: 'other-package', urlHash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(JSON.stringify(staging)).not.toContain('SECRET');
    expect(production.content.kind).toBe('read');
  });

  it('has triggers read anew once the slot’s host answers', async () => {
    expect(await control.syncTriggers(target)).toEqual({ kind: 'synced' });
    await control.writeSlotSettings(target, { reset: [], write: { WEBSITE_RUN_FROM_PACKAGE: 'http://127.0.0.1:1/none.zip' } });
    const answer = await until(
      () => control.syncTriggers(target),
      ({ kind }) => kind === 'not-yet',
    );
    expect(answer).toEqual({ kind: 'not-yet', code: 'http-400' });
  });

  it('is busy while SCM wakes up', async () => {
    cloud.azure.faults.on('scm-waking', { times: 2 });
    expect(await push.push(target, await plainApp('2.0.0'), 'r-1.1')).toEqual({ kind: 'busy', code: 'waking' });
  });

  it('tells a deployment that failed from one that was accepted', async () => {
    cloud.azure.faults.on('deployment-fails');
    expect(await push.push(target, await plainApp('2.0.0'), 'r-1.1')).toMatchObject({ kind: 'accepted' });
    expect(await deployed('r-1.1')).toMatchObject({ kind: 'failed' });
  });
});
