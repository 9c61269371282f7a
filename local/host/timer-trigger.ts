import { CronExpressionParser } from 'cron-parser';
import { isKind, type AppFunction } from './app-functions';
import type { Clock } from './clock';
import { readMeta, writeMeta, type Sqlite } from './database';
import type { TypedData } from './functions-core';
import { resolveNames } from './host-json';

export interface TimerWorld {
  db: Sqlite;
  clock: Clock;
  settings: NodeJS.ProcessEnv;
  invoke(fn: AppFunction, inputs: { name: string; data: TypedData }[], metadata: Record<string, TypedData>): Promise<unknown>;
}

/** Runs timer triggers on the clock, in UTC. Answers a function that stops them. */
export function startTimers(functions: AppFunction[], world: TimerWorld): () => void {
  const stops = functions.filter((fn) => isKind(fn, 'timerTrigger') && !fn.isDisabled).map((fn) => startTimer(fn, world));
  return () => {
    for (const stop of stops) stop();
  };
}

function startTimer(fn: AppFunction, world: TimerWorld): () => void {
  const { clock, db } = world;
  const next = schedule(fn, world.settings);
  const metaName = `timer.${fn.name}`;
  // The real host keeps the status of a schedule of a minute and more alone.
  const monitored = fn.trigger['useMonitor'] !== false && next(next(clock.now())) - next(clock.now()) >= 60_000;
  let cancel = (): void => {};
  let stopped = false;

  const run = (dueMs: number | undefined, isPastDue: boolean): void => {
    const lastText = readMeta(db, metaName);
    const status = monitored
      ? {
          Last: lastText ?? '0001-01-01T00:00:00+00:00',
          Next: new Date(next(clock.now())).toISOString(),
          LastUpdated: lastText ?? '0001-01-01T00:00:00+00:00',
        }
      : null;
    const data = { json: JSON.stringify({ Schedule: { AdjustForDST: true }, ScheduleStatus: status, IsPastDue: isPastDue }) };
    // Written before the run: a tick that a crash cuts off is not made up for, as on the real host.
    if (monitored && dueMs !== undefined) writeMeta(db, metaName, new Date(dueMs).toISOString());
    const metadata = { TimerTrigger: { string: dotnetTime(clock.now()) } };
    void world.invoke(fn, [{ name: fn.trigger.name, data }], metadata).catch(() => {
      // The failure stands in the log; the next tick comes all the same.
    });
  };
  const arm = (): void => {
    const dueMs = next(clock.now());
    const tick = (): void => {
      if (stopped) return;
      arm();
      run(dueMs, false);
    };
    cancel = clock.at(dueMs, tick, { background: true });
  };

  const lastMs = Date.parse(readMeta(db, metaName) ?? '');
  if (fn.trigger['runOnStartup'] === true) run(undefined, false);
  else if (monitored && next(lastMs) < clock.now()) run(clock.now(), true);
  if (monitored && Number.isNaN(lastMs)) writeMeta(db, metaName, new Date(clock.now()).toISOString());
  arm();
  return () => {
    stopped = true;
    cancel();
  };
}

/** The time of the first tick after a time; NaN for NaN. */
function schedule(fn: AppFunction, settings: NodeJS.ProcessEnv): (afterMs: number) => number {
  const text = resolveNames(String(fn.trigger['schedule'] ?? ''), settings, `The schedule of function "${fn.name}"`).trim();
  const fields = text.split(/\s+/).length;
  if (text.includes(':'))
    throw new Error(`Function "${fn.name}": the embedded host does not take a time span ("${text}") as a schedule yet.`);
  if (fields !== 5 && fields !== 6)
    throw new Error(`Function "${fn.name}": the schedule "${text}" is no NCRONTAB expression; it has five or six fields.`);
  const parse = (currentDate: number) => CronExpressionParser.parse(text, { currentDate: new Date(currentDate), tz: 'UTC' });
  try {
    parse(0);
  } catch (cause) {
    throw new Error(
      `Function "${fn.name}": the schedule "${text}" is no NCRONTAB expression: ${cause instanceof Error ? cause.message : ''}`,
      { cause },
    );
  }
  return (afterMs) => (Number.isNaN(afterMs) ? NaN : parse(afterMs).next().getTime());
}

/** As .NET prints a time where nothing says how: `11/23/2026 08:03:19` (recorded). */
function dotnetTime(ms: number): string {
  const [, year, month, day, time] = /^(\d+)-(\d\d)-(\d\d)T(\d\d:\d\d:\d\d)/.exec(new Date(ms).toISOString()) ?? [];
  return `${month}/${day}/${year} ${time}`;
}
