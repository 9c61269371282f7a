import { expect, test } from '@jest/globals';
import { summarizeRollout } from '../../src/domain/rollout-view';
import { iso, rollout } from '../mail/world';

test('a rollout is shown with what it goes on from, why it is in a hurry, and who lets it pass, and without them where there is none', () => {
  const override = { by: 'olga', reason: 'the shop is down', at: iso(5) };
  const more = { promotes: 'hello-test-2-0-0-1', hotfix: 'the shop is down', override };
  expect(summarizeRollout({ ...rollout, ...more })).toEqual({ ...summarizeRollout(rollout), ...more });
  for (const name of Object.keys(more)) expect(summarizeRollout(rollout)).not.toHaveProperty(name);
});
