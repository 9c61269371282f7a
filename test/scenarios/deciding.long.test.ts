import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { decide, expectTold, expectUntouched, invitation, makeApp, mailsOf, postsOf, reach, view, type App } from './app';
import { approver, startStack, type PolicyInput, type Stack } from './harness';

/** People who answer at the same time as others, or at the very instant at which it is too late. */
const other = 'bob@example.com';
const both = (needed: number): PolicyInput => ({ gates: [{ name: 'release', kind: 'signed-link', approvers: [approver, other], needed }] });
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    apps: { before: {}, at: {}, tie: {}, 'two-needed': both(2), 'one-needed': both(1), 'yes-and-no': both(1), refused: both(1) },
  });
});
afterAll(() => stack.stop());

async function asked(name: string): Promise<{ app: App; id: string; expiresAtMs: number }> {
  const app = await makeApp(stack, name);
  const id = await app.start({ version: '2.0.0' });
  const { ask } = await reach(stack, id, 'asking');
  await stack.settle();
  return { app, id, expiresAtMs: Date.parse((ask ?? (await view(stack, id)).ask)?.expiresAt ?? '') };
}

test('a yes one millisecond before the ask expires counts', async () => {
  const { app, id, expiresAtMs } = await asked('before');
  await stack.clock.advanceTo(expiresAtMs - 1);
  expect((await decide(invitation(stack, id), 'yes')).status).toBe(200);
  await expectTold(stack, id, { outcome: 'deployed' });
  expect(await app.production()).toBe('2.0.0');
});

test('a yes at the very millisecond at which the ask expires does not, though its story has not looked yet', async () => {
  const { app, id, expiresAtMs } = await asked('at');
  const invited = invitation(stack, id);
  let status = 0;
  stack.clock.at(expiresAtMs, () => undefined);
  stack.onTurn(async ({ instanceId }) => {
    if (instanceId === id && stack.clock.now() === expiresAtMs && status === 0) status = (await decide(invited, 'yes')).status;
  });
  await expectUntouched(stack, app, id, { outcome: 'expired', code: 'expired' });
  expect(status).toBe(410);
});

test('of a yes and an expiry that race, exactly one wins, and page, rows and production agree which', async () => {
  const { app, id, expiresAtMs } = await asked('tie');
  await stack.clock.advanceTo(expiresAtMs - 1);
  const [{ status }] = await Promise.all([decide(invitation(stack, id), 'yes'), stack.clock.advanceTo(expiresAtMs + 1000)]);
  expect([200, 410]).toContain(status);
  const isYes = status === 200;
  await expectTold(stack, id, { outcome: isYes ? 'deployed' : 'expired' });
  expect((await view(stack, id)).ask?.decisions).toHaveLength(isYes ? 1 : 0);
  expect(await app.production()).toBe(isYes ? '2.0.0' : '1.0.0');
});

async function together(id: string, bobs: 'yes' | 'no'): Promise<number[]> {
  const answers = await Promise.all([
    decide(invitation(stack, id, approver), 'yes'),
    decide(invitation(stack, id, other), bobs),
    decide(invitation(stack, id, approver), 'yes'),
  ]);
  return answers.map(({ status }) => status);
}

test('two approvers at once, both needed: both are kept', async () => {
  const { app, id } = await asked('two-needed');
  const [first, bobs, again] = await together(id, 'yes');
  expect([bobs, ...[first, again].sort()]).toEqual([200, 200, 409]);
  await expectTold(stack, id, { outcome: 'deployed' });
  expect((await view(stack, id)).ask?.decisions).toHaveLength(2);
  expect(postsOf(stack, app)).toHaveLength(1);
  expect(await app.production()).toBe('2.0.0');
});

test('two approvers at once, one needed: whoever came second is told, and there is one swap', async () => {
  const { app, id } = await asked('one-needed');
  const statuses = await together(id, 'yes');
  await expectTold(stack, id, { outcome: 'deployed' });
  expect((await view(stack, id)).ask?.decisions).toHaveLength(statuses.filter((status) => status === 200).length);
  expect(postsOf(stack, app)).toHaveLength(1);
  expect(await app.production()).toBe('2.0.0');
});

test('a yes and a no at once: a no that was taken ends it', async () => {
  const { app, id } = await asked('yes-and-no');
  const [, bobs] = await together(id, 'no');
  await expectTold(stack, id, { outcome: bobs === 200 ? 'rejected' : 'deployed' });
  expect((await view(stack, id)).ask?.decisions.some(({ answer }) => answer === 'no')).toBe(bobs === 200);
  expect(await app.production()).toBe(bobs === 200 ? '1.0.0' : '2.0.0');
});

test('mails that the service refuses for good hold up nothing and stand in the ledger; who got one answers', async () => {
  const app = await makeApp(stack, 'refused');
  // The announcement, and the mail to the first approver.
  stack.azure.faults.on('mail-refused', { times: 2 });
  const id = await app.start({ version: '2.0.0' });
  await reach(stack, id, 'asking');
  await stack.until('one approver has the mail', () => mailsOf(stack, id).length > 0);
  expect(stack.azure.faults.active()).toEqual([]);
  const [mail] = mailsOf(stack, id);
  const asked = mail?.to[0]?.address ?? '';
  expect([approver, other]).toContain(asked);
  expect((await decide(invitation(stack, id, asked), 'yes')).status).toBe(200);
  await expectTold(stack, id, { outcome: 'deployed' });
  expect(await app.production()).toBe('2.0.0');
  const ledger = await stack.ports.rows.list<{ kind: string; data: { rolloutId?: string } }>('refused.production', 'ledger-');
  const givenUp = ledger.filter(({ value }) => value.kind === 'notice-given-up' && value.data.rolloutId === id);
  expect(givenUp).toHaveLength(2);
});
