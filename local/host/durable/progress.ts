import type { HistoryEvent } from './history';
import { eventsOf, takeEvents, type Past } from './past';
import { canGoOn, goOn, unread, type Replayed } from './replay';
import { newScript, type ReplayRules, type Script } from './script';
import type { OrchestratorState } from './state';
import { whyUnread } from './unread-state';

/** How far the replay of an instance has come, so that a turn costs what is new in it and not what was before. */
export interface Progress {
  script: Script;
  /** How many events of the history it has seen. */
  events: number;
  /** The JSON text of the actions it has seen, as the package wrote it: the next answer begins with it. */
  answered: string;
}

const heads = ['{"isDone":false,"actions":[[', '{"isDone":true,"actions":[['] as const;

const headOf = (text: string): string | undefined => heads.find((one) => text.startsWith(one));

/**
 * What the package answered, parsed from `known` on. Undefined if it does not begin with what is known: a timer that was cancelled changes its own
 * action, an orchestrator that is not deterministic any of them.
 */
export function parseOnTop(text: string, known: string): OrchestratorState | undefined {
  const head = headOf(text);
  // Compared as a whole: sign by sign, as `startsWith` does, it takes as long as what is known is old.
  if (head === undefined || text.slice(head.length, head.length + known.length) !== known) return undefined;
  const rest = text.slice(head.length + known.length);
  if (known === '' || rest.startsWith(']')) return JSON.parse(head + rest) as OrchestratorState;
  return rest.startsWith(',') ? (JSON.parse(head + rest.slice(1)) as OrchestratorState) : undefined;
}

export interface Advanced {
  state: OrchestratorState;
  replayed: Replayed;
  progress: Progress;
}

/** Takes a turn's answer on top of what the turns before came to, or from the start where that cannot be. */
export function advance(past: Past, news: HistoryEvent[], answer: string, rules: ReplayRules): Advanced {
  const before = past.progress;
  // A replay that is interrupted by an error is worth nothing to the next turn.
  past.progress = undefined;
  const onTop = before && canGoOn(before.script) && before.events >= past.events - past.last.length && parseOnTop(answer, before.answered);
  const state = onTop || (JSON.parse(answer) as OrchestratorState);
  const script = onTop ? before.script : newScript([], rules);
  const events = onTop ? past.last.slice(before.events - (past.events - past.last.length)) : takeEvents(past);
  const why = whyUnread(state, script.actions.length);
  if (why !== undefined) delete state.customStatus;
  const replayed =
    why === undefined
      ? goOn(script, [...events, ...news], state)
      : unread([...eventsOf(past), ...news], why.message, rules, state.error && why.type);
  const added = (state.actions[0] ?? []).map((action) => JSON.stringify(action)).join(',');
  const answered = answeredSoFar(answer, onTop ? before.answered : '', added);
  return { state, replayed, progress: { script, events: past.events + news.length, answered } };
}

/** Cut out of the answer where it stands there: text that is put together would be copied whole at the next look at it. */
function answeredSoFar(answer: string, known: string, added: string): string {
  const separator = known === '' || added === '' ? '' : ',';
  const start = headOf(answer)?.length;
  const from = (start ?? 0) + known.length;
  if (start !== undefined && answer.startsWith(separator + added, from)) return answer.slice(start, from + separator.length + added.length);
  return known + separator + added;
}
