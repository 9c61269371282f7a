import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { plainApp, site, startCloud, type Cloud } from './cloud';

let cloud: Cloud;
let ca: string;

beforeAll(async () => {
  cloud = await startCloud();
  ca = readFileSync(cloud.azure.caFile, 'utf8');
  await cloud.azure.createSite(site({ package: await plainApp('1') }));
});

afterAll(() => cloud.close());

const status = (url: string, headers: Record<string, string>, method = 'GET'): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    // The name is checked by the server here, not by the certificate.
    const options = { method, headers, ca, servername: 'localhost' };
    const sent = (url.startsWith('https') ? https : http).request(url, options, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    sent.once('error', reject);
    sent.end();
  });

const everywhere: [string, () => string][] = [
  ['the resource manager', () => `${cloud.azure.armUrl}/`],
  ['SCM', () => `${cloud.azure.scmUrl('hello')}/api/deployments`],
  ['mail', () => `${cloud.azure.mail.endpoint}/emails:send`],
  ['the chats', () => cloud.azure.messaging.slackUrl],
  ['the pager', () => `${cloud.azure.messaging.pagerduty.endpoint}/v2/enqueue`],
  ['the webhook receiver', () => cloud.azure.messaging.webhook.url],
  ['ServiceNow', () => `${cloud.azure.itsm.servicenow.url}/api/now/table/change_request`],
  ['Jira', () => `${cloud.azure.itsm.jira.url}/rest/servicedeskapi/request`],
  ['identity', () => cloud.azure.identity.endpoint],
  ['the inbox', () => cloud.azure.inboxUrl],
  ['a slot', () => `${cloud.azure.siteUrl('hello')}/api/hello`],
];

describe.each(everywhere)('%s', (_, address) => {
  test('does not answer under a name that is not its own', async () => {
    expect(await status(address(), { host: 'rebound.example:80' })).toBe(421);
  });

  test.each([['https://evil.example'], ['http://127.0.0.1:1'], ['null']])(
    'does not answer a page of origin %s, nor lets it read',
    async (origin) => {
      for (const method of ['GET', 'POST', 'OPTIONS']) expect(await status(address(), { origin }, method)).toBe(403);
    },
  );

  test('does not answer what a page of another site loads', async () => {
    expect(await status(address(), { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' })).toBe(403);
    expect(await status(address(), { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' })).toBe(403);
    expect(await status(address(), { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' })).toBe(403);
  });
});

test('a person may follow a link to the inbox and to a slot', async () => {
  const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
  expect(await status(cloud.azure.inboxUrl, link)).toBe(200);
  expect(await status(`${cloud.azure.siteUrl('hello')}/api/hello`, link)).toBe(200);
});

test('their own pages are answered', async () => {
  const origin = new URL(cloud.azure.siteUrl('hello')).origin;
  expect(await status(`${origin}/api/hello`, { origin, 'sec-fetch-site': 'same-origin' }, 'POST')).toBe(200);
  expect(await status(`${origin}/api/hello`, { origin: 'null', 'sec-fetch-site': 'same-origin' }, 'POST')).toBe(200);
});
