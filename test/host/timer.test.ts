import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { app, type Timer } from '@azure/functions';
import * as fc from 'fast-check';
import { virtualClock } from '../../local/host';
import { parseNcrontab } from '../../local/host/ncrontab';
import { appFolder, benches } from './bench';

const host = benches();
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

interface Given {
  runOnStartup?: boolean;
  useMonitor?: boolean;
  virtual?: ReturnType<typeof virtualClock>;
  stateFile?: string;
  handler?: (timer: Timer) => unknown;
  settings?: NodeJS.ProcessEnv;
}

async function timers(schedule: string, options: Given = {}) {
  const { runOnStartup = false, useMonitor = true, virtual = virtualClock(), handler, ...rest } = options;
  const ticks: { atMs: number; timer: Timer }[] = [];
  const register = (): void =>
    app.timer('tick', {
      schedule,
      runOnStartup,
      useMonitor,
      handler: async (timer) => {
        ticks.push({ atMs: virtual.now(), timer });
        await handler?.(timer);
      },
    });
  const one = await host(register, { settings: { EVERY: '0 */5 * * * *' }, virtual, ...rest });
  return { one, ticks };
}

describe('timer triggers', () => {
  test('run on the clock, are never a reason for it to move, and carry the status of their schedule', async () => {
    const { one, ticks } = await timers('%EVERY%');
    one.clock.auto(true);
    await one.host.whenIdle();
    expect(ticks).toEqual([]);
    one.clock.auto(false);
    const fromMs = one.clock.now();
    await one.clock.advance(15 * minuteMs);
    await one.host.whenIdle();
    expect(ticks.map((tick) => tick.atMs - fromMs)).toEqual([300_000, 600_000, 900_000]);
    expect(ticks.slice(0, 2).map((tick) => tick.timer)).toEqual([
      {
        schedule: { adjustForDST: true },
        scheduleStatus: {
          last: '0001-01-01T00:00:00+00:00',
          next: '2026-01-05T09:05:00+00:00',
          lastUpdated: '0001-01-01T00:00:00+00:00',
        },
        isPastDue: false,
      },
      {
        schedule: { adjustForDST: true },
        scheduleStatus: { last: '2026-01-05T09:05:00+00:00', next: '2026-01-05T09:10:00+00:00', lastUpdated: '2026-01-05T09:05:00+00:00' },
        isPastDue: false,
      },
    ]);
  });

  test('with a schedule under a minute, or unmonitored, keep no status; one may run at start', async () => {
    const plain = { schedule: { adjustForDST: true }, scheduleStatus: null, isPastDue: false };
    const often = await timers('*/5 * * * * *', { runOnStartup: true });
    await often.one.host.whenIdle();
    expect(often.ticks.map((tick) => tick.timer)).toEqual([plain]);
    const unmonitored = await timers('0 0 * * * *', { runOnStartup: true, useMonitor: false });
    await unmonitored.one.host.whenIdle();
    expect(unmonitored.ticks.map((tick) => tick.timer)).toEqual([plain]);
    const yearly = await timers('0 0 0 1 1 *', { runOnStartup: true });
    await yearly.one.host.whenIdle();
    expect(yearly.ticks[0]?.timer.scheduleStatus).toMatchObject({ next: '2027-01-01T00:00:00+00:00' });
  });

  test('a time span is counted from one run to the next', async () => {
    const { one, ticks } = await timers('00:07:30');
    const fromMs = one.clock.now();
    await one.clock.advance(16 * minuteMs);
    await one.host.whenIdle();
    expect(ticks.map((tick) => tick.atMs - fromMs)).toEqual([450_000, 900_000]);
    expect(ticks[0]?.timer).toMatchObject({ schedule: { adjustForDST: false }, scheduleStatus: { next: '2026-01-05T09:07:30+00:00' } });
  });

  test('a run that takes longer than its schedule is not overlapped: the next comes at once, and once', async () => {
    const virtual = virtualClock();
    let running = 0;
    let most = 0;
    const { one, ticks } = await timers('0 * * * * *', {
      virtual,
      handler: async () => {
        running += 1;
        most = Math.max(most, running);
        await virtual.sleep(2.5 * minuteMs);
        running -= 1;
      },
    });
    const fromMs = one.clock.now();
    await one.clock.advance(6 * minuteMs);
    expect(ticks.map((tick) => (tick.atMs - fromMs) / minuteMs)).toEqual([1, 3.5, 6]);
    expect(most).toBe(1);
    await one.clock.advance(10 * minuteMs);
  });

  test('a run that was missed while the host was down is made up for once, as past due', async () => {
    const stateFile = path.join(appFolder(), 'state.db');
    const before = await timers('0 0 * * * *', { stateFile });
    await before.one.clock.advance(hourMs);
    await before.one.host.stop();
    expect(before.ticks).toHaveLength(1);
    const { one, ticks } = await timers('0 0 * * * *', {
      stateFile,
      virtual: virtualClock(before.one.clock.now() + 3 * hourMs + 1),
      // Past due goes before the run at start.
      runOnStartup: true,
    });
    await one.host.whenIdle();
    expect(ticks.map((tick) => tick.timer)).toEqual([
      expect.objectContaining({ isPastDue: true, scheduleStatus: expect.objectContaining({ last: '2026-01-05T10:00:00+00:00' }) }),
    ]);
    await one.clock.advance(hourMs);
    expect(ticks.map((tick) => tick.timer.isPastDue)).toEqual([true, false]);
  });

  test('a run that a kill cuts off is made up for too, for its status is written after it', async () => {
    const stateFile = path.join(appFolder(), 'state.db');
    let begun = (): void => {};
    const whenBegun = new Promise<void>((resolve) => (begun = resolve));
    const handler = (): Promise<void> => {
      begun();
      return new Promise(() => {});
    };
    const before = await timers('0 0 * * * *', { stateFile, handler });
    void before.one.clock.advance(hourMs);
    await whenBegun;
    before.one.host.kill();
    const { one, ticks } = await timers('0 0 * * * *', { stateFile, virtual: virtualClock(before.one.clock.now() + 1) });
    await one.host.whenIdle();
    expect(ticks.map((tick) => tick.timer.isPastDue)).toEqual([true]);
  });

  test('a schedule that was changed is reckoned anew, and is not past due for that', async () => {
    const stateFile = path.join(appFolder(), 'state.db');
    const before = await timers('0 0 0 * * *', { stateFile });
    await before.one.host.stop();
    const { one, ticks } = await timers('0 */10 * * * *', { stateFile, virtual: virtualClock(before.one.clock.now() + hourMs + 1) });
    await one.host.whenIdle();
    expect(ticks).toEqual([]);
    await one.clock.advance(10 * minuteMs);
    expect(ticks).toHaveLength(1);
  });

  test('no run begins after a stop, and a failure does not end the schedule', async () => {
    const { one, ticks } = await timers('0 * * * * *', {
      handler: () => {
        throw new Error('no');
      },
    });
    await one.clock.advance(2 * minuteMs);
    await one.host.stop();
    await one.clock.advance(5 * minuteMs);
    expect(ticks).toHaveLength(2);
  });

  test.each(['every minute', '99 * * * * *', '', '0 0 0 * * 7', '00:00:00'])('the schedule "%s" is refused', async (schedule) => {
    await expect(timers(schedule)).rejects.toThrow(`Function "tick": the schedule "${schedule}" is neither`);
  });

  test('a time zone is refused', async () => {
    await expect(timers('0 * * * * *', { settings: { WEBSITE_TIME_ZONE: 'Europe/Berlin' } })).rejects.toThrow('"WEBSITE_TIME_ZONE"');
  });
});

