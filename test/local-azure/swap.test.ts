import { virtualClock } from '../../local/host/clock';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { group, headOf, plainApp, push, served, site, startCloud, until, zipOf, armPath, type Cloud, type Reply } from './cloud';

let cloud: Cloud;

beforeEach(async () => {
  cloud = await startCloud();
  await cloud.azure.createSite(site({ package: await plainApp('1') }));
});

afterEach(() => cloud.close());

const production = () => cloud.client.webApps.get(group, 'hello');
const staging = () => cloud.client.webApps.getSlot(group, 'hello', 'staging');
const deploymentId = async (rest: string): Promise<unknown> =>
  (await cloud.ask('GET', armPath(cloud.azure, rest))).json().properties.deploymentId;
const settings = async (slot?: string) =>
  (slot
    ? await cloud.client.webApps.listApplicationSettingsSlot(group, 'hello', slot)
    : await cloud.client.webApps.listApplicationSettings(group, 'hello')
  ).properties;

async function pushed(version: string): Promise<string> {
  const { headers } = await push(cloud, 'staging', await plainApp(version), `isAsync=true&deployer=slipway&message=r${version}.1`);
  await until(
    () => deployments('staging'),
    (all) => all.every((each) => each.complete),
  );
  return String(headers['scm-deployment-id']);
}

const deployments = async (slot: string): Promise<{ id: string; complete: boolean; active: boolean; message: string; status: number }[]> =>
  (await cloud.ask('GET', `${cloud.azure.scmUrl('hello', slot)}/api/deployments`)).json();

const swap = () =>
  cloud.client.webApps.swapSlot(group, 'hello', 'staging', { targetSlot: 'production', preserveVnet: false }, { updateIntervalInMs: 1 });

describe('a swap through the SDK', () => {
  test('moves content, its deployment records and the settings that are not sticky', async () => {
    await cloud.client.webApps.updateApplicationSettingsSlot(group, 'hello', 'staging', {
      properties: { FUNCTIONS_WORKER_RUNTIME: 'node', COLOUR: 'green', KEEP: 'staging', MARKER: 'r2' },
    });
    const id = await pushed('2');
    const before = { production: await deploymentId('sites/hello'), staging: await deploymentId('sites/hello/slots/staging') };
    await swap();

    expect([await served(cloud.azure), await served(cloud.azure, 'staging')]).toEqual(['2', '1']);
    expect((await deployments('production')).find((each) => each.active)).toMatchObject({ id, message: 'r2.1', status: 4 });
    expect((await deployments('staging')).map((each) => each.message)).toEqual(['Created via a push deployment']);
    expect(await settings()).toEqual({ FUNCTIONS_WORKER_RUNTIME: 'node', COLOUR: 'green', KEEP: 'production', MARKER: 'r2' });
    expect(await settings('staging')).toEqual({ FUNCTIONS_WORKER_RUNTIME: 'node', COLOUR: 'blue', KEEP: 'staging' });
    expect({ production: await deploymentId('sites/hello/slots/staging'), staging: await deploymentId('sites/hello') }).toEqual(before);
  });

  test('says on both ends what was swapped, with a capital in Production', async () => {
    expect((await production()).slotSwapStatus ?? null).toBeNull();
    await pushed('2');
    await swap();
    const status = (await production()).slotSwapStatus;
    expect(status).toMatchObject({ sourceSlotName: 'staging', destinationSlotName: 'Production' });
    expect((await staging()).slotSwapStatus).toEqual(status);
    expect((await staging()).inProgressOperationId ?? null).toBeNull();
  });

  test('leaves the host keys where they are when the host id is sticky', async () => {
    const named = (id: string) => ({ properties: { AzureFunctionsWebHost__hostid: id } });
    await cloud.client.webApps.updateSlotConfigurationNames(group, 'hello', { appSettingNames: ['AzureFunctionsWebHost__hostid'] });
    await cloud.client.webApps.updateApplicationSettings(group, 'hello', named('hello-live'));
    await cloud.client.webApps.updateApplicationSettingsSlot(group, 'hello', 'staging', named('hello-staging'));
    await pushed('2');
    const keys = async () => [
      (await cloud.client.webApps.listHostKeys(group, 'hello')).masterKey,
      (await cloud.client.webApps.listHostKeysSlot(group, 'hello', 'staging')).masterKey,
    ];
    await until(
      () => served(cloud.azure),
      (version) => version === '1',
    );
    const before = await keys();
    await swap();
    await until(
      () => served(cloud.azure, 'staging'),
      (version) => version === '1',
    );
    expect(await keys()).toEqual(before);
    expect(before[0]).not.toBe(before[1]);
  });

  test('refuses settings whose body came after its begin', async () => {
    await cloud.again({ pace: { swapApplyMs: 60_000 } });
    const url = armPath(cloud.azure, 'sites/hello/slots/staging/config/appsettings');
    const slow = await headOf(cloud, 'PUT', url, JSON.stringify({ properties: { COLOUR: 'red' } }));
    const begun = armPath(cloud.azure, 'sites/hello/slots/staging/slotsswap');
    expect((await cloud.ask('POST', begun, { body: '{"targetSlot":"production","preserveVnet":false}' })).status).toBe(202);
    expect((await slow.sendBody()).status).toBe(409);
    expect((await settings('staging'))?.['COLOUR']).toBe('blue');
  });

  test('posted again after its end takes itself back', async () => {
    await pushed('2');
    await swap();
    await swap();
    expect([await served(cloud.azure), await served(cloud.azure, 'staging')]).toEqual(['1', '2']);
    expect(cloud.azure.receipts().swapPosts.map((each) => each.answered)).toEqual([202, 202]);
  });

  test('leaves a record of its phases, oldest first', async () => {
    await pushed('2');
    await swap();
    const [receipt] = cloud.azure.receipts().swaps;
    expect(receipt).toMatchObject({ by: 'arm', outcome: 'applied', source: 'staging', target: 'production' });
    expect(receipt?.phases.map((phase) => phase.name)).toEqual([
      'begun',
      'settings applied to the source, which restarts',
      'source warmed up',
      'routing switched',
      'source restarted',
    ]);
  });
});

