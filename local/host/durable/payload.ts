import type { Instance } from './store';

/**
 * The text that an orchestration trigger receives; keys and their order as recorded. The real text is indented, which nobody sees: the package parses
 * it before the app gets anything.
 * @param history the events' JSON texts, joined by commas: as long as the instance is old, so it is taken as it stands
 * @param input JSON text of what its start brought; not the status's input, which outlives a continue-as-new without one
 */
export function turnPayload(instance: Instance, history: string, input: string | null, isReplaying: boolean, httpSleepMs: number): string {
  const rest = {
    instanceId: instance.id,
    isReplaying,
    parentInstanceId: instance.parent?.OrchestrationInstance.InstanceId ?? null,
    upperSchemaVersion: 1,
    upperSchemaVersionNew: 3,
    longRunningTimerIntervalDuration: '3.00:00:00',
    maximumShortTimerDuration: '6.00:00:00',
    // sic: the package reads this spelling.
    defaultHttpAsyncRequestSleepTimeMillseconds: httpSleepMs,
  };
  return `{"history":[${history}],"input":${input ?? 'null'},${JSON.stringify(rest).slice(1)}`;
}
