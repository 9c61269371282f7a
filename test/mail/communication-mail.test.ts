import { randomUUID } from 'node:crypto';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { rmSync, writeFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { generate } from 'selfsigned';
import { communicationMail, type MailMessage } from '../../src/azure/mail';
import { mailContract } from './mail.contract';
import { startCloud, type Cloud } from '../local-azure/cloud';

const message: MailMessage = {
  to: 'ann@example.com',
  subject: 'Failed: hello 2.0.0 to production',
  html: '<p>hello in production serves 1.0.0 now.</p>',
  text: 'hello in production serves 1.0.0 now.',
  headers: { 'X-Priority': '1', Importance: 'high' },
};

describe('mail by the local Communication Services', () => {
  let cloud: Cloud;
  beforeAll(async () => {
    cloud = await startCloud();
  });
  beforeEach(() => cloud.azure.faults.off());
  afterAll(() => cloud.close());
  const sender = (from = 'slipway@example.com') =>
    communicationMail({ endpoint: cloud.azure.mail.endpoint, sender: from, credential: cloud.credential, caFile: cloud.azure.caFile });

  test('arrives once, however often it is sent under one id, with its headers and without tracking', async () => {
    const id = randomUUID();
    expect(await sender().send(message, id)).toEqual({ kind: 'sent' });
    expect(await sender().send(message, id)).toEqual({ kind: 'sent' });
    expect(cloud.azure.mails()).toMatchObject([
      {
        operationId: id,
        sender: 'slipway@example.com',
        to: [{ address: 'ann@example.com' }],
        subject: message.subject,
        html: message.html,
        plainText: message.text,
        headers: message.headers,
        trackingDisabled: true,
      },
    ]);
  });

  test('that the service throttles comes later, by its own figure', async () => {
    cloud.azure.faults.on('mail-429');
    expect(await sender().send(message, randomUUID())).toMatchObject({
      kind: 'later',
      code: expect.stringContaining('429'),
      afterSeconds: expect.any(Number),
    });
  });

  test('that the service will never take is refused', async () => {
    cloud.azure.faults.on('mail-refused');
    expect(await sender().send(message, randomUUID())).toMatchObject({ kind: 'refused', text: expect.any(String) });
    cloud.azure.faults.off();
    expect(await sender('nobody').send(message, randomUUID())).toMatchObject({ kind: 'refused', code: expect.stringMatching(/^400/) });
  });

  test('without a token comes later', async () => {
    const failing = Object.assign(new Error('The identity endpoint is not up.'), { name: 'CredentialUnavailableError' });
    const mail = communicationMail({
      endpoint: cloud.azure.mail.endpoint,
      sender: 's@example.com',
      credential: { getToken: () => Promise.reject(failing) },
      caFile: cloud.azure.caFile,
    });
    expect(await mail.send(message, randomUUID())).toMatchObject({ kind: 'later', code: 'CredentialUnavailableError' });
    const broken = communicationMail({
      endpoint: cloud.azure.mail.endpoint,
      sender: 's@example.com',
      credential: { getToken: () => Promise.reject(new TypeError('a fault of ours')) },
      caFile: cloud.azure.caFile,
    });
    await expect(broken.send(message, randomUUID())).rejects.toThrow('a fault of ours');
  });

  mailContract('the local Communication Services', () => ({ mail: sender(), to: message.to }));
});

describe('what leaves on the wire', () => {
  let directory: string;
  let server: https.Server;
  let reply: { status: number; headers?: Record<string, string>; body?: string } | 'cut';
  const requests: { method: string; operationId: string }[] = [];

  beforeAll(async () => {
    directory = mkdtempSync(path.join(tmpdir(), 'slipway-mail-'));
    const made = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
    });
    writeFileSync(path.join(directory, 'ca.pem'), made.cert);
    server = https.createServer({ key: made.private, cert: made.cert }, (request, response) => {
      requests.push({ method: request.method ?? '', operationId: String(request.headers['operation-id']) });
      if (reply === 'cut') return void request.socket.destroy();
      response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers }).end(reply.body ?? '{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  beforeEach(() => {
    requests.length = 0;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(directory, { recursive: true, force: true });
  });
  const endpoint = () => `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const send = (id: string) =>
    communicationMail({
      endpoint: endpoint(),
      sender: 'slipway@example.com',
      credential: { getToken: () => Promise.resolve({ token: 'secret-token', expiresOnTimestamp: 4e12 }) },
      caFile: path.join(directory, 'ca.pem'),
    }).send(message, id);

  test('is one POST and no look at its state', async () => {
    const id = randomUUID();
    reply = {
      status: 202,
      headers: { 'operation-location': `${endpoint()}/emails/operations/${id}?api-version=2025-09-01`, 'retry-after': '30' },
      body: JSON.stringify({ id, status: 'Running' }),
    };
    expect(await send(id)).toEqual({ kind: 'sent' });
    expect(requests).toEqual([{ method: 'POST', operationId: id }]);
  });

  test.each<[string, typeof reply, object]>([
    ['429', { status: 429, headers: { 'retry-after': '1234' } }, { kind: 'later', afterSeconds: 1234 }],
    ['429 without a figure', { status: 429 }, { kind: 'later', afterSeconds: 60 }],
    [
      '401 that blames the clock',
      { status: 401, body: JSON.stringify({ error: { code: 'Denied', message: 'Request time drift is too large.' } }) },
      { kind: 'later', afterSeconds: 30 },
    ],
    ['403', { status: 403 }, { kind: 'later', afterSeconds: 30 }],
    ['500', { status: 500 }, { kind: 'later', afterSeconds: 10 }],
    ['503 with a figure', { status: 503, headers: { 'retry-after': '7' } }, { kind: 'later', afterSeconds: 7 }],
    ['a cut connection', 'cut', { kind: 'later', afterSeconds: 10 }],
    [
      '400',
      { status: 400, body: JSON.stringify({ error: { code: 'InvalidArgument', message: 'Bad sender.\nTrace: x' } }) },
      { kind: 'refused', code: '400 InvalidArgument', text: 'Bad sender.' },
    ],
    [
      '404',
      { status: 404, body: JSON.stringify({ error: { code: 'DomainNotLinked', message: 'The domain is not linked.' } }) },
      { kind: 'refused', text: 'The domain is not linked.' },
    ],
  ])('is posted once when the answer is %s', async (_, answer, expected) => {
    reply = answer;
    const got = await send(randomUUID());
    expect(got).toMatchObject(expected);
    expect(requests).toHaveLength(1);
    expect(JSON.stringify(got)).not.toContain('secret-token');
  });

  test('is trusted only by the authority that was named', async () => {
    reply = { status: 202 };
    const mail = communicationMail({
      endpoint: endpoint(),
      sender: 's@example.com',
      credential: { getToken: () => Promise.resolve({ token: 't', expiresOnTimestamp: 4e12 }) },
    });
    expect(await mail.send(message, randomUUID())).toMatchObject({ kind: 'later' });
    expect(requests).toEqual([]);
  });
});
