import { createHash, createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { EmailClient, type EmailMessage } from '@azure/communication-email';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { request, startCloud, type Cloud, type Reply } from './cloud';

let cloud: Cloud;
let ca: string;

beforeEach(async () => {
  cloud = await startCloud();
  ca = readFileSync(cloud.azure.caFile, 'utf8');
});

afterEach(() => cloud.close());

const message: EmailMessage = {
  senderAddress: 'slipway@example.com',
  content: { subject: 'Waiting for you', plainText: 'A question', html: '<p>A question</p>' },
  recipients: { to: [{ address: 'approver@example.com', displayName: 'Ann Approver' }] },
  headers: { Importance: 'high', 'X-Priority': '1' },
  disableUserEngagementTracking: true,
};

const options = () => ({ tlsOptions: { ca }, retryOptions: { maxRetries: 0 } });
const byIdentity = () => new EmailClient(cloud.azure.mail.endpoint, cloud.credential, options());
const byKey = (key = cloud.azure.mail.accessKey) => new EmailClient(`endpoint=${cloud.azure.mail.endpoint};accesskey=${key}`, options());

describe('mail through the SDK', () => {
  test.each([
    ['an identity', () => byIdentity()],
    ['the access key', () => byKey()],
  ])('is taken from %s and ends as sent', async (_, client) => {
    const poller = await client().beginSend(message, { updateIntervalInMs: 1 });
    expect(await poller.pollUntilDone()).toMatchObject({ status: 'Succeeded' });
    expect(cloud.azure.mails()).toMatchObject([
      {
        subject: 'Waiting for you',
        plainText: 'A question',
        html: '<p>A question</p>',
        to: [{ address: 'approver@example.com', displayName: 'Ann Approver' }],
        headers: { Importance: 'high', 'X-Priority': '1' },
        trackingDisabled: true,
      },
    ]);
  });

  test('with the same operation id is one mail', async () => {
    const operationId = randomUUID();
    await byIdentity().beginSend(message, { operationId });
    await byIdentity().beginSend(message, { operationId });
    expect(cloud.azure.mails().map((mail) => mail.operationId)).toEqual([operationId]);
    expect(cloud.azure.receipts().mails.map((each) => each.repeated)).toEqual([false, true]);
  });

  test('is still there after a restart', async () => {
    await byIdentity().beginSend(message);
    const before = cloud.azure.mails();
    await cloud.again();
    expect(cloud.azure.mails()).toEqual(before);
    expect(before).toHaveLength(1);
  });

  test('is refused for another access key', async () => {
    await expect(byKey(Buffer.alloc(32).toString('base64')).beginSend(message)).rejects.toMatchObject({ statusCode: 401 });
    expect(cloud.azure.mails()).toEqual([]);
  });

  test.each([
    ['no recipient', { ...message, recipients: { to: [] } }],
    ['no content', { ...message, content: { subject: 'Nothing' } as never }],
    ['a sender that is no address', { ...message, senderAddress: 'slipway' }],
    [
      'more than 50 recipients',
      { ...message, recipients: { to: Array.from({ length: 51 }, (_, n) => ({ address: `a${n}@example.com` })) } },
    ],
  ])('is refused with %s', async (_, wrong) => {
    await expect(byIdentity().beginSend(wrong)).rejects.toMatchObject({ statusCode: 400 });
    expect(cloud.azure.mails()).toEqual([]);
  });

  test('is refused with 429 and Retry-After while throttled, then taken', async () => {
    cloud.azure.faults.on('mail-429');
    await expect(byIdentity().beginSend(message)).rejects.toMatchObject({ statusCode: 429, code: 'TooManyRequests' });
    await byIdentity().beginSend(message);
    expect(cloud.azure.receipts().mails.map((each) => each.answered)).toEqual([429, 202]);
  });
});

describe('mail on the wire', () => {
  const send = async (headers: Record<string, string>, query = '?api-version=2025-09-01'): Promise<Reply> =>
    request(
      'POST',
      `${cloud.azure.mail.endpoint}/emails:send${query}`,
      ca,
      { 'content-type': 'application/json', ...headers },
      JSON.stringify(message),
    );

  test('does not take a token of another audience', async () => {
    const { token } = await cloud.credential.getToken('https://management.azure.com/.default');
    expect((await send({ authorization: `Bearer ${token}` })).status).toBe(401);
  });

  test('does not take a signature over another body', async () => {
    const date = new Date().toUTCString();
    const hash = createHash('sha256').update('another body').digest('base64');
    const text = `POST\n/emails:send?api-version=2025-09-01\n${date};${new URL(cloud.azure.mail.endpoint).host};${hash}`;
    const signature = createHmac('sha256', Buffer.from(cloud.azure.mail.accessKey, 'base64')).update(text).digest('base64');
    const headers = {
      'x-ms-date': date,
      'x-ms-content-sha256': hash,
      authorization: `HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=${signature}`,
    };
    expect((await send(headers)).status).toBe(401);
  });

  test('wants its own api-version, and a UUID as operation id', async () => {
    const { token } = await cloud.credential.getToken('https://communication.azure.com/.default');
    const authorization = `Bearer ${token}`;
    expect((await send({ authorization }, '?api-version=2019-01-01')).status).toBe(400);
    expect((await send({ authorization, 'operation-id': 'mine' })).status).toBe(400);
    const taken = await send({ authorization });
    expect(taken.status).toBe(202);
    expect(taken.headers['operation-location']).toMatch(/\/emails\/operations\/[0-9a-f-]{36}\?api-version=2025-09-01$/);
    expect(taken.json()).toEqual({ id: expect.any(String), status: expect.stringMatching(/^(NotStarted|Running|Succeeded)$/) });
  });
});
