import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { answerAsk, decide, expectTold, expectUntouched, invitation, mailsOf, makeApp, reach, view } from './app';
import { approver, startStack, type Stack } from './harness';

/** Who is asked when those who should answer do not, and what is heard of who decided. */
const boss = 'boss@example.com';
const gates = [{ name: 'release', kind: 'signed-link', approvers: [approver], escalate: { after: 0.4, to: [boss] } }];
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ apps: { silent: { gates }, answered: { gates }, unexplained: {} } });
});
afterAll(() => stack.stop());

const askedOf = (id: string, whom: string): string[] =>
  mailsOf(stack, id).flatMap(({ to, subject }) => (to[0]?.address === whom ? [subject] : []));

test('a second list is asked after its part of the time, reminded with the others, and may answer', async () => {
  const app = await makeApp(stack, 'silent');
  const id = await app.start({ version: '2.0.0' });
  await reach(stack, id, 'asking');
  await stack.advance(11 * 60);
  expect(askedOf(id, boss)).toEqual([]);
  await stack.advance(2 * 60);
  expect(askedOf(id, boss)).toEqual(['Waiting for you: silent 2.0.0 to production']);
  expect(askedOf(id, approver)).toHaveLength(1);
  await stack.advance(3 * 60);
  expect([askedOf(id, boss), askedOf(id, approver)].map(({ length }) => length)).toEqual([2, 2]);
  expect((await decide(invitation(stack, id, boss), 'yes', { comment: 'ann is on a train' })).status).toBe(200);
  await expectTold(stack, id, { outcome: 'deployed' });
  const closing = mailsOf(stack, id).find(({ subject }) => subject.startsWith('Deployed'));
  expect(closing?.plainText).toMatch(/Yes at gate release: boss@example\.com, 2026-\d\d-\d\d \d\d:\d\d UTC: “ann is on a train”/);
  const ledger = await stack.ports.rows.list<{ kind: string; data: object }>('silent.production', 'ledger-');
  expect(ledger.map(({ value }) => value)).toContainEqual(
    expect.objectContaining({ kind: 'escalated', data: { rolloutId: id, gate: 'release', to: [boss] } }),
  );
});

test('a second list is not asked where the first has answered', async () => {
  const app = await makeApp(stack, 'answered');
  const id = await app.start({ version: '2.0.0' });
  await answerAsk(stack, id, 'yes');
  await expectTold(stack, id, { outcome: 'deployed' });
  await stack.advance(20 * 60);
  expect(askedOf(id, boss)).toEqual([]);
});

test('a no without a reason decides nothing, and the page says so', async () => {
  const app = await makeApp(stack, 'unexplained');
  const id = await app.start({ version: '2.0.0' });
  await reach(stack, id, 'asking');
  await stack.settle();
  const answer = await decide(invitation(stack, id), 'no', { comment: ' ' });
  expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('A no needs a reason')]);
  expect((await view(stack, id)).ask?.decisions).toEqual([]);
  await answerAsk(stack, id, 'no', 'the tests look thin');
  await expectUntouched(stack, app, id, { outcome: 'rejected' });
});
