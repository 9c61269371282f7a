import type { OrchestratorTurn } from '../contract';
import { toldOtherwise, type TurnCheck } from './turn-check';

/** For a host's `onTurn`: keeps the last turn of each instance, which holds its whole history. As JSON it may go into a file. */
export function recordTurns(): { onTurn(turn: OrchestratorTurn): void; turns(): OrchestratorTurn[] } {
  const last = new Map<string, OrchestratorTurn>();
  return {
    onTurn: (turn) => void last.set(turn.instanceId, turn),
    turns: () => [...last.values()],
  };
}

/** Computes recorded turns with the orchestrators of today: which of them are told otherwise, a sentence each. */
export async function replayTurns(turns: readonly OrchestratorTurn[], check: TurnCheck): Promise<string[]> {
  const found: string[] = [];
  for (const turn of turns) {
    const story = `The story of instance "${turn.instanceId}", orchestrator "${turn.functionName}",`;
    try {
      const difference = await toldOtherwise(check, turn);
      if (difference !== undefined) found.push(`${story} is told otherwise: ${difference}`);
    } catch (error) {
      found.push(`${story} cannot be told: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return found;
}
