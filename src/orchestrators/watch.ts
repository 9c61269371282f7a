import type { Catalogue, EndingDraft } from '../activities/catalogue';
import * as endings from '../domain/endings';
import { isWatched } from '../domain/judge-watch';
import { judgeSwap } from '../domain/judge-swap';
import { planOf, stagedOf, enter, inRounds, againIn, settled, tell, type Phased, type Story } from './story';

/** Samples production for the policy's time. Health that breaks is swapped back; a state that changed is only looked at. */
export function* watch(story: Story): Phased {
  yield* enter(story, 'watching');
  let leftMs = planOf(story).policy.watch.for * 1000;
  let samples: Catalogue['sampleProduction']['input']['samples'] = [];
  for (;;) {
    const seen = yield* tell(story, 'sampleProduction', { leftMs, samples, expected: stagedOf(story), round: story.round });
    story.round += 1;
    samples = seen.samples;
    // By what was watched, not by the clock: while Slipway was off nobody saw how production was.
    leftMs -= seen.watchedMs;
    if (seen.kind === 'health-breach') return endings.healthBreach(seen.seen ?? 'too many of its checks failed');
    if (seen.kind === 'state-breach') {
      const ending = yield* nameStateBreach(story, seen.seen ?? 'marker or content proof is gone');
      if (ending) return ending;
    }
    if (seen.kind === 'asked') {
      const { intent } = yield* tell(story, 'openRound', { round: story.round });
      story.round += 1;
      if (intent?.kind === 'roll-back') return endings.endingOfIntent(intent);
      // Nothing else is asked of a rollout that watches: it was ended without this story, and that ending stays.
      return endings.needsAttention('story-lost', 'The rollout was ended while it watched production.');
    }
    if (leftMs <= 0) {
      const { policy } = planOf(story);
      story.did = isWatched(policy) ? `${policy.watch.for} s without a breach` : 'policy has no check that could watch production';
      return undefined;
    }
  }
}

/** Production lost what the swap brought. As before the swap in both slots: it took itself back. Nothing is posted either way. Undefined: it is there again. */
function* nameStateBreach(story: Story, seen: string): Phased {
  const basis = story.undos.at(-1)?.basis;
  let looks = 0;
  return yield* inRounds<EndingDraft | undefined>(story, function* (round) {
    const { slots } = yield* tell(story, 'lookAtSlots', { round });
    const sight = basis && slots ? judgeSwap(basis, slots, story.slot) : 'could-not-tell';
    if (sight === 'done') return settled(undefined);
    if (sight === 'reverted') {
      // As before already: nothing is left to undo, whatever a stranger does next.
      story.undos.pop();
      return settled(endings.swapReverted('during the watch'));
    }
    looks += 1;
    if (looks >= 5 && sight !== 'in-progress')
      return settled(endings.needsAttention('state-breach', `Production no longer provably holds what this rollout brought: ${seen}.`));
    return looks >= 100
      ? settled(
          endings.needsAttention(
            'state-breach',
            `An operation nobody here began does not end, and production no longer provably holds what this rollout brought.`,
          ),
        )
      : againIn(story, planOf(story).policy.swap.poll);
  });
}
