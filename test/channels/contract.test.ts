import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import type { MessageRecord, MessageService } from '../../local/azure';
import type { ChannelAccess } from '../../src/azure/channel-access';
import { createOutgoing } from '../../src/azure/outgoing';
import { communicationSms, type SmsSender } from '../../src/azure/sms';
import { sendOverChannel } from '../../src/channels/sender';
import { buildNotice } from '../../src/domain/notice-model';
import { startCloud, type Cloud } from '../local-azure/cloud';
import { rollout } from '../mail/world';
import { notices } from './generated';

/** Each channel against the local Azure, which refuses what the real service refuses. */
let cloud: Cloud;
let channels: Record<MessageService, ChannelAccess>;
let texts: SmsSender;
beforeAll(async () => {
  cloud = await startCloud();
  const { slackUrl, teamsUrl, chimeUrl, pagerduty, webhook, eventgrid } = cloud.azure.messaging;
  channels = {
    slack: { kind: 'slack', url: slackUrl },
    teams: { kind: 'teams', url: teamsUrl },
    chime: { kind: 'chime', url: chimeUrl },
    sms: { kind: 'sms', from: '+18005551234' },
    pagerduty: { kind: 'pagerduty', ...pagerduty },
    webhook: { kind: 'webhook', ...webhook },
    eventgrid: { kind: 'eventgrid', ...eventgrid },
  };
  const { credential } = cloud;
  texts = communicationSms({ endpoint: cloud.azure.mail.endpoint, credential, caFile: cloud.azure.caFile });
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
const phone = '+4915112345678';
const send = (channel: string, model = failed, id = randomUUID(), access: Record<string, ChannelAccess> = channels, resolves?: string) =>
  sendOverChannel(
    {
      channels: access,
      sms: texts,
      outgoing: createOutgoing({ packages: [], private: [], loopback: true }),
      clock: { now: Date.now, sleep: () => Promise.resolve() },
      publicUrl: 'http://127.0.0.1:7071',
    },
    { id, channel, recipient: channel === 'sms' ? phone : channel, model, ...(resolves === undefined ? {} : { resolves }) },
  );
const taken = (service: MessageService): MessageRecord[] => cloud.azure.messages().filter((one) => one.service === service);
const services: MessageService[] = ['slack', 'teams', 'chime', 'sms', 'pagerduty', 'webhook', 'eventgrid'];
const posted: MessageService[] = services.filter((service) => service !== 'sms');

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
    expect(await send(service, { ...failed, rolloutId: `after-${service}` })).toEqual({ kind: 'sent' });
    expect(taken(service)).toHaveLength(before + 1);
  });

  test('that will never take it is given up, without a secret in what is said of it', async () => {
    cloud.azure.faults.on(`${service}-refused`);
    const answer = await send(service);
    expect(answer.kind).toBe('refused');
    const secrets = service === 'sms' ? [] : Object.values(channels[service]).filter((value) => value !== service);
    for (const secret of secrets) expect(JSON.stringify(answer)).not.toContain(secret);
  });

  test('shows the notice with its id, in the inbox, as text and never as markup', async () => {
    const id = randomUUID();
    await send(service, { ...failed, rolloutId: id, serves: 'It is <broken> & done.' }, id);
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
});

