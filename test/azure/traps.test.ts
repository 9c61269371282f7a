import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SiteSpec } from '../../local/azure';
import { armAppControl } from '../../src/azure/app-control-arm';
import type { AppControl } from '../../src/azure/app-control';
import { scmPackagePush } from '../../src/azure/package-push-scm';
import { findTraps, trapCodes } from '../../src/domain/traps';
import { atOnce, group, startCloud, subscriptionId, zipOf, type Cloud } from '../local-azure/cloud';

/** Each trap as a function app that is in it, read over the wire by the real adapter. */

let cloud: Cloud;
let control: AppControl;
beforeAll(async () => {
  // A swap that is begun is still warming up when it is looked at.
  cloud = await startCloud({ pace: { ...atOnce, swapWarmUpMs: 600_000 } });
  const access = { credential: cloud.credential, armEndpoint: cloud.azure.armUrl, ca: readFileSync(cloud.azure.caFile, 'utf8') };
  control = armAppControl({ ...access, contentOf: scmPackagePush(access).contentOf, digestAt: () => undefined });
});
afterAll(() => cloud.close());

const common = {
  AzureWebJobsStorage__accountName: 'apps',
  WEBSITE_SWAP_WARMUP_PING_STATUSES: '200',
  WEBSITE_RUN_FROM_PACKAGE: '1',
};
const productions = { ...common, AzureFunctionsWebHost__hostid: 'p', TASK_HUB_NAME: 'production' };
const stagings = { ...common, AzureFunctionsWebHost__hostid: 's', TASK_HUB_NAME: 'staging' };

interface Changes extends Partial<Omit<SiteSpec, 'slots' | 'appSettings'>> {
  inProduction?: Record<string, string>;
  inStaging?: Record<string, string>;
  inBoth?: Record<string, string>;
  staging?: Partial<SiteSpec['slots'][number]>;
  hasSlot?: boolean;
  sticky?: string[];
}

function clean(name: string, changes: Changes = {}): SiteSpec {
  const { inProduction = {}, inStaging = {}, inBoth = {}, staging = {}, hasSlot = true, sticky = [], ...fields } = changes;
  return {
    ...{ subscriptionId, resourceGroup: group, name, location: 'westeurope', planSku: 'EP1', kind: 'functionapp', basicAuth: false },
    appSettings: { ...productions, ...inBoth, ...inProduction },
    stickyNames: ['AzureFunctionsWebHost__hostid', 'TASK_HUB_NAME', ...sticky],
    slots: hasSlot ? [{ name: 'staging', basicAuth: false, appSettings: { ...stagings, ...inBoth, ...inStaging }, ...staging }] : [],
    ...fields,
  };
}

async function trapsOf(spec: SiteSpec, settings: string[] = []): Promise<string[]> {
  await cloud.azure.createSite(spec);
  const target = { subscription: subscriptionId, resourceGroup: group, functionApp: spec.name, slot: 'staging' };
  const facts = await control.readFacts(target);
  return findTraps(facts, { app: spec.name, slot: 'staging', resourceGroup: group, settings }).map(({ code }) => code);
}

const identities = { SystemAssigned: { readsContainers: ['slipway-packages'] } };
const byUrl = (name: string, changes: Changes = {}): SiteSpec =>
  clean(name, { planSku: 'Y1', kind: 'functionapp,linux', identities, staging: { identities }, ...changes });
const appWith = (type: string) =>
  zipOf({
    'host.json': '{"version":"2.0"}',
    'work/function.json': JSON.stringify({ bindings: [{ type, direction: 'in', name: 'input' }] }),
  });
const unhub = ({ appSettings, slots, ...spec }: SiteSpec): SiteSpec => {
  const without = ({ TASK_HUB_NAME: _, ...rest }: Record<string, string>) => rest;
  return { ...spec, appSettings: without(appSettings), slots: slots.map((slot) => ({ ...slot, appSettings: without(slot.appSettings) })) };
};

