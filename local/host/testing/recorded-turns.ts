import type { OrchestratorTurn } from '../contract';
import { checkTurns, type TurnCheck } from './turn-check';

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
  const checked = checkTurns(check);
  const found: string[] = [];
  for (const turn of turns)
    await checked(turn).catch((error: unknown) => found.push(error instanceof Error ? error.message : String(error)));
  return found;
}
