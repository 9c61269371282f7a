import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { accepted, figures, lane, ledgerView, me, place, problemShape, rollout, rolloutSummary, traces } from '../../src/domain/api-shapes';
import { nudged } from '../../src/domain/api-policy-shapes';
import { appendLedger } from '../../src/azure/ledger';
import { SlipwayProblem, SlipwayUnreachable } from '../../src/client/problem';
import { createClient } from '../../src/client/slipway-client';
import { blockLane, enterLane, freeLane } from '../../src/domain/lane';
import { laneKey, lanePartition } from '../../src/domain/tables';
import { callAsOperator, endedAs, requestOf, tell } from '../front-door/ports';
import { serveFrontDoor } from '../front-door/served';

callAsOperator();
let door: Awaited<ReturnType<typeof serveFrontDoor>>;
beforeEach(async () => {
  door = await serveFrontDoor();
});
afterEach(() => door.close());
const refusedWith = (promise: Promise<unknown>): Promise<SlipwayProblem> =>
  promise.then(
    () => Promise.reject(new Error('it was not refused')),
    (error: unknown) => (error instanceof SlipwayProblem ? error : Promise.reject(error as Error)),
  );

describe('the client, over the API itself', () => {
  it('starts, lists, reads, cancels; every answer is as openapi.json describes it', async () => {
    const client = createClient({ baseUrl: `${door.url}/` });
    const begun = await client.start(requestOf(), 'build 17');
    expect(accepted.parse(begun)).toEqual(begun);
    expect(await client.start(requestOf(), 'build 17')).toEqual({ ...begun, already: true });
    const view = await client.rollout(begun.id);
    expect(rollout.parse(view)).toEqual(view);
    expect(await client.cancel(begun.id, 'wrong build')).toMatchObject({ id: begun.id, already: false });
    expect((await client.rollout(begun.id)).intent).toMatchObject({ kind: 'cancel', by: 'olga', reason: 'wrong build' });
    await tell(door.ports, begun.id, endedAs('deployed'));
    const back = await client.rollBack(begun.id);
    expect(back.id).not.toBe(begun.id);
    const listed = await client.rollouts();
    expect(listed.map((one) => rolloutSummary.parse(one))).toEqual(listed);
    expect(listed.map(({ id }) => id).sort()).toEqual([begun.id, back.id].sort());
    expect((await client.rollouts({ outcome: 'deployed', app: 'hello', environment: 'production', limit: 5 })).map(({ id }) => id)).toEqual(
      [begun.id],
    );
    expect(await client.rollouts({ app: 'another' })).toEqual([]);
  });

  it('reads what is live, the figures, what a rollout left, and who calls; tries one again', async () => {
    const client = createClient({ baseUrl: door.url });
    expect(me.parse(await client.me())).toEqual({
      name: 'olga',
      roles: expect.arrayContaining(['Slipway.Start']),
      addresses: ['olga'],
      signIn: 'off',
    });
    const { id } = await client.start(requestOf());
    const [before] = await client.live();
    expect(place.parse(before)).toEqual(before);
    expect(before).toMatchObject({ app: 'hello', environment: 'production', live: { kind: 'unknown' }, running: { id, phase: 'queued' } });
    expect((await refusedWith(client.tryAgain(id))).code).toBe('not-ended');
    await door.ports.rows.write([
      { kind: 'insert', partition: id, row: 'push-1', value: { v: 1, push: 1, at: '2026-11-23T10:30:00.000Z' } },
    ]);
    const left = await client.traces(id);
    expect(traces.parse(left)).toEqual({ notices: [], pushes: [{ push: 1, at: '2026-11-23T10:30:00.000Z' }], swaps: [] });
    await tell(door.ports, id, endedAs('failed'));
    const again = await client.tryAgain(id);
    expect(again.id).not.toBe(id);
    expect(await client.tryAgain(id)).toMatchObject({ id: again.id, already: true });
    expect(await client.rollout(again.id)).toMatchObject({ version: '2.0.0', kind: 'deploy', requester: { name: 'olga' }, outcome: null });
    await tell(door.ports, again.id, endedAs('deployed'));
    door.time.nowMs = Date.parse('2026-11-24T10:00:00Z');
    const measured = await client.figures(7);
    expect(figures.parse(measured)).toEqual(measured);
    expect(measured.changes.map(({ rolloutId }) => rolloutId)).toEqual([again.id]);
    const [after] = await client.live();
    expect(place.parse(after)).toMatchObject({ live: { kind: 'known', rolloutId: again.id, version: '2.0.0' }, running: null });
    const back = await client.rollBack(again.id);
    await tell(door.ports, back.id, endedAs('deployed'));
    expect((await refusedWith(client.tryAgain(back.id))).code).toBe('no-release-of-its-own');
    expect((await refusedWith(client.tryAgain('nothing'))).code).toBe('unknown-rollout');
    expect((await refusedWith(client.traces('no/id'))).code).toBe('unknown-rollout');
    expect((await refusedWith(client.figures(0))).errors).toEqual([{ pointer: '/days', detail: 'must be a whole number from 1 to 400' }]);
  });

  it('nudges a rollout, with the key that a service has', async () => {
    const client = createClient({ baseUrl: door.url });
    const { id } = await client.start(requestOf());
    const told = await client.nudge(id, 'KEY');
    expect(nudged.parse(told)).toEqual({ id, looks: 'not' });
    expect((await refusedWith(client.nudge('nothing', 'KEY'))).code).toBe('unknown-rollout');
  });

  it('reads lanes, unblocks one, and reads the ledger with its chain', async () => {
    const client = createClient({ baseUrl: door.url });
    const place = { app: 'hello', environment: 'production' };
    const me = { rolloutId: 'r1', admittedAt: '2026-11-23T10:00:00.000Z' };
    const value = blockLane(enterLane(freeLane, me, 'queue').lane, 'r1', { by: 'r1', reason: 'nobody knows', at: me.admittedAt });
    await door.ports.rows.write([{ kind: 'insert', partition: lanePartition('hello', 'production'), row: laneKey, value }]);
    const lanes = await client.lanes();
    expect(lanes.map((one) => lane.parse(one))).toEqual(lanes);
    expect(lanes).toMatchObject([{ ...place, state: 'blocked', holder: 'r1' }]);
    expect(await client.unblock('hello', 'production', 'looked at both slots')).toMatchObject({ state: 'free', holder: null });
    await appendLedger(door.ports, place, { id: 'second', kind: 'looked', at: '2026-11-23T11:00:00.000Z', data: { by: 'ann' } });

    const ledger = await client.ledger('hello', 'production');
    expect(ledgerView.parse(ledger)).toEqual(ledger);
    const seal = ledger.entries[1]!.seal;
    expect(ledger).toMatchObject({
      ...place,
      entries: [{ number: 1, kind: 'unblocked' }, { number: 2 }],
      chain: { kind: 'whole', number: 2, seal },
    });
    expect((await client.ledger('hello', 'production', seal)).chain).toEqual({ kind: 'whole', number: 2, seal });
    const elsewhere = await client.ledger('hello', 'production', 'f'.repeat(64));
    expect(ledgerView.parse(elsewhere)).toEqual(elsewhere);
    expect(elsewhere.chain).toMatchObject({ kind: 'broken', why: expect.stringContaining('written anew') as string });
  });

  it('makes an error with code, sentence, next step and every mistake of a refusal', async () => {
    const client = createClient({ baseUrl: door.url });
    const unknown = await refusedWith(client.rollout('nobody knows/../it?'));
    expect(unknown).toMatchObject({ status: 404, code: 'unknown-rollout', title: 'Unknown rollout', errors: [] });
    expect([unknown.detail, unknown.next, unknown.message]).toEqual([
      'There is no rollout "nobody knows/../it?".',
      'Look at GET /api/rollouts for the ids there are.',
      unknown.detail,
    ]);
    const invalid = await refusedWith(client.start({ ...requestOf(), version: '', app: 'Hello' }));
    expect([invalid.code, invalid.errors.map(({ pointer }) => pointer)]).toEqual(['invalid-request', ['/app', '/version']]);
    expect((await refusedWith(client.rollouts({ limit: 1000 }))).errors).toEqual([
      { pointer: '/limit', detail: 'must be a whole number from 1 to 200' },
    ]);
    expect((await refusedWith(client.ledger('nobody', 'production'))).code).toBe('unknown-lane');
    expect((await refusedWith(client.ledger('hello', 'production', 'short'))).errors[0]?.pointer).toBe('/head');
    const raw = await fetch(`${door.url}/api/rollouts?limit=0&outcome=gone`);
    const body: unknown = await raw.json();
    expect(problemShape.parse(body)).toEqual(body);
  });
});

