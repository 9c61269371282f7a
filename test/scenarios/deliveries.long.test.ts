import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { RolloutSummary } from '../../src/domain/rollout-view';
import { answerAsk, endOf, expectTold, expectUntouched, makeApp } from './app';
import { startStack, type Stack } from './harness';

/** A queue delivers at least once: however often and whenever a message comes, it is one rollout. */
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ apps: { delivered: { onNewer: 'queue' }, tried: {} } });
});
afterAll(() => stack.stop());

const rolloutsOf = async (app: string): Promise<RolloutSummary[]> => (await stack.call(`/api/rollouts?app=${app}`)).json.rollouts;

/** The queue is polled in real time, which virtual time need not wait for. */
async function deliver(text: string, times: number): Promise<void> {
  const client = QueueServiceClient.fromConnectionString(stack.storage).getQueueClient('slipway-rollouts');
  await Promise.all(Array.from({ length: times }, () => stack.enqueue(text)));
  await stack.until('every delivery is worked off', async () => (await client.getProperties()).approximateMessagesCount === 0, {
    stepSeconds: 0,
  });
  await stack.settle();
}

test('a message delivered a hundred times at once, after the end and after the purge starts one rollout', async () => {
  const app = await makeApp(stack, 'delivered');
  const text = JSON.stringify({ ...(await app.request({ version: '2.0.0' })), requestId: 'build-7' });
  await deliver(text, 100);
  const [first, ...more] = await rolloutsOf('delivered');
  expect(more).toEqual([]);
  const id = first?.id ?? '';
  await answerAsk(stack, id, 'no', 'not today');
  await expectUntouched(stack, app, id, { outcome: 'rejected' });
  const ended = await endOf(stack, id);

  await deliver(text, 100);
  const code = stack.host.keys().systemKeys['durabletask_extension'];
  const purged = await fetch(`${stack.host.url}/runtime/webhooks/durabletask/instances/${id}?code=${code}`, { method: 'DELETE' });
  expect(await purged.json()).toEqual({ instancesDeleted: 1 });
  await deliver(text, 20);

  await stack.advance(600);
  expect((await rolloutsOf('delivered')).map((one) => one.id)).toEqual([id]);
  expect(await endOf(stack, id)).toEqual(ended);
  expect(stack.azure.receipts().pushes.filter(({ site }) => site === app.site)).toHaveLength(1);
});

test('a release that failed can be asked for again, and is another rollout', async () => {
  const app = await makeApp(stack, 'tried');
  stack.azure.faults.on('deployment-fails', { site: app.site });
  const first = await app.start({ version: '2.0.0' });
  await expectUntouched(stack, app, first, { outcome: 'failed' });
  const second = await app.start({ version: '2.0.0' });
  expect(second).not.toBe(first);
  await answerAsk(stack, second, 'yes');
  await expectTold(stack, second, { outcome: 'deployed' });
  expect(await app.production()).toBe('2.0.0');
});
