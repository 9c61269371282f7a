import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { armPath, group, plainApp, site, startCloud, subscriptionId, until, type Cloud } from './cloud';

let cloud: Cloud;

beforeAll(async () => {
  cloud = await startCloud();
  await cloud.azure.createSite(site({ package: await plainApp('1') }));
});

afterAll(() => cloud.close());

const apps = () => cloud.client.webApps;
const codeOf = async (method: string, url: string, headers: Record<string, string> = {}): Promise<[number, string]> => {
  const reply = await cloud.ask(method, url, { headers });
  return [reply.status, reply.json().error.code];
};

describe('who may ask, and for what', () => {
  test('nobody without a token, or with a token of another audience or signature', async () => {
    const url = armPath(cloud.azure, 'sites/hello');
    const { token } = await cloud.credential.getToken('https://communication.azure.com/.default');
    expect(await codeOf('GET', url, { authorization: '' })).toEqual([401, 'AuthenticationFailed']);
    expect(await codeOf('GET', url, { authorization: `Bearer ${token}` })).toEqual([401, 'InvalidAuthenticationTokenAudience']);
    const own = await cloud.credential.getToken('https://management.azure.com/.default');
    const [header, claims] = own.token.split('.');
    expect(await codeOf('GET', url, { authorization: `Bearer ${header}.${claims}.${Buffer.alloc(256).toString('base64url')}` })).toEqual([
      401,
      'InvalidAuthenticationToken',
    ]);
  });

  test('one api-version', async () => {
    const url = armPath(cloud.azure, 'sites/hello');
    expect(await codeOf('GET', url.replace('2025-05-01', '2014-01-01'))).toEqual([400, 'InvalidApiVersionParameter']);
    expect(await codeOf('GET', url.replace(/\?.*/, ''))).toEqual([400, 'MissingApiVersionParameter']);
  });

  test('only what is there', async () => {
    const at = (rest: string): string => armPath(cloud.azure, rest);
    expect(await codeOf('GET', at('sites/other'))).toEqual([404, 'ResourceNotFound']);
    expect(await codeOf('GET', at('sites/hello/slots/other'))).toEqual([404, 'ResourceNotFound']);
    expect(await codeOf('POST', at('sites/hello/nothing'))).toEqual([404, 'ResourceNotFound']);
    expect(await codeOf('GET', at('sites/hello').replace(group, 'rg-other'))).toEqual([404, 'ResourceGroupNotFound']);
    expect(await codeOf('GET', at('sites/hello').replace(subscriptionId, subscriptionId.replace('1', '9')))).toEqual([
      404,
      'SubscriptionNotFound',
    ]);
  });
});

describe('sites', () => {
  test('say through the SDK what a caller needs, production and slot alike', async () => {
    const [production, staging] = [await apps().get(group, 'hello'), await apps().getSlot(group, 'hello', 'staging')];
    expect(production).toMatchObject({
      name: 'hello',
      type: 'Microsoft.Web/sites',
      kind: 'functionapp',
      location: 'West Europe',
      state: 'Running',
      enabled: true,
      availabilityState: 'Normal',
    });
    expect(staging).toMatchObject({ name: 'hello/staging', type: 'Microsoft.Web/sites/slots' });
    expect(`http://${production.defaultHostName}`).toBe(cloud.azure.siteUrl('hello'));
    const scm = staging.hostNameSslStates?.find((state) => state.hostType === 'Repository')?.name;
    expect(`https://${scm}`).toBe(cloud.azure.scmUrl('hello', 'staging'));
    const plan = await cloud.client.appServicePlans.get(group, production.serverFarmId?.split('/').at(-1) ?? '');
    expect(plan.sku).toMatchObject({ name: 'EP1', tier: 'ElasticPremium' });
  });

  test('are listed, slots below their site', async () => {
    const names: (string | undefined)[] = [];
    for await (const each of apps().listByResourceGroup(group)) names.push(each.name);
    for await (const each of apps().listSlots(group, 'hello')) names.push(each.name);
    expect(names).toEqual(['hello', 'hello/staging']);
  });

  test('stop and start, and a stopped one answers 403', async () => {
    await apps().stopSlot(group, 'hello', 'staging');
    expect((await apps().getSlot(group, 'hello', 'staging')).state).toBe('Stopped');
    expect((await fetch(cloud.azure.siteUrl('hello', 'staging'))).status).toBe(403);
    await apps().startSlot(group, 'hello', 'staging');
    expect((await apps().getSlot(group, 'hello', 'staging')).state).toBe('Running');
  });

  test('a slot without content answers with the page of the platform', async () => {
    const answer = await fetch(cloud.azure.siteUrl('hello', 'staging'));
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('up and running')]);
    expect((await fetch(`${cloud.azure.siteUrl('hello', 'staging')}/api/hello`)).status).toBe(404);
  });

  test('on a plan without slots can have none', async () => {
    await expect(cloud.azure.createSite(site({ name: 'flex', planSku: 'FC1' }))).rejects.toThrow('room for 0 slots');
  });
});

