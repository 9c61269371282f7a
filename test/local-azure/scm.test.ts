import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { armPath, group, headOf, plainApp, push, served, site, startCloud, until, zipOf, type Cloud } from './cloud';

let cloud: Cloud;

beforeEach(async () => {
  cloud = await startCloud();
  await cloud.azure.createSite(site());
});

afterEach(() => cloud.close());

const scm = (rest: string) => cloud.ask('GET', `${cloud.azure.scmUrl('hello', 'staging')}${rest}`);
const whenDone = (id: unknown) =>
  until(
    async () => (await scm(`/api/deployments/${String(id)}`)).json(),
    (each) => each.complete,
  );

describe('a push', () => {
  test('answers at once, in the words of Kudu, and is live at its end', async () => {
    const accepted = await push(cloud, 'staging', await plainApp('2'));
    expect(accepted).toMatchObject({ status: 202, text: '' });
    const { location, retryafter, 'retry-after': hyphenated, 'scm-deployment-id': id } = accepted.headers;
    expect(location).toMatch(
      new RegExp(
        `^${cloud.azure.scmUrl('hello', 'staging')}/api/deployments/latest\\?deployer=slipway&time=\\d{4}-\\d\\d-\\d\\d_\\d\\d-\\d\\d-\\d\\dZ$`,
      ),
    );
    expect([retryafter, hyphenated]).toEqual(['30', undefined]);
    const done = await whenDone(id);
    expect(done).toMatchObject({
      id,
      status: 4,
      active: true,
      deployer: 'slipway',
      message: 'r1.1',
      author: 'N/A',
      site_name: 'hello',
      provisioningState: 'Succeeded',
    });
    expect(await served(cloud.azure, 'staging')).toBe('2');
    expect((await scm('/api/deployments/latest')).json()).toEqual(done);
    expect(cloud.azure.receipts().pushes).toMatchObject([
      { slot: 'staging', answered: 202, deploymentId: id, message: 'r1.1', deployer: 'slipway' },
    ]);
  });

  test('without isAsync answers at its end', async () => {
    expect((await push(cloud, 'staging', await plainApp('3'), '')).status).toBe(200);
    expect(await served(cloud.azure, 'staging')).toBe('3');
    expect((await scm('/api/deployments')).json()).toMatchObject([{ message: 'Created via a push deployment', deployer: 'Push-Deployer' }]);
  });

  test('goes to the slot it was sent to, though a swap happened while it was on its way', async () => {
    await cloud.azure.strangerPushes('hello', 'production', await plainApp('1'));
    await cloud.azure.strangerPushes('hello', 'staging', await plainApp('2'));
    const slow = await headOf(cloud, 'POST', `${cloud.azure.scmUrl('hello', 'staging')}/api/zipdeploy`, await plainApp('3'));
    await cloud.azure.strangerSwaps('hello', 'staging');
    expect((await slow.sendBody()).status).toBe(200);
    expect([await served(cloud.azure), await served(cloud.azure, 'staging')]).toEqual(['2', '3']);
  });

  test('is refused while another runs', async () => {
    await cloud.again({ pace: { deploymentMs: 60_000 } });
    expect((await push(cloud, 'staging', await plainApp('2'))).status).toBe(202);
    const second = await push(cloud, 'staging', await plainApp('3'));
    expect([second.status, second.text]).toEqual([409, 'There is a deployment currently in progress. Please try again when it completes.']);
    expect((await scm('/api/deployments/latest')).status).toBe(202);
  });

  test('of no zip fails, and what was there goes on', async () => {
    await push(cloud, 'staging', await plainApp('2'), '');
    const { headers } = await push(cloud, 'staging', Buffer.from('no zip at all'));
    expect(await whenDone(headers['scm-deployment-id'])).toMatchObject({
      status: 3,
      complete: true,
      active: false,
      provisioningState: 'Failed',
    });
    expect(await served(cloud.azure, 'staging')).toBe('2');
  });

  test('of no zip, run from package, succeeds and the app does not start', async () => {
    await cloud.client.webApps.updateApplicationSettingsSlot(group, 'hello', 'staging', { properties: { WEBSITE_RUN_FROM_PACKAGE: '1' } });
    const { headers } = await push(cloud, 'staging', Buffer.from('no zip at all'));
    expect(await whenDone(headers['scm-deployment-id'])).toMatchObject({ status: 4 });
    expect(await served(cloud.azure, 'staging')).toBe('status 503');
  });

  test('without host.json deploys, and nothing is indexed', async () => {
    await push(cloud, 'staging', await zipOf({ 'hello/host.json': '{}', 'hello/main.js': "app.http('hello', {})" }), '');
    const functions = await cloud.ask('GET', armPath(cloud.azure, 'sites/hello/slots/staging/functions'));
    expect(functions.json().value).toEqual([]);
  });

  test('whose entries climb out of the app writes nothing there', async () => {
    const tame = await zipOf({ 'host.json': '{}', 'aaaaaaaaa.txt': 'out' });
    const climbing = Buffer.from(tame.toString('latin1').replaceAll('aaaaaaaaa.txt', '../../out.txt'), 'latin1');
    const { headers } = await push(cloud, 'staging', climbing);
    expect(await whenDone(headers['scm-deployment-id'])).toMatchObject({ status: 3 });
    expect(readdirSync(cloud.directory, { recursive: true }).filter((name) => String(name).endsWith('out.txt'))).toEqual([]);
    expect(existsSync(path.join(cloud.directory, '..', 'out.txt'))).toBe(false);
  });

  test('is refused where the app runs from a URL', async () => {
    await cloud.client.webApps.updateApplicationSettingsSlot(group, 'hello', 'staging', {
      properties: { WEBSITE_RUN_FROM_PACKAGE: 'https://example.com/a.zip' },
    });
    expect(await push(cloud, 'staging', await plainApp('2'))).toMatchObject({
      status: 409,
      text: expect.stringContaining('Run-From-Zip is set to a remote URL'),
    });
  });

  test('wants a token of the resource manager', async () => {
    const { token } = await cloud.credential.getToken('https://communication.azure.com/.default');
    const answer = await cloud.ask('POST', `${cloud.azure.scmUrl('hello', 'staging')}/api/zipdeploy`, {
      body: 'x',
      headers: { authorization: `Bearer ${token}` },
    });
    expect(answer.status).toBe(401);
  });
});

