import { executionStarted, orchestratorStarted, type HistoryEvent } from '../../local/host/durable/history';
import type { ReplayRules } from '../../local/host/durable/script';

const dayMs = 86_400_000;

/** An app that has every function it is asked for, but for the names that begin with `No`. */
export const anyApp: ReplayRules = {
  isActivity: (name) => !name.startsWith('No'),
  isOrchestrator: (name) => !name.startsWith('No'),
  isEntity: (name) => !name.startsWith('no'),
  entityNames: () => ['Counter'],
  httpSleepMs: 30_000,
  longTimerPieceMs: 3 * dayMs,
  longestTimerMs: 6 * dayMs,
};

/** A history's first turn, at time 0. */
export function begun(parentId?: string): HistoryEvent[] {
  const parent =
    parentId === undefined
      ? null
      : { Name: 'P', OrchestrationInstance: { InstanceId: parentId, ExecutionId: 'pe' }, TaskScheduleId: 0, Version: null };
  const started = { instanceId: 'Self', executionId: 'e', name: 'O', version: null, input: 'null', parent, generation: 0 };
  return [orchestratorStarted(0), executionStarted(started, 0)];
}
