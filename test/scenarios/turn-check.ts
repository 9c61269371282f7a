import * as df from 'durable-functions';
import type { OrchestrationContext, Task } from 'durable-functions';
import {
  computeTurn,
  freshRegistry,
  registerInto,
  type Action,
  type OrchestratorState,
  type OrchestratorTurn,
  type Registry,
} from '../../local/host';
import { ActionKind } from '../../local/host/durable/state';
import { inAnotherWorld } from './another-world';

export type Orchestrator = (context: OrchestrationContext) => Generator<Task, unknown, unknown>;

/**
 * Computes every turn once more, where everything differs that a story must not look at: its modules are loaded anew (so that a counter
 * in one begins again), the wall clock, `Math.random` and `process.env` are others. Microsoft's packages alone are the host's own.
 * Actions with their inputs, custom status and output must be the same to the byte, and a turn's actions must begin with those of
 * the turn before. Otherwise it rejects with a sentence, which the host takes for a fault of its own and stops.
 *
 * `load` requires the orchestrator of that name; it runs in a fresh module registry each time. `model` is the host's programming model.
 * `see`: what of a turn must be the same, where that is not all.
 */
export function createTurnCheck(
  load: (name: string) => Orchestrator | undefined,
  model: () => Registry['model'],
  see: (state: OrchestratorState) => OrchestratorState = (state) => state,
): (turn: OrchestratorTurn) => Promise<void> {
  const before = new Map<string, { turns: number; actions: Action[] }>();
  return async ({ functionName, instanceId, payload, response }) => {
    const again = await computeTurn(await loadAnew(functionName, () => load(functionName), model()), functionName, payload);
    const { turns, actions } = before.get(instanceId) ?? { turns: 0, actions: [] };
    const turn = `Turn ${turns + 1} of orchestrator "${functionName}"`;
    const difference = differenceOf(see(response), see(again)) ?? breakOf(actions, flat(response));
    if (difference !== undefined) throw new Error(`${turn} is not deterministic: ${difference}`);
    if (response.isDone) before.delete(instanceId);
    else before.set(instanceId, { turns: turns + 1, actions: flat(response) });
  };
}

async function loadAnew(name: string, load: () => Orchestrator | undefined, model: Registry['model']): Promise<Registry> {
  let loaded: Orchestrator | undefined;
  jest.isolateModules(() => {
    jest.doMock('durable-functions', () => df);
    loaded = inAnotherWorld(load);
    jest.dontMock('durable-functions');
  });
  return registerInto({ ...freshRegistry(), ...(model && { model }) }, () => {
    if (loaded) df.app.orchestration(name, elsewhere(loaded));
  });
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

const json = (value: unknown): string => JSON.stringify(value) ?? 'nothing';
const said = (value: unknown): string => json(value).slice(0, 400);
