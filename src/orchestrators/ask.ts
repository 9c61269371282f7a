import type { Catalogue, EndingDraft } from '../activities/catalogue';
import * as endings from '../domain/endings';
import { nextDue } from '../domain/judge-ask';
import { askedOf, planOf, endsBeforeSwap, enter, inRounds, isDue, settled, tell, type Phased, type Story } from './story';
import { checkTarget } from './prepare';
import type { Telling } from './act';
import { nowMs } from './wait-round';

/** Asks those who answer for it, with the evidence, and waits for them: for days if policy says so. */
export function* ask(story: Story): Phased {
  const ending = yield* enter(story, 'asking');
  if (ending) return ending;
  // Once more: what the ask says of settings has to be true of the slot as it was staged.
  const obstructed = yield* checkTarget(story);
  if (obstructed) return obstructed;
  story.asked = yield* tell(story, 'openAsk', {});
  for (const gate of story.asked.gates) yield* tell(story, 'tellPeople', { moment: 'waiting', gate });
  return yield* waitForAnswers(story);
}

/** A calendar that somebody changed in slipway.yaml is seen after this long; a line that is started again, or an override, wakes. */
const heldLookSeconds = 3600;

/** From opening, or opening again, to the last yes, a no, or the expiry. */
export function* waitForAnswers(story: Story): Phased {
  const { openedAtMs, expiresAtMs, escalations } = askedOf(story);
  const { remindAt } = planOf(story).policy;
  let [reminded, escalated] = [0, 0];
  const filed = new Set<string>();
  const byTime = [...escalations].sort((a, b) => a.atMs - b.atMs);
  return yield* inRounds<EndingDraft | undefined>(story, function* (round) {
    const { intent, verdict, last, held, heldUntilMs, services = [] } = yield* lookForAnswers(story, round, filed);
    const pollMs = Math.min(...services.map(({ everySeconds }) => nowMs(story) + everySeconds * 1000));
    const ending = endsBeforeSwap(intent, true);
    if (ending) return settled(ending);
    story.did = last ? `${last.approver} said ${last.answer}` : story.did;
    if (verdict === 'granted') return settled(undefined);
    if (verdict === 'rejected') return settled(endings.rejected(last));
    if (verdict === 'expired') return settled(endings.expired(new Date(expiresAtMs).toISOString(), held));
    if (verdict === 'held')
      return { kind: 'again', atMs: Math.min(expiresAtMs, heldUntilMs ?? Infinity, nowMs(story) + heldLookSeconds * 1000, pollMs) };
    const passed = remindAt.filter((part) => nowMs(story) >= openedAtMs + (expiresAtMs - openedAtMs) * part - 1000).length;
    if (passed > reminded) {
      reminded = passed;
      yield* tell(story, 'tellPeople', { moment: 'reminder', number: passed });
    }
    for (let due = byTime[escalated]; due && isDue(story, due.atMs); due = byTime[++escalated]) {
      yield* tell(story, 'escalateGate', { gate: due.gate });
      yield* tell(story, 'tellPeople', { moment: 'waiting', gate: due.gate });
    }
    const next = nextDue(openedAtMs, expiresAtMs, remindAt, nowMs(story) + 1000).atMs;
    return { kind: 'again', atMs: Math.min(next, byTime[escalated]?.atMs ?? next, pollMs) };
  });
}

/** Looks at the rows; while they wait for an answer, asks the services that could give one, and looks again where that changed something. */
function* lookForAnswers(story: Story, round: number, filed: Set<string>): Telling<Catalogue['lookAtAsk']['output']> {
  const seen = yield* tell(story, 'lookAtAsk', { round });
  const isOpen = !endsBeforeSwap(seen.intent, true) && (seen.verdict === 'waiting' || seen.verdict === 'held');
  let isChanged = false;
  for (const { gate } of isOpen ? (seen.services ?? []) : []) {
    if (!filed.has(gate)) {
      const { kind } = yield* tell(story, 'fileRequest', { gate });
      if (kind !== 'filed') continue;
      filed.add(gate);
    }
    const looked = yield* tell(story, 'lookAtRequest', { gate });
    isChanged = isChanged || looked.isChanged;
  }
  return isChanged ? yield* tell(story, 'lookAtAsk', { round }) : seen;
}
