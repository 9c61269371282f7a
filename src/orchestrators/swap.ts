import type { EndingDraft } from '../activities/catalogue';
import type { PostSwapAnswer } from '../azure/app-control';
import * as endings from '../domain/endings';
import { judgeSwap, type SwapSight } from '../domain/judge-swap';
import type { Slots } from '../domain/live';
import type { Telling } from './act';
import { waitForAnswers } from './ask';
import { planOf, stagedOf, againIn, inRounds, isDue, noteOf, settled, tell, type Phased, type Story } from './story';
import { nowMs } from './wait-round';

/** A swap that shows neither the state before nor the one after is believed only when several looks in a row say so. */
const strangeLooks = 3;
/** Longest that a swap may be under way, or unreadable, before a person has to look. */
const swapLimitSeconds = 3600;
/** A POST that Azure executes later than the settle time can only be detected: there is never a third. */
const mostAttempts = 2;

/** Swaps the slots, once everything that must be true directly before has been read again. */
export function* swap(story: Story): Phased {
  const granted = yield* grant(story);
  if (granted.ending) return granted.ending;
  const { basis } = granted;
  story.undos.push({ kind: 'swap', basis });
  if (granted.asksServices) yield* tell(story, 'beginRequests', {});
  const swapped = yield* swapSlots(story, basis);
  switch (swapped.kind) {
    case 'done':
      story.contentProven = swapped.proven;
      story.did = `production holds what staging held, after ${story.swaps === 1 ? 'one swap' : `${story.swaps} attempts`}`;
      return undefined;
    case 'refused':
      return endings.failed(endings.swapRefused(swapped.text, swapped.code));
    case 'not-posted':
      story.undos.pop();
      return endings.failed(endings.swapNotPosted);
    case 'not-done':
      // Posted as often as may be: what Azure does with those POSTs from here on is only looked at.
      story.undos = story.undos.map((undo) => ({ ...undo, onlyLook: true }));
      return endings.failed(endings.swapNotDone);
    case 'reverted':
      // As before already: nothing is left to undo.
      story.undos.pop();
      return endings.swapReverted('at once');
    case 'strange':
      return endings.needsAttention('swap-unclear', swapped.seen);
  }
}

function* grant(story: Story): Telling<{ basis: Slots; asksServices: boolean; ending?: undefined } | { ending: EndingDraft }> {
  for (;;) {
    const answer = yield* tell(story, 'grantSwap', { epoch: story.epoch, staged: stagedOf(story), ...noteOf(story) });
    if (answer.kind === 'granted') return { basis: answer.basis, asksServices: answer.asksServices === true };
    if (answer.kind === 'asked') return { ending: endings.endingOfIntent(answer.intent) };
    if (answer.kind === 'refused') return { ending: endings.failed(answer.problem) };
    if (answer.kind === 'ask-again')
      for (const gate of answer.gates) yield* tell(story, 'tellPeople', { moment: 'waiting', gate, number: answer.number });
    const ending = yield* waitForAnswers(story);
    if (ending) return { ending };
  }
}

export type Swapped =
  | { kind: 'done'; proven: boolean }
  | { kind: 'refused'; code: string; text: string }
  /** Nothing was ever posted: the slots were not provably as before. */
  | { kind: 'not-posted' }
  | { kind: 'not-done' }
  | { kind: 'reverted' }
  | { kind: 'strange'; seen: string };

/** One swap, in numbered attempts: one POST each, and another only after the slots stayed as before through the settle time. */
export function* swapSlots(story: Story, basis: Slots): Telling<Swapped> {
  for (let n = 1; ; n++) {
    story.swaps += 1;
    const answer = yield* post(story, basis);
    if (answer === 'changed' || answer === 'unreadable') {
      // Somebody else may have swapped meanwhile: what came of that decides.
      const theirs = answer === 'changed' ? yield* followSwap(story, basis, { kind: 'unknown', code: 'not-posted' }) : 'before';
      if (theirs !== 'before' && theirs.kind !== 'strange') return theirs;
      return n === 1 ? { kind: 'not-posted' } : { kind: 'not-done' };
    }
    const seen = yield* followSwap(story, basis, answer);
    if (seen !== 'before') return seen;
    if (answer.kind === 'refused' && !answer.retryable) return { kind: 'refused', code: answer.code, text: answer.text };
    if (n === mostAttempts)
      return answer.kind === 'refused' ? { kind: 'refused', code: answer.code, text: answer.text } : { kind: 'not-done' };
  }
}

/** Posts one attempt. Slots that can't be read just now are read again for as long as a lost answer would be waited for. */
function* post(story: Story, basis: Slots): Telling<PostSwapAnswer | 'changed' | 'unreadable'> {
  const { settle, poll } = planOf(story).policy.swap;
  const untilMs = nowMs(story) + settle * 1000;
  return yield* inRounds<PostSwapAnswer | 'changed' | 'unreadable'>(story, function* (round) {
    const answer = yield* tell(story, 'postSwap', { epoch: story.epoch, attempt: story.swaps, basis });
    if (answer.kind !== 'not-posted') return settled(answer);
    if (answer.why === 'changed' || isDue(story, untilMs)) return settled(answer.why);
    yield* tell(story, 'openRound', { round });
    return againIn(story, poll);
  });
}

function* followSwap(story: Story, basis: Slots, answer: PostSwapAnswer): Telling<Swapped | 'before'> {
  const { settle, poll } = planOf(story).policy.swap;
  // Azure counts a request that comes before its time as another one, and begins to wait anew.
  const enoughSeconds = Math.max(settle, answer.kind === 'refused' ? (answer.retryAfterSeconds ?? 0) : 0);
  const limitMs = nowMs(story) + swapLimitSeconds * 1000;
  let asBeforeSinceMs: number | undefined;
  let strange = 0;
  return yield* inRounds<Swapped | 'before'>(story, function* (round) {
    const { slots } = yield* tell(story, 'lookAtSlots', { round });
    const sight: SwapSight = slots ? judgeSwap(basis, slots, story.slot) : 'could-not-tell';
    asBeforeSinceMs = sight === 'before' ? (asBeforeSinceMs ?? nowMs(story)) : undefined;
    strange = sight === 'neither' ? strange + 1 : 0;
    if (sight === 'done' || sight === 'done-unproven') return settled<Swapped>({ kind: 'done', proven: sight === 'done' });
    if (sight === 'reverted') return settled<Swapped>({ kind: 'reverted' });
    if (strange >= strangeLooks)
      return settled<Swapped>({
        kind: 'strange',
        seen: 'The slots hold neither what they held before the swap nor what it should have brought.',
      });
    const isRefused = answer.kind === 'refused' && !answer.retryable;
    if (asBeforeSinceMs !== undefined && (isRefused || isDue(story, asBeforeSinceMs + enoughSeconds * 1000 + 1000)))
      return settled('before');
    if (isDue(story, limitMs))
      return settled<Swapped>({
        kind: 'strange',
        seen: 'The swap did not end within an hour, or the slots could not be read for as long.',
      });
    return againIn(story, poll);
  });
}
