import { createHash } from 'node:crypto';
import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type { SiteSpec, SlotSpec } from '../../local/azure';
import { startAzurite, type Azurite } from '../azurite';
import { armPath, group, plainApp, push, served, site, startCloud, until, type Cloud } from './cloud';

/** Slots that run from a URL, and apps on Consumption on Linux, which have no other way. */
let azurite: Azurite;
let cloud: Cloud;
const reader = '/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/reader';
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());
afterEach(() => cloud.close());

async function keep(version: string): Promise<string> {
  const container = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient('slipway-packages');
  await container.createIfNotExists();
  const zip = await plainApp(version);
  const blob = container.getBlockBlobClient(createHash('sha256').update(zip).digest('hex'));
  await blob.uploadData(zip);
  return blob.url;
}

async function begin(staging: Partial<SlotSpec>, production: Partial<SiteSpec> = {}): Promise<void> {
  cloud = await startCloud({ storage: azurite.connectionString });
  const slots = [{ name: 'staging', appSettings: {}, ...staging }];
  await cloud.azure.createSite(site({ planSku: 'Y1', kind: 'functionapp,linux', appSettings: {}, stickyNames: [], slots, ...production }));
}

const mayRead = { readsContainers: ['slipway-packages'] };
const name = (url: string) =>
  cloud.client.webApps.updateApplicationSettingsSlot(group, 'hello', 'staging', { properties: { WEBSITE_RUN_FROM_PACKAGE: url } });
const serves = (slot: string, wanted: string) =>
  until(
    () => served(cloud.azure, slot),
    (now) => now === wanted,
  );

it('runs the package that its URL names, read with its identity, and another after another name', async () => {
  await begin({ identities: { SystemAssigned: mayRead } });
  await name(await keep('2.0.0'));
  await serves('staging', '2.0.0');
  await name(await keep('3.0.0'));
  await serves('staging', '3.0.0');
  // Also after a restart of the platform, which fetches it anew.
  await cloud.again({ storage: azurite.connectionString });
  await serves('staging', '3.0.0');
  const { identity } = (await cloud.client.webApps.getSlot(group, 'hello', 'staging')) as { identity?: { type?: string } };
  expect(identity).toMatchObject({ type: 'SystemAssigned', principalId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
});

it.each([
  ['has no identity', {}, {}],
  ['has one that may not read it', { identities: { SystemAssigned: { readsContainers: ['other'] } } }, {}],
  ['names one that it has not', { identities: { SystemAssigned: mayRead } }, { WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID: reader }],
])('does not start where it %s, and its host answers nobody', async (_, identities, more) => {
  await begin({ ...identities, appSettings: { WEBSITE_RUN_FROM_PACKAGE: await keep('2.0.0'), ...more } });
  expect(await served(cloud.azure, 'staging')).toBe('status 503');
  await expect(cloud.client.webApps.syncFunctionTriggersSlot(group, 'hello', 'staging')).rejects.toMatchObject({ statusCode: 400 });
  const found = [];
  for await (const each of cloud.client.webApps.listInstanceFunctionsSlot(group, 'hello', 'staging')) found.push(each);
  expect(found).toEqual([]);
});

it('reads it with the user-assigned identity that a setting names', async () => {
  const appSettings = { WEBSITE_RUN_FROM_PACKAGE: await keep('2.0.0'), WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID: reader };
  await begin({ appSettings, identities: { [reader]: mayRead } });
  await serves('staging', '2.0.0');
  await cloud.client.webApps.syncFunctionTriggersSlot(group, 'hello', 'staging');
});

it('lets the URL travel with a swap, and the package with it', async () => {
  const identities = { SystemAssigned: mayRead };
  const [one, two] = [await keep('1.0.0'), await keep('2.0.0')];
  await begin(
    { identities, appSettings: { WEBSITE_RUN_FROM_PACKAGE: two } },
    { identities, appSettings: { WEBSITE_RUN_FROM_PACKAGE: one } },
  );
  expect([await served(cloud.azure), await served(cloud.azure, 'staging')]).toEqual(['1.0.0', '2.0.0']);
  const swap = cloud.client.webApps.swapSlot(group, 'hello', 'staging', { targetSlot: 'production', preserveVnet: true });
  await swap;
  await serves('production', '2.0.0');
  await serves('staging', '1.0.0');
  const { properties } = await cloud.client.webApps.listApplicationSettings(group, 'hello');
  expect(properties).toEqual({ WEBSITE_RUN_FROM_PACKAGE: two });
});

it('has no SCM site on Consumption on Linux: none is named, and no push is taken', async () => {
  await begin({});
  const { properties } = (await cloud.ask('GET', armPath(cloud.azure, 'sites/hello/slots/staging'))).json();
  expect(properties.hostNameSslStates.map(({ hostType }: { hostType: string }) => hostType)).toEqual(['Standard']);
  expect((await push(cloud, 'staging', await plainApp('2.0.0'))).status).toBe(404);
  expect(cloud.azure.receipts().pushes).toEqual([]);
});

it('fetches nothing from elsewhere, and says nothing of a signature', async () => {
  const logged: string[] = [];
  cloud = await startCloud({ storage: azurite.connectionString, log: (line) => logged.push(line) });
  const slots = [{ name: 'staging', appSettings: { WEBSITE_RUN_FROM_PACKAGE: 'https://elsewhere.example/a.zip?sig=SECRET' } }];
  await cloud.azure.createSite(site({ planSku: 'Y1', kind: 'functionapp,linux', slots }));
  expect(await served(cloud.azure, 'staging')).toBe('status 503');
  expect(logged.join('\n')).toContain('https://elsewhere.example/a.zip is not on this computer');
  expect(logged.join('\n')).not.toContain('SECRET');
});
