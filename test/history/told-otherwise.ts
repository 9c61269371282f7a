import type { Plugin } from 'esbuild';
import type { OrchestratorState, Registry } from '../../local/host';
import { bundleOrchestrators } from '../scenarios/bundled-orchestrators';
import { createTurnCheck } from '../scenarios/turn-check';
import type { Recording } from './tell-stories';

interface How {
  /** Of what the bundled stories say. */
  change?: (text: string) => string;
  plugins?: Plugin[];
  see?: (state: OrchestratorState) => OrchestratorState;
  model?: () => Registry['model'];
}

/** Which of these stories would be told otherwise today, and where. */
export async function toldOtherwise({ turns }: Pick<Recording, 'turns'>, { change, plugins, see, model }: How = {}): Promise<string[]> {
  const check = createTurnCheck(await bundleOrchestrators(change, plugins), model ?? (() => undefined), see);
  const found: string[] = [];
  for (const turn of turns) await check(turn).catch((error: unknown) => found.push(error instanceof Error ? error.message : String(error)));
  return found;
}

/**
 * What a later version must leave as it is. The real extension compares an action that lies behind by its kind and its name alone, and what an activity
 * was given is spent: a sentence may be worded anew without a version branch.
 */
export const shapeOf = ({ actions, isDone }: OrchestratorState): OrchestratorState => ({
  isDone,
  actions: actions.map((some) =>
    some.map(({ actionType, functionName, externalEventName, compoundActions }) => ({
      ...{ actionType, functionName, externalEventName },
      compoundActions: compoundActions?.map((one) => ({ actionType: one.actionType, externalEventName: one.externalEventName })),
    })),
  ) as OrchestratorState['actions'],
});
