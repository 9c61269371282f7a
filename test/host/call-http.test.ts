import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import * as df from 'durable-functions';
import type { CallHttpOptions } from 'durable-functions';
import { virtualClock } from '../../local/host';
import { dotnetHeaders } from '../../local/host/durable/dotnet-headers';
import { appFolder, benches, type Bench } from './bench';

const host = benches();

interface Seen {
  method: string;
  url: string;
  /** Names and values as they came. */
  headers: string[];
  body: string;
}

let server: Server;
let base: string;
let seen: Seen[];
let answer: (request: Seen, response: ServerResponse) => void;

beforeEach(async () => {
  seen = [];
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const one = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.rawHeaders,
      body: Buffer.concat(parts).toString(),
    };
    seen.push(one);
    answer(one, response);
  };
  server = createServer((request, response) => void serve(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

function registerHttp(): void {
  df.app.orchestration('Http', function* (context) {
    try {
      return yield context.df.callHttp(context.df.getInput<CallHttpOptions>());
    } catch (error) {
      return { name: (error as Error).name, message: (error as Error).message };
    }
  });
}

const start = (one: Bench, input: Record<string, unknown>): Promise<unknown> => one.client('startNew', 'Http', { instanceId: 'h', input });
const historyOf = async (one: Bench): Promise<unknown[]> =>
  ((await one.status('h', 'showHistory=true')).historyEvents ?? []).map((event) => event['FunctionName'] ?? event['EventType']);

describe('`DurableOrchestrationContext.callHttp`', () => {
  test('`CallHttpOptions.method`, `CallHttpOptions.url`: hands over status, text and all headers but those of the content', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'X-Custom': ['a', 'b'], 'retry-after': '1' }).end('{"hello":"world"}');
    };
    const one = await host(registerHttp);
    await start(one, { method: 'GET', url: `${base}/ok` });
    expect((await one.finish('h')).output).toEqual({
      statusCode: 200,
      headers: {
        'X-Custom': ['a', 'b'],
        'Retry-After': '1',
        Date: expect.any(String),
        Connection: 'keep-alive',
        'Keep-Alive': 'timeout=5',
        'Transfer-Encoding': 'chunked',
      },
      content: '{"hello":"world"}',
    });
    expect(seen).toEqual([
      {
        method: 'GET',
        url: '/ok',
        headers: expect.arrayContaining(['User-Agent', 'Microsoft.Azure.WebJobs.Extensions.DurableTask/3.15.2']),
        body: '',
      },
    ]);
    expect(seen[0]?.headers.filter((_name, at) => at % 2 === 0).sort()).toEqual(['Host', 'User-Agent']);
    expect(await historyOf(one)).toEqual(['Http', 'BuiltIn::HttpActivity', 'ExecutionCompleted']);
  });

  test.each([
    [{ body: { a: 1 }, headers: { 'X-H': 'v', 'Content-Type': 'application/json' } }, 'application/json', '{"a":1}'],
    [{ body: 'text' }, 'text/plain', 'text'],
    [
      { body: 'a=1', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } },
      'application/x-www-form-urlencoded; charset=utf-8',
      'a=1',
    ],
  ])('`CallHttpOptions.body`, `CallHttpOptions.headers`: sends %j', async (more, type, body) => {
    answer = (_request, response) => response.end();
    const one = await host(registerHttp);
    await start(one, { method: 'POST', url: `${base}/ok?x=1`, ...more });
    expect((await one.finish('h')).output).toMatchObject({ statusCode: 200, content: '' });
    expect(seen[0]).toMatchObject({ method: 'POST', url: '/ok?x=1', body });
    expect(seen[0]?.headers).toEqual(expect.arrayContaining(['Content-Type', type, 'Content-Length', String(body.length)]));
  });

  test('polls the Location of a 202 with timers, by Retry-After or every 30 seconds, without body and function key', async () => {
    let polls = 0;
    answer = (request, response) => {
      if (request.url === '/begin') response.writeHead(202, { location: `${base}/status`, 'retry-after': '10' }).end('accepted');
      else if (++polls < 3) response.writeHead(202, { location: `${base}/status` }).end('still');
      else response.end('over');
    };
    const one = await host(registerHttp);
    const fromMs = one.clock.now();
    await start(one, { method: 'POST', url: `${base}/begin`, body: 'b', headers: { 'x-functions-key': 'k', 'X-H': 'v' } });
    expect((await one.finish('h')).output).toMatchObject({ statusCode: 200, content: 'over' });
    expect(one.clock.now() - fromMs).toBe(10_000 + 30_000 + 30_000);
    expect(seen.map(({ method, url, body }) => [method, url, body])).toEqual([
      ['POST', '/begin', 'b'],
      ...[1, 2, 3].map(() => ['GET', '/status', '']),
    ]);
    expect(seen.map(({ headers }) => [headers.includes('x-functions-key'), headers.includes('X-H')])).toEqual([
      [true, true],
      ...[1, 2, 3].map(() => [false, true]),
    ]);
    expect(await historyOf(one)).toEqual([
      'Http',
      ...['BuiltIn::HttpActivity', 'TimerCreated', 'TimerFired'],
      ...['BuiltIn::HttpActivity', 'TimerCreated', 'TimerFired'],
      ...['BuiltIn::HttpActivity', 'TimerCreated', 'TimerFired'],
      ...['BuiltIn::HttpActivity', 'ExecutionCompleted'],
    ]);
  });

  test('the time between polls is of host.json; a power cut loses none of it', async () => {
    let polls = 0;
    answer = (_request, response) => {
      if (++polls < 3) response.writeHead(202, { location: `${base}/status` }).end();
      else response.end('over');
    };
    const folder = appFolder({
      version: '2.0',
      extensions: { durableTask: { httpSettings: { defaultAsyncRequestSleepTimeMilliseconds: 5000 } } },
    });
    const stateFile = path.join(folder, 'state.db');
    const before = await host(registerHttp, { appDirectory: folder, stateFile });
    const fromMs = before.clock.now();
    await start(before, { method: 'GET', url: `${base}/begin` });
    await before.host.whenIdle();
    before.host.kill();
    const after = await host(registerHttp, { appDirectory: folder, stateFile, virtual: virtualClock(fromMs) });
    expect((await after.finish('h')).output).toMatchObject({ content: 'over' });
    expect([after.clock.now() - fromMs, polls]).toEqual([10_000, 3]);
  });

  test.each(['enablePolling', 'asynchronousPatternEnabled'])(
    '`CallHttpOptions.enablePolling`, `CallHttpOptions.asynchronousPatternEnabled`: does not poll where %s is false',
    async (option) => {
      answer = (_request, response) => response.writeHead(202, { location: `${base}/status` }).end('accepted');
      const one = await host(registerHttp);
      await start(one, { method: 'GET', url: `${base}/begin`, [option]: false });
      expect((await one.finish('h')).output).toMatchObject({ statusCode: 202, content: 'accepted' });
      expect(seen).toHaveLength(1);
    },
  );

  test('a 202 without Location leaves the instance Running until the time to poll, and the log says so', async () => {
    answer = (_request, response) => response.writeHead(202).end('no location');
    const one = await host(registerHttp);
    await start(one, { method: 'GET', url: `${base}/noloc` });
    await one.host.whenIdle();
    expect((await one.status('h')).runtimeStatus).toBe('Running');
    const errors = one.log.filter((entry) => entry.level === 'error').map((entry) => entry.text);
    expect(errors).toEqual([expect.stringContaining('the answer is 202 without a Location')]);
    expect(await one.finish('h')).toMatchObject({ runtimeStatus: 'Completed', output: { statusCode: 202, content: 'no location' } });
  });

  test.each([
    [{ location: 'status', 'retry-after': '1' }, 'is not a whole address'],
    [{ location: 'http://127.0.0.1/', 'retry-after': 'Mon, 05 Jan 2026 09:00:10 GMT' }, 'is not a number of seconds'],
  ])('a 202 with %j hangs, and the log says so', async (headers, said) => {
    answer = (_request, response) => response.writeHead(202, headers).end();
    const one = await host(registerHttp);
    await start(one, { method: 'GET', url: `${base}/begin` });
    await one.host.whenIdle();
    await one.clock.advance(60_000);
    await one.host.whenIdle();
    expect((await one.status('h')).runtimeStatus).toBe('Running');
    expect(one.log.map((entry) => entry.text).join('\n')).toContain(said);
  });

  test('a 202 whose Location is a path fails the call when it polls: to .NET on Linux that is a file', async () => {
    answer = (_request, response) => response.writeHead(202, { location: '/status', 'retry-after': '1' }).end();
    const one = await host(registerHttp);
    await start(one, { method: 'GET', url: `${base}/begin` });
    expect((await one.finish('h')).output).toEqual({
      name: 'TaskFailedError',
      message: "System.NotSupportedException: The 'file' scheme is not supported.",
    });
    expect(seen).toHaveLength(1);
  });

  test.each([
    [302, 'POST', 'GET', ''],
    [303, 'PUT', 'GET', ''],
    [307, 'POST', 'POST', 'b'],
  ])('follows a %i of a %s with a %s', async (status, method, then, body) => {
    answer = (request, response) => {
      if (request.url === '/from') response.writeHead(status, { location: '/to' }).end();
      else response.end('there');
    };
    const one = await host(registerHttp);
    await start(one, { method, url: `${base}/from`, body: 'b' });
    expect((await one.finish('h')).output).toMatchObject({ statusCode: 200, content: 'there' });
    expect(seen[1]).toMatchObject({ method: then, url: '/to', body });
  });

  test('a status of failure is a result; no answer is an error', async () => {
    answer = (_request, response) => response.writeHead(500).end('error body');
    const one = await host(registerHttp);
    await start(one, { method: 'GET', url: `${base}/500` });
    expect((await one.finish('h')).output).toMatchObject({ statusCode: 500, content: 'error body' });
    await one.client('startNew', 'Http', { instanceId: 'h', input: { method: 'GET', url: 'http://127.0.0.1:1/refused' } });
    const { name, message } = (await one.finish('h')).output as { name: string; message: string };
    expect(name).toBe('Error');
    expect(message).toMatch(/^Connection refused \(127\.0\.0\.1:1\) \n \{"\$type":"System.Net.Http.HttpRequestException, System.Net.Http"/);
  });
});

