import { listLanesHandler, unblockLaneHandler } from '../../src/triggers/lanes.http';
import {
  cancelRolloutHandler,
  listRolloutsHandler,
  readRolloutHandler,
  rollBackRolloutHandler,
  startRolloutByKeyHandler,
  startRolloutHandler,
} from '../../src/triggers/rollouts.http';
import type { GoPlan } from '../../src/domain/plan';
import { laneKey, lanePartition } from '../../src/domain/tables';
import { call, endedAs, frontDoorPorts, recordedInstances, requestOf, rolloutRow, tell } from './ports';

const principal = (
  roles: string[],
  claims: { typ: string; val: string }[] = [{ typ: 'preferred_username', val: 'ann@example.com' }],
  auth_typ = 'aad',
) =>
  Buffer.from(
    JSON.stringify({ auth_typ, role_typ: 'roles', claims: [...claims, ...roles.map((val) => ({ typ: 'roles', val }))] }),
  ).toString('base64');

const settingNames = ['SLIPWAY_LOCAL_OPERATOR', 'WEBSITE_AUTH_ENABLED', 'WEBSITE_INSTANCE_ID', 'WEBSITE_SITE_NAME'] as const;
const before = settingNames.map((name) => [name, process.env[name]] as const);
beforeEach(() => {
  for (const name of settingNames) delete process.env[name];
  process.env['SLIPWAY_LOCAL_OPERATOR'] = 'olga';
});
afterAll(() => {
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

function door() {
  const { ports } = frontDoorPorts();
  const recorded = recordedInstances();
  const bound = () => recorded.instances;
  return {
    ports,
    ...recorded,
    start: startRolloutHandler(ports, bound),
    startByKey: startRolloutByKeyHandler(ports, bound),
    list: listRolloutsHandler(ports),
    read: readRolloutHandler(ports),
    cancel: cancelRolloutHandler(ports, bound),
    rollBack: rollBackRolloutHandler(ports, bound),
    unblock: unblockLaneHandler(ports, bound),
    lanes: listLanesHandler(ports),
  };
}

const idIn = (body: Record<string, unknown>): string => String(body['id']);

describe('POST /api/rollouts', () => {
  it('answers 202 with Location, id and status URL, and honours Idempotency-Key', async () => {
    const { ports, start } = door();
    const first = await call(start, { json: requestOf(), headers: { 'idempotency-key': 'build 17' } });
    const id = idIn(first.body);
    expect(first.status).toBe(202);
    expect(first.headers.get('location')).toBe(`/api/rollouts/${id}`);
    expect(first.body).toEqual({ id, already: false, statusUrl: `https://slipway.example/api/rollouts/${id}` });
    expect((await rolloutRow(ports, id)).requester).toEqual({ name: 'olga', verified: true, via: 'http' });
    const second = await call(start, { json: requestOf(), headers: { 'idempotency-key': 'build 17' } });
    expect(second.body).toMatchObject({ id, already: true });
    const other = await call(start, { json: requestOf({ version: '3' }), headers: { 'idempotency-key': 'build 17' } });
    expect([other.status, other.body['type']]).toEqual([422, 'https://slipway.dev/problems/key-reused']);
  });

  it('takes requestId, and source and id of a CloudEvent, for the key', async () => {
    const { start } = door();
    const event = (id: string) => ({ specversion: '1.0', id, source: '/ci', type: 'dev.slipway.rollout.requested', data: requestOf() });
    const ids: string[] = [];
    for (const json of [requestOf({ requestId: 'r1' }), requestOf({ requestId: 'r1' }), event('e1'), event('e1'), event('e2')])
      ids.push(idIn((await call(start, { json, headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' } })).body));
    expect(ids[0]).toBe(ids[1]);
    expect(ids[2]).toBe(ids[3]);
    expect(new Set(ids).size).toBe(3);
  });

  it.each([
    [415, 'wrong-content-type', { text: JSON.stringify(requestOf()), headers: { 'content-type': 'text/plain' } }],
    [415, 'wrong-content-type', { text: JSON.stringify(requestOf()), headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
    [415, 'wrong-content-type', { text: JSON.stringify(requestOf()) }],
    [400, 'invalid-json', { text: '{"app":', headers: { 'content-type': 'application/json' } }],
    [400, 'invalid-json', { text: '', headers: { 'content-type': 'application/json' } }],
    [413, 'too-large', { json: { ...requestOf(), actor: 'x'.repeat(300_000) } }],
    [413, 'too-large', { json: requestOf(), headers: { 'content-length': '999999' } }],
    [400, 'invalid-key', { json: requestOf(), headers: { 'idempotency-key': '' } }],
    [400, 'invalid-key', { json: requestOf(), headers: { 'idempotency-key': 'x'.repeat(201) } }],
    [422, 'unknown-target', { json: requestOf({ app: 'nobody' }) }],
    [400, 'invalid-request', { json: [] }],
    [400, 'invalid-request', { json: null }],
  ])('answers %i %s as problem+json', async (status, code, sent) => {
    const { start, started } = door();
    const answer = await call(start, { method: 'POST', ...sent });
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.body).toMatchObject({
      status,
      type: `https://slipway.dev/problems/${code}`,
      title: expect.any(String) as string,
      detail: expect.any(String) as string,
      next: expect.any(String) as string,
    });
    expect(answer.status).toBe(status);
    expect(started).toEqual([]);
  });

  it('names every mistake at once', async () => {
    const { start } = door();
    const { body } = await call(start, { json: { app: 'Hello', version: '', package: { url: 'ftp://x', sha256: 'short' }, colour: 1 } });
    expect((body['errors'] as { pointer: string }[]).map(({ pointer }) => pointer).sort()).toEqual([
      '/app',
      '/colour',
      '/environment',
      '/package/sha256',
      '/package/url',
      '/version',
    ]);
  });

  it('answers a fault of its own with 500 and neither answers nor logs what may be secret', async () => {
    const { start, failNextStart } = door();
    failNextStart();
    const answer = await call(start, { json: requestOf() });
    expect([answer.status, answer.body['type']]).toEqual([500, 'https://slipway.dev/problems/internal']);
    expect(answer.text).not.toContain('crashed');
    expect(answer.logged.join()).toContain('crashed before the start');
    expect(answer.text + answer.logged.join()).not.toMatch(/SECRETCODE|URLSECRET/);
  });
});

describe('who may do what', () => {
  const signIn = () => {
    delete process.env['SLIPWAY_LOCAL_OPERATOR'];
    process.env['WEBSITE_AUTH_ENABLED'] = 'True';
  };

  it('asks for a role of its own for starting, operating and reading', async () => {
    signIn();
    const { ports, start, read, cancel, unblock } = door();
    const as = (...roles: string[]) => ({ 'x-ms-client-principal': principal(roles) });
    const begun = await call(start, { json: requestOf(), headers: as('Slipway.Start') });
    expect(begun.status).toBe(202);
    const params = { id: idIn(begun.body) };
    expect((await rolloutRow(ports, params.id)).requester).toEqual({ name: 'ann@example.com', verified: true, via: 'http' });
    const statuses = async (...roles: string[]) => [
      (await call(start, { json: requestOf(), headers: as(...roles) })).status,
      (await call(read, { params, headers: as(...roles) })).status,
      (await call(cancel, { json: {}, params, headers: as(...roles) })).status,
      (await call(unblock, { json: { reason: 'r' }, params: { app: 'hello', environment: 'production' }, headers: as(...roles) })).status,
    ];
    expect(await statuses()).toEqual([403, 403, 403, 403]);
    expect(await statuses('Slipway.Read')).toEqual([403, 200, 403, 403]);
    expect(await statuses('Slipway.Start')).toEqual([202, 200, 403, 403]);
    expect(await statuses('Slipway.Operate')).toEqual([403, 200, 202, 409]);
  });

  it.each([
    ['no base64', '%%%'],
    ['no JSON', Buffer.from('hello').toString('base64')],
    ['another provider', principal(['Slipway.Start'], [{ typ: 'preferred_username', val: 'a' }], 'github')],
    ['no name', principal(['Slipway.Start'], [])],
  ])('refuses a principal with %s', async (_what, header) => {
    signIn();
    const answer = await call(door().start, { json: requestOf(), headers: { 'x-ms-client-principal': header } });
    expect([answer.status, answer.body['type']]).toEqual([401, 'https://slipway.dev/problems/bad-principal']);
  });

  it('refuses a principal where the platform signs nobody in, operator or not, key or not', async () => {
    const headers = { 'x-ms-client-principal': principal(['Slipway.Start', 'Slipway.Operate', 'Slipway.Read']) };
    const { start, startByKey, list } = door();
    const all = async () => [
      (await call(start, { json: requestOf(), headers })).status,
      (await call(startByKey, { json: requestOf(), headers })).status,
      (await call(list, { headers })).status,
    ];
    expect(await all()).toEqual([403, 403, 403]);
    process.env['WEBSITE_AUTH_ENABLED'] = 'False';
    delete process.env['SLIPWAY_LOCAL_OPERATOR'];
    expect(await all()).toEqual([403, 403, 403]);
  });

  it('lets nobody in who is nobody, and knows no local operator in Azure', async () => {
    delete process.env['SLIPWAY_LOCAL_OPERATOR'];
    expect((await call(door().list, {})).status).toBe(401);
    process.env['SLIPWAY_LOCAL_OPERATOR'] = 'olga';
    process.env['WEBSITE_INSTANCE_ID'] = 'abc';
    expect((await call(door().list, {})).status).toBe(401);
  });

  it('lets a function key start, unverified, and nothing more', async () => {
    signIn();
    const { ports, startByKey, cancel } = door();
    const begun = await call(startByKey, { json: requestOf({ actor: 'bob' }) });
    expect(begun.status).toBe(202);
    expect(await rolloutRow(ports, idIn(begun.body))).toMatchObject({
      requester: { name: 'function key', verified: false, via: 'http' },
      actor: 'bob',
    });
    expect((await call(cancel, { json: {}, params: { id: idIn(begun.body) } })).status).toBe(401);
  });

  it('lets no foreign page act in a signed-in person’s name', async () => {
    const { start } = door();
    const from = async (site: string) => (await call(start, { json: requestOf(), headers: { 'sec-fetch-site': site } })).status;
    expect([await from('cross-site'), await from('same-site'), await from('same-origin'), await from('none')]).toEqual([
      403, 403, 202, 202,
    ]);
  });
});

describe('GET /api/rollouts', () => {
  it('lists by filter, newest first, and refuses filters that mean nothing', async () => {
    const { ports, start, list } = door();
    const ids: string[] = [];
    for (const version of ['1', '2', '3']) ids.push(idIn((await call(start, { json: requestOf({ version }) })).body));
    for (const [n, id] of ids.entries()) await tell(ports, id, { admittedAt: `2026-11-2${n}T00:00:00.000Z` });
    await tell(ports, ids[0] ?? '', endedAs('deployed'));
    const listed = async (query: Record<string, string>) =>
      ((await call(list, { query })).body['rollouts'] as { id: string }[]).map(({ id }) => id);
    expect(await listed({})).toEqual([ids[2], ids[1], ids[0]]);
    expect(await listed({ limit: '1' })).toEqual([ids[2]]);
    expect(await listed({ outcome: 'deployed', app: 'hello', environment: 'production' })).toEqual([ids[0]]);
    expect(await listed({ outcome: 'running' })).toEqual([ids[2], ids[1]]);
    expect(await listed({ app: 'other' })).toEqual([]);
    const refused = await call(list, { query: { outcome: 'good', limit: '0' } });
    expect(refused.status).toBe(400);
    expect((refused.body['errors'] as { pointer: string }[]).map(({ pointer }) => pointer)).toEqual(['/outcome', '/limit']);
  });

  it('shows one with its phases, plan, ask and ending, and nothing secret', async () => {
    const { ports, start, read } = door();
    const { body } = await call(start, {
      json: requestOf({ settings: { Colour: 'VALUESECRET' }, commit: 'c0ffee', buildUrl: 'https://ci.example/7' }),
    });
    const id = idIn(body);
    const ask = { state: 'granted' as const, openedAt: 't', expiresAt: 't', decisions: [] };
    const plan = {
      kind: 'go',
      sentence: 'It goes.',
      way: 'zip-push',
      adopts: false,
      replaces: { marker: null, version: '1' },
      combine: 'all',
      policyHash: 'h',
      gates: [{ name: 'release', kind: 'signed-link', approvers: ['a@example.com'], needed: 1, proof: 'link', notRequester: false }],
      live: { production: { hostName: 'INNER' } },
    } as unknown as GoPlan;
    await tell(ports, id, {
      ...endedAs('deployed'),
      plan,
      kind: 'revert',
      reverts: 'old',
      why: 'customers complain',
      actor: 'bob',
      ask,
      intent: { kind: 'cancel', by: 'b', reason: 'r', at: 't' },
    });
    const shown = await call(read, { params: { id } });
    expect(shown.status).toBe(200);
    expect(shown.headers.get('cache-control')).toBe('no-store');
    expect(shown.body).toMatchObject({
      id,
      outcome: 'deployed',
      reverts: 'old',
      why: 'customers complain',
      actor: 'bob',
      ask,
      intent: { kind: 'cancel' },
      commit: 'c0ffee',
      settingNames: ['Colour'],
      phases: [{ phase: 'queued' }],
      plan: { kind: 'go', gates: [{ name: 'release' }] },
    });
    expect(shown.text).not.toMatch(/VALUESECRET|URLSECRET|INNER/);
    await tell(ports, id, { plan: { kind: 'refused', problem: { code: 'no-slot', sentence: 'No slot.', next: 'Make one.' } } });
    expect((await call(read, { params: { id } })).body['plan']).toEqual({
      kind: 'refused',
      code: 'no-slot',
      sentence: 'No slot.',
      next: 'Make one.',
    });
    await tell(ports, id, { plan: { kind: 'unchanged', sentence: 'Live.' } });
    expect((await call(read, { params: { id } })).body['plan']).toEqual({ kind: 'unchanged', sentence: 'Live.' });
  });

  it.each(['nobody', 'a/b', 'a#b', '', '../x', 'x'.repeat(5000)])('answers 404 for the id %j', async (id) => {
    const { read, cancel } = door();
    expect((await call(read, { params: { id } })).status).toBe(404);
    expect((await call(cancel, { json: {}, params: { id } })).status).toBe(404);
  });
});

describe('POST cancel, roll-back and unblock', () => {
  it('keeps who asked and why; a body is not needed', async () => {
    const { ports, start, cancel, rollBack } = door();
    const id = idIn((await call(start, { json: requestOf() })).body);
    expect((await call(rollBack, { method: 'POST', params: { id } })).status).toBe(409);
    const asked = await call(cancel, { method: 'POST', params: { id }, json: { reason: ' wrong build ' } });
    expect([asked.status, asked.body['id']]).toEqual([202, id]);
    expect((await rolloutRow(ports, id)).intent).toMatchObject({ kind: 'cancel', by: 'olga', reason: 'wrong build' });
  });

  it('refuses a reason that is no text, too long, or misspelt', async () => {
    const { cancel, unblock } = door();
    for (const json of [{ reason: 7 }, { reason: 'x'.repeat(501) }, { raeson: 'x' }, []])
      expect((await call(cancel, { json, params: { id: 'x' } })).status).toBe(400);
    const params = { app: 'hello', environment: 'production' };
    for (const json of [{}, { reason: '  ' }]) {
      const answer = await call(unblock, { json, params });
      expect([answer.status, JSON.stringify(answer.body['errors'])]).toEqual([400, expect.stringContaining('why the lane may move again')]);
    }
  });

  it('unblocks, and lists every lane of the settings', async () => {
    const { ports, unblock, lanes } = door();
    const params = { app: 'hello', environment: 'production' };
    expect((await call(lanes, {})).body).toEqual({ lanes: [{ ...params, state: 'free', holder: null, queue: [] }] });
    const partition = lanePartition('hello', 'production');
    const blocked = { by: 'watchdog', reason: 'lost', at: 't' };
    await ports.rows.write([
      { kind: 'insert', partition, row: laneKey, value: { v: 1, state: 'blocked', holder: 'h', epoch: 1, queue: [], blocked } },
    ]);
    expect((await call(lanes, {})).body).toMatchObject({ lanes: [{ state: 'blocked', blocked }] });
    expect((await call(unblock, { json: { reason: 'looked' }, params })).body).toEqual({
      ...params,
      state: 'free',
      holder: null,
      queue: [],
    });
    expect((await call(unblock, { json: { reason: 'looked' }, params: { app: 'a/b', environment: '?' } })).status).toBe(404);
  });
});
