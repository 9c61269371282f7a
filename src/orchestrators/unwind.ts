import type { EndingDraft } from '../activities/catalogue';
import * as endings from '../domain/endings';
import { judgeSwap } from '../domain/judge-swap';
import type { Slots } from '../domain/live';
import type { Telling } from './act';
import { againIn, enter, inRounds, settled, tell, type Story, type Undo } from './story';
import { swapSlots } from './swap';
import { planOf } from './plan-of';

const patientLooks = 5;

/** Takes back what was done, newest first, and stops at the first undo that fails. Nothing to do after a good end or when a person has to look. */
export function* unwind(story: Story, ending: EndingDraft): Telling<EndingDraft> {
  if (ending.outcome === 'deployed' || ending.outcome === 'needs-attention') return ending;
  let undoneEnding = ending;
  for (let undo = story.undos.pop(); undo; undo = story.undos.pop()) {
    const undone = yield* undoSwap(story, undo);
    if (undone === 'swapped-back' && ending.outcome === 'failed') undoneEnding = endings.rolledBackAfter(ending);
    else if (typeof undone === 'object') return undone;
  }
  return undoneEnding;
}

/** Swaps back only while production provably holds what this rollout brought; as before is nothing to undo; anything else is for a person. */
function* undoSwap(story: Story, { basis }: Undo): Telling<'as-before' | 'swapped-back' | EndingDraft> {
  const state = yield* lookAround(story, basis);
  if (state.kind === 'as-before') return 'as-before';
  if (state.kind === 'unclear')
    return endings.needsAttention(
      'undo-unclear',
      'The rollout had to be taken back, but production does not provably hold what it brought.',
    );
  yield* enter(story, 'undoing');
  const swapped = yield* swapSlots(story, state.slots);
  if (swapped.kind === 'done') return 'swapped-back';
  const why =
    swapped.kind === 'refused'
      ? `Azure refused it: ${swapped.text}`
      : swapped.kind === 'strange'
        ? swapped.seen
        : 'the slots stayed as they were.';
  return endings.needsAttention('undo-failed', `The swap back failed: ${why}`);
}

type Around = { kind: 'as-before' } | { kind: 'ours'; slots: Slots } | { kind: 'unclear' };

function* lookAround(story: Story, basis: Slots): Telling<Around> {
  let looks = 0;
  return yield* inRounds<Around>(story, function* (round) {
    const { slots } = yield* tell(story, 'lookAtSlots', { round });
    const sight = slots ? judgeSwap(basis, slots, story.slot) : 'could-not-tell';
    if (slots && sight === 'done') return settled<Around>({ kind: 'ours', slots });
    if (sight === 'before' || sight === 'reverted') return settled<Around>({ kind: 'as-before' });
    looks += 1;
    return looks >= patientLooks && sight !== 'in-progress'
      ? settled<Around>({ kind: 'unclear' })
      : againIn(story, planOf(story).policy.swap.poll);
  });
}
