import type { TurnSchedule, VirtualClock } from '../../../local/host';

/** How long messages wait before a turn takes them: about what the real extension's queues need. */
const turnMs = 30;

/** The real extension cuts a timer's delay to whole seconds, of which the first has begun already; what it then waits for a queue adds some of a second. */
export function realTimerMs(fireAtMs: number, nowMs: number): number {
  const wholeSeconds = Math.max(0, Math.floor((fireAtMs - nowMs - 1) / 1000));
  return nowMs + (wholeSeconds === 0 ? 0 : wholeSeconds * 1000 + 300);
}

/** Turns come a moment after their messages, and timers when the real ones do: a host on a virtual clock would otherwise take no time at all. */
export function realPace(clock: VirtualClock): TurnSchedule {
  const dueMs = new Map<string, number>();
  let wakeInstance: (instanceId: string) => void = () => {};
  return {
    connect: (wake) => (wakeInstance = wake),
    timerComesMs: realTimerMs,
    choose(instanceId, waiting) {
      const due = dueMs.get(instanceId);
      if (due === undefined) {
        dueMs.set(instanceId, clock.now() + turnMs);
        clock.at(clock.now() + turnMs, () => wakeInstance(instanceId));
      }
      if (due === undefined || clock.now() < due) return undefined;
      dueMs.delete(instanceId);
      return waiting.map((_message, at) => at);
    },
  };
}
