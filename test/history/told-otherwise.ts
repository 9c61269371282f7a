import * as df from 'durable-functions';
import type { Plugin } from 'esbuild';
import { replayTurns, type OrchestratorState, type TurnCheck } from '../../local/host';
import { bundleOrchestrators } from '../scenarios/bundled-orchestrators';
import type { Recording } from './tell-stories';

interface How extends Pick<TurnCheck, 'see' | 'model'> {
  /** Of what the bundled stories say. */
  change?: (text: string) => string;
  plugins?: Plugin[];
}

/** Which of these stories would be told otherwise today, and where. */
export async function toldOtherwise({ turns }: Pick<Recording, 'turns'>, { change, plugins, ...how }: How = {}): Promise<string[]> {
  return replayTurns(turns, { load: await bundleOrchestrators(change, plugins), register: df.app.orchestration, ...how });
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
