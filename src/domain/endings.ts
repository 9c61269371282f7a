import type { DecisionRecord, Intent, Outcome } from './rollout';
import { notAllowed, type Refusal } from './not-allowed';
import type { Problem } from './problem';
import { asSentence, sayTime } from './say';

/** How rollouts end, in words: what happened, and what to do next. */
export interface EndingText {
  outcome: Outcome;
  code?: string;
  reason: string;
  next: string;
  isUnproven?: true;
}

const untouched = 'Slipway did not touch production.';
const laneBlocked = 'Slipway touches nothing more; the lane is blocked.';

export const deployed = (version: string, isContentProven: boolean, isWatched: boolean): EndingText => ({
  outcome: 'deployed',
  reason: `${version} is in production${isWatched ? ' and was healthy for the whole watch.' : '; policy has no check that could watch it there.'}${isContentProven ? '' : ' Its content could not be proven after the swap: marker and swap status say so, SCM could not be read.'}`,
  next: 'Nothing is left to do. To take it back, use roll-back.',
});

export const unchanged = (sentence: string): EndingText => ({ outcome: 'unchanged', reason: sentence, next: 'Nothing is left to do.' });

export const rejected = (decision: DecisionRecord | null): EndingText => ({
  outcome: 'rejected',
  code: 'rejected',
  reason: `${decision?.approver ?? 'An approver'} said no${decision?.comment ? `: “${decision.comment}”` : ''}. ${untouched}`,
  next: 'Talk to the one who said no; then start a rollout of a version that answers it.',
});

/** `held`: every yes was there, and why no swap could be. */
export const expired = (expiresAt: string, held: readonly string[]): EndingText =>
  held.length === 0
    ? {
        outcome: 'expired',
        code: 'expired',
        reason: `Too few answered in time: the ask closed at ${sayTime(expiresAt)}. ${untouched}`,
        next: 'Ask the approvers whether they got the mail, then start the rollout again.',
      }
    : {
        outcome: 'expired',
        code: 'expired-held',
        reason: `It had every yes, and no swap could be before the ask closed at ${sayTime(expiresAt)}. ${held.join(' ')} ${untouched}`,
        next: 'Start it again when a swap may be, or start it again and override the calendar with a reason.',
      };

export function endingOfIntent(intent: Intent): EndingText {
  switch (intent.kind) {
    case 'cancel':
      return {
        outcome: 'cancelled',
        code: 'cancelled',
        reason: `${intent.by} cancelled it: ${asSentence(intent.reason)} ${untouched}`,
        next: 'Start it again when it is wanted.',
      };
    case 'supersede':
      return {
        outcome: 'superseded',
        code: 'superseded',
        reason: `A newer release took its place: ${asSentence(intent.reason)} ${untouched}`,
        next: 'Nothing is left to do: follow the newer one.',
      };
    case 'roll-back':
      return {
        outcome: 'rolled-back',
        code: 'rolled-back-by-person',
        reason: `${intent.by} asked for it: ${asSentence(intent.reason)} The release that served before serves again.`,
        next: 'Find out what was wrong with the release before it is rolled out again.',
      };
  }
}

/** Something stood in the way before the swap. */
export const failed = (problem: Problem): EndingText => ({
  outcome: 'failed',
  code: problem.code,
  reason: `${asSentence(problem.sentence)} ${untouched}`,
  next: problem.next,
});

export const fault = (phase: string): Problem => ({
  code: 'slipway-fault',
  sentence: `Slipway could not go on while it was ${phase}: one of its own steps failed again and again.`,
  next: "Look at the step's error in Slipway's own log, mend its cause, then start the rollout again.",
});

/** A step that failed again and again because Azure refused something says which right is missing. */
export function namingRefusal<Told extends EndingText>(ending: Told, refusal: Refusal | undefined): Told {
  if (!refusal || (ending.code !== 'slipway-fault' && ending.code !== 'undo-failed')) return ending;
  const problem = notAllowed(refusal);
  if (ending.outcome === 'failed') return { ...ending, ...failed(problem) };
  return { ...ending, reason: `${problem.sentence} ${ending.reason}`, next: `${problem.next} ${ending.next}` };
}

export const checkFailed = (name: string, seen: string, isConclusive: boolean): Problem => ({
  code: isConclusive ? 'check-unhealthy' : 'check-inconclusive',
  sentence: `Check "${name}" ${isConclusive ? 'is not healthy' : 'could not tell'} in staging: ${seen}.`,
  next: 'Open the staging slot, mend the release, and roll out the mended version.',
});

export const swapRefused = (text: string, code: string): Problem => ({
  code: `swap-${code}`,
  sentence: `Azure refused the swap: ${text}`,
  next: 'Look at the staging slot’s start-up and warm-up, then start the rollout again.',
});

export const swapNotDone: Problem = {
  code: 'swap-not-done',
  sentence: 'Two attempts at the swap did not take place: both slots are as before, and stayed so through the settle time.',
  next: "Look at Azure's activity log of the function app for the reason, then start the rollout again.",
};

