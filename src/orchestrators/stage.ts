import type { EndingDraft } from '../activities/catalogue';
import * as endings from '../domain/endings';
import { sayFunctions } from '../domain/say';
import { planOf, againIn, endsBeforeSwap, enter, inRounds, isDue, pause, settled, tell, type Phased, type Story } from './story';
import type { Telling } from './act';
import { nowMs } from './wait-round';

/** How long a pushed slot may take until its host has indexed the functions, and how often a push that SCM turned away is made again. */
const indexingSeconds = 180;
const busySeconds = 15;
/** A push whose answer was lost and that SCM knows nothing of after this long did not arrive. */
const lostPushSeconds = 60;

/** Puts the release into the staging slot and proves that the slot holds it. */
export function* stage(story: Story): Phased {
  const cancelled = yield* enter(story, 'staging');
  if (cancelled) return cancelled;
  const { way } = planOf(story);
  if (way === 'already-there') return yield* proveSlot(story, null, 'staging still holds the release');

  yield* tell(story, 'switchOffTriggers', { epoch: story.epoch });
  yield* tell(story, 'writeMarker', { epoch: story.epoch });
  if (way === 'package-url')
    return (yield* syncTriggers(story)) ?? (yield* proveSlot(story, 1, 'staging runs the package, marker and address proven'));
  const pushed = yield* push(story);
  return pushed.ending ?? (yield* proveSlot(story, pushed.push, `push ${pushed.push} arrived, marker and content proven`));
}

/** A package named by its URL takes effect with the restart that its setting brings; its triggers are read once the host is up. */
function* syncTriggers(story: Story): Phased {
  const untilMs = nowMs(story) + planOf(story).policy.deployment.within * 1000;
  const { poll } = planOf(story).policy.deployment;
  return yield* inRounds<EndingDraft | undefined>(story, function* (round) {
    const { kind } = yield* tell(story, 'syncTriggers', { epoch: story.epoch });
    if (kind === 'synced') return settled(undefined);
    const { intent } = yield* tell(story, 'openRound', { round });
    const ending = endsBeforeSwap(intent, false);
    if (ending) return settled(ending);
    return isDue(story, untilMs) ? settled(endings.failed(endings.packageNotFetched)) : againIn(story, poll);
  });
}

/** Pushes until one numbered push has arrived and succeeded, or the time for it is over. */
function* push(story: Story): Telling<{ push: number; ending?: EndingDraft }> {
  const untilMs = nowMs(story) + planOf(story).policy.deployment.within * 1000;
  for (let n = 1; ; n++) {
    const answer = yield* tell(story, 'pushPackage', { epoch: story.epoch, push: n });
    if (answer.kind === 'refused') return { push: n, ending: endings.failed(endings.pushRefused(answer.text)) };
    const end = answer.kind === 'busy' ? yield* pause(story, busySeconds) : yield* followPush(story, n, untilMs);
    if (end === 'arrived') return { push: n };
    if (end !== undefined && end !== 'lost') return { push: n, ending: end };
    if (isDue(story, untilMs)) return { push: n, ending: endings.failed(endings.pushTooLate) };
  }
}

function* followPush(story: Story, push: number, untilMs: number): Telling<'arrived' | 'lost' | EndingDraft> {
  const lostAtMs = nowMs(story) + lostPushSeconds * 1000;
  const { poll } = planOf(story).policy.deployment;
  return yield* inRounds<'arrived' | 'lost' | EndingDraft>(story, function* (round) {
    const { intent, deployment } = yield* tell(story, 'lookAtDeployment', { round, push });
    const ending = endsBeforeSwap(intent, false);
    if (ending) return settled(ending);
    if (deployment.kind === 'succeeded') return settled('arrived');
    if (deployment.kind === 'failed') return settled(endings.failed(endings.deploymentFailed(deployment.text)));
    if (deployment.kind === 'missing' && isDue(story, lostAtMs)) return settled('lost');
    return isDue(story, untilMs) ? settled(endings.failed(endings.pushTooLate)) : againIn(story, poll);
  });
}

/** Marker, content proof and indexed functions, read back from the slot. */
function* proveSlot(story: Story, push: number | null, did: string): Phased {
  const untilMs = nowMs(story) + indexingSeconds * 1000;
  const { poll } = planOf(story).policy.deployment;
  return yield* inRounds<EndingDraft | undefined>(story, function* (round) {
    const { intent, proof } = yield* tell(story, 'proveStaging', { round, push });
    const ending = endsBeforeSwap(intent, false);
    if (ending) return settled(ending);
    if (proof.kind === 'refused') return settled(endings.failed(proof.problem));
    if (proof.kind === 'not-yet')
      return isDue(story, untilMs) ? settled(endings.failed(endings.stagingUnproven(proof.why))) : againIn(story, poll);
    story.staged = proof.staged;
    story.did = `${did}; ${sayFunctions(proof.functions)} indexed`;
    return settled(undefined);
  });
}
