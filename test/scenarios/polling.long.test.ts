import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { expectTold, makeApp, reach, view } from './app';
import { startStack, type Stack } from './harness';

/** What a rollout that waits for days leaves in its history, which every turn reads from its beginning. */
const waitedSeconds = 6 * 3600;
const change = {
  ...{ name: 'change', kind: 'servicenow', instance: 'https://acme.service-now.com', login: 'SNOW_LOGIN', type: 'emergency' },
  assignmentGroup: '0123456789abcdef0123456789abcdef',
};
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ apps: { patient: { expiry: '7d', gates: [change] } } });
});
afterAll(() => stack.stop());

/** The history that the last turn of a rollout began with: all that the backend stores of it, turns' beginnings and ends too. */
function historyOf(id: string): () => { events: number; looks: number } {
  let last = '';
  stack.onTurn(({ instanceId, payload }) => {
    if (instanceId === id) last = payload;
  });
  return () => {
    const { history } = JSON.parse(last) as { history: { Name?: string }[] };
    return { events: history.length, looks: history.filter(({ Name }) => Name === 'lookAtRequest').length };
  };
}

test('six hours at a gate that ServiceNow answers are less than 110 looks of a dozen events, and a nudge has it look at once', async () => {
  const app = await makeApp(stack, 'patient');
  const id = await app.start({ version: '2.0.0' });
  const history = historyOf(id);
  await reach(stack, id, 'asking');
  await stack.until('its change asks somebody', async () => (await view(stack, id)).ask?.requests?.[0]?.number !== undefined);
  const before = history();
  await stack.advance(waitedSeconds);
  const after = history();
  const [looks, events] = [after.looks - before.looks, after.events - before.events];
  expect(looks).toBeGreaterThan(90);
  expect(looks).toBeLessThan(110);
  expect(events).toBeLessThanOrEqual(12 * looks);
  // The next look is ten minutes away.
  const { number = '' } = (await view(stack, id)).ask?.requests?.[0] ?? {};
  stack.azure.itsmPeople.servicenow.answer(number, 'approved');
  await stack.advance(20);
  expect((await view(stack, id)).ask?.decisions).toEqual([]);
  const nudge = (key: string) => stack.call(`/api/rollouts/${id}/nudge`, { method: 'POST', headers: { 'x-functions-key': key } });
  expect((await nudge('')).status).toBe(401);
  await stack.settle();
  expect((await view(stack, id)).ask?.decisions).toEqual([]);
  // A key that opens this one function starts nothing.
  const key = stack.host.keys().ofFunctions['nudgerollout']?.['default'] ?? '';
  expect((await stack.call('/api/rollouts-by-key', { method: 'POST', body: {}, headers: { 'x-functions-key': key } })).status).toBe(401);
  expect((await nudge(key)).json).toEqual({ id, looks: 'now' });
  await stack.settle();
  expect((await view(stack, id)).ask?.decisions).toMatchObject([{ gate: 'change', answer: 'yes' }]);
  await expectTold(stack, id, { outcome: 'deployed' });
}, 180_000);
