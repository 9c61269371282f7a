import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { MessageRecord } from '../../local/azure';
import { endOf, expectTold, mailsOf, makeApp, reach, rollOut } from './app';
import { approver, startStack, type Stack } from './harness';

/** Who hears of what, over which channel: whole rollouts with every channel on. */
const everything = ['start', 'success', 'failure', 'ended'];
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    apps: {
      loud: {
        notices: { success: ['team', 'on-call'], failure: ['team', 'on-call'], severity: { failure: 'critical' } },
      },
      reminded: { notices: { reminder: ['stakeholders'] } },
    },
    environments: {
      // Nothing is said of a rollout that goes well in a lower environment.
      low: {
        test: { gates: [], notices: { ...Object.fromEntries(everything.map((moment) => [moment, []])), failure: ['team'] } },
        production: {},
      },
    },
    more: {
      people: {
        team: ['team@example.com', 'room', 'office', 'events', 'old'],
        stakeholders: ['boss@example.com'],
        'on-call': ['on-call@example.com', 'night', 'phones'],
      },
      channels: {
        room: { kind: 'slack', url: 'SLACK_TEAM_URL' },
        office: { kind: 'teams', url: 'TEAMS_URL' },
        events: { kind: 'webhook', url: 'EVENTS_URL', secret: 'EVENTS_SECRET' },
        old: { kind: 'chime', url: 'CHIME_URL' },
        night: { kind: 'pagerduty', routingKey: 'PAGERDUTY_ROUTING_KEY' },
        phones: { kind: 'sms', from: '+18005551234', to: ['+4915112345678', '+4915187654321'] },
      },
    },
  });
});
afterAll(() => stack.stop());

const about = (id: string): MessageRecord[] => stack.azure.messages().filter(({ body }) => JSON.stringify(body).includes(id));
/** Who brought something about a rollout, with how often. */
function broughtBy(id: string): Record<string, number> {
  const services = about(id).map(({ service }) => service);
  return Object.fromEntries([...new Set(services)].sort().map((service) => [service, services.filter((one) => one === service).length]));
}
const incidentOf = (id: string) => stack.azure.messages().find(({ body }) => body['dedup_key'] === id)?.body;

test('over every channel: an incident that opens with a failure, and is resolved by the next release that is deployed', async () => {
  const app = await makeApp(stack, 'loud');
  const failed = await app.start({ version: '2.0.0', fault: 'answers-500' });
  await expectTold(stack, failed, { outcome: 'failed' });
  const started = { slack: 1, teams: 1, webhook: 1, chime: 1 };
  await stack.until('everybody has heard of the failure', () => about(failed).length >= 11);
  expect(broughtBy(failed)).toEqual({
    ...Object.fromEntries(Object.keys(started).map((service) => [service, 2])),
    pagerduty: 1,
    sms: 2,
  });
  expect(incidentOf(failed)).toMatchObject({
    state: 'triggered',
    event: { payload: { severity: 'critical', component: 'loud', group: 'production', class: 'failure' } },
  });

  const good = await rollOut(stack, app, { version: '3.0.0' });
  await stack.until('the incident is resolved', () => incidentOf(failed)?.['state'] === 'resolved');
  expect(incidentOf(failed)).toMatchObject({ log: [{ action: 'trigger' }, { action: 'resolve' }] });
  await stack.until('everybody has heard of the good end', () => about(good).length >= 11);
  expect(broughtBy(good)).toEqual({
    ...Object.fromEntries(Object.keys(started).map((service) => [service, 2])),
    pagerduty: 1,
    sms: 2,
  });
  // A change event, which wakes nobody.
  const [change] = about(good).filter(({ service }) => service === 'pagerduty');
  expect(JSON.stringify(change?.body['change'])).toContain('Deployed: loud 3.0.0 to production');
  expect(incidentOf(good)).toBeUndefined();
  const texts = about(good).filter(({ service }) => service === 'sms');
  expect(texts.map(({ body }) => body['to'])).toEqual(['+4915112345678', '+4915187654321']);
  expect(mailsOf(stack, good).map(({ to, subject }) => `${to[0]?.address} ${subject.split(':')[0]}`)).toEqual([
    'team@example.com Started',
    `${approver} Waiting for you`,
    'team@example.com Deployed',
    'on-call@example.com Deployed',
  ]);
});

test('whoever does not answer is reminded at half and at four fifths of the time, and whoever wants to know hears it', async () => {
  const app = await makeApp(stack, 'reminded');
  const id = await app.start({ version: '2.0.0' });
  await reach(stack, id, 'asking');
  const remindedOf = (whom: string): number =>
    mailsOf(stack, id).filter(({ to, subject }) => to[0]?.address === whom && subject.startsWith('Still waiting')).length;
  const counts = () => [remindedOf(approver), remindedOf('boss@example.com')];
  // The ask stands open for 30 minutes.
  await stack.advance(14 * 60);
  expect(counts()).toEqual([0, 0]);
  await stack.advance(2 * 60);
  expect(counts()).toEqual([1, 1]);
  await stack.advance(7 * 60);
  expect(counts()).toEqual([1, 1]);
  await stack.advance(2 * 60);
  expect(counts()).toEqual([2, 2]);
  await expectTold(stack, id, { outcome: 'expired' });
  expect(counts()).toEqual([2, 2]);
});

test('a lower environment says nothing of what goes well, and says what fails', async () => {
  await makeApp(stack, 'low-test');
  const app = await makeApp(stack, 'low-production');
  const start = async (version: string, fault?: 'answers-500'): Promise<string> => {
    const request = await app.request({ version, ...(fault && { fault }) });
    const body = { ...request, app: 'low', environment: 'test' };
    return (await stack.call('/api/rollouts', { method: 'POST', body })).json.id as string;
  };
  const good = await start('2.0.0');
  expect((await endOf(stack, good)).outcome).toBe('deployed');
  const bad = await start('3.0.0', 'answers-500');
  await expectTold(stack, bad, { outcome: 'failed' });
  await stack.advance(60);
  expect([mailsOf(stack, good), about(good)]).toEqual([[], []]);
  expect(mailsOf(stack, bad).map(({ subject }) => subject)).toEqual(['Failed: low 3.0.0 to test']);
});
