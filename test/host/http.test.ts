import http from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { app, type HttpRequest } from '@azure/functions';
import { matchRoute, parseRoute } from '../../local/host/routes';
import { bench, benches } from './bench';

const host = benches();

/** A request with the headers that fetch does not let one set. */
function raw(url: string, headers: Record<string, string>, method = 'GET'): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, headers }, (response) => {
      let body = '';
      response.on('data', (part: Buffer) => (body += part.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    request.on('error', reject);
    request.end();
  });
}

function registerRoutes(): void {
  const echo = async (request: HttpRequest) => ({
    status: 201,
    headers: { 'x-method': request.method },
    cookies: [{ name: 'a', value: 'b c', httpOnly: true, sameSite: 'Strict' as const }],
    jsonBody: {
      params: request.params,
      query: request.query.get('q'),
      header: request.headers.get('x-given'),
      body: Buffer.from(await request.arrayBuffer()).toString('hex'),
    },
  });
  app.http('echo', { methods: ['GET', 'HEAD', 'POST'], route: 'things/{id}', handler: echo });
  app.http('exact', { methods: ['GET'], route: 'things/exact', handler: () => ({ body: 'exact' }) });
  app.http('rest', { methods: ['GET'], route: 'files/{*rest}', handler: (request) => ({ body: request.params['rest'] ?? '' }) });
  app.http('keyed', { methods: ['GET'], authLevel: 'function', handler: () => ({ body: 'open' }) });
  app.http('admin-only', { methods: ['GET'], authLevel: 'admin', handler: () => ({ body: 'open' }) });
  app.http('nothing', { methods: ['GET'], handler: () => undefined as never });
  app.http('off', { methods: ['GET'], handler: () => ({ body: 'on' }) });
  app.http('fails', {
    methods: ['GET'],
    handler: () => {
      throw new Error('a secret of the handler');
    },
  });
}

describe('HTTP triggers', () => {
  test('get method, parameters, query, headers and bytes, and answer with status, headers, cookies and body', async () => {
    const { host: one } = await host(registerRoutes);
    const response = await fetch(`${one.url}/api/things/a%20b?q=1`, {
      method: 'POST',
      headers: { 'x-given': 'yes' },
      body: new Uint8Array([0, 255, 10]),
    });
    expect(response.status).toBe(201);
    expect(response.headers.get('x-method')).toBe('POST');
    expect(response.headers.getSetCookie()).toEqual(['a=b%20c; httponly; samesite=strict']);
    expect(await response.json()).toEqual({ params: { id: 'a b' }, query: '1', header: 'yes', body: '00ff0a' });
  });

  test('the more literal route wins; a catch-all takes the rest; HEAD has no body; unknown paths and methods are 404', async () => {
    const { host: one } = await host(registerRoutes);
    const ask = async (path: string, method = 'GET') => {
      const response = await fetch(`${one.url}/api/${path}`, { method });
      return [response.status, await response.text()];
    };
    expect(await ask('things/exact')).toEqual([200, 'exact']);
    expect(await ask('THINGS/Exact')).toEqual([200, 'exact']);
    expect(await ask('files/a/b/c.txt')).toEqual([200, 'a/b/c.txt']);
    expect(await ask('things/x', 'HEAD')).toEqual([201, '']);
    expect(await ask('things/exact', 'DELETE')).toEqual([404, '']);
    expect(await ask('nowhere')).toEqual([404, '']);
    expect(await ask('nothing')).toEqual([204, '']);
  });

  test('a failure is 500 without a word of it, and stands in the log', async () => {
    const { host: one, log } = await host(registerRoutes);
    const response = await fetch(`${one.url}/api/fails`);
    expect([response.status, await response.text()]).toEqual([500, '']);
    expect(log).toContainEqual(
      expect.objectContaining({ level: 'error', functionName: 'fails', text: expect.stringContaining('a secret of the handler') }),
    );
  });

  test('a disabled function has no route', async () => {
    const { host: one } = await host(registerRoutes, { settings: { 'AzureWebJobs.off.Disabled': 'true' } });
    expect((await fetch(`${one.url}/api/off`)).status).toBe(404);
    expect(one.functions().find((fn) => fn.name === 'off')).toMatchObject({ disabled: true });
  });
});

