import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { app, type Timer } from '@azure/functions';
import { expandBraces, mainFiles } from '../../local/host/main-files';
import { readHostJson } from '../../local/host/host-json';
import { timestamp } from '../../local/host/durable/history';
import { virtualClock } from '../../local/host';
import { appFolder, bench, removeFolders, type Bench } from './bench';

const open: Bench[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.host.stop()));
  removeFolders();
});

describe('host.json', () => {
  test('has the real defaults, and takes names of settings', () => {
    expect(readHostJson(appFolder(), {})).toEqual({
      routePrefix: 'api',
      queues: { batchSize: 16, maxDequeueCount: 5, visibilityTimeoutMs: 0, maxPollingMs: 60_000, messageEncoding: 'base64' },
      durable: {
        hubName: 'TestHubName',
        maxActivities: 10,
        maxTurns: 5,
        largestEntityBatch: 50,
        httpSleepMs: 30_000,
        storeInputs: false,
        replacesRunning: false,
        versions: { current: null, match: 'currentorolder', failure: 'reject' },
      },
    });
    const given = appFolder({
      extensions: {
        http: { routePrefix: '' },
        durableTask: { hubName: '%HUB%' },
        queues: { visibilityTimeout: '00:01:30', messageEncoding: 'None' },
      },
    });
    expect(readHostJson(given, { HUB: 'TheHub' })).toMatchObject({
      routePrefix: '',
      durable: { hubName: 'TheHub' },
      queues: { visibilityTimeoutMs: 90_000, messageEncoding: 'none' },
    });
    expect(() => readHostJson(given, {})).toThrow('host.json names the app setting "HUB", which is not set.');
  });

  test.each([
    [{ extensions: { durableTask: { extendedSessionsEnabled: true } } }, "extendedSessionsEnabled set to 'true' is only supported"],
    [{ extensions: { queues: { batchSize: 33 } } }, 'batchSize must be a whole number from 1 to 32, not 33'],
    [{ extensions: { queues: { visibilityTimeout: 'soon' } } }, 'visibilityTimeout must be a time span such as "00:00:30", not "soon"'],
    [{ extensions: { queues: { messageEncoding: 'utf8' } } }, 'messageEncoding must be one of base64, none, not "utf8"'],
  ])('%j is refused', (hostJson, reason) => {
    expect(() => readHostJson(appFolder(hostJson), {})).toThrow(reason);
  });

  test('has to be there', () => {
    expect(() => readHostJson(path.join(appFolder(), 'none'), {})).toThrow('There is no host.json');
  });
});

describe("package.json's main", () => {
  test('is a file, a glob, or several', () => {
    const folder = appFolder();
    mkdirSync(path.join(folder, 'src/deep'), { recursive: true });
    for (const file of ['index.js', 'src/a.js', 'src/b.mjs', 'src/deep/c.js']) writeFileSync(path.join(folder, file), '');
    const found = (main: string): string[] => {
      writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ main }));
      return mainFiles(folder).map((file) => path.relative(folder, file).split(path.sep).join('/'));
    };
    expect(found('index.js')).toEqual(['index.js']);
    expect(found('./index')).toEqual(['index.js']);
    expect(found('src/*.js')).toEqual(['src/a.js']);
    expect(found('src/**/*.{js,mjs}')).toEqual(['src/a.js', 'src/deep/c.js', 'src/b.mjs']);
    expect(found('{index.js,src/*.js}')).toEqual(['index.js', 'src/a.js']);
    expect(() => found('dist/*.js')).toThrow('no such file is there');
  });

  test('braces and commas', () => {
    expect(expandBraces('a/{b,c}/{d,e}.js')).toEqual(['a/b/d.js', 'a/b/e.js', 'a/c/d.js', 'a/c/e.js']);
    expect(expandBraces('a.js,b.js')).toEqual(['a.js', 'b.js']);
  });
});

describe('timer triggers', () => {
  async function timers(
    schedule: string,
    options: { runOnStartup?: boolean; virtual?: ReturnType<typeof virtualClock>; stateFile?: string } = {},
  ) {
    const { runOnStartup = false, virtual = virtualClock(), ...rest } = options;
    const ticks: { atMs: number; timer: Timer }[] = [];
    const register = (): void =>
      app.timer('tick', { schedule, runOnStartup, handler: (timer) => void ticks.push({ atMs: virtual.now(), timer }) });
    const one = await bench(register, { settings: { EVERY: '0 */5 * * * *' }, virtual, ...rest });
    open.push(one);
    return { one, ticks };
  }

  test('run on the clock, and are never a reason for it to move', async () => {
    const { one, ticks } = await timers('%EVERY%');
    one.clock.auto(true);
    await one.host.whenIdle();
    expect(ticks).toEqual([]);
    one.clock.auto(false);
    const fromMs = one.clock.now();
    await one.clock.advance(15 * 60_000);
    await one.host.whenIdle();
    expect(ticks.map((tick) => tick.atMs - fromMs)).toEqual([300_000, 600_000, 900_000]);
    expect(ticks[0]?.timer).toMatchObject({
      schedule: { adjustForDST: true },
      isPastDue: false,
      scheduleStatus: { last: expect.any(String), next: expect.any(String) },
    });
  });

  test('with a schedule under a minute keep no status; one may run at start', async () => {
    const { one, ticks } = await timers('*/5 * * * * *', { runOnStartup: true });
    await one.host.whenIdle();
    expect(ticks.map((tick) => tick.timer)).toEqual([{ schedule: { adjustForDST: true }, scheduleStatus: null, isPastDue: false }]);
  });

  test('a tick that was missed while the host was down is made up for once, as past due', async () => {
    const stateFile = path.join(appFolder(), 'state.db');
    const before = await timers('0 0 * * * *', { stateFile });
    await before.one.host.stop();
    const { one, ticks } = await timers('0 0 * * * *', { stateFile, virtual: virtualClock(before.one.clock.now() + 3 * 3_600_000 + 1) });
    await one.host.whenIdle();
    expect(ticks.map((tick) => tick.timer.isPastDue)).toEqual([true]);
  });

  test.each(['every minute', '99 * * * * *', '00:05:00'])('the schedule "%s" is refused', async (schedule) => {
    await expect(timers(schedule)).rejects.toThrow('Function "tick": the');
  });
});

test.each([
  [0, '1970-01-01T00:00:00Z'],
  [1500, '1970-01-01T00:00:01.5Z'],
  [1050, '1970-01-01T00:00:01.05Z'],
  [600_000, '1970-01-01T00:10:00Z'],
])('%d ms are printed as .NET does', (ms, text) => {
  expect(timestamp(ms)).toBe(text);
});
