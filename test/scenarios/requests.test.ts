import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { RolloutSummary } from '../../src/domain/rollout-view';
import { answerAsk, endOf, expectUntouched, expectTold, makeApp, mailsOf, packageOf, reach } from './app';
import { startStack, type Json, type Stack } from './harness';

/** How a rollout is asked for, and what is refused. */
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ apps: { plain: {}, base64: {}, event: {}, digest: {}, nohost: {}, keyed: {}, cancelled: {} } });
});
afterAll(() => stack.stop());

const rolloutsOf = async (app: string): Promise<RolloutSummary[]> => (await stack.call(`/api/rollouts?app=${app}`)).json.rollouts;

/** The queue is polled in real time, which virtual time need not wait for. */
async function admitted(app: string): Promise<string> {
  let found: RolloutSummary[] = [];
  await stack.until(`a message starts a rollout of ${app}`, async () => (found = await rolloutsOf(app)).length > 0, { stepSeconds: 0 });
  return found[0]?.id ?? '';
}

const messagesIn = async (queue: string): Promise<number> => {
  const client = QueueServiceClient.fromConnectionString(stack.storage).getQueueClient(queue);
  return (await client.exists()) ? ((await client.getProperties()).approximateMessagesCount ?? 0) : 0;
};

const cloudEvent = (data: Json): Json => ({
  specversion: '1.0',
  id: 'build-7',
  source: '/builds/hello',
  type: 'dev.slipway.rollout.requested',
  datacontenttype: 'application/json',
  data,
});

test.each([
  ['plain', 'plain JSON', (request: Json) => JSON.stringify(request)],
  ['base64', 'JSON in base64', (request: Json) => Buffer.from(JSON.stringify(request)).toString('base64')],
  ['event', 'a CloudEvents envelope', (request: Json) => JSON.stringify(cloudEvent(request))],
])('%s: a queue message of %s takes a release to production', async (name, _form, written) => {
  const app = await makeApp(stack, name);
  await stack.enqueue(written(await app.request({ version: '2.0.0' })));
  const id = await admitted(name);
  await answerAsk(stack, id, 'yes');
  const { requester } = await expectTold(stack, id, { outcome: 'deployed' });
  expect(requester).toMatchObject({ verified: false, via: 'queue' });
  expect(await app.production()).toBe('2.0.0');
  expect(await rolloutsOf(name)).toHaveLength(1);
});

test('an unknown app is refused over HTTP with what is known', async () => {
  const request = await packageOf(stack, { version: '2.0.0' }, 'hallo');
  const { status, headers, json } = await stack.call('/api/rollouts', { method: 'POST', body: request });
  expect(status).toBe(422);
  expect(headers.get('content-type')).toContain('application/problem+json');
  expect(JSON.stringify(json)).toContain('hallo');
  expect(await rolloutsOf('hallo')).toEqual([]);
});

test('an unknown app in a message is told, starts nothing and does not come again', async () => {
  const before = stack.azure.mails().length;
  const request = await packageOf(stack, { version: '2.0.0' }, 'hallo');
  await stack.enqueue(JSON.stringify(request));
  await stack.until('the team hears of the message', () => stack.azure.mails().length > before, { stepSeconds: 0 });
  await stack.until('the message is gone', async () => (await messagesIn('slipway-rollouts')) === 0, { stepSeconds: 0 });
  await stack.advance(1800);
  const told = stack.azure.mails().slice(before);
  expect(told.map(({ to }) => to[0]?.address).sort()).toEqual(['team@example.com']);
  expect(told[0]?.plainText).toContain('hallo');
  expect(await messagesIn('slipway-rollouts-poison')).toBe(0);
  expect(await rolloutsOf('hallo')).toEqual([]);
});

test('a package with another digest than was announced is not pushed', async () => {
  const app = await makeApp(stack, 'digest');
  const id = await app.start({ version: '2.0.0', sha256: 'ab'.repeat(32) });
  await expectUntouched(stack, app, id, { outcome: 'failed', code: 'wrong-digest' });
});

test('a zip without host.json is not pushed', async () => {
  const app = await makeApp(stack, 'nohost');
  const id = await app.start({ version: '2.0.0', fault: 'no-host-json' });
  await expectUntouched(stack, app, id, { outcome: 'failed', code: 'not-a-package' });
});

test('a second start under the same key is the same rollout; the same key for another release is refused', async () => {
  const app = await makeApp(stack, 'keyed');
  const start = (body: Json) => stack.call('/api/rollouts', { method: 'POST', body, headers: { 'idempotency-key': 'build 8' } });
  const request = await app.request({ version: '2.0.0' });
  const first = await start(request);
  const second = await start(request);
  expect([first.status, second.status]).toEqual([202, 202]);
  expect(second.json).toMatchObject({ id: first.json.id, already: true });
  expect((await start({ ...request, version: '2.0.1' })).status).toBe(422);

  await answerAsk(stack, first.json.id, 'no', 'not today');
  await expectUntouched(stack, app, first.json.id, { outcome: 'rejected' });
  const third = await start(request);
  expect(third.json).toMatchObject({ id: first.json.id, already: true });
  await stack.advance(60);
  expect(await rolloutsOf('keyed')).toHaveLength(1);
  expect((await endOf(stack, first.json.id)).phases.filter(({ phase }) => phase === 'staging')).toHaveLength(1);
});

test('a rollout cancelled while it stages never swaps', async () => {
  const app = await makeApp(stack, 'cancelled');
  const id = await app.start({ version: '2.0.0' });
  await reach(stack, id, 'staging', 0.2);
  const { status } = await stack.call(`/api/rollouts/${id}/cancel`, { method: 'POST', body: { reason: 'wrong branch' } });
  expect(status).toBe(202);
  const { ending } = await expectUntouched(stack, app, id, { outcome: 'cancelled' });
  expect(ending?.reason).toContain('olga cancelled it: wrong branch');
  expect(mailsOf(stack, id).every(({ to }) => to[0]?.address === 'team@example.com')).toBe(true);
});
