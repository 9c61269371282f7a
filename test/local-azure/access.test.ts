import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { actionOf } from '../../local/azure/arm/access';
import { armPath, group, site, startCloud, subscriptionId, type Cloud } from './cloud';

const root = `/subscriptions/${subscriptionId}/resourceGroups/${group}/providers/Microsoft.Web`;

test.each([
  ['GET', 'sites/hello', 'sites/read', 'sites/hello'],
  ['GET', 'sites', 'sites/read', ''],
  ['GET', 'sites/hello/slots', 'sites/slots/read', 'sites/hello'],
  ['PUT', 'sites/hello/slots/staging/config/appsettings', 'sites/slots/config/write', 'sites/hello/slots/staging/config/appsettings'],
  ['POST', 'sites/hello/config/appsettings/list', 'sites/config/list/action', 'sites/hello/config/appsettings'],
  ['POST', 'sites/hello/slots/staging/slotsswap', 'sites/slots/slotsswap/action', 'sites/hello/slots/staging'],
  ['POST', 'sites/hello/host/default/listkeys', 'sites/host/listkeys/action', 'sites/hello/host/default'],
  ['DELETE', 'sites/hello', 'sites/delete', 'sites/hello'],
])('%s %s asks for %s', (method, path, action, scope) => {
  expect(actionOf(method, `${root}/${path}`)).toEqual({ action: `Microsoft.Web/${action}`, scope: `${root}${scope ? `/${scope}` : ''}` });
});

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
  await cloud.azure.createSite(site());
});
afterAll(() => cloud.close());

const grantHere = (actions: string[], notActions: string[] = [], scope = `${root}/sites/hello`): void =>
  cloud.azure.access.grant([{ scope, actions, notActions }]);
const ask = async (rest: string, method = 'GET') => cloud.ask(method, armPath(cloud.azure, rest));

test('everything is allowed until something is granted; then that alone, with the missing action in the refusal', async () => {
  expect((await ask('sites/hello')).status).toBe(200);
  grantHere(['Microsoft.Web/sites/slots/read']);
  expect((await ask('sites/hello/slots/staging')).status).toBe(200);
  const refused = await ask('sites/hello');
  expect(refused.status).toBe(403);
  expect(refused.json().error).toMatchObject({
    code: 'AuthorizationFailed',
    message: expect.stringContaining("'Microsoft.Web/sites/read'"),
  });
});

test('a star stands for anything, what is taken out again is refused, and another resource is none of it', async () => {
  grantHere(['Microsoft.Web/*/read'], ['Microsoft.Web/sites/slots/read']);
  expect((await ask('sites/hello')).status).toBe(200);
  expect((await ask('sites/hello/slots/staging')).status).toBe(403);
  grantHere(['*'], [], `${root}/sites/hell`);
  expect((await ask('sites/hello')).status).toBe(403);
});

test('SCM asks for the right to publish, of a slot under its own name', async () => {
  const deployments = (slot?: string) => cloud.ask('GET', `${cloud.azure.scmUrl('hello', slot)}/api/deployments`);
  grantHere(['Microsoft.Web/sites/publish/action']);
  expect((await deployments()).status).toBe(200);
  expect((await deployments('staging')).status).toBe(403);
  grantHere(['Microsoft.Web/sites/slots/publish/Action']);
  expect((await deployments('staging')).status).toBe(200);
});
