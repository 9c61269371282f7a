import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { answerAsk, atStep, decide, endOf, expectTold, expectUntouched, invitation, mailsOf, makeApp, reach, view, type App } from './app';
import { startStack, type Stack } from './harness';

/** When it may run: windows and freezes by clocks on the wall, a stopped line, what passes them, and what waits. */

/** The virtual clock begins on Monday, 2026-01-05T09:00:00Z. */
const berlin = 'Europe/Berlin';
const afternoon = { zone: berlin, windows: [{ days: ['mon'], from: '14:00', to: '16:00' }] };
const opensAtMs = Date.parse('2026-01-05T13:00:00Z');
const holidays = { zone: berlin, freezes: [{ from: '2025-12-20', to: '2026-01-06', reason: 'holidays' }] };
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    apps: {
      window: { calendar: afternoon, expiry: '12h' },
      frozen: { calendar: holidays },
      overridden: { calendar: holidays },
      closing: {
        calendar: { zone: 'UTC', windows: [{ days: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'], from: '00:00', to: '24:00' }] },
      },
      stopped: { expiry: '12h' },
      hotfix: { hotfix: { passes: ['stop'] } },
      cancelled: {},
    },
  });
});
afterAll(() => stack.stop());

const line = (change: 'stop' | 'start', body: object) => stack.call(`/api/line/${change}`, { method: 'POST', body });

async function started(name: string, more: object = {}): Promise<{ app: App; id: string }> {
  const app = await makeApp(stack, name);
  const { json } = await stack.call('/api/rollouts', { method: 'POST', body: { ...(await app.request({ version: '2.0.0' })), ...more } });
  return { app, id: json.id };
}

test('a yes outside of any window waits for the next one, and swaps as it opens', async () => {
  const { app, id } = await started('window');
  await answerAsk(stack, id, 'yes');
  await stack.advance(120);
  const { ask, plan } = await view(stack, id);
  expect(ask).toMatchObject({ state: 'open', held: [expect.stringContaining('the next window opens')] });
  expect(plan).toMatchObject({ standstills: [{ kind: 'window', untilMs: opensAtMs }] });
  expect(await app.production()).toBe('1.0.0');
  await stack.until('it swaps', async () => (await view(stack, id)).phases.some(({ phase }) => phase === 'swapping'), {
    stepSeconds: 60,
    withinSeconds: 12 * 3600,
  });
  const { startedAt } = (await view(stack, id)).phases.find(({ phase }) => phase === 'swapping')!;
  expect(Date.parse(startedAt)).toBeGreaterThanOrEqual(opensAtMs);
  expect(Date.parse(startedAt)).toBeLessThan(opensAtMs + 5_000);
  await expectTold(stack, id, { outcome: 'deployed' });
  expect(await app.production()).toBe('2.0.0');
});

test('a freeze that outlasts the ask ends it expired, and says why nothing was swapped', async () => {
  const { app, id } = await started('frozen');
  await answerAsk(stack, id, 'yes');
  const { ending } = await expectUntouched(stack, app, id, { outcome: 'expired', code: 'expired-held' });
  expect(ending?.reason).toContain('Frozen until Wed 2026-01-07 00:00 (Europe/Berlin): holidays.');
  expect(mailsOf(stack, id).find(({ subject }) => subject.includes('Started'))?.plainText).toContain('May not swap now: Frozen until');
});

test('an override with a reason is announced, and the swap waits no longer', async () => {
  const { app, id } = await started('overridden');
  await answerAsk(stack, id, 'yes');
  await stack.advance(60);
  expect((await stack.call(`/api/rollouts/${id}/override`, { method: 'POST', body: {} })).status).toBe(400);
  const overridden = await stack.call(`/api/rollouts/${id}/override`, { method: 'POST', body: { reason: 'customers can not pay' } });
  expect(overridden.status).toBe(202);
  await expectTold(stack, id, { outcome: 'deployed' });
  expect(mailsOf(stack, id).find(({ subject }) => subject === 'Calendar overridden: overridden 2.0.0 to production')?.plainText).toContain(
    'customers can not pay',
  );
  expect(await app.production()).toBe('2.0.0');
});

test('a cancel while it waits for a stopped line ends it', async () => {
  const { app, id } = await started('cancelled');
  await line('stop', { app: 'cancelled', reason: 'the database moves' });
  await reach(stack, id, 'asking');
  await stack.settle();
  const invited = invitation(stack, id);
  expect((await decide(invited, 'yes')).status).toBe(200);
  await stack.advance(60);
  expect((await view(stack, id)).ask).toMatchObject({ state: 'open', held: [expect.stringContaining('the database moves')] });
  expect((await stack.call(`/api/rollouts/${id}/cancel`, { method: 'POST', body: { reason: 'no longer wanted' } })).status).toBe(202);
  await expectUntouched(stack, app, id, { outcome: 'cancelled' });
});

test('a line that is stopped between the last yes and the swap holds it, until it is started again', async () => {
  const { app, id } = await started('stopped');
  atStep(stack, id, 'grantSwap', async () => {
    expect((await line('stop', { app: 'stopped', reason: 'payments fail' })).status).toBe(200);
  });
  await answerAsk(stack, id, 'yes');
  await stack.advance(600);
  expect(await view(stack, id)).toMatchObject({
    phase: 'asking',
    ask: { state: 'open', held: [expect.stringContaining('payments fail')] },
  });
  expect(await app.production()).toBe('1.0.0');
  expect((await line('start', { app: 'stopped', reason: 'mended' })).status).toBe(200);
  await expectTold(stack, id, { outcome: 'deployed' });
  const asks = mailsOf(stack, id).filter(({ subject }) => subject.startsWith('Waiting for you'));
  expect(asks).toHaveLength(1);
  expect(await app.production()).toBe('2.0.0');
});

test('a hotfix goes through a stopped line where policy has a lane for it, and nowhere else', async () => {
  const { app, id } = await started('hotfix', { hotfix: 'a leak' });
  expect((await line('stop', { app: 'hotfix', reason: 'payments fail' })).status).toBe(200);
  await answerAsk(stack, id, 'yes');
  await expectTold(stack, id, { outcome: 'deployed' });
  expect(mailsOf(stack, id)[0]?.plainText).toContain('Hotfix: a leak');
  expect(await app.production()).toBe('2.0.0');
});

test('a window that was open all day is looked at by today’s policy, too', async () => {
  const { app, id } = await started('closing');
  await reach(stack, id, 'asking');
  await stack.settle();
  // As if slipway.yaml had been deployed anew while the ask was open.
  stack.ports.settings.policies['closing']!.calendar = { ...holidays, windows: [], freezes: holidays.freezes };
  await answerAsk(stack, id, 'yes');
  await stack.advance(60);
  expect((await view(stack, id)).ask).toMatchObject({ held: [expect.stringContaining('holidays')] });
  expect((await endOf(stack, id)).outcome).toBe('expired');
  expect(await app.production()).toBe('1.0.0');
});
