import type { HistoryEvent } from './history';
import type { Instance } from './store';

/** The text that an orchestration trigger receives; keys, order and indentation as recorded. */
export function turnPayload(instance: Instance, history: HistoryEvent[], isReplaying: boolean, httpSleepMs: number): string {
  return JSON.stringify(
    {
      history,
      input: instance.input === null ? null : (JSON.parse(instance.input) as unknown),
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
