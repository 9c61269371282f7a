import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { missing } from '../../local/start/agree';
import { invitationIn } from '../../local/start/approver';
import type { Api } from '../../local/start/api';
import { startChild } from '../../local/start/children';
import { startLaptop } from '../../local/start/laptop';
import { childEnvironment, storageConnectionString } from '../../local/start/environment';
import { openFolder } from '../../local/start/folder';
import { keysOf } from '../../local/start/keys';
import { isRunning, takeLock } from '../../local/start/lock';
import { readOptions } from '../../local/start/options';
import { takePorts } from '../../local/start/ports';
import { AskedToStop, endOnSignals } from '../../local/start/ending';
import { announce, beginningOf, nextVersion, rolloutOf, withoutRollout, type Announcement } from '../../local/start/release';
import { heldBy, takenUp } from '../../local/start/tell';

let checkout: string;
beforeEach(() => {
  checkout = mkdtempSync(path.join(tmpdir(), 'slipway-start-'));
});
afterEach(() => rmSync(checkout, { recursive: true, force: true }));

const listening = (): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
  });
const closed = (server: Server) => new Promise((resolve) => server.close(resolve));
const portOf = (server: Server) => (server.address() as AddressInfo).port;

describe('the lock', () => {
  test('is held by one start at a time, and says by whom', async () => {
    const folder = openFolder(checkout);
    const first = await takeLock(folder, () => undefined);
    if (first.kind !== 'ours') throw new Error('the first start did not get the lock');
    expect(await takeLock(folder, () => undefined)).toEqual({
      kind: 'held',
      pid: process.pid,
      startedAt: expect.stringMatching(/^\d{4}-/) as string,
    });
    const startedAt = '2026-11-24T14:21:32.000Z';
    expect(heldBy(folder, { pid: 4711, startedAt })).toMatch(
      /^Another npm start holds \.slipway\/: process 4711, since 2026-11-2\d \d\d:\d\d:\d\d \S+\. End it/,
    );
    await first.release();
    const second = await takeLock(folder, () => undefined);
    expect(second).toMatchObject({ kind: 'ours', afterKill: false });
    if (second.kind === 'ours') await second.release();
  });

  test('of a start that was killed is taken over, even if its process id belongs to somebody else by now', async () => {
    const folder = openFolder(checkout);
    const other = await listening();
    folder.write('lock', {
      pid: process.pid,
      startedAt: '2026-01-05T09:00:00.000Z',
      port: portOf(other),
      token: 'of another',
      children: [],
    });
    await closed(other);
    const lock = await takeLock(folder, () => undefined);
    expect(lock).toMatchObject({ kind: 'ours', afterKill: true });
    if (lock.kind === 'ours') await lock.release();
  });

  test('of a start that was killed is taken over by one start, though two find it', async () => {
    const folder = openFolder(checkout);
    const server = await listening();
    folder.write('lock', {
      pid: process.pid,
      startedAt: '2026-01-05T09:00:00.000Z',
      port: portOf(server),
      token: 'of another',
      children: [],
    });
    await closed(server);
    const locks = await Promise.all([0, 1, 2].map(() => takeLock(folder, () => undefined)));
    expect(locks.map(({ kind }) => kind).sort()).toEqual(['held', 'held', 'ours']);
    for (const lock of locks) if (lock.kind === 'ours') await lock.release();
  });

  test('that was cut off while being written is taken over', async () => {
    const folder = openFolder(checkout);
    writeFileSync(folder.at('lock'), '{"pid":');
    const lock = await takeLock(folder, () => undefined);
    expect(lock.kind).toBe('ours');
    if (lock.kind === 'ours') await lock.release();
  });
});

