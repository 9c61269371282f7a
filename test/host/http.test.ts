import http from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { app, input, output, type HttpRequest } from '@azure/functions';
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
    cookies: [
      { name: 'a', value: 'b c', httpOnly: true, sameSite: 'Strict' as const },
      { name: 'd', value: "(it's)!*", path: '/api', domain: 'h', maxAge: 5, secure: true, sameSite: 'None' as const },
    ],
    jsonBody: {
      params: request.params,
      query: request.query.get('q'),
      header: request.headers.get('x-given'),
      body: Buffer.from(await request.arrayBuffer()).toString('hex'),
    },
  });
  app.http('echo', { methods: ['GET', 'HEAD', 'POST'], route: 'things/{id}', handler: echo });
  app.http('an-exact', { methods: ['GET'], route: 'things/exact', handler: () => ({ body: 'exact' }) });
  app.http('rest', { methods: ['GET'], route: 'files/{*rest}', handler: (request) => ({ body: request.params['rest'] ?? '' }) });
  app.http('keyed', { methods: ['GET'], authLevel: 'function', handler: () => ({ body: 'open' }) });
  app.http('masters', { methods: ['GET'], authLevel: 'admin', handler: () => ({ body: 'open' }) });
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
    expect(response.headers.getSetCookie()).toEqual([
      'a=b%20c; path=/; samesite=strict; httponly',
      'd=%28it%27s%29%21%2A; max-age=5; domain=h; path=/api; secure; samesite=none',
    ]);
    expect(await response.json()).toEqual({ params: { id: 'a b' }, query: '1', header: 'yes', body: '00ff0a' });
  });

  test.each([
    [{ jsonBody: { a: 1 } }, undefined, 200, 'application/json; charset=utf-8', '"eyJhIjoxfQ=="'],
    [{ body: 'text' }, undefined, 406, 'text/plain;charset=UTF-8', ''],
    [
      { body: 'x', headers: { 'content-type': 'text/xml' } },
      undefined,
      200,
      'text/xml; charset=utf-8',
      '<base64Binary xmlns="http://schemas.microsoft.com/2003/10/Serialization/">eA==</base64Binary>',
    ],
    [
      { body: Buffer.from('x') },
      'application/xml;q=0.9, text/html',
      200,
      'application/xml; charset=utf-8',
      '<base64Binary xmlns="http://schemas.microsoft.com/2003/10/Serialization/">eA==</base64Binary>',
    ],
    [{ body: Buffer.from('x') }, 'application/xml, */*', 200, 'application/json; charset=utf-8', '"eA=="'],
    [{ body: Buffer.from('x') }, 'image/png', 200, 'application/json; charset=utf-8', '"eA=="'],
  ])('%j, where the answer is to be negotiated and %s is accepted', async (answer, accept, status, type, body) => {
    const { host: one } = await host(() => {
      app.http('negotiated', { methods: ['GET'], handler: () => ({ ...answer, enableContentNegotiation: true }) });
    });
    const response = await fetch(`${one.url}/api/negotiated`, accept === undefined ? {} : { headers: { accept } });
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([status, type, body]);
  });

  test('get the values of a header that came more than once joined by commas', async () => {
    const { host: one } = await host(() => {
      app.http('heads', { methods: ['GET'], handler: (request) => ({ body: request.headers.get('x-many') ?? '' }) });
    });
    const body = await new Promise<string>((resolve, reject) => {
      const request = http.request(`${one.url}/api/heads`, { headers: { 'x-many': ['a', 'b, c', 'd'] } }, (response) => {
        void response.toArray().then((parts: Buffer[]) => resolve(Buffer.concat(parts).toString()));
      });
      request.on('error', reject);
      request.end();
    });
    expect(body).toBe('a,b, c,d');
  });

  test('get an address in which only what must be is encoded', async () => {
    const { host: one } = await host(() => {
      app.http('where', { methods: ['GET'], route: 'where/{id}', handler: (request) => ({ body: request.url }) });
    });
    const response = await fetch(`${one.url}/api/where/a%3Ab%20%40?q=a%3Ab`);
    expect(await response.text()).toBe(`${one.url}/api/where/a:b%20@?q=a%3Ab`);
  });

  test('the first function by name wins; a catch-all takes the rest; HEAD has no body; unknown paths and methods are 404', async () => {
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

  test('a disabled function answers nobody but the master key', async () => {
    const { host: one } = await host(registerRoutes, { settings: { 'AzureWebJobs.off.Disabled': 'true' } });
    const status = async (key: string) => (await fetch(`${one.url}/api/off`, { headers: { 'x-functions-key': key } })).status;
    expect((await fetch(`${one.url}/api/off`)).status).toBe(404);
    expect(await status(one.keys().functionKeys['default'] ?? '')).toBe(404);
    // Who may do everything may call it all the same, as in Azure.
    expect(await status(one.keys().masterKey)).toBe(200);
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
    expect(await status('api/masters', functionKey)).toBe(401);
    expect(await status('api/masters', masterKey)).toBe(200);
    expect(await status('runtime/webhooks/durabletask/instances', functionKey)).toBe(401);
    expect(await status('runtime/webhooks/durabletask')).toBe(401);
    // Whether there is such an extension only who has its key is told.
    expect(await status('runtime/webhooks/other')).toBe(401);
    expect(await status('runtime/webhooks/other', systemKeys['durabletask_extension'])).toBe(401);
    expect(await status('runtime/webhooks/other', masterKey)).toBe(404);
    // A header goes before the query, also an empty one.
    expect(await status(`api/keyed?code=${functionKey}`, '')).toBe(401);
    expect(await status('runtime/webhooks/durabletask/instances', systemKeys['durabletask_extension'])).toBe(200);
  });

  test('a function has keys of its own, which open no other; they can be listed, made, replaced and removed', async () => {
    const { host: one } = await host(() => {
      registerRoutes();
      app.http('keyed-too', { methods: ['GET'], authLevel: 'function', handler: () => ({ body: 'open' }) });
    });
    const master = { 'x-functions-key': one.keys().masterKey };
    const status = async (path: string, key: string) => (await fetch(`${one.url}/api/${path}?code=${key}`)).status;
    const admin = async (path: string, method = 'GET', value?: string) => {
      const body = value === undefined ? {} : { body: JSON.stringify({ value }) };
      const response = await fetch(`${one.url}/admin/${path}`, { method, headers: master, ...body });
      const text = await response.text();
      return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>) };
    };
    const own = one.keys().ofFunctions['keyed']?.['default'] ?? '';
    expect([await status('keyed', own), await status('keyed-too', own), await status('masters', own)]).toEqual([200, 401, 401]);
    expect((await fetch(`${one.url}/admin/functions/keyed/keys`)).status).toBe(401);
    expect(await admin('functions/Keyed/keys')).toEqual({ status: 200, body: { keys: [{ name: 'default', value: own }] } });
    expect(await admin('functions/keyed/keys/mine', 'PUT', 'chosen')).toEqual({ status: 201, body: { name: 'mine', value: 'chosen' } });
    expect([await status('keyed', 'chosen'), await status('keyed-too', 'chosen')]).toEqual([200, 401]);
    const made = await admin('functions/keyed/keys/mine', 'POST');
    expect(made).toMatchObject({ status: 200, body: { name: 'mine' } });
    expect([await status('keyed', 'chosen'), await status('keyed', String(made.body?.['value']))]).toEqual([401, 200]);
    expect((await admin('functions/keyed/keys/mine', 'DELETE')).status).toBe(204);
    expect((await admin('functions/keyed/keys/mine')).status).toBe(404);
    expect((await admin('functions/none/keys')).status).toBe(404);
    expect((await admin('functions/keyed/keys/mine', 'PUT')).status).toBe(400);
    expect((await admin('host/functionkeys/all', 'PUT', 'everywhere')).status).toBe(201);
    expect([await status('keyed', 'everywhere'), await status('keyed-too', 'everywhere'), await status('masters', 'everywhere')]).toEqual([
      200, 200, 401,
    ]);
    expect((await admin('host/systemkeys/_master', 'DELETE')).status).toBe(400);
    expect(await admin('host/systemkeys/_master')).toMatchObject({ status: 200, body: { value: one.keys().masterKey } });
    expect((await admin('host/keys/_master', 'PUT', 'new-master')).status).toBe(200);
    expect([await status('masters', master['x-functions-key']), await status('masters', 'new-master')]).toEqual([401, 200]);
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
    expect(functions.map((fn) => fn.name)).toEqual(['client', 'echo', 'an-exact', 'rest', 'keyed', 'masters', 'nothing', 'off', 'fails']);
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
      app.storageBlob('blobs', { path: 'in/{name}', connection: 'X', source: 'EventGrid', handler: () => {} });
      app.storageBlob('sdk', { path: 'in/{name}', connection: 'X', sdkBinding: true, handler: () => {} });
      app.eventGrid('grid', { handler: () => {}, return: output.eventGrid({ topicEndpointUri: 'a', topicKeySetting: 'b' }) });
    }),
  ).rejects.toThrow(
    'The embedded host does not have these bindings yet: function "blobs": binding "blobTrigger" with source EventGrid; function "sdk": binding "blobTrigger" with sdkBinding; function "grid": binding "eventGridTrigger"; function "grid": output binding "eventGrid".',
  );
});