describe('an NCRONTAB expression', () => {
  const from = Date.UTC(2026, 0, 5, 9, 3, 7);
  test.each([
    ['* * * * *', '2026-01-05T09:04:00'],
    ['*/20 * * * * *', '2026-01-05T09:03:20'],
    ['5/20 * * * * *', '2026-01-05T09:03:25'],
    ['0 0-10/5,30 * * * *', '2026-01-05T09:05:00'],
    ['0 30 9 * * Mon-Fri', '2026-01-05T09:30:00'],
    ['0 0 9 * * fri-mon', '2026-01-06T09:00:00'],
    ['0 0 0 29 february *', '2028-02-29T00:00:00'],
    ['0 0 0 1 jan,Jul *', '2026-07-01T00:00:00'],
    ['0 0 0 31 * *', '2026-01-31T00:00:00'],
    // Both must fit: the first Friday that is a 13th, where other crons take every Friday and every 13th.
    ['0 0 0 13 * 5', '2026-02-13T00:00:00'],
    ['0 0/0 * * * *', '2026-01-05T10:00:00'],
  ])('%s', (text, next) => {
    expect(new Date(parseNcrontab(text).next(from) ?? 0).toISOString()).toBe(`${next}.000Z`);
  });

  test('that never fits has no next time', () => {
    expect(parseNcrontab('0 0 0 30 2 *').next(from)).toBeUndefined();
  });

  test.each([
    '* * * *',
    '60 * * * * *',
    '* * 24 * * *',
    '* * * 0 * *',
    '* * * * 13 *',
    '1-2-3 * * * *',
    '*/x * * * * *',
    '1,, * * * * *',
    '? * * * * *',
    '* * * * * L',
  ])('%s is refused', (text) => {
    expect(() => parseNcrontab(text)).toThrow();
  });

  test('the next time is later, fits, and none between fits', () => {
    const field = (least: number, most: number) =>
      fc.oneof(
        fc.constant('*'),
        fc.integer({ min: least, max: most }).map(String),
        fc.integer({ min: 1, max: 20 }).map((step) => `*/${step}`),
      );
    const fits = (text: string, value: number, least: number): boolean => {
      const step = /^\*\/(\d+)$/.exec(text);
      return text === '*' || (step ? (value - least) % Number(step[1]) === 0 : Number(text) === value);
    };
    fc.assert(
      fc.property(
        field(0, 59),
        field(0, 59),
        field(0, 23),
        fc.integer({ min: 0, max: 2 ** 31 }),
        (seconds, minutes, hours, fromSeconds) => {
          const isFit = (at: number): boolean => {
            const date = new Date(at * 1000);
            return fits(seconds, date.getUTCSeconds(), 0) && fits(minutes, date.getUTCMinutes(), 0) && fits(hours, date.getUTCHours(), 0);
          };
          const next = (parseNcrontab(`${seconds} ${minutes} ${hours} * * *`).next(fromSeconds * 1000) ?? 0) / 1000;
          let expected = fromSeconds + 1;
          while (!isFit(expected)) expected += 1;
          expect(next).toBe(expected);
        },
      ),
      { numRuns: 30 },
    );
  });
});
