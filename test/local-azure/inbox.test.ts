import { EmailClient, type EmailMessage } from '@azure/communication-email';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { startCloud, type Cloud } from './cloud';

let cloud: Cloud;

beforeAll(async () => {
  cloud = await startCloud();
  const options = { tlsOptions: { ca: readFileSync(cloud.azure.caFile, 'utf8') } };
  const client = new EmailClient(cloud.azure.mail.endpoint, cloud.credential, options);
  const message = (subject: string, headers: Record<string, string> = {}): EmailMessage => ({
    senderAddress: 'slipway@example.com',
    content: {
      subject,
      plainText: 'As <text>',
      html: '<html><head><title>x</title></head><body><script>steal()</script><a href="http://127.0.0.1:7071/">Decide</a></body></html>',
    },
    recipients: { to: [{ address: 'approver@example.com' }] },
    headers,
  });
  await client.beginSend(message('First <b>one</b>'));
  await client.beginSend(message('Second', { Importance: 'high' }));
});

afterAll(() => cloud.close());

const get = async (path: string): Promise<{ headers: Headers; text: string }> => {
  const answer = await fetch(new URL(path, cloud.azure.inboxUrl));
  return { headers: answer.headers, text: await answer.text() };
};

test('lists mails newest first, escaped, and shows which are important', async () => {
  const { text } = await get('');
  expect(text.indexOf('Second')).toBeGreaterThan(0);
  expect(text.indexOf('Second')).toBeLessThan(text.indexOf('First &lt;b&gt;one&lt;/b&gt;'));
  expect(text.match(/! high importance/g)).toHaveLength(1);
  expect(text).toContain('name="viewport"');
});

test('gives the mails to programs as JSON', async () => {
  const mails = JSON.parse((await get('api/mails')).text) as { subject: string }[];
  expect(mails.map((mail) => mail.subject)).toEqual(['First <b>one</b>', 'Second']);
});

describe('one mail', () => {
  const id = (): string => cloud.azure.mails()[1]?.operationId ?? '';

  test('is shown in a frame that may open links and nothing else', async () => {
    const { text } = await get(`mails/${id()}`);
    expect(/<iframe sandbox="([^"]*)"/.exec(text)?.[1]).toBe('allow-popups allow-popups-to-escape-sandbox');
    expect(text).toContain('As &lt;text&gt;');
    expect(text).toContain('Importance: high');
  });

  test('is as powerless in a tab of its own', async () => {
    const { headers, text } = await get(`mails/${id()}/html`);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'/);
    expect(policy).not.toContain('script');
    expect(text).toContain('<head><base target="_blank">');
  });
});

test('no page of the inbox runs what it was not made with', async () => {
  const { headers, text } = await get('');
  const nonce = /script-src 'nonce-([^']+)'/.exec(headers.get('content-security-policy') ?? '')?.[1];
  expect(text.match(/<script[^>]*>/g)).toEqual([`<script nonce="${nonce}">`]);
  expect(headers.get('access-control-allow-origin')).toBeNull();
});