describe('what the real host does not load is refused', () => {
  const handler = () => ({});
  test.each([
    [
      'a route with a slash before',
      () => app.http('odd', { route: '/x', handler }),
      'Function "odd": the route "api//x" is refused: a route may not have two',
    ],
    [
      'a route of the host',
      () => app.http('odd', { route: 'administer', handler }),
      'the route "administer" conflicts with the host\'s own',
    ],
    ['a name that is such a route', () => app.http('runtimes', { handler }), 'the route "runtimes" conflicts'],
    ['an auth level', () => app.http('odd', { authLevel: 'user' as never, handler }), 'the auth level "user" is none of'],
    [
      'a route that is there already',
      () => {
        app.http('odd', { methods: ['GET'], route: 'X/{a}', handler });
        app.http('other', { methods: ['GET', 'POST'], route: 'x/{a}', handler });
        app.http('third', { methods: ['PUT'], route: 'x/{a}', handler });
      },
      'Function "other": its route conflicts with that of function "odd".',
    ],
    ['the name of a function', () => app.http('1st', { handler }), '"1st" is no name of a function'],
    ['the name "host"', () => app.http('Host', { handler }), '"Host" is no name of a function'],
    [
      'the name of a binding',
      () => app.http('odd', { handler, extraInputs: [input.generic({ type: 'blob', name: 'a-b', path: 'a/b' })] }),
      'Function "odd": "a-b" is no name of a binding',
    ],
    ['the name of a warm-up function', () => app.warmup('warm', { handler }), 'a function with a warm-up trigger must be named "warmup"'],
  ])('%s', async (_what, register, reason) => {
    await expect(bench(register)).rejects.toThrow(reason);
  });
});

