import type { OrchestrationContext, Task } from 'durable-functions';
import type { OrchestratorTurn } from '../contract';
import { computeTurn } from '../durable/compute-turn';
import { EventKind, type HistoryEvent } from '../durable/history';
import { ActionKind, type Action, type OrchestratorState } from '../durable/state';
import { freshRegistry, registerInto, type Registry } from '../functions-core';
import { inAnotherWorld } from './another-world';

export type Orchestrator = (context: OrchestrationContext) => Generator<Task, unknown, unknown>;

export interface TurnCheck {
  /** Loads the orchestrator of that name with all its modules anew, each time it is asked (`jest.isolateModules`, a bundle that is run again). */
  load(name: string): Orchestrator | undefined;
  /** `df.app.orchestration` of the app's own copy of durable-functions. */
  register(name: string, orchestrator: Orchestrator): unknown;
  /** The host's programming model, where the app's copy of @azure/functions has set it in a registry that is not at hand any more. */
  model?: () => Registry['model'];
  /** What of a turn must be the same, where that is not all. */
  see?: (state: OrchestratorState) => OrchestratorState;
}

/**
 * For a host's `onTurn`: computes every turn once more, where everything differs that a story must not look at: its modules are loaded anew (so that a
 * counter in one begins again), the wall clock, `Math.random` and `process.env` are others. Actions with their inputs, custom status and output must be
 * the same to the byte, and a turn's actions must begin with those of the turn before. Otherwise it rejects with a sentence, which the host takes for a
 * fault of its own and stops.
 */
export function checkTurns(check: TurnCheck): (turn: OrchestratorTurn) => Promise<void> {
  const before = new Map<string, { turns: number; actions: Action[] }>();
  return async (turn) => {
    const { functionName, instanceId, response } = turn;
    const { isReplaying, history } = JSON.parse(turn.payload) as { isReplaying: boolean; history: HistoryEvent[] };
    // Another may have had that id before.
    if (!isReplaying) before.delete(instanceId);
    const { turns, actions } = before.get(instanceId) ?? { turns: 0, actions: [] };
    const difference = (await toldOtherwise(check, turn)) ?? breakOf(actions, flat(response));
    if (difference !== undefined)
      throw new Error(`Turn ${turns + 1} of orchestrator "${functionName}" is not deterministic: ${difference}`);
    // One that failed may be rewound, and then comes to other actions.
    const isLast = response.isDone || response.error !== undefined || history.some(isTermination);
    if (isLast) before.delete(instanceId);
    else before.set(instanceId, { turns: turns + 1, actions: flat(response) });
  };
}

const isTermination = ({ EventType }: HistoryEvent): boolean => EventType === EventKind.executionTerminated;

/** What comes out otherwise when a turn is computed once more, in another world. */
export async function toldOtherwise(
  { load, register, model, see = (state) => state }: TurnCheck,
  { functionName, payload, response }: OrchestratorTurn,
): Promise<string | undefined> {
  const story = inAnotherWorld(() => load(functionName));
  const known = model?.();
  const registry = await registerInto({ ...freshRegistry(), ...(known && { model: known }) }, () => {
    if (story) register(functionName, elsewhere(story));
  });
  return differenceOf(see(response), see(await computeTurn(registry, functionName, payload)));
}

/** The same story; each of its steps is taken in another world. */
const elsewhere = (orchestrator: Orchestrator): Orchestrator =>
  function* (context) {
    const telling = inAnotherWorld(() => orchestrator(context));
    let step = inAnotherWorld(() => telling.next());
    while (!step.done) {
      let take: () => typeof step;
      try {
        const result: unknown = yield step.value;
        take = () => telling.next(result);
      } catch (error) {
        take = () => telling.throw(error);
      }
      step = inAnotherWorld(take);
    }
    return step.value;
  };

const flat = ({ actions }: OrchestratorState): Action[] => actions.flat();

function differenceOf(one: OrchestratorState, other: OrchestratorState): string | undefined {
  const [actions, others] = [flat(one), flat(other)];
  for (let n = 0; n < Math.max(actions.length, others.length); n++)
    if (json(actions[n]) !== json(others[n]))
      return `action ${n + 1}, ${nameOf(actions[n] ?? others[n])}, was ${said(actions[n])} and, computed again, ${said(others[n])}.`;
  for (const part of ['customStatus', 'output', 'isDone', 'error'] as const)
    if (json(one[part]) !== json(other[part])) return `its ${part} was ${said(one[part])} and, computed again, ${said(other[part])}.`;
  return undefined;
}

function breakOf(before: Action[], now: Action[]): string | undefined {
  const n = before.findIndex((action, at) => json(settled(action)) !== json(now[at] && settled(now[at])));
  return n < 0 ? undefined : `action ${n + 1}, ${nameOf(before[n])}, was ${said(before[n])} in the turn before and is now ${said(now[n])}.`;
}

/** A timer may be cancelled by a later turn: that is the one thing about an action that may change. */
function settled({ isCanceled: _later, compoundActions, ...rest }: Action): object {
  return { ...rest, ...(compoundActions && { compoundActions: compoundActions.map(settled) }) };
}

const kinds = new Map<number, string>(Object.entries(ActionKind).map(([kind, number]) => [number, kind]));

function nameOf(action: Action | undefined): string {
  const kind = kinds.get(action?.actionType ?? -1) ?? 'of an unknown kind';
  const name = action?.functionName ?? action?.externalEventName;
  return name === undefined ? kind : `${kind} "${name}"`;
}

const json = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));
const said = (value: unknown): string => json(value).slice(0, 400);
