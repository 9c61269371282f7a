import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { app, type HttpRequest } from '@azure/functions';
import { appFolder, benches } from './bench';

const host = benches();
// The package takes it once, before the first host of this file starts.
app.setup({ enableHttpStream: true });

const sockets: net.Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

describe('an HTTP function that streams', () => {
  test('gets the body piece by piece, and answers while it still comes', async () => {
    const { host: one } = await host(() =>
      app.http('echo', {
        methods: ['POST'],
        handler: (request: HttpRequest) => ({ status: 201, headers: { 'content-type': 'text/plain' }, body: request.body }),
      }),
    );
    const request = http.request(`${one.url}/api/echo`, { method: 'POST', headers: { 'transfer-encoding': 'chunked' } });
    request.write('one');
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    expect([response.statusCode, response.headers['content-type']]).toEqual([201, 'text/plain']);
    const pieces: string[] = [];
    for await (const piece of response as AsyncIterable<Buffer>) {
      pieces.push(piece.toString());
      // The next goes only when the last is back.
      if (pieces.join('') === 'one') request.write('two');
      if (pieces.join('') === 'onetwo') request.end('three');
    }
    expect(pieces.join('')).toBe('onetwothree');
  });

  test('gets method, address, headers, query and route, and answers with cookies and bytes', async () => {
    const { host: one } = await host(() =>
      app.http('show', {
        methods: ['PUT'],
        route: 'things/{id:int}',
        handler: async (request) => ({
          cookies: [{ name: 'a', value: 'b' }],
          jsonBody: {
            method: request.method,
            path: new URL(request.url).pathname,
            host: new URL(request.url).host === request.headers.get('host'),
            header: request.headers.get('x-given'),
            query: request.query.get('q'),
            id: request.params['id'],
            body: Buffer.from(await request.arrayBuffer()).toString('hex'),
          },
        }),
      }),
    );
    const response = await fetch(`${one.url}/api/things/7?q=1`, {
      method: 'PUT',
      headers: { 'x-given': 'yes' },
      body: new Uint8Array([0, 255]),
    });
    expect(response.headers.getSetCookie()).toEqual(['a=b']);
    expect(await response.json()).toEqual({
      method: 'PUT',
      path: '/api/things/7',
      host: true,
      header: 'yes',
      query: '1',
      id: '7',
      body: '00ff',
    });
  });

  test('is kept by its key, and by the guard against strangers', async () => {
    const { host: one } = await host(() => app.http('kept', { authLevel: 'function', handler: () => ({ body: 'open' }) }));
    const key = one.keys().functionKeys['default'] ?? '';
    expect((await fetch(`${one.url}/api/kept`)).status).toBe(401);
    expect(await (await fetch(`${one.url}/api/kept?code=${key}`)).text()).toBe('open');
    expect((await fetch(`${one.url}/api/kept?code=${key}`, { headers: { origin: 'http://evil.example' } })).status).toBe(403);
    expect((await fetch(`${one.url}/api/nowhere`)).status).toBe(404);
    expect((await fetch(`${one.url}/admin/host/ping`)).status).toBe(200);
  });

  test('that fails before it answers is 500; after, the answer is cut off', async () => {
    let goOn = (): void => {};
    const seen = new Promise<void>((resolve) => (goOn = resolve));
    const { host: one, log } = await host(() => {
      app.http('early', {
        handler: () => {
          throw new Error('no');
        },
      });
      app.http('late', {
        handler: () => {
          const body = new ReadableStream({
            async start(controller) {
              controller.enqueue(Buffer.from('begun'));
              await seen;
              controller.error(new Error('no more'));
            },
          });
          return { body: body as never };
        },
      });
    });
    const early = await fetch(`${one.url}/api/early`);
    expect([early.status, await early.text()]).toEqual([500, '']);
    const late = await fetch(`${one.url}/api/late`);
    goOn();
    await expect(late.text()).rejects.toThrow();
    expect(log.filter(({ level }) => level === 'error').map(({ functionName }) => functionName)).toEqual(['early', 'late']);
  });

  test('that never answers leaves its caller waiting, as in Azure, and the log says so', async () => {
    const { host: one, log } = await host(() => app.http('mute', { handler: () => undefined as never }));
    const gone = new AbortController();
    const asked = fetch(`${one.url}/api/mute`, { signal: gone.signal });
    while (!log.some(({ level }) => level === 'warn')) await new Promise((resolve) => setImmediate(resolve));
    expect(log).toContainEqual(
      expect.objectContaining({ level: 'warn', functionName: 'mute', text: expect.stringContaining('must return a response') }),
    );
    gone.abort();
    await expect(asked).rejects.toThrow();
    await one.whenIdle();
  });

  test('a client that goes away ends the stream that the function reads', async () => {
    let end = (_how: string): void => {};
    const ended = new Promise<string>((resolve) => (end = resolve));
    const { host: one } = await host(() =>
      app.http('reads', {
        methods: ['POST'],
        handler: async (request) => {
          await request.text().then(
            () => end('whole'),
            () => end('cut off'),
          );
          return {};
        },
      }),
    );
    const socket = net.connect(one.port, '127.0.0.1');
    sockets.push(socket);
    socket.write(`POST /api/reads HTTP/1.1\r\nHost: 127.0.0.1:${one.port}\r\nContent-Length: 100\r\n\r\nsome`);
    const waits = new Promise<void>((resolve) => socket.once('ready', resolve));
    await waits;
    setImmediate(() => socket.destroy());
    expect(await ended).toBe('cut off');
  });

  test('the package’s own server listens on this computer alone, and closes with the host', async () => {
    const listening = net.Server.prototype.listen;
    const opened: net.Server[] = [];
    net.Server.prototype.listen = function (this: net.Server, ...given: unknown[]) {
      opened.push(this);
      return (listening as (...all: unknown[]) => net.Server).apply(this, given);
    } as typeof listening;
    let one: Awaited<ReturnType<typeof host>>;
    try {
      one = await host(() => app.http('any', { handler: () => ({}) }), { appDirectory: appFolder() });
    } finally {
      net.Server.prototype.listen = listening;
    }
    expect(opened.map((server) => (server.address() as net.AddressInfo).address)).toEqual(['127.0.0.1', '127.0.0.1']);
    await one.host.stop();
    expect(opened.map((server) => server.listening)).toEqual([false, false]);
  });
});