test('an empty route is the name, and an empty prefix leaves the route alone', async () => {
  const { host: one } = await host(() => app.http('plain', { route: '', handler: () => ({ body: 'here' }) }), {
    hostJson: { version: '2.0', extensions: { http: { routePrefix: '' } } },
  });
  expect(await (await fetch(`${one.url}/plain`)).text()).toBe('here');
});

test('a body without a length is left out, as by the real host, and the log says so', async () => {
  const { host: one, log } = await host(() =>
    app.http('size', { methods: ['POST'], handler: async (request) => ({ body: String((await request.arrayBuffer()).byteLength) }) }),
  );
  const send = async (body: RequestInit) => (await fetch(`${one.url}/api/size`, { method: 'POST', ...body })).text();
  expect(await send({ body: 'four' })).toBe('4');
  const chunked = { body: new Blob(['four']).stream(), duplex: 'half' } as RequestInit;
  expect(await send(chunked)).toBe('0');
  expect(log).toContainEqual(expect.objectContaining({ level: 'warn', functionName: 'size', text: expect.stringContaining('chunked') }));
});

test('the warm-up function runs once, when Azure would ask for it, and needs no key', async () => {
  const seen: unknown[] = [];
  const { host: one } = await host(() => app.warmup('warmup', { handler: (context) => void seen.push(context) }));
  expect(seen).toEqual([]);
  expect((await fetch(`${one.url}/admin/warmup`)).status).toBe(200);
  expect((await fetch(`${one.url}/admin/warmup`)).status).toBe(200);
  expect(seen).toEqual([{}]);
});
