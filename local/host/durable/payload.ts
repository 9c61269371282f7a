import { EventKind, type HistoryEvent } from './history';
import type { Instance } from './store';

/** The text that an orchestration trigger receives; keys, order and indentation as recorded. */
export function turnPayload(instance: Instance, history: HistoryEvent[], isReplaying: boolean, httpSleepMs: number): string {
  // Not the status's input, which outlives a continue-as-new without one.
  const input = history.find((event) => event.EventType === EventKind.executionStarted)?.Input ?? null;
  return JSON.stringify(
    {
      history,
      input: input === null ? null : (JSON.parse(input) as unknown),
      instanceId: instance.id,
      isReplaying,
      parentInstanceId: instance.parent?.OrchestrationInstance.InstanceId ?? null,
      upperSchemaVersion: 1,
      upperSchemaVersionNew: 3,
      longRunningTimerIntervalDuration: '3.00:00:00',
      maximumShortTimerDuration: '6.00:00:00',
      // sic: the package reads this spelling.
      defaultHttpAsyncRequestSleepTimeMillseconds: httpSleepMs,
    },
    null,
    2,
  );
}