describe('keys', () => {
  test('function level takes a function key or the master key, admin level the master key alone', async () => {
    const { host: one } = await host(registerRoutes);
    const { masterKey, functionKeys, systemKeys } = one.keys();
    const status = async (path: string, key?: string) =>
      (await fetch(`${one.url}/${path}`, key === undefined ? {} : { headers: { 'x-functions-key': key } })).status;
    const functionKey = functionKeys['default'] ?? '';
    expect(await status('api/keyed')).toBe(401);
    expect(await status('api/keyed', 'wrong')).toBe(401);
    expect(await status('api/keyed', systemKeys['durabletask_extension'])).toBe(401);
    expect(await status('api/keyed', functionKey)).toBe(200);
    expect(await status(`api/keyed?code=${functionKey}`)).toBe(200);
    expect(await status('api/keyed', masterKey)).toBe(200);
    expect(await status('api/admin-only', functionKey)).toBe(401);
    expect(await status('api/admin-only', masterKey)).toBe(200);
    expect(await status('runtime/webhooks/durabletask/instances', functionKey)).toBe(401);
    expect(await status('runtime/webhooks/durabletask/instances', systemKeys['durabletask_extension'])).toBe(200);
  });

  test('the admin API shows functions and state to the master key, and pings anybody', async () => {
    const { host: one } = await host(registerRoutes);
    const headers = { 'x-functions-key': one.keys().masterKey };
    expect((await fetch(`${one.url}/admin/host/ping`)).status).toBe(200);
    expect((await fetch(`${one.url}/admin/host/status`)).status).toBe(401);
    expect(await (await fetch(`${one.url}/admin/host/status`, { headers })).json()).toMatchObject({
      state: 'Running',
      version: expect.any(String),
      id: expect.any(String),
    });
    const functions = (await (await fetch(`${one.url}/admin/functions`, { headers })).json()) as {
      name: string;
      invoke_url_template?: string;
    }[];
    expect(functions.map((fn) => fn.name)).toEqual(['client', 'echo', 'exact', 'rest', 'keyed', 'admin-only', 'nothing', 'off', 'fails']);
    expect(functions[1]?.invoke_url_template).toBe(`${one.url}/api/things/{id}`);
  });
});

describe('strangers', () => {
  test('a foreign Host or Origin is refused everywhere, also on management routes', async () => {
    const { host: one } = await host(registerRoutes);
    const code = one.keys().masterKey;
    const own = `127.0.0.1:${one.port}`;
    for (const path of ['/api/things/exact', '/admin/host/ping', `/runtime/webhooks/durabletask/instances?code=${code}`, '/nowhere']) {
      const ask = async (headers: Record<string, string>) => (await raw(`${one.url}${path}`, headers)).status;
      expect(await ask({ host: 'evil.example' })).toBe(421);
      expect(await ask({ host: `evil.example:${one.port}` })).toBe(421);
      expect(await ask({ host: own, origin: 'http://evil.example' })).toBe(403);
      expect(await ask({ host: own, origin: `http://127.0.0.1:${one.port + 1}` })).toBe(403);
      expect(await ask({ host: own, origin: 'null' })).toBe(403);
      expect(await ask({ host: own, origin: 'null', 'sec-fetch-site': 'cross-site' })).toBe(403);
      expect(await ask({ host: own, 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' })).toBe(403);
      expect(await ask({ host: own, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' })).toBe(403);
      const expected = path === '/nowhere' ? 404 : 200;
      expect(await ask({ host: own, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' })).toBe(
        expected,
      );
      expect(await ask({ host: own, origin: `http://${own}` })).toBe(expected);
      expect(await ask({ host: `localhost:${one.port}` })).toBe(expected);
      expect(await ask({ host: own, origin: 'null', 'sec-fetch-site': 'same-origin' })).toBe(expected);
    }
  });

  test('the keyless local API of the durable client is not to be found', async () => {
    const { host: one } = await host(registerRoutes);
    expect((await fetch(`${one.url}/durabletask/instances`)).status).toBe(404);
  });
});

test('what this host does not have is refused by name when the app is loaded', async () => {
  await expect(
    bench(() => {
      app.storageBlob('blobs', { path: 'in/{name}', connection: 'AzureWebJobsStorage', handler: () => {} });
      app.eventGrid('grid', { handler: () => {} });
    }),
  ).rejects.toThrow(
    'The embedded host does not have these bindings yet: function "blobs": binding "blobTrigger"; function "grid": binding "eventGridTrigger".',
  );
});

test.each([
  ['a/{id:int}', 'a/12', { id: '12' }],
  ['a/{id:int}', 'a/x', undefined],
  ['a/{id:guid}', 'a/6f9619ff-8b86-d011-b42d-00c04fc964ff', { id: '6f9619ff-8b86-d011-b42d-00c04fc964ff' }],
  ['a/{id?}', 'a', {}],
  ['a/{id}', 'a', undefined],
  ['a/{id}/b', 'a/1/b/c', undefined],
  ['{*all}', '', {}],
  ['{*all}', 'x/y', { all: 'x/y' }],
])('the route %s and the path "%s"', (template, path, parameters) => {
  const route = parseRoute(template, ['get'], 'here', 'fn');
  const segments = path.split('/').filter(Boolean);
  expect(matchRoute([route], 'GET', segments)).toEqual(parameters && { target: 'here', parameters });
  expect(matchRoute([route], 'POST', segments)).toBeUndefined();
});

test('a route that cannot be read names its function', () => {
  expect(() => parseRoute('a/{x}.{y}', ['get'], 0, 'odd')).toThrow(
    'Function "odd": the embedded host does not read the route part "{x}.{y}" yet.',
  );
  expect(() => parseRoute('a/{x:double}', ['get'], 0, 'odd')).toThrow('does not have the route constraint "double" yet');
});