describe('a swap on the wire', () => {
  const post = (): Promise<Reply> =>
    cloud.ask('POST', armPath(cloud.azure, 'sites/hello/slots/staging/slotsswap'), {
      body: '{"targetSlot":"production","preserveVnet":false}',
    });

  test('answers 202 with a long signed Location that is another at each poll, then the slot', async () => {
    const first = await post();
    expect(first).toMatchObject({ status: 202, text: '' });
    expect(first.headers['retry-after']).toBeDefined();
    expect(String(first.headers['location']).length).toBeGreaterThan(3500);
    const seen = [String(first.headers['location'])];
    const last = await until(
      async () => {
        const reply = await cloud.ask('GET', seen.at(-1) ?? '');
        if (reply.status === 202) seen.push(String(reply.headers['location']));
        return reply;
      },
      (reply) => reply.status !== 202,
    );
    expect(new Set(seen).size).toBe(seen.length);
    expect(last.status).toBe(200);
    expect(last.json()).toMatchObject({ name: 'hello/staging', properties: { slotSwapStatus: { destinationSlotName: 'Production' } } });
    expect((await cloud.ask('GET', seen[0] ?? '')).status).toBe(200);
  });

  test('does not answer a Location that was put together by hand', async () => {
    const location = new URL(String((await post()).headers['location']));
    location.searchParams.set('t', '1');
    expect((await cloud.ask('GET', location.toString())).status).toBe(404);
  });

  test('refuses a second one, and other changes, while it runs', async () => {
    await cloud.again({ pace: { swapWarmUpMs: 60_000 } });
    expect((await post()).status).toBe(202);
    const text =
      /^Cannot modify this site because another operation is in progress\. Details: Id: .+, OperationName: SwapSiteSlots, CreatedTime: .+, SlotName: staging$/;
    const again = await post();
    expect(again.status).toBe(409);
    expect(again.json()).toMatchObject({ Code: 'Conflict', Message: expect.stringMatching(text) });
    const write = await cloud.ask('PUT', armPath(cloud.azure, 'sites/hello/slots/staging/config/appsettings'), {
      body: '{"properties":{}}',
    });
    expect(write.status).toBe(409);
    expect((await staging()).inProgressOperationId).toEqual(cloud.azure.receipts().swaps[0]?.operationId);
  });

  test('goes on after a restart of the local Azure', async () => {
    await cloud.again({ pace: { swapApplyMs: 60_000 } });
    await pushed('2');
    expect((await post()).status).toBe(202);
    await cloud.again({ clock: virtualClock(Date.now() + 60_000) });
    await until(
      () => production(),
      (each) => each.slotSwapStatus?.sourceSlotName === 'staging',
    );
    expect(await served(cloud.azure)).toBe('2');
  });
});

describe('the warm-up', () => {
  const withStatuses = async (statuses: string): Promise<void> => {
    await cloud.client.webApps.updateApplicationSettings(group, 'hello', {
      properties: { WEBSITE_SWAP_WARMUP_PING_STATUSES: statuses, WEBSITE_SWAP_WARMUP_PING_PATH: '/api/hello' },
    });
    await cloud.client.webApps.updateSlotConfigurationNames(group, 'hello', {
      appSettingNames: ['KEEP', 'WEBSITE_SWAP_WARMUP_PING_STATUSES', 'WEBSITE_SWAP_WARMUP_PING_PATH'],
    });
  };
  const noHost = () => zipOf({ 'readme.txt': 'nothing to run here' });

  test('takes any status where no setting says otherwise', async () => {
    await push(cloud, 'staging', await noHost());
    await until(
      () => deployments('staging'),
      (all) => all.every((each) => each.complete),
    );
    await swap();
    expect(await served(cloud.azure)).toBe('status 404');
  });

  test('with statuses demanded refuses the app with 417 and leaves everything as it was', async () => {
    await withStatuses('200,202');
    await push(cloud, 'staging', await noHost());
    await until(
      () => deployments('staging'),
      (all) => all.every((each) => each.complete),
    );
    const before = await settings('staging');
    await expect(swap()).rejects.toMatchObject({ statusCode: 417 });
    expect(await served(cloud.azure)).toBe('1');
    expect(await settings('staging')).toEqual(before);
    expect((await production()).slotSwapStatus ?? null).toBeNull();
    expect((await staging()).inProgressOperationId ?? null).toBeNull();
  });

  test('with statuses demanded takes the app that gives one of them', async () => {
    await withStatuses('200,202');
    await pushed('2');
    await swap();
    expect(await served(cloud.azure)).toBe('2');
  });
});
