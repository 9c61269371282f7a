import type { OrchestrationContext } from 'durable-functions';
import type { EndingDraft } from '../activities/catalogue';
import * as endings from '../domain/endings';
import { isWatched } from '../domain/judge-watch';
import type { Outcome, Phase } from '../domain/rollout';
import { act, type Telling } from './act';
import { ask } from './ask';
import { announce, keepPackage, makePlan, takeLane } from './prepare';
import { prove } from './prove';
import { stage } from './stage';
import { planOf, enter, noticesOf, noteOf, tell, type Phased, type Story } from './story';
import { swap } from './swap';
import { unwind } from './unwind';
import { watch } from './watch';

/** The story of one rollout, from its admission to its one outcome. */
export function* rollout(context: OrchestrationContext): Telling<{ outcome: Outcome | 'told elsewhere' }> {
  const { rolloutId } = context.df.getInput<{ rolloutId: string }>();
  const begun = yield* act(context, 'beginRollout', { rolloutId, starter: context.df.newGuid(rolloutId) });
  if (begun.kind === 'elsewhere') return { outcome: 'told elsewhere' };
  const { version, slot } = begun;
  const story: Story = {
    context,
    rolloutId,
    version,
    slot,
    round: 1,
    epoch: 0,
    plan: undefined,
    staged: undefined,
    asked: undefined,
    undos: [],
    swaps: 0,
    contentProven: true,
    did: undefined,
  };

  let ending = yield* tellUntilItEnds(story);
  for (;;) {
    ending = yield* unwindSafely(story, ending);
    const closed = yield* tell(story, 'closeRollout', { ending, by: 'story', ...noteOf(story) });
    if (closed.kind === 'closed') return yield* sayGoodbye(story, closed.outcome);
    ending = endings.endingOfIntent(closed.intent);
  }
}

const phases: readonly [Phase, (story: Story) => Phased][] = [
  ['queued', keepPackage],
  ['queued', takeLane],
  ['planning', makePlan],
  ['announcing', announce],
  ['staging', stage],
  ['proving', prove],
  ['asking', ask],
  ['swapping', swap],
  ['watching', watch],
];

function* tellUntilItEnds(story: Story): Telling<EndingDraft> {
  let phase: Phase = 'queued';
  try {
    for (const [name, tellPhase] of phases) {
      phase = name;
      const ending = yield* tellPhase(story);
      if (ending) return ending;
    }
  } catch {
    // The error's text holds the host's own JSON and stack: the log has it, people don't get it.
    return story.undos.length === 0
      ? endings.failed(endings.fault(phase))
      : endings.needsAttention(
          'slipway-fault',
          `One of Slipway's own steps failed again and again while it was ${phase}, after a swap was begun.`,
        );
  }
  return endings.deployed(story.version, story.contentProven, isWatched(planOf(story).policy));
}

/** An undo that fails again and again is one that failed: a person has to look, now and not when the watchdog finds out. */
function* unwindSafely(story: Story, ending: EndingDraft): Telling<EndingDraft> {
  try {
    return yield* unwind(story, ending);
  } catch {
    return endings.needsAttention(
      'undo-failed',
      "The rollout had to be taken back, and one of Slipway's own steps for it failed again and again.",
    );
  }
}

function* sayGoodbye(story: Story, outcome: Outcome): Telling<{ outcome: Outcome }> {
  const { notices } = yield* tell(story, 'tellPeople', { moment: endings.momentOf(outcome) });
  story.did = noticesOf(notices);
  const next = outcome === 'deployed' && story.plan?.policy.promote;
  if (next) {
    const { promoted } = yield* tell(story, 'startPromotion', { environment: next });
    story.did += promoted === null ? `; ${next} is no environment of this app any more` : `; goes on to ${next} as ${promoted}`;
  }
  yield* enter(story, 'done');
  return { outcome };
}
