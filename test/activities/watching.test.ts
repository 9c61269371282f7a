import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRunCheck } from '../../src/activities/run-check';
import { createOutgoing } from '../../src/azure/outgoing';
import { createSampleProduction } from '../../src/activities/sample-production';
import type { Call } from '../../src/activities/activity';
import type { AppControl } from '../../src/azure/app-control';
import type { Rows } from '../../src/azure/rows';
import { probe } from '../../src/azure/probe';
import type { SlotState } from '../../src/domain/live';
import type { GoPlan } from '../../src/domain/plan';
import type { RolloutRow } from '../../src/domain/rollout';
import { settingsSchema } from '../../src/domain/settings';
import { rolloutKey } from '../../src/domain/tables';
import { rowsInMemory } from '../rows-in-memory';

const settings = settingsSchema.parse({
  azure: { subscription: 's', resourceGroup: 'g' },
  people: { team: ['team@example.com'] },
  apps: { hello: { environments: { production: { functionApp: 'hello', policy: 'careful' } } } },
  policies: {
    careful: {
      checks: [
        { name: 'version', path: '/api/hello', functionKey: true, expect: { json: { '/version': '{version}' } }, timeout: 5 },
        { name: 'order', path: '/api/orders', method: 'POST', body: { n: 1 }, expect: { status: 201 }, timeout: 5 },
      ],
    },
  },
});
const policy = settings.policies['careful'] ?? fail();
const outgoing = createOutgoing({ packages: [], private: [], loopback: true });
const id = 'hello-production-2-0-0-0badcafe';
const secret = 'tr0ub4dor';
const call = {} as Call;

let app: http.Server;
let hostName: string;
let requests: { method: string; url: string; key: string | undefined; body: string }[];
/** What the app answers at a time of the test's clock. */
let answers: (nowMs: number, url: string) => { status: number; body?: object } | 'none';
let nowMs: number;
let rows: Rows;
let production: SlotState;
let keys: () => Promise<string | undefined>;
let slotReads: () => Promise<{ production: SlotState; staging: SlotState }>;
let onSleep: () => Promise<void>;

function fail(): never {
  throw new Error('the settings above name this policy');
}

beforeAll(async () => {
  app = http.createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      requests.push({
        method: request.method ?? '',
        url: request.url ?? '',
        key: request.headers['x-functions-key'] as string | undefined,
        body,
      });
      const answer = answers(nowMs, request.url ?? '');
      if (answer === 'none') return void request.socket.destroy();
      response.writeHead(answer.status, {
        'content-type': 'application/json',
        ...(answer.status === 302 ? { location: '/elsewhere' } : {}),
      });
      response.end(answer.body ? JSON.stringify(answer.body) : '');
    });
  });
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  hostName = `127.0.0.1:${(app.address() as AddressInfo).port}`;
});
afterAll(async () => {
  app.closeAllConnections();
  await new Promise((resolve) => app.close(resolve));
});

beforeEach(async () => {
  requests = [];
  nowMs = 1_000_000;
  rows = rowsInMemory();
  answers = () => ({ status: 200, body: { version: '2.0.0' } });
  production = {
    marker: `${id}.0123456789ab`,
    content: { kind: 'read', deploymentId: 'd', message: `${id}.1` },
    swapStatus: null,
    operationInProgress: false,
    running: true,
    hostName,
  };
  keys = () => Promise.resolve(secret);
  slotReads = () => Promise.resolve({ production, staging: production });
  onSleep = () => Promise.resolve();
  const plan = { kind: 'go', policy, live: { production, staging: production } } as GoPlan;
  const row = { v: 1, id, app: 'hello', environment: 'production', release: { version: '2.0.0' }, round: 4, checks: [], phases: [], plan };
  await rows.write([{ kind: 'insert', partition: id, row: rolloutKey, value: row }]);
});

const ports = () => ({
  settings,
  rows,
  outgoing,
  clock: {
    now: () => nowMs,
    async sleep(milliseconds: number) {
      nowMs += milliseconds;
      await onSleep();
    },
  },
  appControl: {
    slotUrl: (host: string) => `http://${host}`,
    functionKey: () => keys(),
    readSlots: () => slotReads(),
  } as unknown as AppControl,
});

const readRow = async (): Promise<RolloutRow> => (await rows.read<RolloutRow>(id, rolloutKey))?.value ?? fail();
const change = async (more: Partial<RolloutRow>) => {
  const found = await rows.read<RolloutRow>(id, rolloutKey);
  await rows.write([{ kind: 'replace', partition: id, row: rolloutKey, value: { ...found?.value, ...more }, etag: found?.etag ?? '' }]);
};

