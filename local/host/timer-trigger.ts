import { isKind, type AppFunction } from './app-functions';
import { bindingData } from './binding-data';
import type { Clock } from './clock';
import { readMeta, writeMeta, type Sqlite } from './database';
import { formatDate } from './dotnet-date';
import { parseTimeSpan, resolveNames } from './host-json';
import { parseNcrontab } from './ncrontab';
import type { TriggerWorld } from './trigger-invoker';

export interface TimerWorld extends TriggerWorld {
  db: Sqlite;
  clock: Clock;
}

export interface Timers {
  /** No more ticks. Resolves when those that run are done. */
  stop(): Promise<void>;
  kill(): void;
}

/** Runs timer triggers on the clock, in UTC, as the timer extension's listener does: one call at a time each, and the status written after it. */
export function startTimers(functions: AppFunction[], world: TimerWorld): Timers {
  // On the real host these move the schedules.
  if (world.settings['WEBSITE_TIME_ZONE'] !== undefined && functions.some((fn) => isKind(fn, 'timerTrigger') && !fn.isDisabled))
    throw new Error('The embedded host keeps schedules in UTC; it does not take the app setting "WEBSITE_TIME_ZONE" yet.');
  const timers = functions.filter((fn) => isKind(fn, 'timerTrigger') && !fn.isDisabled).map((fn) => startTimer(fn, world));
  return {
    async stop() {
      await Promise.all(timers.map((timer) => timer.stop()));
    },
    kill() {
      for (const timer of timers) timer.kill();
    },
  };
}

/** When a timer last ran, runs next, and when that was reckoned. `lastMs` is undefined before the first run. */
interface Status {
  lastMs: number | undefined;
  nextMs: number | undefined;
  updatedMs: number | undefined;
}

interface TimerSchedule {
  next(afterMs: number): number | undefined;
  isMonitored: boolean;
  adjustsForSummerTime: boolean;
}

function startTimer(fn: AppFunction, world: TimerWorld): Timers {
  const { clock, db } = world;
  const schedule = scheduleOf(fn, world.settings);
  const key = `timerStatus.${fn.name}`;
  let stopped = false;
  let dead = false;
  let cancel = (): void => {};
  let running: Promise<void> = Promise.resolve();

  const { isPastDue, status: kept } = schedule.isMonitored
    ? takeUp(db, key, schedule, clock.now())
    : { isPastDue: false, status: undefined };
  let status: Status = kept ?? { lastMs: undefined, nextMs: schedule.next(clock.now()), updatedMs: undefined };

  const call = async (kind: { isPastDue: boolean; isScheduled: boolean }): Promise<void> => {
    const startedMs = clock.now();
    const data = { json: timerJson(schedule, schedule.isMonitored ? status : undefined, kind.isPastDue) };
    const printed = formatDate(startedMs, 'MM/dd/yyyy HH:mm:ss');
    const call = { data, metadata: { TimerTrigger: { string: printed } }, bindingData: bindingData({ TimerTrigger: printed }) };
    // The failure stands in the log; the next tick comes all the same.
    await world.invoke(fn, call).catch(() => {});
    if (dead) return;
    // A tick that came early counts as on time, or the next would be the same again.
    const ranMs = kind.isScheduled ? Math.max(startedMs, status.nextMs ?? startedMs) : startedMs;
    status = { lastMs: ranMs, nextMs: schedule.next(ranMs), updatedMs: ranMs };
    // After the run: a host that dies in it makes the run up at its next start, as past due.
    if (schedule.isMonitored) writeMeta(db, key, JSON.stringify(status));
    if (!stopped) arm();
  };
  const arm = (): void => {
    if (status.nextMs === undefined) return;
    cancel = clock.at(Math.max(status.nextMs, clock.now()), () => start({ isPastDue: false, isScheduled: true }), { background: true });
  };
  const start = (kind: { isPastDue: boolean; isScheduled: boolean }): void => {
    if (!stopped) running = call(kind);
  };

  if (isPastDue) start({ isPastDue: true, isScheduled: false });
  else if (fn.trigger['runOnStartup'] === true) start({ isPastDue: false, isScheduled: false });
  else arm();
  const halt = (): void => {
    stopped = true;
    cancel();
  };
  return {
    async stop() {
      halt();
      await running;
    },
    kill() {
      dead = true;
      halt();
    },
  };
}

/**
 * Reads the status that an earlier host kept, and says whether a run was missed. A changed schedule is reckoned anew and is never past due for that alone
 * (the extension's ScheduleMonitor).
 */
function takeUp(db: Sqlite, key: string, schedule: TimerSchedule, nowMs: number): { isPastDue: boolean; status: Status | undefined } {
  const text = readMeta(db, key);
  const keep = (status: Status): void => writeMeta(db, key, JSON.stringify(status));
  if (text === undefined) {
    keep({ lastMs: undefined, nextMs: schedule.next(nowMs), updatedMs: nowMs });
    return { isPastDue: false, status: undefined };
  }
  let status = JSON.parse(text) as Status;
  const reckonedMs = status.lastMs ?? status.updatedMs ?? nowMs;
  const expectedMs = schedule.next(reckonedMs);
  if (status.nextMs !== expectedMs) {
    const isOld = expectedMs !== undefined && nowMs > expectedMs;
    status = { lastMs: undefined, nextMs: isOld ? schedule.next(nowMs) : expectedMs, updatedMs: isOld ? nowMs : reckonedMs };
    keep(status);
  }
  return { isPastDue: status.nextMs !== undefined && nowMs > status.nextMs, status };
}

/** The trigger's payload (recorded), with times as .NET writes local ones where local is UTC. */
function timerJson(schedule: TimerSchedule, status: Status | undefined, isPastDue: boolean): string {
  const time = (ms: number | undefined): string =>
    ms === undefined ? '0001-01-01T00:00:00+00:00' : new Date(ms).toISOString().replace(/\.?0*Z$/, '+00:00');
  return JSON.stringify({
    Schedule: { AdjustForDST: schedule.adjustsForSummerTime },
    ScheduleStatus: status ? { Last: time(status.lastMs), Next: time(status.nextMs), LastUpdated: time(status.updatedMs) } : null,
    IsPastDue: isPastDue,
  });
}

/** An NCRONTAB expression, or a time span between one run and the next. */
function scheduleOf(fn: AppFunction, settings: NodeJS.ProcessEnv): TimerSchedule {
  const text = resolveNames(String(fn.trigger['schedule'] ?? ''), settings, `The schedule of function "${fn.name}"`).trim();
  const mayMonitor = fn.trigger['useMonitor'] !== false;
  const spanMs = parseTimeSpan(text);
  if (spanMs !== undefined && spanMs > 0)
    return { next: (afterMs) => afterMs + spanMs, isMonitored: mayMonitor && spanMs >= 60_000, adjustsForSummerTime: false };
  try {
    const { next, isFrequent } = parseNcrontab(text);
    return { next, isMonitored: mayMonitor && !isFrequent, adjustsForSummerTime: true };
  } catch (cause) {
    throw new Error(
      `Function "${fn.name}": the schedule "${text}" is neither an NCRONTAB expression nor a time span: ${cause instanceof Error ? cause.message : ''}.`,
      { cause },
    );
  }
}