test('a process is running until it has ended', async () => {
  expect(isRunning(process.pid)).toBe(true);
  const child = spawn(process.execPath, ['--eval', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
  expect(isRunning(child.pid!)).toBe(true);
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  expect(isRunning(child.pid!)).toBe(false);
});

describe('ports', () => {
  test('are remembered, and a busy one is stepped over and said', async () => {
    const folder = openFolder(checkout);
    const server = await listening();
    const busy = portOf(server);
    folder.write('ports.json', { slipway: busy, blob: 1, queue: 2, table: 3 });
    const said: string[] = [];
    const ports = await takePorts(folder, ['slipway'], { patienceMs: 0, say: (line) => said.push(line) });
    expect(ports.slipway).toBeGreaterThan(busy);
    expect(said).toEqual([
      `Port ${busy} is taken by another program; Slipway listens on ${ports.slipway}. Mails that wait for an answer are sent again with the new address.`,
    ]);
    await closed(server);
    expect(await takePorts(folder, ['slipway'], { patienceMs: 0, say: (line) => said.push(line) })).toEqual(ports);
    expect(said).toHaveLength(1);
  });
});

describe('keys', () => {
  test('are made once and readable by their owner alone', () => {
    const folder = openFolder(checkout);
    const keys = keysOf(folder);
    expect(keysOf(folder)).toEqual(keys);
    expect(Buffer.from(keys.linkKeys.replace(/^k1:/, ''), 'base64url')).toHaveLength(32);
    if (process.platform !== 'win32') expect(statSync(folder.at('keys.json')).mode & 0o777).toBe(0o600);
  });

  test('that are damaged are named, never shown or made anew', () => {
    const folder = openFolder(checkout);
    writeFileSync(folder.at('keys.json'), 'secret');
    expect(() => keysOf(folder)).toThrow(/^\.slipway\/keys\.json is damaged(?!.*secret)/);
    expect(readFileSync(folder.at('keys.json'), 'utf8')).toBe('secret');
  });
});

test('a child inherits no Azure account and no proxy', () => {
  const own = { PATH: '/bin', AZURE_CLIENT_SECRET: 'x', https_proxy: 'http://proxy', SLIPWAY_CONFIG: 'old', NODE_OPTIONS: '--inspect' };
  expect(childEnvironment(own, { SLIPWAY_CONFIG: 'new' })).toEqual({ PATH: '/bin', SLIPWAY_CONFIG: 'new' });
});

test('the storage connection names the account and its three services', () => {
  const keys = { storageKey: 'a2V5', linkKeys: '', ledgerKeys: '' };
  const text = storageConnectionString(keys, { slipway: 1, blob: 2, queue: 3, table: 4 });
  expect(text).toContain('AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:2/slipwaylaptop;QueueEndpoint=http://127.0.0.1:3/slipwaylaptop;');
});

describe('the folder of the state', () => {
  test('is refused in a sentence where there can be none', () => {
    writeFileSync(path.join(checkout, 'file'), '');
    expect(() => openFolder(checkout, 'file/state')).toThrow(
      /file.state can't be the folder of the state: .*\. Name another with --state DIR\.$/,
    );
  });
  test('is refused where other files lie in it, and taken where only a start has written', () => {
    writeFileSync(path.join(checkout, 'mine.txt'), '');
    expect(() => openFolder(checkout, '.')).toThrow(/other files lie in it/);
    const folder = openFolder(checkout, 'new');
    writeFileSync(folder.at('lock'), '');
    expect(openFolder(checkout, 'new').root).toBe(folder.root);
    keysOf(folder);
    writeFileSync(folder.at('mine.txt'), '');
    expect(openFolder(checkout, 'new').root).toBe(folder.root);
  });
});

describe('Ctrl-C', () => {
  const press = () => {
    const listeners = new Map<string, () => void>();
    const seen: unknown[] = [];
    let now = 0;
    const ending = endOnSignals((signal, listener) => listeners.set(signal, listener), {
      nowMs: () => now,
      acknowledge: () => seen.push('acknowledged'),
      atOnce: (code) => seen.push(code),
    });
    return { ending, seen, send: (signal: string, atMs: number) => ((now = atMs), listeners.get(signal)?.()) };
  };
  test('is acknowledged once, though npm passes it on; pressed again it ends at once', () => {
    const { ending, seen, send } = press();
    send('SIGINT', 5000);
    send('SIGINT', 5020);
    expect(seen).toEqual(['acknowledged']);
    expect(ending.signal.reason).toEqual(new AskedToStop(130));
    send('SIGINT', 7000);
    expect(seen).toEqual(['acknowledged', 130]);
  });
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])('%s has an exit code of its own', (signal, exitCode) => {
    const { ending, send } = press();
    send(signal, 0);
    expect(ending.signal.reason).toMatchObject({ exitCode });
  });
});

