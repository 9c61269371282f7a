import { messageOf } from './activity-data';
import { findFunction, invoke } from '../invoke';
import type { RegisteredFunction, Registry, TypedData } from '../functions-core';
import type { OrchestratorState } from './state';

/** Stands in the message of the error that the package throws for a failed orchestrator; its state follows as JSON. */
const failureMark = '\n\n$OutOfProcData$:';

type TurnLog = (level: string, message: string) => void;

/**
 * Runs one turn of an orchestrator: hands it the trigger's payload, answers the state that the package made of it (with `error` if it threw).
 * The same payload gives the same state in any registry that holds the same orchestrators.
 */
export async function computeTurn(registry: Registry, functionName: string, payload: string, log?: TurnLog): Promise<OrchestratorState> {
  return (await runOrchestrator(registry, functionName, payload, log)).state;
}

/** As `computeTurn`; `thrown`: it threw something that is no Error, the state does not tell, and this is the worker's text of it. */
export async function runOrchestrator(
  registry: Registry,
  functionName: string,
  payload: string,
  log?: TurnLog,
): Promise<{ state: OrchestratorState; thrown?: string }> {
  const fn = findFunction(registry, functionName);
  const binding = fn && bindingOfType(fn, 'orchestrationTrigger');
  if (!fn || !binding) {
    throw new Error(
      `No orchestrator named "${functionName}" is registered in this registry. Check the name, and that its module was loaded.`,
    );
  }
  const data: TypedData = { string: payload };
  try {
    const response = await invoke(registry, fn, {
      inputs: [{ name: binding, data }],
      triggerMetadata: { [binding]: data },
      ...(log && { log }),
    });
    if (typeof response.returnValue?.json !== 'string') throw new Error(`Orchestrator "${functionName}" answered no state.`);
    return { state: JSON.parse(response.returnValue.json) as OrchestratorState };
  } catch (error) {
    const message = messageOf(error);
    const at = message.indexOf(failureMark);
    if (at < 0) throw error;
    const state = JSON.parse(message.slice(at + failureMark.length)) as OrchestratorState;
    return { state, ...(!state.error && { thrown: message }) };
  }
}

/** The name of a function's binding of one type, or undefined. */
export function bindingOfType(fn: RegisteredFunction, type: string): string | undefined {
  return Object.entries(fn.metadata.bindings).find(([, binding]) => binding.type.toLowerCase() === type.toLowerCase())?.[0];
}
