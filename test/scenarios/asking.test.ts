import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { answerAsk, build, decide, endOf, expectTold, expectUntouched, invitation, makeApp, mailsOf, reach, view, type App } from './app';
import { approver, startStack, type Stack } from './harness';

/** At the gate: answers of every kind, and what is none. */
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    apps: {
      expired: {},
      rejected: {},
      cancelled: {},
      stranger: {},
      throttled: {},
      looked: {},
      typed: { gates: [{ name: 'release', kind: 'signed-link', approvers: [approver], proof: 'code' }] },
      raw: {},
    },
  });
});
afterAll(() => stack.stop());

async function atTheGate(name: string): Promise<{ app: App; id: string }> {
  const app = await makeApp(stack, name);
  const id = await app.start({ version: '2.0.0' });
  await reach(stack, id, 'asking');
  await stack.settle();
  return { app, id };
}

const asksOf = (id: string): string[] => mailsOf(stack, id).flatMap(({ to, subject }) => (to[0]?.address === approver ? [subject] : []));

test('an ask that nobody answers is repeated twice, then expires', async () => {
  const { app, id } = await atTheGate('expired');
  expect(asksOf(id)).toHaveLength(1);
  await stack.advance(15 * 60);
  expect(asksOf(id)).toHaveLength(2);
  await stack.advance(10 * 60);
  expect(asksOf(id)).toHaveLength(3);
  const invited = invitation(stack, id);
  await expectUntouched(stack, app, id, { outcome: 'expired', code: 'expired' });
  expect(asksOf(id)).toHaveLength(3);
  const late = await decide(invited, 'yes');
  expect(late.status).toBe(410);
  expect((await view(stack, id)).outcome).toBe('expired');
});

test('one no ends it', async () => {
  const { app, id } = await atTheGate('rejected');
  await answerAsk(stack, id, 'no', 'the tests look thin');
  const { ending } = await expectUntouched(stack, app, id, { outcome: 'rejected' });
  expect(ending?.reason).toContain(`${approver} said no: “the tests look thin”`);
});

test('a cancel at the gate ends it, and a yes comes too late', async () => {
  const { app, id } = await atTheGate('cancelled');
  const { status } = await stack.call(`/api/rollouts/${id}/cancel`, { method: 'POST', body: { reason: 'the build is stale' } });
  expect(status).toBe(202);
  expect((await decide(invitation(stack, id), 'yes')).status).toBe(410);
  await expectUntouched(stack, app, id, { outcome: 'cancelled' });
});

test('a package that a stranger pushes to staging at the gate never reaches production', async () => {
  const { app, id } = await atTheGate('stranger');
  await stack.azure.strangerPushes(app.site, 'staging', (await build({ version: '6.6.6' })).zip);
  await answerAsk(stack, id, 'yes');
  await expectUntouched(stack, app, id, { outcome: 'failed', code: 'staging-changed' });
});

test('an announcement that the mail service will not take now holds up nothing, and is sent later', async () => {
  const app = await makeApp(stack, 'throttled');
  stack.azure.faults.on('mail-429', { times: 3 });
  const id = await app.start({ version: '2.0.0' });
  const { phases } = await reach(stack, id, 'asking');
  const announcing = phases.find(({ phase }) => phase === 'announcing');
  expect(announcing?.endedAt).toBeDefined();
  expect(mailsOf(stack, id)).toEqual([]);
  await answerAsk(stack, id, 'yes');
  await expectTold(stack, id, { outcome: 'deployed' });
  await stack.until('the announcement is sent', () => mailsOf(stack, id).some(({ subject }) => subject.includes('Started')), {
    withinSeconds: 600,
  });
});

test('looking at the link a thousand times decides nothing; the code does, once', async () => {
  const { app, id } = await atTheGate('looked');
  const invited = invitation(stack, id);
  const look = async (method: 'GET' | 'HEAD'): Promise<number> => {
    const answer = await fetch(invited.link, { method });
    await answer.arrayBuffer();
    return answer.status;
  };
  const seen = new Set<number>();
  for (let n = 0; n < 1000; n += 20)
    for (const status of await Promise.all(Array.from({ length: 20 }, (_, at) => look(at % 2 === 0 ? 'GET' : 'HEAD')))) seen.add(status);
  expect([...seen]).toEqual([200]);
  expect((await decide({ ...invited, code: '' }, 'yes')).status).toBe(400);
  expect((await decide({ ...invited, code: '0000-0000' }, 'yes')).status).toBe(403);
  await stack.advance(60);
  expect(await view(stack, id)).toMatchObject({ phase: 'asking', ask: { state: 'open', decisions: [] } });

  expect((await decide(invited, 'yes')).status).toBe(200);
  const second = await decide(invited, 'no');
  expect(second.status).toBe(409);
  const page = await second.text();
  expect(page).toContain(approver);
  expect(page).toMatch(/said yes/);
  expect(page).toContain('2026');
  await expectTold(stack, id, { outcome: 'deployed' });
  expect((await view(stack, id)).ask?.decisions).toEqual([expect.objectContaining({ approver, answer: 'yes' })]);
  expect(await app.production()).toBe('2.0.0');
});

test('where policy wants the code typed, the link does not carry it', async () => {
  const { app, id } = await atTheGate('typed');
  expect(mailsOf(stack, id).some(({ plainText, html }) => /approvals\/[^\s"]+#/.test(`${plainText} ${html}`))).toBe(false);
  expect((await decide(invitation(stack, id), 'yes')).status).toBe(200);
  await expectTold(stack, id, { outcome: 'deployed' });
  expect(await app.production()).toBe('2.0.0');
});

test('an event raised with the host’s own key approves nothing', async () => {
  const { app, id } = await atTheGate('raw');
  const code = stack.host.keys().systemKeys['durabletask_extension'];
  for (let round = 1; round <= 60; round++) {
    const raised = await stack.call(`/runtime/webhooks/durabletask/instances/${id}/raiseEvent/wake-${round}?code=${code}`, {
      method: 'POST',
      body: { answer: 'yes', approver, gate: 'release', verdict: 'granted' },
    });
    expect(raised.status).toBe(202);
  }
  await stack.advance(60);
  expect(await view(stack, id)).toMatchObject({ phase: 'asking', ask: { state: 'open', decisions: [] } });
  await answerAsk(stack, id, 'no');
  await expectUntouched(stack, app, id, { outcome: 'rejected' });
  expect((await endOf(stack, id)).outcome).toBe('rejected');
});