describe('a start that is asked to stop while it comes up', () => {
  test('ends the child that it waits for', async () => {
    const script = path.join(checkout, 'never-ready.js');
    writeFileSync(script, "process.stdin.on('end', () => process.exit(0)).resume(); process.stderr.write('up');");
    const asked = new AbortController();
    let pid = 0;
    const starting = startChild({
      name: 'It',
      script,
      args: [],
      environment: process.env,
      workingDirectory: checkout,
      logFile: path.join(checkout, 'log'),
      onStart: (its) => {
        pid = its;
        asked.abort(new AskedToStop(130));
      },
      signal: asked.signal,
    });
    await expect(starting).rejects.toEqual(new AskedToStop(130));
    expect(pid).toBeGreaterThan(0);
    expect(isRunning(pid)).toBe(false);
  });
  test('starts nothing more, and announces nothing', async () => {
    const folder = openFolder(checkout);
    const reached: string[] = [];
    const signal = AbortSignal.abort(new AskedToStop(130));
    const noted = (what: string) => () => void reached.push(what);
    const options = {
      folder,
      keys: keysOf(folder),
      afterKill: false,
      fromPackage: false,
      say: noted('said'),
      onStart: noted('started'),
      signal,
    };
    await expect(startLaptop({ ...options, onStop: noted('to stop') })).rejects.toEqual(new AskedToStop(130));
    const api = { start: async () => reached.push('announced') } as unknown as Api;
    const repository = path.join(__dirname, '../..');
    const announcement = { version: '2.0.0', requestId: 'x', at: '', liveBefore: '1.0.0' };
    await expect(announce({ repository, storage: 'never looked at', api, byHttp: true, signal }, announcement)).rejects.toEqual(
      new AskedToStop(130),
    );
    expect(reached).toEqual([]);
  });
});

describe('the command line', () => {
  test('is read, and a mistake is answered with what there is', () => {
    expect(readOptions(['--by-http', '--hands-free'])).toEqual({
      kind: 'start',
      options: { byHttp: true, handsFree: true, wait: false, tour: false, fresh: false, fromPackage: false },
    });
    expect(readOptions(['--wait', '--state', 'elsewhere'])).toMatchObject({
      options: { handsFree: false, wait: true, state: 'elsewhere' },
    });
    expect(readOptions(['--state='])).toMatchObject({
      kind: 'mistake',
      sentence: expect.stringMatching(/^--state names no folder/) as string,
    });
    expect(readOptions(['--wait', '--hands-free'])).toMatchObject({
      kind: 'mistake',
      sentence: expect.stringContaining('say one') as string,
    });
    expect(readOptions(['--hands-free', '--tour'])).toMatchObject({ options: { handsFree: true, tour: true } });
    for (const more of [[], ['--hands-free', '--fresh'], ['--hands-free', '--state', 'elsewhere']])
      expect(readOptions(['--tour', ...more])).toMatchObject({
        kind: 'mistake',
        sentence: expect.stringMatching(/^--tour goes with --hands-free/) as string,
      });
    expect(readOptions(['--frsh'])).toMatchObject({ kind: 'mistake', sentence: expect.stringContaining('--fresh') as string });
  });
});