describe('the client, where something else answers', () => {
  const seen: { url: string | undefined; authorization: string | undefined }[] = [];
  let answer: (response: ServerResponse) => void;
  const server = createServer((request, response) => {
    seen.push({ url: request.url, authorization: request.headers.authorization });
    answer(response);
  });
  let baseUrl = '';
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('sends the token it is given, and nothing of the sort without', async () => {
    answer = (response) => response.end('{"lanes":[]}');
    await createClient({ baseUrl, token: () => Promise.resolve('TOKEN') }).lanes();
    await createClient({ baseUrl, token: () => Promise.resolve(undefined) }).lanes();
    expect(seen.splice(0).map(({ authorization }) => authorization)).toEqual(['Bearer TOKEN', undefined]);
  });

  it.each([
    [401, 'not-signed-in', 'Sign in, then try again.'],
    [403, 'not-signed-in', 'Sign in, then try again.'],
    [502, 'unexpected-answer', 'See that the address is Slipway’s, then try again.'],
  ])('tells an answer of a gateway, %i, in its own words', async (status, code, next) => {
    answer = (response) => response.writeHead(status, { 'content-type': 'text/html' }).end('<h1>SECRET</h1>');
    const refused = await refusedWith(createClient({ baseUrl }).lanes());
    expect(refused).toMatchObject({ status, code, next });
    expect(refused.detail).not.toContain('SECRET');
  });

  it('leaves out what is no mistake, and what is not said', async () => {
    answer = (response) =>
      response
        .writeHead(400)
        .end('{"type":"https://slipway.dev/problems/x","detail":"No.","errors":[null,{},{"pointer":"/a","detail":"b"}]}');
    expect(await refusedWith(createClient({ baseUrl }).lanes())).toMatchObject({
      code: 'x',
      title: 'x',
      detail: 'No.',
      next: '',
      errors: [{ pointer: '/a', detail: 'b' }],
    });
  });

  it('says so when it is not Slipway, leads elsewhere, is silent, or is not there', async () => {
    const fails = (options: { baseUrl: string; patienceMs?: number }) => createClient(options).lanes();
    answer = (response) => response.end('<html>');
    await expect(fails({ baseUrl })).rejects.toThrow(/is not Slipway: it sent no JSON/);
    answer = (response) => response.writeHead(302, { location: 'https://elsewhere.example/?token=SECRET' }).end();
    await expect(fails({ baseUrl })).rejects.toThrow(SlipwayUnreachable);
    answer = () => undefined;
    await expect(fails({ baseUrl, patienceMs: 20 })).rejects.toThrow(/does not answer \(it took too long\)/);
    await expect(fails({ baseUrl: 'http://user:SECRET@127.0.0.1:1' })).rejects.toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('SECRET') as string }) as Error,
    );
    await expect(fails({ baseUrl: 'http://127.0.0.1:1' })).rejects.toThrow(/Slipway at http:\/\/127\.0\.0\.1:1 does not answer/);
  });

  it('stops when it is told to', async () => {
    answer = () => undefined;
    const asked = new AbortController();
    const waiting = createClient({ baseUrl }).lanes(asked.signal);
    asked.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });
});
