import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { answerAsk, decide, endOf, expectTold, expectUntouched, invitation, makeApp, mailsOf, reach, view } from './app';
import { startStack, type Json, type Stack } from './harness';

/** Whose turn it is; and what happens when a story stops by itself. */
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    apps: {
      superseding: { onNewer: 'supersede' },
      queueing: { onNewer: 'queue' },
      refusing: { onNewer: 'refuse' },
      stopped: {},
      swapping: {},
    },
  });
});
afterAll(() => stack.stop());

const laneOf = async (app: string): Promise<Json> => (await stack.call('/api/lanes')).json.lanes.find((lane: Json) => lane.app === app);

const terminate = async (id: string): Promise<void> => {
  const code = stack.host.keys().systemKeys['durabletask_extension'];
  const { status } = await stack.call(`/runtime/webhooks/durabletask/instances/${id}/terminate?reason=by+hand&code=${code}`, {
    method: 'POST',
  });
  expect(status).toBe(202);
};

test('supersede: a newer release takes the place of one that waits at the gate', async () => {
  const app = await makeApp(stack, 'superseding');
  const older = await app.start({ version: '2.0.0' });
  await reach(stack, older, 'asking');
  await stack.settle();
  const invited = invitation(stack, older);
  await stack.advance(5);
  const newer = await app.start({ version: '3.0.0' });
  await expectUntouched(stack, app, older, { outcome: 'superseded' });
  expect((await decide(invited, 'yes')).status).toBe(410);
  await answerAsk(stack, newer, 'yes');
  await expectTold(stack, newer, { outcome: 'deployed' });
  expect(await app.production()).toBe('3.0.0');
});

test('queue: a newer release waits for the one that is under way', async () => {
  const app = await makeApp(stack, 'queueing');
  const older = await app.start({ version: '2.0.0' });
  await reach(stack, older, 'asking');
  const newer = await app.start({ version: '3.0.0' });
  await stack.advance(120);
  expect(await view(stack, newer)).toMatchObject({ phase: 'queued', outcome: null });
  await answerAsk(stack, older, 'yes');
  await expectTold(stack, older, { outcome: 'deployed' });
  const waited = stack.clock.now();
  await reach(stack, newer, 'asking');
  // Woken by the one before it, not by its own look every five minutes.
  expect(stack.clock.now() - waited).toBeLessThan(60_000);
  const noteOf = async (id: string): Promise<string> => (await view(stack, id)).phases.find(({ phase }) => phase === 'queued')?.note ?? '';
  expect(await noteOf(older)).toBe('package kept');
  expect(await noteOf(newer)).toMatch(/^package kept, waited \d+ (?:s|min) for its turn$/);
  await answerAsk(stack, newer, 'yes');
  await expectTold(stack, newer, { outcome: 'deployed' });
  expect(await app.production()).toBe('3.0.0');
});

test('refuse: a newer release is turned away while one is under way', async () => {
  const app = await makeApp(stack, 'refusing');
  const older = await app.start({ version: '2.0.0' });
  await reach(stack, older, 'asking');
  const newer = await app.start({ version: '3.0.0' });
  await expectUntouched(stack, app, newer, { outcome: 'failed', code: 'lane-taken' });
  await answerAsk(stack, older, 'no');
  await expectUntouched(stack, app, older, { outcome: 'rejected' });
});

test('an instance terminated by hand: the watchdog ends its rollout, and the lane is blocked until a person unblocks it', async () => {
  const app = await makeApp(stack, 'stopped');
  const id = await app.start({ version: '2.0.0' });
  await reach(stack, id, 'asking');
  await terminate(id);
  const { ending } = await expectUntouched(stack, app, id, { outcome: 'needs-attention' });
  expect(ending?.next).toContain('unblock');
  expect(mailsOf(stack, id).map(({ to }) => to[0]?.address)).toContain('on-call@example.com');
  expect(await laneOf('stopped')).toMatchObject({ state: 'blocked' });

  const next = await app.start({ version: '3.0.0' });
  await stack.advance(900);
  expect(await view(stack, next)).toMatchObject({ phase: 'queued', outcome: null });
  const unblock = (body: Json) => stack.call('/api/lanes/stopped/production/unblock', { method: 'POST', body });
  expect((await unblock({})).status).toBe(400);
  expect((await unblock({ reason: 'looked at both slots: production serves 1.0.0' })).status).toBe(200);
  expect((await unblock({ reason: 'once more' })).status).toBe(409);
  await answerAsk(stack, next, 'yes');
  await expectTold(stack, next, { outcome: 'deployed' });
  expect(await app.production()).toBe('3.0.0');
});

test('an instance terminated while it swaps: whatever production serves then, a person has to look', async () => {
  const app = await makeApp(stack, 'swapping');
  const id = await app.start({ version: '2.0.0' });
  await answerAsk(stack, id, 'yes');
  await stack.until('the swap is posted', () => stack.azure.receipts().swapPosts.some(({ site }) => site === app.site), {
    stepSeconds: 0.2,
  });
  await terminate(id);
  const ended = await endOf(stack, id);
  expect(ended.outcome).toBe('needs-attention');
  expect(await laneOf('swapping')).toMatchObject({ state: 'blocked' });
  expect(stack.azure.receipts().swapPosts.filter(({ site }) => site === app.site)).toHaveLength(1);
});