describe('state that does not agree', () => {
  const one = { id: 'hello-1', round: 7 };
  const whole = { rollouts: [one], stories: [one], announcedId: 'hello-1', hasInstances: true, hasAzure: true, folder: '.slipway' };
  test('nothing is missing where all is there, or nothing has been yet', () => {
    expect(missing(whole)).toEqual([]);
    expect(
      missing({ rollouts: [], stories: [], announcedId: undefined, hasInstances: false, hasAzure: false, folder: '.slipway' }),
    ).toEqual([]);
  });
  test('each part that is gone is named', () => {
    expect(missing({ ...whole, hasInstances: false })).toEqual([expect.stringContaining('.slipway/slipway.db')]);
    expect(missing({ ...whole, hasAzure: false })).toEqual([expect.stringContaining('.slipway/azure/')]);
    expect(missing({ ...whole, rollouts: [], stories: [] })).toEqual([expect.stringContaining('hello-1')]);
    expect(missing({ ...whole, rollouts: [], announcedId: undefined })).toEqual([expect.stringContaining('its rows are not in')]);
    expect(missing({ ...whole, stories: [{ ...one, round: 8 }] })).toEqual([expect.stringContaining('(round 7, not 8)')]);
    expect(missing({ ...whole, stories: [{ ...one, round: 6 }] })).toEqual([]);
  });
});

describe('the hands-free approver', () => {
  const mail = {
    subject: 'Waiting for you: hello 2.0.0 to production',
    to: [{ address: 'approver@example.com' }],
    plainText: 'Answer here:\nhttp://127.0.0.1:7071/api/approvals/abc.def-g_h#K7QF-2M9X\n',
  };
  test('takes link and code from the mail', () => {
    expect(invitationIn(mail, '2.0.0')).toMatchObject({
      approver: 'approver@example.com',
      link: 'http://127.0.0.1:7071/api/approvals/abc.def-g_h',
      code: 'K7QF-2M9X',
    });
  });
  test('overlooks mails of other versions and mails without a link', () => {
    expect(invitationIn(mail, '3.0.0')).toBeUndefined();
    expect(invitationIn({ ...mail, plainText: 'nothing to answer' }, '2.0.0')).toBeUndefined();
  });
});

describe('the announced release', () => {
  test('is the next one after what is live', () => {
    expect(['1.0.0', '9.4.1', 'odd'].map((live) => nextVersion({ live, rollouts: [], announced: [] }))).toEqual([
      '2.0.0',
      '10.0.0',
      '2.0.0',
    ]);
  });
  test('comes after what is under way and after what was announced too, and not after what ended without going live', () => {
    const announced = { version: '5.0.0', at: '2026-01-02T00:00:00.000Z' };
    const rollout = { id: 'hello-3', version: '3.0.0', admittedAt: '2026-01-01T00:00:00.000Z', outcome: null };
    expect(nextVersion({ live: '1.0.0', rollouts: [rollout], announced: [] })).toBe('4.0.0');
    expect(nextVersion({ live: '1.0.0', rollouts: [rollout], announced: [announced] })).toBe('6.0.0');
    const ended = { id: 'hello-5', version: '5.0.0', admittedAt: '2026-01-02T00:00:01.000Z', outcome: 'rejected' as const };
    expect(nextVersion({ live: '1.0.0', rollouts: [ended, rollout], announced: [announced] })).toBe('4.0.0');
    expect(nextVersion({ live: '1.0.0', rollouts: [ended], announced: [announced] })).toBe('2.0.0');
  });
  test('is forgotten among those announced once its rollout is there', () => {
    const announced = ['2.0.0', '3.0.0'].map((version) => ({ version, at: '2026-01-02T00:00:00.000Z' }));
    const rollouts = [{ id: 'new', version: '2.0.0', admittedAt: '2026-01-03T00:00:00.000Z' }];
    expect(withoutRollout(announced, rollouts).map(({ version }) => version)).toEqual(['3.0.0']);
  });
  test('is found again by its version among rollouts admitted since', () => {
    const rollouts = [
      { id: 'old', version: '2.0.0', admittedAt: '2026-01-01T00:00:00.000Z' },
      { id: 'other', version: '3.0.0', admittedAt: '2026-01-03T00:00:00.000Z' },
      { id: 'new', version: '2.0.0', admittedAt: '2026-01-03T00:00:00.000Z' },
    ];
    expect(rolloutOf({ version: '2.0.0', at: '2026-01-02T00:00:00.000Z' }, rollouts)).toBe('new');
  });
});