describe('running a check', () => {
  const run = (check: number) => createRunCheck(ports())({ rolloutId: id, check, slot: 'staging' }, call);

  it('sends the function key and keeps it out of everything', async () => {
    const { result } = await run(0);
    expect(result).toMatchObject({ verdict: 'healthy', status: 200 });
    expect(requests).toEqual([{ method: 'GET', url: '/api/hello', key: secret, body: '' }]);
    expect(JSON.stringify([result, await readRow()])).not.toContain(secret);
  });

  it('keeps every try in the row', async () => {
    answers = () => ({ status: 503 });
    expect((await run(0)).result).toMatchObject({ verdict: 'unhealthy', status: 503 });
    nowMs += 5000;
    answers = () => ({ status: 200, body: { version: '2.0.0' } });
    await run(0);
    const { checks, lastWriteAt } = await readRow();
    expect(checks[0]).toMatchObject({ name: 'version', verdict: 'healthy' });
    expect(checks[0]?.tries.map(({ at, verdict }) => [at, verdict])).toEqual([
      ['1970-01-01T00:16:40.000Z', 'unhealthy'],
      ['1970-01-01T00:16:45.000Z', 'healthy'],
    ]);
    expect(checks[1]).toEqual({ name: 'order', verdict: 'inconclusive', seen: '', tries: [] });
    expect(lastWriteAt).toBe('1970-01-01T00:16:45.000Z');
  });

  it('sends a body as JSON', async () => {
    answers = () => ({ status: 201 });
    expect((await run(1)).result.verdict).toBe('healthy');
    expect(requests).toEqual([{ method: 'POST', url: '/api/orders', key: undefined, body: '{"n":1}' }]);
  });

  it('follows no redirect', async () => {
    answers = () => ({ status: 302 });
    expect((await run(0)).result).toMatchObject({ verdict: 'unhealthy', status: 302 });
    expect(requests.length).toBe(1);
  });

  it('is inconclusive without an answer or a key', async () => {
    answers = () => 'none';
    expect((await run(0)).result).toEqual({ verdict: 'inconclusive', seen: 'no answer: the connection was cut' });
    keys = () => Promise.resolve(undefined);
    expect((await run(0)).result.verdict).toBe('inconclusive');
    keys = () => Promise.reject(new Error('Azure answered 503.'));
    expect((await run(0)).result).toEqual({ verdict: 'inconclusive', seen: 'Azure answered 503.' });
  });

  it('says what is missing', async () => {
    await expect(run(7)).rejects.toThrow(/2 checks, none of them number 7/);
    await change({ plan: { kind: 'unchanged', sentence: '' } });
    await expect(run(0)).rejects.toThrow(/no plan that goes ahead/);
    await change({ environment: 'gone' });
    await expect(run(0)).rejects.toThrow(/names no environment "gone"/);
  });
});

describe('probing', () => {
  it('gives up after its time', async () => {
    const silent = http.createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
    expect(await probe(outgoing, url, { method: 'GET', headers: {} }, 50)).toEqual({ kind: 'no-answer', why: 'nothing within 0.05 s' });
    silent.closeAllConnections();
    await new Promise((resolve) => silent.close(resolve));
    expect(await probe(outgoing, url, { method: 'GET', headers: {} }, 5000)).toEqual({
      kind: 'no-answer',
      why: 'the connection was refused',
    });
    expect(await probe(outgoing, url, { method: 'GET', headers: { 'x-a': 'ä\n' } }, 5000)).toEqual({
      kind: 'no-answer',
      why: 'the request could not be made (ERR_INVALID_CHAR)',
    });
  });

  it('cuts a body off at 1 MB', async () => {
    const endless = http.createServer((_request, response) => {
      const write = (): void => {
        if (response.write(Buffer.alloc(65_536, 'x'))) setImmediate(write);
        else response.once('drain', write);
      };
      write();
    });
    await new Promise<void>((resolve) => endless.listen(0, '127.0.0.1', resolve));
    const seen = await probe(
      outgoing,
      `http://127.0.0.1:${(endless.address() as AddressInfo).port}/`,
      { method: 'GET', headers: {} },
      30_000,
    );
    expect(seen.kind === 'answer' && seen.body.length).toBe(1024 * 1024);
    endless.closeAllConnections();
    await new Promise((resolve) => endless.close(resolve));
  });
});

