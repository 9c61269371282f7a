import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import type { MessageRecord, MessageService } from '../../local/azure';
import type { ChannelAccess } from '../../src/azure/channel-access';
import { createOutgoing } from '../../src/azure/outgoing';
import { sendOverChannel } from '../../src/channels/sender';
import { buildNotice } from '../../src/domain/notice-model';
import { startCloud, type Cloud } from '../local-azure/cloud';
import { rollout } from '../mail/world';
import { notices } from './generated';

/** Each channel against the local Azure, which refuses what the real service refuses. */
let cloud: Cloud;
let channels: Record<MessageService, ChannelAccess>;
beforeAll(async () => {
  cloud = await startCloud();
  const { slackUrl, webhook } = cloud.azure.messaging;
  channels = { slack: { kind: 'slack', url: slackUrl }, webhook: { kind: 'webhook', ...webhook } };
});
beforeEach(() => cloud.azure.faults.off());
afterAll(() => cloud.close());

const failed = buildNotice(
  'failure',
  {
    ...rollout,
    ending: {
      outcome: 'failed',
      at: rollout.admittedAt,
      reason: 'It is <broken> & done.',
      next: 'Mend it.',
      serves: 'hello serves 1.0.0.',
    },
  },
  rollout.admittedAt,
);
const send = (channel: string, model = failed, id = randomUUID(), access: Record<string, ChannelAccess> = channels) =>
  sendOverChannel(
    {
      channels: access,
      outgoing: createOutgoing({ packages: [], private: [], loopback: true }),
      clock: { now: Date.now, sleep: () => Promise.resolve() },
      publicUrl: 'http://127.0.0.1:7071',
    },
    { id, channel, model },
  );
const taken = (service: MessageService): MessageRecord[] => cloud.azure.messages().filter((one) => one.service === service);
const services: MessageService[] = ['slack', 'webhook'];

