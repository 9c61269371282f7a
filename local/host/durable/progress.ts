import type { HistoryEvent } from './history';
import { eventsOf, type Past } from './past';
import { canGoOn, goOn, type Replayed } from './replay';
import { newScript, type ReplayRules, type Script } from './script';
import type { OrchestratorState } from './state';

/** How far the replay of an instance has come, so that a turn costs what is new in it and not what was before. */
export interface Progress {
  script: Script;
  /** How many events of the history it has seen. */
  events: number;
  /** The JSON text of the actions it has seen, as the package wrote it: the next answer begins with it. */
  answered: string;
}

const heads = ['{"isDone":false,"actions":[[', '{"isDone":true,"actions":[['] as const;

/**
 * What the package answered, parsed from `known` on. Undefined if it does not begin with what is known: a timer that was cancelled changes its own
 * action, an orchestrator that is not deterministic any of them.
 */
export function parseOnTop(text: string, known: string): OrchestratorState | undefined {
  const head = heads.find((one) => text.startsWith(one));
  if (head === undefined || !text.startsWith(known, head.length)) return undefined;
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
export function advance(
  past: Past,
  news: HistoryEvent[],
  answer: string,
  rules: ReplayRules,
  judge: (state: OrchestratorState) => Replayed | undefined,
): Advanced {
  const before = past.progress;
  // A replay that is interrupted by an error is worth nothing to the next turn.
  past.progress = undefined;
  const onTop = before && canGoOn(before.script) && before.events >= past.events - past.last.length && parseOnTop(answer, before.answered);
  const state = onTop || (JSON.parse(answer) as OrchestratorState);
  const script = onTop ? before.script : newScript([], rules);
  const events = onTop ? past.last.slice(before.events - (past.events - past.last.length)) : eventsOf(past);
  const replayed = judge(state) ?? goOn(script, [...events, ...news], state);
  const added = (state.actions[0] ?? []).map((action) => JSON.stringify(action)).join(',');
  const answered = !onTop || before.answered === '' ? added : added === '' ? before.answered : `${before.answered},${added}`;
  return { state, replayed, progress: { script, events: past.events + news.length, answered } };
}