describe('sampling production', () => {
  const expected = () => ({ marker: production.marker, content: production.content });
  const sample = (more: object = {}) =>
    createSampleProduction(ports())({ rolloutId: id, leftMs: 1_200_000, samples: [], expected: expected(), round: 9, ...more }, call);

  it('looks at the pace for a minute, with requests that change nothing', async () => {
    const began = nowMs;
    const { kind, samples } = await sample();
    expect(kind).toBe('fine');
    expect(samples.map(({ atMs }) => atMs - began)).toEqual([0, 10_000, 20_000, 30_000, 40_000, 50_000]);
    expect(requests.every(({ method }) => method === 'GET')).toBe(true);
    expect(nowMs - began).toBe(60_000);
    expect((await readRow()).round).toBe(9);
  });

  it.each([
    ['an hour', 3600, 60_000],
    ['two hours', 7200, 120_000],
    ['a day', 86_400, 180_000],
  ])('of a watch of %s looks for longer at once, so that there are 480 batches at most', async (_what, seconds, batchMs) => {
    const long = { ...policy, watch: { ...policy.watch, for: seconds } };
    await change({ plan: { kind: 'go', policy: long, live: { production, staging: production } } as GoPlan });
    const began = nowMs;
    expect((await sample({ leftMs: seconds * 1000 })).kind).toBe('fine');
    expect(nowMs - began).toBe(batchMs);
    expect((seconds * 1000) / batchMs).toBeLessThanOrEqual(480);
  });

  it('ends when the watch ends', async () => {
    const began = nowMs;
    expect((await sample({ leftMs: 25_000 })).kind).toBe('fine');
    expect(nowMs - began).toBe(25_000);
    expect((await sample({ leftMs: 0 })).kind).toBe('fine');
  });

  it('counts what it watched, and not what it slept through', async () => {
    expect((await sample({ leftMs: 25_000 })).watchedMs).toBe(25_000);
    let isFirst = true;
    onSleep = async () => {
      if (isFirst) nowMs += 3_600_000;
      isFirst = false;
    };
    expect((await sample()).watchedMs).toBe(11_000);
  });

  it('lets a burst of 15 s pass and finds one of 60 s, over two batches', async () => {
    const began = nowMs;
    answers = (at) => (at - began >= 30_000 && at - began < 45_000 ? { status: 503 } : { status: 200, body: { version: '2.0.0' } });
    const first = await sample();
    expect(first.kind).toBe('fine');
    answers = (at) => (at - began >= 60_000 ? { status: 503 } : { status: 200, body: { version: '2.0.0' } });
    const second = await sample({ samples: first.samples });
    expect(second).toMatchObject({
      kind: 'health-breach',
      seen: expect.stringMatching(/the last: check "version": status 503, wanted 200/),
    });
    expect(nowMs - began).toBeLessThan(120_000);
  });

  it('finds a breach in no answers', async () => {
    answers = () => 'none';
    const { kind, seen } = await sample();
    expect([kind, seen]).toEqual(['health-breach', expect.stringMatching(/no answer: the connection was cut/)]);
  });

  it('judges a watch that is shorter than its window too', async () => {
    const short = { ...policy, watch: { ...policy.watch, for: 30, every: 5 } };
    await change({ plan: { kind: 'go', policy: short, live: { production, staging: production } } as GoPlan });
    answers = () => ({ status: 500 });
    expect((await sample({ leftMs: 30_000 })).kind).toBe('health-breach');
    answers = (at) => (at % 20_000 < 5_000 ? { status: 500 } : { status: 200, body: { version: '2.0.0' } });
    expect((await sample({ leftMs: 30_000 })).kind).toBe('fine');
  });

  it('comes back when somebody wants something', async () => {
    onSleep = () => change({ intent: { kind: 'roll-back', by: 'a', reason: '', at: '' } });
    const began = nowMs;
    expect((await sample()).kind).toBe('asked');
    expect(nowMs - began).toBe(10_000);
  });

  it('finds a stranger in production at the end of a batch', async () => {
    const ours = expected();
    production = { ...production, content: { kind: 'read', deploymentId: 'e', message: 'by hand' } };
    expect(await sample({ expected: ours })).toMatchObject({ kind: 'state-breach', seen: expect.stringMatching(/deployment "by hand"/) });
    production = { ...production, marker: null };
    expect(await sample({ expected: ours })).toMatchObject({ kind: 'state-breach', seen: expect.stringMatching(/marker none/) });
  });

  it('takes nothing back for want of a look at the slots', async () => {
    const ours = expected();
    production = { ...production, content: { kind: 'unreadable' } };
    expect(await sample({ expected: ours })).toMatchObject({ kind: 'fine', seen: "production's content could not be read" });
    slotReads = () => Promise.reject(new Error('Azure answered 503.'));
    expect(await sample({ expected: ours })).toMatchObject({ kind: 'fine', seen: 'Azure answered 503.' });
  });
});
