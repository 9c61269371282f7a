import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ActivityName } from '../../src/activities/catalogue';
import type { Phase } from '../../src/domain/rollout';
import { answerAsk, atStep, expectTold, makeApp, postsOf, view } from './app';
import { startStack, type Stack } from './harness';

/** A newer release comes while an older one is in each of its phases, where policy lets it take the older one's place. */
const steps: { phase: Phase; activity: ActivityName; input?: string }[] = [
  { phase: 'queued', activity: 'keepPackage' },
  { phase: 'planning', activity: 'checkTarget' },
  { phase: 'announcing', activity: 'tellPeople' },
  { phase: 'staging', activity: 'switchOffTriggers' },
  { phase: 'proving', activity: 'runCheck' },
  { phase: 'asking', activity: 'openAsk' },
  { phase: 'swapping', activity: 'postSwap' },
  { phase: 'watching', activity: 'sampleProduction' },
  { phase: 'telling', activity: 'enterPhase', input: 'done' },
];
const afterTheGate: Phase[] = ['swapping', 'watching', 'telling'];

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ apps: Object.fromEntries(steps.map(({ phase }) => [phase, { onNewer: 'supersede' }])) });
});
afterAll(() => stack.stop());

test.each(steps)('a newer release comes while the older one is $phase', async ({ phase, activity, input }) => {
  const app = await makeApp(stack, phase);
  const older = await app.start({ version: '2.0.0' });
  let newer = '';
  let seen: Phase | undefined;
  atStep(
    stack,
    older,
    activity,
    async () => {
      // Rollouts are older and newer by when they were admitted.
      await stack.clock.sleep(1000);
      seen = (await view(stack, older)).phase;
      newer = await app.start({ version: '3.0.0' });
    },
    input,
  );
  const isTooLate = afterTheGate.includes(phase);
  if (isTooLate) await answerAsk(stack, older, 'yes');
  await expectTold(stack, older, isTooLate ? { outcome: 'deployed' } : { outcome: 'superseded', code: 'superseded' });
  expect(seen).toBe(phase);
  expect(await app.production()).toBe(isTooLate ? '2.0.0' : '1.0.0');
  expect(postsOf(stack, app)).toHaveLength(isTooLate ? 1 : 0);

  await answerAsk(stack, newer, 'yes');
  await expectTold(stack, newer, { outcome: 'deployed' });
  expect(await app.production()).toBe('3.0.0');
});
