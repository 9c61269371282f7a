import { messageOf } from './activity-data';
import { findFunction, invoke } from '../invoke';
import type { RegisteredFunction, Registry, TypedData } from '../functions-core';
import type { OrchestratorState } from './state';
import { addTurnMetadata } from './turn-metadata';

/** Stands in the message of the error that the package throws for a failed orchestrator; its state follows as JSON. */
const failureMark = '\n\n$OutOfProcData$:';

type TurnLog = (level: string, message: string) => void;

/**
 * Runs one turn of an orchestrator: hands it the trigger's payload, answers the state that the package made of it (with `error` if it threw).
 * The same payload gives the same state in any registry that holds the same orchestrators.
 */
export async function computeTurn(registry: Registry, functionName: string, payload: string, log?: TurnLog): Promise<OrchestratorState> {
  return JSON.parse((await runOrchestrator(registry, functionName, payload, log)).text) as OrchestratorState;
}

/** As `computeTurn`, with the state as the package wrote it; `thrown`: it threw something that is no Error, the state does not tell, and this is the worker's text of it. */
export async function runOrchestrator(
  registry: Registry,
  functionName: string,
  payload: string,
  log?: TurnLog,
): Promise<{ text: string; thrown?: string }> {
  const fn = findFunction(registry, functionName);
  const binding = fn && bindingOfType(fn, 'orchestrationTrigger');
  if (!fn || !binding) {
    throw new Error(
      `No orchestrator named "${functionName}" is registered in this registry. Check the name, and that its module was loaded.`,
    );
  }
  const data: TypedData = { string: payload };
  let metadata: ReturnType<typeof addTurnMetadata> | undefined;
  try {
    const response = await invoke(registry, fn, {
      inputs: [{ name: binding, data }],
      prepare: (context) => (metadata = addTurnMetadata(context, binding, payload)),
      letGo: ([trigger]) => {
        metadata?.forget();
        (trigger as { history?: unknown[] } | undefined)?.history?.splice(0);
      },
      ...(log && { log }),
    });
    if (typeof response.returnValue?.json !== 'string') throw new Error(`Orchestrator "${functionName}" answered no state.`);
    return { text: response.returnValue.json };
  } catch (error) {
    const message = messageOf(error);
    const at = message.indexOf(failureMark);
    if (at < 0) throw error;
    const text = message.slice(at + failureMark.length);
    return { text, ...(!(JSON.parse(text) as OrchestratorState).error && { thrown: message }) };
  }
}

/** The name of a function's binding of one type, or undefined. */
export function bindingOfType(fn: RegisteredFunction, type: string): string | undefined {
  return Object.entries(fn.metadata.bindings).find(([, binding]) => binding.type.toLowerCase() === type.toLowerCase())?.[0];
}
