import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { faultNames, type FaultName, type FaultOptions } from '../../local/azure/faults';
import { answerAsk, approved, build, expectTold, makeApp, postsOf, swappersOf, view, type Told } from './app';
import { siteOf, startStack, type Stack } from './harness';

/** One POST, and every answer to it that says little, or the wrong thing, of what it did. What production answers at the end is the judge. */

const lost = [503, 504, 429, 307, 'reset', 'silence'] as const;
const settleMs = 10_000;

interface Case {
  name: string;
  what: string;
  faults: Partial<Record<FaultName, FaultOptions>>;
  told: Told;
  production: '1.0.0' | '2.0.0';
  /** On the wire. */
  posts: number;
  /** Who applied a swap. */
  swaps: string[];
  /** At least so long between two POSTs. */
  apartMs?: number;
}

const deployed = { told: { outcome: 'deployed' }, production: '2.0.0', posts: 1, swaps: ['arm'] } as const;
const secondTry = { ...deployed, posts: 2, apartMs: settleMs };
const refused = { production: '1.0.0', posts: 1, swaps: [] } as const;

const cases: Case[] = [
  ...lost.map((answer) => ({
    name: `happened-${answer}`,
    what: `answered ${answer}, and it happens`,
    faults: { 'swap-answer-lost-but-happened': { answer } },
    ...deployed,
    swaps: ['arm'],
  })),
  ...(['reset', 'silence', 307] as const).map((answer) => ({
    name: `nothing-${answer}`,
    what: `answered ${answer}, and nothing happens`,
    faults: { 'swap-answer-lost-not-happened': { answer } },
    ...secondTry,
    swaps: ['arm'],
  })),
  {
    name: 'later',
    what: 'lost, and it happens within the settle time',
    faults: { 'swap-answer-lost-happens-later': { afterMs: 7_000 } },
    ...deployed,
    swaps: ['arm'],
  },
  {
    name: 'later-still',
    what: 'lost, and it happens after the second POST: seen, and there is no third',
    faults: { 'swap-answer-lost-happens-later': { afterMs: 25_000 } },
    told: { outcome: 'rolled-back', code: 'swap-reverted-itself' },
    production: '1.0.0',
    posts: 2,
    swaps: ['arm', 'arm'],
  },
  { name: 'conflict-own', what: '409 by the very swap it began', faults: { 'swap-conflict-own': {} }, ...deployed, swaps: ['arm'] },
  {
    name: 'conflict-stranger',
    what: "409 by a stranger's swap of the same slots, which does what was wanted",
    faults: { 'swap-conflict-stranger': {} },
    ...deployed,
    swaps: ['stranger'],
  },
  {
    name: 'stranger-first',
    what: "taken, after a stranger's swap that nobody could see: it undoes that one, and nothing more is posted",
    faults: { 'stranger-swaps-first': {} },
    told: { outcome: 'rolled-back', code: 'swap-reverted-itself' },
    production: '1.0.0',
    posts: 1,
    swaps: ['stranger', 'arm'],
  },
  { name: 'lock', what: '429 by a lock, and nothing happens', faults: { 'swap-lock-429': {} }, ...secondTry, swaps: ['arm'] },
  {
    name: 'quota',
    what: '429 by a quota: the time it names is waited for',
    faults: { 'swap-quota-429': { afterMs: 60_000 } },
    ...secondTry,
    swaps: ['arm'],
    apartMs: 60_000,
  },
  { name: 'allocation', what: 'taken, and ended by a VM allocation', faults: { 'vm-allocation-400': {} }, ...secondTry, swaps: ['arm'] },
  {
    name: 'allocation-at-once',
    what: '400 by a VM allocation',
    faults: { 'vm-allocation-400': { atOnce: true } },
    ...secondTry,
    swaps: ['arm'],
  },
  {
    name: 'no-ping',
    what: '417 by the ping: no second try',
    faults: { 'ping-fails-417': { atOnce: true } },
    told: { outcome: 'failed', code: 'swap-ping-failed' },
    ...refused,
    swaps: [],
  },
  {
    name: 'prepared',
    what: "409 by somebody's swap with preview: no second try",
    faults: { 'swap-prepared-409': {} },
    told: { outcome: 'failed', code: 'swap-prepared-for-swap' },
    ...refused,
    swaps: [],
  },
];