describe('settings', () => {
  test('are replaced as a whole, and only texts are taken', async () => {
    await apps().updateApplicationSettingsSlot(group, 'hello', 'staging', { properties: { ONLY: 'this' } });
    expect((await apps().listApplicationSettingsSlot(group, 'hello', 'staging')).properties).toEqual({ ONLY: 'this' });
    const url = armPath(cloud.azure, 'sites/hello/slots/staging/config/appsettings');
    expect((await cloud.ask('PUT', url, { body: '{"properties":{"N":1}}' })).status).toBe(400);
    expect((await cloud.ask('PUT', url, { body: '{}' })).status).toBe(400);
  });

  test('that stick are named on the site', async () => {
    await apps().updateSlotConfigurationNames(group, 'hello', { appSettingNames: ['KEEP', 'ALSO'] });
    expect(await apps().listSlotConfigurationNames(group, 'hello')).toMatchObject({
      appSettingNames: ['KEEP', 'ALSO'],
      connectionStringNames: [],
    });
  });

  test('differences of two slots are told before a swap', async () => {
    await apps().updateApplicationSettingsSlot(group, 'hello', 'staging', {
      properties: { FUNCTIONS_WORKER_RUNTIME: 'node', COLOUR: 'green', KEEP: 'staging', NEW: '1' },
    });
    const found: (string | undefined)[] = [];
    for await (const each of apps().listSlotDifferencesSlot(group, 'hello', 'staging', { targetSlot: 'production', preserveVnet: false }))
      found.push(each.settingName);
    expect(found.sort()).toEqual(['COLOUR', 'NEW']);
  });
});

describe('the host of a slot', () => {
  test('names its functions, disabled ones as such', async () => {
    await apps().updateApplicationSettings(group, 'hello', { properties: { 'AzureWebJobs.orders.Disabled': 'true' } });
    const functions = await until(
      async () => {
        const found: [string | undefined, boolean | undefined][] = [];
        try {
          for await (const each of apps().listFunctions(group, 'hello')) found.push([each.name, each.isDisabled]);
        } catch {
          return [];
        }
        return found;
      },
      (found) => found.length > 0,
    );
    expect(functions).toEqual([
      ['hello/hello', false],
      ['hello/orders', true],
    ]);
  });

  test('has keys of its own', async () => {
    const [production, staging] = [await apps().listHostKeys(group, 'hello'), await apps().listHostKeysSlot(group, 'hello', 'staging')];
    expect(production).toMatchObject({ masterKey: expect.any(String), functionKeys: { default: expect.any(String) } });
    expect(staging.masterKey).not.toBe(production.masterKey);
  });
});

describe('a swap with preview', () => {
  test('closes the slot for settings and pushes until it is reset', async () => {
    await apps().applySlotConfigurationSlot(group, 'hello', 'staging', { targetSlot: 'production', preserveVnet: false });
    expect((await apps().getSlot(group, 'hello', 'staging')).targetSwapSlot).toBe('production');
    const prepared = 'The slot cannot be changed because its configuration settings have been prepared for swap.';
    const write = await cloud.ask('PUT', armPath(cloud.azure, 'sites/hello/slots/staging/config/appsettings'), {
      body: '{"properties":{}}',
    });
    expect([write.status, write.json().Message]).toEqual([409, prepared]);
    const push = await cloud.ask('POST', `${cloud.azure.scmUrl('hello', 'staging')}/api/zipdeploy?isAsync=true`, {
      body: await plainApp('2'),
    });
    expect([push.status, push.text]).toEqual([409, prepared]);
    await apps().resetSlotConfigurationSlot(group, 'hello', 'staging');
    expect((await apps().getSlot(group, 'hello', 'staging')).targetSwapSlot ?? null).toBeNull();
  });
});