describe('`CallHttpOptions.tokenSource`: `ManagedIdentityTokenSource.resource`', () => {
  const input = (): Record<string, unknown> => ({
    method: 'GET',
    url: `${base}/ok`,
    tokenSource: { kind: 'AzureManagedIdentity', resource: 'https://vault.azure.net' },
  });

  test("gets a token of the app's identity", async () => {
    answer = (request, response) => response.end(request.url.startsWith('/msi') ? '{"access_token":"t0ken"}' : 'ok');
    const one = await host(registerHttp, { settings: { IDENTITY_ENDPOINT: `${base}/msi`, IDENTITY_HEADER: 'secret' } });
    await start(one, input());
    expect((await one.finish('h')).output).toMatchObject({ statusCode: 200 });
    expect(seen[0]?.url).toBe('/msi?api-version=2019-08-01&resource=https%3A%2F%2Fvault.azure.net');
    expect(seen[0]?.headers).toEqual(expect.arrayContaining(['X-IDENTITY-HEADER', 'secret']));
    expect(seen[1]?.headers).toEqual(expect.arrayContaining(['Authorization', 'Bearer t0ken']));
    expect(new df.ManagedIdentityTokenSource('https://x').resource).toBe('https://x');
  });

  test('where there is none, the call fails with a TaskFailedError', async () => {
    const one = await host(registerHttp);
    await start(one, input());
    expect((await one.finish('h')).output).toEqual({
      name: 'TaskFailedError',
      message: expect.stringMatching(/^Azure.Identity.CredentialUnavailableException: There is no managed identity/),
    });
    expect(seen).toEqual([]);
  });
});

test('headers are named as .NET names them, in order, and the content keeps its own', () => {
  expect(dotnetHeaders(['x-a', '1', 'CONTENT-TYPE', 't', 'etag', 'e', 'X-A', '2', 'expires', '0', 'x-a', '3'])).toEqual({
    'x-a': ['1', '2', '3'],
    ETag: 'e',
  });
});
