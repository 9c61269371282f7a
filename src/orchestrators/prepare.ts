import * as endings from '../domain/endings';
import { nextLaneLookSeconds } from '../domain/lane';
import { planRollout } from '../domain/plan';
import { sayDuration } from '../domain/say';
import { againIn, endsBeforeSwap, enter, inRounds, isDue, noticesOf, pause, settled, tell, type Phased, type Story } from './story';
import { nowMs } from './wait-round';

/** Longest wait for an operation in Azure that somebody else began. */
const operationSeconds = 600;

/** Fetches the package once, into our own blobs, under its digest: everything later reads that copy. */
export function* keepPackage(story: Story): Phased {
  const kept = yield* tell(story, 'keepPackage', {});
  if (kept.kind === 'refused') return endings.failed(kept.problem);
  story.did = kept.kind === 'kept' ? 'package kept' : undefined;
  return undefined;
}

/** Waits for the turn at this environment of this app. */
export function* takeLane(story: Story): Phased {
  const sinceMs = nowMs(story);
  let hasWaited = false;
  return yield* inRounds(story, function* (round) {
    const { intent, lane } = yield* tell(story, 'lookAtLane', { round });
    const ending = endsBeforeSwap(intent, true);
    if (ending) return settled(ending);
    if (lane.kind === 'refused')
      return settled(endings.failed(lane.blocked ? endings.laneBlockedBy(lane.holder) : endings.laneTaken(lane.holder)));
    if (lane.kind === 'waiting') {
      hasWaited = true;
      return againIn(story, nextLaneLookSeconds((nowMs(story) - sinceMs) / 1000, lane.blocked));
    }
    story.epoch = lane.epoch;
    if (hasWaited)
      story.did = [...(story.did === undefined ? [] : [story.did]), `waited ${sayDuration(nowMs(story) - sinceMs)} for its turn`].join(
        ', ',
      );
    return settled(undefined);
  });
}

/** Reads what is live and decides what to do. Only now, with the lane held, so that no plan is stale. */
export function* makePlan(story: Story): Phased {
  const cancelled = yield* enter(story, 'planning');
  if (cancelled) return cancelled;
  // First of all: where a slot is missing, nothing else could be read. Nobody is told of a rollout that can't be.
  const obstructed = yield* checkTarget(story);
  if (obstructed) return obstructed;
  const { request, live, policy } = yield* tell(story, 'readLive', {});
  const made = planRollout(request, live, policy, story.context.df.currentUtcDateTime.toISOString());
  // The plan as frozen, not as made: a later version of Slipway that replays this would make another.
  const { plan } = yield* tell(story, 'recordPlan', { plan: made });
  if (plan.kind === 'unchanged') return endings.unchanged(plan.sentence);
  if (plan.kind === 'refused') return endings.failed(plan.problem);
  story.plan = plan;
  story.did = plan.sentence;
  return undefined;
}

/** An operation of somebody else's in Azure mostly ends within minutes: it is waited for, everything else ends the rollout. */
export function* checkTarget(story: Story): Phased {
  const untilMs = nowMs(story) + operationSeconds * 1000;
  for (;;) {
    const { problems } = yield* tell(story, 'checkTarget', {});
    if (problems.length === 0) return undefined;
    const isPassing = problems.every(({ code }) => code === 'operation-in-progress') && !isDue(story, untilMs);
    if (!isPassing) return endings.failed(endings.together(problems));
    const ending = yield* pause(story, 15);
    if (ending) return ending;
  }
}

export function* announce(story: Story): Phased {
  const cancelled = yield* enter(story, 'announcing');
  if (cancelled) return cancelled;
  const { notices } = yield* tell(story, 'tellPeople', { moment: 'start' });
  story.did = noticesOf(notices);
  return undefined;
}