describe.each(services)('%s', (service) => {
  test('takes whatever was written and however much of it', async () => {
    await fc.assert(
      fc.asyncProperty(notices, async (model) => {
        expect(await send(service, model)).toEqual({ kind: 'sent' });
      }),
      { numRuns: 60, endOnFailure: true },
    );
  });

  test('is asked again by its own figure, or by ours, when it is asked too often or is down', async () => {
    cloud.azure.faults.on(`${service}-429`, { afterMs: 90_000 });
    expect(await send(service)).toMatchObject({ kind: 'later', afterSeconds: 90, code: expect.stringMatching(/^429/) });
    cloud.azure.faults.on(`${service}-503`);
    expect(await send(service)).toMatchObject({ kind: 'later', code: expect.stringMatching(/^503/) });
    const before = taken(service).length;
    expect(await send(service)).toEqual({ kind: 'sent' });
    expect(taken(service)).toHaveLength(before + 1);
  });

  test('that will never take it is given up, without a secret in what is said of it', async () => {
    cloud.azure.faults.on(`${service}-refused`);
    const answer = await send(service);
    expect(answer.kind).toBe('refused');
    const secrets = Object.values(channels[service]).filter((value) => value !== service);
    for (const secret of secrets) expect(JSON.stringify(answer)).not.toContain(secret);
  });

  test('shows the notice with its id, in the inbox, as text and never as markup', async () => {
    const id = randomUUID();
    await send(service, failed, id);
    const { id: key } = taken(service).at(-1) ?? { id: '' };
    const view = await fetch(`${cloud.azure.inboxUrl}messages/${key}/view`);
    const html = await view.text();
    expect(html).toContain(id);
    expect(html).toContain('It is &lt;broken&gt; &amp; done.');
    expect(view.headers.get('content-security-policy')).toMatch(/^sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'/);
    const page = await (await fetch(`${cloud.azure.inboxUrl}messages/${key}`)).text();
    expect(page).toContain('<iframe sandbox="allow-popups allow-popups-to-escape-sandbox"');
    expect(await (await fetch(cloud.azure.inboxUrl)).text()).toContain(`href="messages/${key}"`);
  });

  test('that is gone from the settings, or lies where it must not, is refused', async () => {
    expect(await send(service, failed, randomUUID(), {})).toMatchObject({ kind: 'refused', code: 'no-channel' });
    const elsewhere = { [service]: { ...channels[service], url: 'http://192.168.0.1/x' } };
    expect(await send(service, failed, randomUUID(), elsewhere)).toMatchObject({ kind: 'refused', code: 'address-refused' });
    const closed = { [service]: { ...channels[service], url: 'http://127.0.0.1:1/x' } };
    expect(await send(service, failed, randomUUID(), closed)).toMatchObject({ kind: 'later', code: '503 no answer (ECONNREFUSED)' });
  });
});

test('Slack calls nobody whom a commit message names', async () => {
  await send('slack', { ...failed, serves: '<!channel> is called & <@U1>' });
  const text = JSON.stringify(taken('slack').at(-1)?.body);
  expect(text).toContain('&lt;!channel&gt; is called &amp; &lt;@U1&gt;');
  expect(text).not.toContain('<!channel>');
});

describe('Slack refuses', () => {
  const text = (length: number, type = 'plain_text') => ({ type, text: 'x'.repeat(length) });
  const fields = (count: number) => ({
    attachments: [{ blocks: [{ type: 'section', fields: Array.from({ length: count }, () => text(1, 'mrkdwn')) }] }],
  });
  test.each<[string, unknown, number, string]>([
    ['no JSON', undefined, 400, 'invalid_payload'],
    ['nothing to show', { text: '' }, 400, 'no_text'],
    ['a header that is too long', { blocks: [{ type: 'header', text: text(151) }] }, 400, 'invalid_blocks'],
    ['a header in markup', { blocks: [{ type: 'header', text: text(1, 'mrkdwn') }] }, 400, 'invalid_blocks'],
    ['an empty section', { blocks: [{ type: 'section', text: text(0) }] }, 400, 'invalid_blocks'],
    ['51 blocks', { text: 'x', blocks: Array.from({ length: 51 }, () => ({ type: 'divider' })) }, 400, 'invalid_blocks'],
    ['11 fields', fields(11), 400, 'invalid_blocks'],
    ['101 attachments', { text: 'x', attachments: Array.from({ length: 101 }, () => ({})) }, 400, 'too_many_attachments'],
  ])('%s, in its own words', async (_, body, status, word) => {
    const answer = await fetch(cloud.azure.messaging.slackUrl, {
      method: 'POST',
      body: body === undefined ? 'hello' : JSON.stringify(body),
    });
    expect([answer.status, await answer.text()]).toEqual([status, word]);
  });

  test('what comes to no webhook of its own', async () => {
    const answer = await fetch(new URL('/services/T/B/x', cloud.azure.messaging.slackUrl), { method: 'POST', body: '{"text":"x"}' });
    expect([answer.status, await answer.text()]).toEqual([404, 'no_service']);
  });

  test('and takes what is just within its limits', async () => {
    const whole = {
      ...fields(10),
      text: 'x',
      blocks: [
        { type: 'header', text: text(150) },
        { type: 'section', text: text(3000) },
      ],
    };
    expect((await fetch(cloud.azure.messaging.slackUrl, { method: 'POST', body: JSON.stringify(whole) })).status).toBe(200);
  });
});

describe('a webhook', () => {
  test('is signed as the specification’s own library wants it, and taken once', async () => {
    const id = randomUUID();
    const before = taken('webhook').length;
    expect([await send('webhook', failed, id), await send('webhook', failed, id)]).toEqual([{ kind: 'sent' }, { kind: 'sent' }]);
    expect(taken('webhook')).toHaveLength(before + 1);
    const { body, headers = {} } = taken('webhook').at(-1) ?? { body: {} };
    const { secret } = cloud.azure.messaging.webhook;
    expect(new Webhook(secret).verify(JSON.stringify(body), headers)).toMatchObject({
      specversion: '1.0',
      id,
      type: 'slipway.rollout.failure',
    });
    expect(() => new Webhook(secret).verify(`${JSON.stringify(body)} `, headers)).toThrow();
  });

  test('whose key is another, or whose time is long past, is refused by the receiver', async () => {
    const { url } = cloud.azure.messaging.webhook;
    const foreign = { webhook: { kind: 'webhook' as const, url, secret: `whsec_${Buffer.alloc(32).toString('base64')}` } };
    expect(await send('webhook', failed, randomUUID(), foreign)).toMatchObject({ kind: 'refused', code: '401' });
    const late = new Webhook(cloud.azure.messaging.webhook.secret);
    const at = new Date(Date.now() - 3_600_000);
    const headers = {
      'webhook-id': 'x',
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': late.sign('x', at, '{}'),
    };
    expect((await fetch(url, { method: 'POST', headers, body: '{}' })).status).toBe(401);
    expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(400);
  });
});
