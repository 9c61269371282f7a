import type { EndingDraft } from '../activities/catalogue';
import * as endings from '../domain/endings';
import { judgeSwap } from '../domain/judge-swap';
import type { Slots } from '../domain/live';
import type { Telling } from './act';
import { planOf, againIn, enter, inRounds, settled, tell, type Story, type Undo } from './story';
import { swapSlots, type Swapped } from './swap';

const patientLooks = 5;

/** Takes back what was done, newest first, and stops at the first undo that fails. Nothing to do after a good end or when a person has to look. */
export function* unwind(story: Story, ending: EndingDraft): Telling<EndingDraft> {
  if (ending.outcome === 'deployed' || ending.outcome === 'needs-attention') return ending;
  let undoneEnding = ending;
  for (let undo = story.undos.pop(); undo; undo = story.undos.pop()) {
    const undone = yield* undoSwap(story, undo);
    if (undone.kind === 'failed') return undone.ending;
    if (undone.kind === 'as-before') continue;
    if (ending.outcome === 'failed') undoneEnding = endings.rolledBackAfter(undoneEnding);
    if (!undone.isProven) undoneEnding = endings.rolledBackUnproven(undoneEnding);
  }
  return undoneEnding;
}

/** Swaps back only while production provably holds what this rollout brought; as before is nothing to undo; anything else is for a person. */
function* undoSwap(story: Story, { basis, onlyLook }: Undo): Telling<Undone> {
  const state = yield* lookAround(story, basis);
  if (state.kind === 'as-before') return { kind: 'as-before' };
  if (state.kind === 'unclear')
    return failed('undo-unclear', 'The rollout had to be taken back, but production does not provably hold what it brought.');
  if (onlyLook)
    return failed(
      'swap-late',
      'Azure carried out a swap that was given up as lost, later than the settle time: production holds the new release, which nobody watched.',
    );
  yield* enter(story, 'undoing');
  const swapped = yield* swapSlots(story, state.slots);
  return swapped.kind === 'done'
    ? { kind: 'swapped-back', isProven: swapped.proven }
    : failed('undo-failed', `The swap back failed: ${whyNotBack(swapped)}`);
}

type Undone = { kind: 'as-before' } | { kind: 'swapped-back'; isProven: boolean } | { kind: 'failed'; ending: EndingDraft };

const failed = (code: string, seen: string): Undone => ({ kind: 'failed', ending: endings.needsAttention(code, seen) });

function whyNotBack(swapped: Exclude<Swapped, { kind: 'done' }>): string {
  switch (swapped.kind) {
    case 'refused':
      return `Azure refused it: ${swapped.text}`;
    case 'strange':
      return swapped.seen;
    case 'not-posted':
      return 'somebody changed the slots directly before it, or they could not be read, so it was not posted.';
    case 'not-done':
      return 'the slots stayed as they were.';
    case 'reverted':
      return 'it took itself back.';
  }
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