describe('what a start begins with', () => {
  const now = '2026-01-03T00:00:00.000Z';
  const kept: Announcement = { version: '2.0.0', requestId: 'x', at: '2026-01-02T00:00:00.000Z', liveBefore: '1.0.0' };
  const rollout = { id: 'hello-2', version: '2.0.0', admittedAt: '2026-01-02T00:00:01.000Z', outcome: null, phase: 'asking' as const };
  const next = { version: '3.0.0', liveBefore: '2.0.0', at: now };
  test('nothing announced yet: the next version', () => {
    expect(beginningOf(undefined, [], '1.0.0', now)).toMatchObject({
      kind: 'announce',
      announcement: { version: '2.0.0', liveBefore: '1.0.0' },
    });
  });
  test('a release that is on the queue: the version after it', () => {
    expect(beginningOf(undefined, [], '1.0.0', now, [{ version: '2.0.0', at: kept.at }])).toMatchObject({
      kind: 'announce',
      announcement: { version: '3.0.0' },
    });
  });
  test('announced, and nothing came of it: the same again under the same key', () => {
    expect(beginningOf(kept, [], '1.0.0', now)).toEqual({ kind: 'announce', announcement: kept });
  });
  test('its rollout is under way: that one, noted, with what production said before it', () => {
    const taken = { kind: 'take-up', id: 'hello-2', more: 0, announcement: { ...kept, rolloutId: 'hello-2' } };
    expect(beginningOf(kept, [rollout], '2.0.0', now)).toEqual(taken);
    expect(beginningOf({ ...kept, rolloutId: 'hello-2' }, [rollout], '2.0.0', now)).toEqual(taken);
  });
  test('somebody else’s rollout is under way: that one, and nobody knows what was before', () => {
    const other = { ...rollout, id: 'other', version: '9.0.0' };
    expect(beginningOf(kept, [other], '1.0.0', now)).toEqual({ kind: 'take-up', id: 'other', more: 0, announcement: undefined });
  });
  test('several are under way: the one whose turn it is, or else the oldest, and how many there are besides', () => {
    const queued = (id: string) => ({ ...rollout, id, phase: 'queued' as const });
    const ended = { ...rollout, id: 'ended', outcome: 'deployed' as const };
    expect(beginningOf(undefined, [queued('hello-4'), queued('hello-3'), rollout, ended], '1.0.0', now)).toMatchObject({
      id: 'hello-2',
      more: 2,
    });
    expect(beginningOf(undefined, [queued('hello-4'), queued('hello-3')], '1.0.0', now)).toMatchObject({ id: 'hello-3', more: 1 });
    expect([0, 1, 2].map(takenUp)).toEqual([
      'A rollout from before is under way and is taken up again.',
      'A rollout from before is under way and is taken up again; 1 more waits.',
      'A rollout from before is under way and is taken up again; 2 more wait.',
    ]);
  });
  test('its rollout has ended, noted or not: the next version', () => {
    const ended = { ...rollout, outcome: 'deployed' as const };
    expect(beginningOf(kept, [ended], '2.0.0', now)).toMatchObject({ kind: 'announce', announcement: next });
    expect(beginningOf({ ...kept, rolloutId: 'hello-2' }, [ended], '2.0.0', now)).toMatchObject({ announcement: next });
  });
});