describe.each(posted)('%s', (service) => {
  test('that is gone from the settings, or lies where it must not, is refused', async () => {
    const at = (url: string): Record<string, ChannelAccess> => ({
      [service]: { ...channels[service], ...(service === 'pagerduty' ? { endpoint: url } : { url }) },
    });
    expect(await send(service, failed, randomUUID(), {})).toMatchObject({ kind: 'refused', code: 'no-channel' });
    expect(await send(service, failed, randomUUID(), at('http://192.168.0.1/x'))).toMatchObject({
      kind: 'refused',
      code: 'address-refused',
    });
    expect(await send(service, failed, randomUUID(), at('http://127.0.0.1:1/x'))).toMatchObject({
      kind: 'later',
      code: '503 no answer (ECONNREFUSED)',
    });
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

describe('a topic of Event Grid', () => {
  test('takes the event, and takes it again: whoever subscribes knows it by its id', async () => {
    const id = randomUUID();
    const before = taken('eventgrid').length;
    expect([await send('eventgrid', failed, id), await send('eventgrid', failed, id)]).toEqual([{ kind: 'sent' }, { kind: 'sent' }]);
    const [one, other] = taken('eventgrid').slice(before);
    expect(one?.body).toMatchObject({ specversion: '1.0', id, type: 'slipway.rollout.failure', subject: rollout.id });
    expect(other?.body).toEqual(one?.body);
  });

  test('refuses another key, another content type, and what is no CloudEvent', async () => {
    const { url, key } = cloud.azure.messaging.eventgrid;
    const foreign = { eventgrid: { kind: 'eventgrid' as const, url, key: 'A'.repeat(44) } };
    expect(await send('eventgrid', failed, randomUUID(), foreign)).toMatchObject({ kind: 'refused', code: '401' });
    const post = async (body: object, headers: Record<string, string> = {}) =>
      (
        await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/cloudevents+json', 'aeg-sas-key': key, ...headers },
          body: JSON.stringify(body),
        })
      ).status;
    const event = { specversion: '1.0', id: '1', source: '/here', type: 't' };
    expect(await post(event)).toBe(200);
    expect(await post(event, { 'content-type': 'application/json' })).toBe(400);
    expect(await post({ ...event, subject: '' })).toBe(400);
    for (const name of Object.keys(event)) expect(await post({ ...event, [name]: undefined })).toBe(400);
    expect(await post([event])).toBe(400);
    expect((await fetch(url.replace('/api/events', '/'), { method: 'POST', headers: { 'aeg-sas-key': key }, body: '{}' })).status).toBe(
      404,
    );
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

describe('Teams', () => {
  const card = { type: 'AdaptiveCard', version: '1.4', body: [{ type: 'TextBlock', text: 'x' }] };
  const message = (content: unknown) => ({
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }],
  });
  test.each<[string, unknown, number]>([
    ['a card', message(card), 202],
    ['the form of the retired connectors', { '@type': 'MessageCard', text: 'x' }, 400],
    ['a version it does not show', message({ ...card, version: '1.9' }), 400],
    ['an action that works from no webhook', message({ ...card, actions: [{ type: 'Action.Submit' }] }), 400],
    ['an element it does not know', message({ ...card, body: [{ type: 'Marquee' }] }), 400],
    ['more than 28 KB', message({ ...card, body: [{ type: 'TextBlock', text: 'x'.repeat(29_000) }] }), 413],
  ])('answers %s', async (_, body, status) => {
    expect((await fetch(cloud.azure.messaging.teamsUrl, { method: 'POST', body: JSON.stringify(body) })).status).toBe(status);
  });

  test('refuses another signature', async () => {
    const url = cloud.azure.messaging.teamsUrl.replace(/sig=.*/, 'sig=x');
    expect((await fetch(url, { method: 'POST', body: JSON.stringify(message(card)) })).status).toBe(401);
  });

  test('reads what people wrote as no Markdown, and shows a failure in red', async () => {
    await send('teams', { ...failed, serves: '[here](http://evil.example)' });
    const { body } = taken('teams').at(-1) ?? { body: {} };
    const { body: elements } = (body as { attachments: [{ content: { body: { type: string; style?: string }[] } }] }).attachments[0]
      .content;
    expect(elements[0]).toMatchObject({ type: 'Container', style: 'attention' });
    expect(new Set(elements.slice(1).map(({ type }) => type))).toEqual(new Set(['RichTextBlock']));
  });
});

describe('PagerDuty', () => {
  const incident = (key: string) => taken('pagerduty').filter(({ body }) => body['dedup_key'] === key);
  const success = { ...failed, moment: 'success' as const };

  test('has one incident a rollout however often it is told, resolved once, with the severity that policy says', async () => {
    const model = { ...failed, rolloutId: 'one-incident', severity: 'critical' as const };
    for (const id of [randomUUID(), randomUUID()]) await send('pagerduty', model, id);
    expect(incident('one-incident')).toMatchObject([{ body: { state: 'triggered', event: { payload: { severity: 'critical' } } } }]);
    const resolve = () => send('pagerduty', success, randomUUID(), channels, 'one-incident');
    expect([await resolve(), await resolve()]).toEqual([{ kind: 'sent' }, { kind: 'sent' }]);
    expect(incident('one-incident')).toMatchObject([{ body: { state: 'resolved' } }]);
    await send('pagerduty', model);
    expect(incident('one-incident')).toHaveLength(2);
  });

  test('hears of a good end as a change, which wakes nobody', async () => {
    await send('pagerduty', success);
    expect(taken('pagerduty').at(-1)?.body).toMatchObject({
      change: { payload: { summary: expect.any(String), source: 'hello.production' } },
    });
  });

  test('waits minutes between tries where no time is named', async () => {
    cloud.azure.faults.on('pagerduty-503');
    expect(await send('pagerduty')).toMatchObject({ kind: 'later', afterSeconds: 120 });
  });

  const event = (changes: object) => {
    const { routingKey } = cloud.azure.messaging.pagerduty;
    return {
      routing_key: routingKey,
      event_action: 'trigger',
      dedup_key: 'k',
      payload: { summary: 'x', source: 's', severity: 'info' },
      ...changes,
    };
  };
  test.each<[string, object, RegExp]>([
    ['a short key', { routing_key: 'x' }, /should be 32 characters/],
    ['a foreign key', { routing_key: 'x'.repeat(32) }, /Invalid routing key/],
    ['a long summary', { payload: { summary: 'x'.repeat(1025), source: 's', severity: 'info' } }, /payload\.summary/],
    ['another severity', { payload: { summary: 'x', source: 's', severity: 'fatal' } }, /payload\.severity/],
    ['a long dedup key', { dedup_key: 'x'.repeat(256) }, /dedup_key/],
    ['no action', { event_action: 'page' }, /event_action/],
    ['a link without an address', { links: [{ text: 'x' }] }, /links/],
  ])('refuses %s, and says why', async (_, changes, why) => {
    const answer = await fetch(`${cloud.azure.messaging.pagerduty.endpoint}/v2/enqueue`, {
      method: 'POST',
      body: JSON.stringify(event(changes)),
    });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toMatch(why);
  });
});

test('a text that is sent twice under one notice comes once, to the phone of its recipient', async () => {
  const id = randomUUID();
  const before = taken('sms').length;
  expect([await send('sms', failed, id), await send('sms', failed, id)]).toEqual([{ kind: 'sent' }, { kind: 'sent' }]);
  expect(taken('sms').slice(before)).toMatchObject([
    { body: { from: '+18005551234', to: phone, message: expect.stringContaining(`Notice ${id}`) } },
  ]);
});

test('a text that the service would not take is refused: too long, from nobody, to nobody', async () => {
  const text = { from: '+18005551234', to: phone, text: 'x' };
  const answer = (change: Partial<typeof text>) => texts.send({ ...text, ...change }, randomUUID(), Date.now());
  expect(await answer({ text: 'x'.repeat(2049) })).toMatchObject({ kind: 'refused', code: expect.stringMatching(/^400/) });
  expect(await answer({ from: 'somebody with a long name' })).toMatchObject({ kind: 'refused' });
  expect(await answer({ to: 'ann' })).toMatchObject({ kind: 'refused' });
});

test('Chime takes 4096 characters and its own token', async () => {
  const { chimeUrl } = cloud.azure.messaging;
  const answer = async (url: string, content: string) =>
    (await fetch(url, { method: 'POST', body: JSON.stringify({ Content: content }) })).status;
  expect([await answer(chimeUrl, 'x'.repeat(4096)), await answer(chimeUrl, 'x'.repeat(4097)), await answer(`${chimeUrl}x`, 'x')]).toEqual([
    200, 400, 403,
  ]);
  await send('chime', { ...failed, serves: '@All and @Present' });
  expect(taken('chime').at(-1)?.body['Content']).toContain('@ All and @ Present');
});
