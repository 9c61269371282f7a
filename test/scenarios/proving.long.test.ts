import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { answerAsk, expectTold, expectUntouched, makeApp, mailsOf, reach, type ReleaseInput } from './app';
import { startStack, type PolicyInput, type Stack } from './harness';

/** What the smoke tests make of releases that are broken, or slow to come up. */

/** Tries are real requests: short, so that three of them take no time worth speaking of. */
const check = (expect: object, times: object = {}): PolicyInput => ({
  checks: [{ name: 'says hello', path: '/api/hello', timeout: '5s', budget: '3s', ...times, expect }],
});
const schema = { type: 'object', required: ['app', 'version'], properties: { app: { type: 'string' }, version: { type: 'string' } } };

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    apps: {
      error: check({}),
      value: check({ json: { '/version': '{version}' } }),
      schema: check({ schema }),
      slow: check({ latency: '0.1s' }),
      silent: check({}, { timeout: '0.2s' }),
      cold: check({ json: { '/version': '{version}' } }, { budget: '60s' }),
      starting: check({ json: { '/version': '{version}' } }, { budget: '60s' }),
    },
  });
});
afterAll(() => stack.stop());

test.each<[string, string, Omit<ReleaseInput, 'version'>, string, RegExp]>([
  ['error', 'answers 500', { fault: 'answers-500' }, 'check-unhealthy', /500/],
  ['value', 'answers with a wrong value', { fault: 'wrong-value' }, 'check-unhealthy', /\/version/],
  ['schema', 'answers in another shape', { fault: 'wrong-schema' }, 'check-unhealthy', /\/app/],
  ['slow', 'answers too slowly', { fault: 'slow', forMs: 300 }, 'check-unhealthy', /ms/],
  ['silent', 'never answers', { fault: 'silent' }, 'check-inconclusive', /nothing within/],
])('%s: a release that %s fails, and nobody is asked', async (name, _what, fault, code, seen) => {
  const app = await makeApp(stack, name);
  const id = await app.start({ version: '2.0.0', ...fault });
  const { ending, checks } = await expectUntouched(stack, app, id, { outcome: 'failed', code });
  expect(ending?.reason).toMatch(seen);
  expect(checks[0]?.tries.length).toBeGreaterThan(1);
  expect(new Set(mailsOf(stack, id).map(({ to }) => to[0]?.address))).toEqual(new Set(['team@example.com']));
});

test('a release that gives no answer at first and is healthy within its budget is deployed', async () => {
  const app = await makeApp(stack, 'cold');
  const id = await app.start({ version: '2.0.0' });
  // Tries are 1, 2, 4, then 5 s apart: ten of them last 40 s and more.
  stack.azure.faults.on('slot-no-answer', { site: app.site, slot: 'staging', times: 10 });
  const { checks, phases } = await reach(stack, id, 'asking');
  expect(checks[0]?.tries.map(({ verdict }) => verdict)).toEqual([...Array(10).fill('inconclusive'), 'healthy']);
  const proving = phases.find(({ phase }) => phase === 'proving');
  expect(Date.parse(proving?.endedAt ?? '') - Date.parse(proving?.startedAt ?? '')).toBeGreaterThanOrEqual(40_000);
  await answerAsk(stack, id, 'yes');
  await expectTold(stack, id, { outcome: 'deployed' });
  expect(await app.production()).toBe('2.0.0');
});

test('a slot that takes 40 s to start is waited for', async () => {
  const app = await makeApp(stack, 'starting');
  // Each write of settings restarts the slot, and so does the push.
  stack.azure.faults.on('slot-slow-start', { site: app.site, slot: 'staging', afterMs: 40_000, times: 3 });
  const id = await app.start({ version: '2.0.0' });
  await answerAsk(stack, id, 'yes');
  await expectTold(stack, id, { outcome: 'deployed' });
  expect(await app.production()).toBe('2.0.0');
});
