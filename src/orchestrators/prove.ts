import type { EndingDraft } from '../activities/catalogue';
import * as endings from '../domain/endings';
import { planOf, enter, isDue, pause, tell, type Phased, type Story } from './story';
import { nowMs } from './wait-round';

const betweenTriesSeconds = [1, 2, 4, 5];

/** Runs the checks in order; each is tried again through a cold start inside its own budget. */
export function* prove(story: Story): Phased {
  const cancelled = yield* enter(story, 'proving');
  if (cancelled) return cancelled;
  for (const [check] of planOf(story).policy.checks.entries()) {
    const ending = yield* proveCheck(story, check);
    if (ending) return ending;
  }
  const { length } = planOf(story).policy.checks;
  story.did = `${length} of ${length} checks healthy`;
  return undefined;
}

function* proveCheck(story: Story, check: number): Phased {
  const { name, budgetSeconds } = planOf(story).policy.checks[check] ?? { name: '', budgetSeconds: 0 };
  const untilMs = nowMs(story) + budgetSeconds * 1000;
  for (let n = 0; ; n++) {
    const { result } = yield* tell(story, 'runCheck', { check, slot: 'staging' });
    if (result.verdict === 'healthy') return undefined;
    if (isDue(story, untilMs)) return endings.failed(endings.checkFailed(name, result.seen, result.verdict === 'unhealthy'));
    const ending: EndingDraft | undefined = yield* pause(story, betweenTriesSeconds[n] ?? 5);
    if (ending) return ending;
  }
}
