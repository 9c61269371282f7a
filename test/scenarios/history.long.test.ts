import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { answerAsk, endOf, expectTold, makeApp, reach } from './app';
import { startStack, type Stack } from './harness';

/** What the orchestrations leave is purged by night; what people look at stays. */
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ apps: { purged: {}, waits: { expiry: '30d' } } });
});
afterAll(() => stack.stop());

const dayMs = 86_400_000;

async function historyOf(id: string): Promise<number> {
  const code = stack.host.keys().systemKeys['durabletask_extension'];
  return (await fetch(`${stack.host.url}/runtime/webhooks/durabletask/instances/${id}?code=${code}`)).status;
}

test('history of what ended is purged after thirty days, rows and ledger stay, and a rollout that waits goes on', async () => {
  const app = await makeApp(stack, 'purged');
  const id = await app.start({ version: '2.0.0' });
  await answerAsk(stack, id, 'yes');
  await expectTold(stack, id, { outcome: 'deployed' });
  const ended = await endOf(stack, id);
  const waiting = await makeApp(stack, 'waits');
  const waits = await waiting.start({ version: '2.0.0' });
  await reach(stack, waits, 'asking');
  await stack.settle();
  expect(await historyOf(id)).toBe(200);

  stack.clock.jump(29 * dayMs);
  await stack.advance(600);
  expect(await historyOf(id)).toBe(200);
  await answerAsk(stack, waits, 'yes');
  await expectTold(stack, waits, { outcome: 'deployed' });
  stack.clock.jump(2 * dayMs);
  await stack.until('its history is purged', async () => (await historyOf(id)) === 404);

  expect(await endOf(stack, id)).toEqual(ended);
  expect((await stack.call('/api/ledger/purged/production')).json.chain).toMatchObject({ kind: 'whole' });
});