test('a deployment goes on after a restart of the local Azure', async () => {
  const { headers } = await push(cloud, 'staging', await plainApp('2'));
  await cloud.again();
  expect(await whenDone(headers['scm-deployment-id'])).toMatchObject({ status: 4, message: 'r1.1' });
  expect(
    await until(
      () => served(cloud.azure, 'staging'),
      (version) => version !== 'status 503',
    ),
  ).toBe('2');
});

test('a settings change restarts SCM, which kills what it was doing', async () => {
  await cloud.again({ pace: { deploymentMs: 60_000, scmWakesMs: 0 } });
  const { headers } = await push(cloud, 'staging', await plainApp('2'));
  await cloud.client.webApps.updateApplicationSettingsSlot(group, 'hello', 'staging', { properties: {} });
  expect(await whenDone(headers['scm-deployment-id'])).toMatchObject({ status: 3 });
});

test('the resource manager tells of a deployment too', async () => {
  const { headers } = await push(cloud, 'staging', await plainApp('2'));
  const id = String(headers['scm-deployment-id']);
  await whenDone(id);
  expect(await cloud.client.webApps.getSlotSiteDeploymentStatusSlot(group, 'hello', 'staging', id)).toMatchObject({
    deploymentId: id,
    status: 'RuntimeSuccessful',
    numberOfInstancesSuccessful: 1,
  });
});