const scenarios: Record<string, (name: string) => SiteSpec | Promise<SiteSpec>> = {
  'plan-without-slots': (name) => clean(name, { planSku: 'FC1', kind: 'functionapp,linux', hasSlot: false }),
  'runs-an-image': (name) => clean(name, { kind: 'functionapp,linux,container' }),
  'package-reader-missing': (name) => byUrl(name, { staging: {} }),
  'package-url-sticky': (name) => byUrl(name, { sticky: ['WEBSITE_RUN_FROM_PACKAGE'] }),
  'slot-missing': (name) => clean(name, { hasSlot: false }),
  'production-stopped': (name) => clean(name, { state: 'Stopped' }),
  'slot-stopped': (name) => clean(name, { staging: { state: 'Stopped' } }),
  'shared-host-id': (name) => clean(name, { inBoth: { AzureFunctionsWebHost__hostid: 'one' } }),
  'shared-task-hub': (name) => clean(name, { inBoth: { TASK_HUB_NAME: 'one' } }),
  'default-task-hub': async (name) => unhub(clean(name, { package: await appWith('orchestrationTrigger') })),
  'runs-from-url': (name) => clean(name, { inBoth: { WEBSITE_RUN_FROM_PACKAGE: 'https://apps.blob.core.windows.net/packages/a.zip' } }),
  'setting-name-refused': (name) => clean(name, { kind: 'functionapp,linux' }),
  'warm-up-accepts-any': (name) => clean(name, { inBoth: { WEBSITE_SWAP_WARMUP_PING_STATUSES: '' } }),
  'sticky-in-one-slot': (name) => clean(name, { inProduction: { ORDERS_DB: 'orders' }, sticky: ['ORDERS_DB'] }),
  'connection-travels': (name) =>
    clean(name, { inStaging: { Orders__fullyQualifiedNamespace: 'test' }, inProduction: { Orders__fullyQualifiedNamespace: 'live' } }),
  'triggers-live-in-staging': async (name) => clean(name, { staging: { package: await appWith('queueTrigger') } }),
  'keys-in-files': (name) => clean(name, { inBoth: { AzureWebJobsSecretStorageType: 'files' } }),
  'package-url-expires': (name) =>
    clean(name, { inProduction: { WEBSITE_RUN_FROM_PACKAGE: 'https://apps.blob.core.windows.net/a.zip?se=2027-01-01&sig=x' } }),
  'sign-in-stops-preview': (name) => clean(name, { signIn: true }),
  'passwords-open-scm': (name) => clean(name, { staging: { basicAuth: true } }),
};

describe('the preflight, over the wire', () => {
  it('finds no trap in a clean target', async () => {
    expect(await trapsOf(clean('clean'))).toEqual([]);
  });

  it('finds none in a clean target whose package is named by its URL', async () => {
    expect(await trapsOf(byUrl('clean-by-url'))).toEqual([]);
    const inBoth = { WEBSITE_RUN_FROM_PACKAGE: 'https://apps.blob.core.windows.net/slipway-packages/a' };
    expect(await trapsOf(byUrl('clean-by-other-url', { inBoth }))).toEqual([]);
  });

  it('wants the identity that a setting names in both slots, since the setting travels with a swap', async () => {
    const named = '/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/reader';
    const userAssigned = { [named]: { readsContainers: ['slipway-packages'] } };
    const inBoth = { WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID: named.toUpperCase() };
    const both = { identities: userAssigned, staging: { identities: userAssigned } };
    expect(await trapsOf(byUrl('user-assigned', { inBoth, ...both }))).toEqual([]);
    expect(await trapsOf(byUrl('not-assigned', { inBoth }))).toEqual(['package-reader-missing']);
    expect(await trapsOf(byUrl('in-one', { inStaging: inBoth, ...both }))).toEqual(['package-reader-missing']);
  });

  it('names plan-without-slots on Container Apps as well', async () => {
    expect(await trapsOf(clean('app-contained', { planSku: 'container-apps', hasSlot: false }))).toEqual(['plan-without-slots']);
  });

  it.each(Object.entries(scenarios))('names %s, and that alone', async (code, make) => {
    const settings = code === 'setting-name-refused' ? ['AzureWebJobs.send-mail.Disabled'] : [];
    expect(await trapsOf(await make(`app-${code}`), settings)).toEqual([code]);
  });

  it('names prepared-for-swap while a swap with preview is open', async () => {
    await cloud.azure.createSite(clean('app-preview'));
    await cloud.client.webApps.applySlotConfigurationSlot(group, 'app-preview', 'staging', {
      targetSlot: 'production',
      preserveVnet: true,
    });
    expect(await trapsOf(clean('app-preview'))).toEqual(['prepared-for-swap']);
  });

  it('names operation-in-progress while a swap runs', async () => {
    await cloud.azure.createSite(clean('app-swapping'));
    await cloud.client.webApps.swapSlot(group, 'app-swapping', 'staging', { targetSlot: 'production', preserveVnet: true }).submitted();
    expect(await trapsOf(clean('app-swapping'))).toEqual(['operation-in-progress']);
  });

  it('has a scenario for each trap there is', () => {
    expect([...Object.keys(scenarios), 'prepared-for-swap', 'operation-in-progress'].sort()).toEqual([...trapCodes].sort());
  });
});
