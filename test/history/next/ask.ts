import * as endings from '../../../src/domain/endings';
import { ask as askAsBefore } from '../../../src/orchestrators/ask';
import { inRounds, planOf, settled, tell, type Phased, type Story } from '../../../src/orchestrators/story';
import { isToldSince } from '../../../src/orchestrators/told-since';
import { nextVersion } from './version';

export { waitForAnswers } from '../../../src/orchestrators/ask';

/**
 * The phase of asking as a version after this one could tell it, in another shape on both sides of the gate: it looks at both slots before it asks,
 * and runs the first check once more after the last yes. Stories that were begun before are told as they were.
 */
export function* ask(story: Story): Phased {
  if (!isToldSince(story, nextVersion)) return yield* askAsBefore(story);
  yield* inRounds(story, function* (round) {
    yield* tell(story, 'lookAtSlots', { round });
    return settled(undefined);
  });
  const ending = yield* askAsBefore(story);
  const [first] = planOf(story).policy.checks;
  if (ending || !first) return ending;
  const { result } = yield* tell(story, 'runCheck', { check: 0, slot: 'staging' });
  return result.verdict === 'healthy'
    ? undefined
    : endings.failed(endings.checkFailed(first.name, result.seen, result.verdict === 'unhealthy'));
}