/** Directly before the POST the slots were not provably as the grant had found them. */
export const swapNotPosted: Problem = {
  code: 'swap-not-posted',
  sentence: 'No swap was asked for: directly before it one of the slots held something else, or could not be read.',
  next: 'Find out who deployed or swapped meanwhile, then start the rollout again.',
};

export const swapReverted = (when: string): EndingText => ({
  outcome: 'rolled-back',
  code: 'swap-reverted-itself',
  reason: `The swap took itself back ${when}: both slots hold what they held before, and Azure shows a newer swap. Slipway posted nothing more.`,
  next: "Look at Azure's activity log for who or what swapped back, then start the rollout again.",
});

export const healthBreach = (seen: string): EndingText => ({
  outcome: 'rolled-back',
  code: 'health-breach',
  reason: `The new release was not healthy in production: ${seen}. The release that served before serves again.`,
  next: "Find the fault in the release (the samples are on the rollout's page), mend it, and roll out the mended version.",
});

/** Slipway can't prove what production serves: it touches nothing more. */
export const needsAttention = (code: string, seen: string): EndingText => ({
  outcome: 'needs-attention',
  code,
  reason: `${asSentence(seen)} ${laneBlocked}`,
  next: 'Look at both slots in Azure, set right what production should serve, then unblock the lane with a reason.',
});

/** The same of a rollout that never had its turn: nothing is blocked by it, and there is nothing to unblock. */
export const withoutLane = (ending: EndingText): EndingText => ({
  ...ending,
  reason: ending.reason.replace(laneBlocked, 'It had not had its turn, so it touched nothing, and the lane is not blocked by it.'),
  next: 'Start it again if it is still wanted.',
});

export const laneBlockedBy = (holder: string): Problem => ({
  code: 'lane-blocked',
  sentence: `The lane is blocked since ${holder} ended and nobody could say what production serves; policy lets no rollout wait for it.`,
  next: `Look at how ${holder} ended and at both slots in Azure, unblock the lane with a reason, then start it again.`,
});

export const laneTaken = (holder: string): Problem => ({
  code: 'lane-taken',
  sentence: `Policy refuses a second rollout here while ${holder} is under way.`,
  next: `Wait for ${holder} to end, then start it again.`,
});

/** Several problems as one: everything that stands in the way, at once. */
export const together = (problems: readonly Problem[]): Problem => ({
  code: problems.map((problem) => problem.code).join('+'),
  sentence: problems.map((problem) => problem.sentence).join(' '),
  next: problems.map((problem) => problem.next).join(' '),
});

export const pushRefused = (text: string): Problem => ({
  code: 'push-refused',
  sentence: `The staging slot refused the package: ${text}`,
  next: 'Mend what it names in the slot or the package, then start the rollout again.',
});

export const pushTooLate: Problem = {
  code: 'push-too-late',
  sentence: 'The staging slot did not take the package within the time that policy gives a deployment.',
  next: 'Look at the slot’s deployment log (SCM), then start the rollout again.',
};

export const packageNotFetched: Problem = {
  code: 'package-not-fetched',
  sentence: 'The staging slot did not start from the address of the package within the time that policy gives a deployment.',
  next: 'Let the slot’s managed identity read Slipway’s packages (Storage Blob Data Reader on the container slipway-packages; infra/modules/package-reader.bicep), then start the rollout again.',
};

export const deploymentFailed = (text: string): Problem => ({
  code: 'deployment-failed',
  sentence: `The staging slot took the package, and its deployment failed: ${text}`,
  next: 'Look at the slot’s deployment log (SCM), mend the package, and roll it out again.',
});

export const stagingUnproven = (why: string): Problem => ({
  code: 'staging-unproven',
  sentence: `Staging does not provably hold the release: ${why}`,
  next: 'Look at the slot in Azure (does its host start, does it list its functions), then start the rollout again.',
});

/** A swap that was given up and then took place after all, and was taken back. */
export const rolledBackAfter = (ending: EndingText): EndingText => ({
  ...ending,
  outcome: 'rolled-back',
  reason: `${ending.reason.replace(untouched, '').trim()} It took place after all, so it was swapped back: the release that served before serves again.`,
});

/** The swap back shows by marker and swap status alone. */
export const rolledBackUnproven = (ending: EndingText): EndingText => ({
  ...ending,
  isUnproven: true,
  reason: `${ending.reason} Its content could not be proven after the swap back: marker and swap status say so, SCM could not be read.`,
});

/** The moment that people hear of an outcome as. */
export function momentOf(outcome: Outcome): 'success' | 'failure' | 'rolled-back' | 'needs-attention' | 'ended' {
  switch (outcome) {
    case 'deployed':
      return 'success';
    case 'unchanged':
    case 'cancelled':
    case 'superseded':
      return 'ended';
    case 'rejected':
    case 'expired':
    case 'failed':
      return 'failure';
    case 'rolled-back':
    case 'needs-attention':
      return outcome;
  }
}
