import { ManagedIdentityCredential } from '@azure/identity';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startCloud, type Cloud } from './cloud';

let cloud: Cloud;

beforeAll(async () => {
  cloud = await startCloud();
  process.env['IDENTITY_ENDPOINT'] = cloud.azure.identity.endpoint;
  process.env['IDENTITY_HEADER'] = cloud.azure.identity.header;
});

afterAll(async () => {
  delete process.env['IDENTITY_ENDPOINT'];
  delete process.env['IDENTITY_HEADER'];
  await cloud.close();
});

const ask = (query: string, header = cloud.azure.identity.header): Promise<Response> =>
  fetch(`${cloud.azure.identity.endpoint}?${query}`, { headers: { 'x-identity-header': header } });

const good = 'api-version=2019-08-01&resource=https%3A%2F%2Fmanagement.azure.com';

test('the unchanged credential of the SDK gets tokens for both audiences', async () => {
  const credential = new ManagedIdentityCredential();
  for (const audience of ['https://management.azure.com', 'https://communication.azure.com']) {
    const { token } = await credential.getToken(`${audience}/.default`);
    expect(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())).toMatchObject({
      aud: audience,
      oid: expect.any(String),
    });
  }
});

test('the answer has the form of App Service', async () => {
  expect(await (await ask(good)).json()).toEqual({
    access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
    expires_on: expect.stringMatching(/^\d{10}$/),
    resource: 'https://management.azure.com',
    token_type: 'Bearer',
  });
});

test.each([
  ['another header', good, 'guessed', 401],
  ['another api-version', good.replace('2019-08-01', '2017-09-01'), undefined, 400],
  ['a resource that nobody knows', good.replace('management', 'elsewhere'), undefined, 400],
  ['the name of another identity', `${good}&client_id=1`, undefined, 400],
])('refuses %s', async (_, query, header, status) => {
  const answer = await ask(query, header);
  expect(answer.status).toBe(status);
  expect(await answer.json()).toEqual({ statusCode: status, message: expect.any(String) });
});