let stack: Stack;
beforeAll(async () => {
  const names = [...cases.map(({ name }) => name), 'third-slot', 'given-up'];
  stack = await startStack({ apps: Object.fromEntries(names.map((name) => [name, {}])), swapAnswerWithinMs: 1500 });
});
afterAll(() => stack.stop());

test.each(cases)('$name: a swap that is $what', async ({ name, faults, told, production, posts, swaps, apartMs = 0 }) => {
  for (const [fault, options] of Object.entries(faults)) stack.azure.faults.on(fault as FaultName, { site: siteOf(name), ...options });
  const { app, id } = await approved(stack, name);
  await expectTold(stack, id, told);
  expect(await app.production()).toBe(production);
  const posted = postsOf(stack, app);
  expect(posted).toHaveLength(posts);
  expect((posted[1]?.atMs ?? Infinity) - (posted[0]?.atMs ?? 0)).toBeGreaterThanOrEqual(apartMs);
  expect(swappersOf(stack, app)).toEqual(swaps);
  expect(stack.azure.faults.active()).toEqual([]);
});

test("third-slot: 409 by a stranger's swap of another slot: neither release is in production, and a person has to look", async () => {
  const blue = (await build({ version: '7.7.7' })).zip;
  const app = await makeApp(stack, 'third-slot', [{ name: 'blue', package: blue }]);
  stack.azure.faults.on('swap-conflict-stranger', { site: app.site, from: 'blue' });
  const id = await app.start({ version: '2.0.0' });
  await answerAsk(stack, id, 'yes');
  await expectTold(stack, id, { outcome: 'needs-attention', code: 'swap-unclear' });
  expect(await app.production()).toBe('7.7.7');
  expect(postsOf(stack, app)).toHaveLength(1);
  expect(swappersOf(stack, app)).toEqual(['stranger']);
  const { json } = await stack.call('/api/lanes');
  expect(json.lanes.find((lane: { app: string }) => lane.app === 'third-slot')).toMatchObject({ state: 'blocked' });
  expect((await view(stack, id)).ending?.next).toContain('unblock');
});

test('given-up: a swap that takes place after both attempts were given up is seen, and there is no third POST', async () => {
  stack.azure.faults.on('swap-answer-lost-not-happened', { site: siteOf('given-up'), times: 2 });
  const { app, id } = await approved(stack, 'given-up');
  const lookedAt: number[] = [];
  let isLate = false;
  stack.onTurn(({ instanceId, response }) => {
    const [, second] = postsOf(stack, app);
    if (instanceId !== id || isLate || second === undefined || response.actions.flat().at(-1)?.functionName !== 'lookAtSlots') return;
    lookedAt.push(stack.clock.now());
    // Two looks at one time: the first gave the swap up, the second is to see what there is to undo.
    isLate = stack.clock.now() >= second.atMs + settleMs && lookedAt.at(-2) === lookedAt.at(-1);
    if (isLate) void stack.azure.strangerSwaps(app.site, 'staging');
  });
  await expectTold(stack, id, { outcome: 'needs-attention', code: 'swap-late' });
  expect(isLate).toBe(true);
  expect(postsOf(stack, app)).toHaveLength(2);
  expect(await app.production()).toBe('2.0.0');
});

test('every fault of a swap that the local Azure knows stands in a scenario', () => {
  const elsewhere = ['swap-reverts-itself'];
  const known = faultNames.filter((name) => /^swap-|417|allocation/.test(name));
  expect(known.filter((name) => !elsewhere.includes(name) && !cases.some(({ faults }) => name in faults))).toEqual([]);
});
