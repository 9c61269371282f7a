import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import { startCloud, type Cloud } from './cloud';
import { callsTo, type Told } from './itsm-calls';

/** The local Azure's ServiceNow by itself: what the real one refuses is refused, with its status and the form of its body. */

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.close());

const people = () => cloud.azure.itsmPeople.servicenow;
const call = callsTo(
  () => cloud.azure.itsm.servicenow.url,
  () => cloud.azure.itsm.servicenow.login,
);
const table = '/api/now/table/change_request';
const group = '0'.repeat(32);
const usual = { short_description: 'Roll out hello', assignment_group: group };

type Row = Record<string, string>;
const row = ({ json }: Told): Row => (json as { result: Row }).result;
const rows = ({ json }: Told): Row[] => (json as { result: Row[] }).result;

async function made(more: object = {}): Promise<Row> {
  const answer = await call('POST', table, { body: { ...usual, ...more } });
  expect(answer.status).toBe(201);
  return row(answer);
}
const patch = (id: string | undefined, body: object): Promise<Told> => call('PATCH', `${table}/${id}`, { body });

/** `{ error: { message, detail }, status: 'failure' }` */
function expectFailure({ status, json }: Told, wanted: number, message: string, detail?: string): void {
  expect({ status, json }).toEqual({
    status: wanted,
    json: { error: { message, detail: detail === undefined ? expect.anything() : expect.stringContaining(detail) }, status: 'failure' },
  });
}

describe('signing in', () => {
  it.each([
    ['nobody', ''],
    ['a wrong password', 'slipway:nothing'],
    ['somebody unknown', 'x:nothing'],
  ])('%s is told 401', async (_who, login) => {
    const answer = await call('GET', table, { login });
    expectFailure(answer, 401, 'User Not Authenticated', 'Required to provide Auth information');
    expect(answer.headers.get('www-authenticate')).toBe('BASIC realm="Service-now"');
  });

  it('a token is given for the right client alone', async () => {
    const [client_id = '', client_secret = ''] = cloud.azure.itsm.servicenow.login.split(':');
    const ask = (fields: Row): Promise<Told> =>
      call('POST', '/oauth_token.do', {
        login: '',
        body: new URLSearchParams(fields).toString(),
        type: 'application/x-www-form-urlencoded',
      });
    const right = { grant_type: 'client_credentials', client_id, client_secret };
    expect(await ask({ ...right, grant_type: 'password' })).toMatchObject({ status: 400, json: { error: 'unsupported_grant_type' } });
    expect(await ask({ ...right, client_secret: 'x' })).toMatchObject({ status: 401, json: { error: 'server_error' } });
    expect(await ask(right)).toMatchObject({ status: 200, json: { token_type: 'Bearer', expires_in: 1800 } });
  });
});

describe('a change', () => {
  it('is made with its number and its state', async () => {
    expect(await made()).toMatchObject({
      number: expect.stringMatching(/^CHG\d{7}$/),
      state: '-5',
      approval: 'not requested',
      type: 'normal',
    });
  });

  it('loses what is too long, and columns that a program may not write, without a word', async () => {
    const change = await made({ short_description: 'x'.repeat(200), approval: 'approved', sys_id: 'mine', nothing: 'x' });
    expect(change).toMatchObject({ short_description: 'x'.repeat(160), approval: 'not requested' });
    expect(change).not.toHaveProperty('nothing');
    expect(change['sys_id']).not.toBe('mine');
  });

  it.each([
    ['that is no JSON', '{'],
    ['that is a list', '[]'],
  ])('%s is refused', async (_what, body) => {
    expectFailure(await call('POST', table, { body }), 400, 'Exception while reading request', 'not valid JSON');
    expectFailure(await call('PATCH', `${table}/${(await made())['sys_id']}`, { body }), 400, 'Exception while reading request');
  });

  it('is sent as JSON', async () => {
    expect((await call('POST', table, { body: 'a=b', type: 'application/x-www-form-urlencoded' })).status).toBe(415);
  });

  it('that is not there is not found', async () => {
    for (const answer of [await call('GET', `${table}/${'f'.repeat(32)}`), await patch('f'.repeat(32), { state: '4' })])
      expectFailure(answer, 404, 'No Record found', "Record doesn't exist or ACL restricts the record retrieval");
  });

  it.each([
    ['to Implement before it was approved', {}, { state: '-1' }],
    ['to Scheduled, which approvals alone do', {}, { state: '-2' }],
    ['past Assess, as a normal one', {}, { state: '-3' }],
    ['to Assess, as an emergency one', { type: 'emergency' }, { state: '-4' }],
    ['to a state that there is not', {}, { state: '77' }],
  ])('is not moved %s', async (_where, first, then) => {
    const change = await made(first);
    expectFailure(
      await patch(change['sys_id'], then),
      403,
      'Operation Failed',
      "aborted by Business Rule 'State model - Can change state?'",
    );
    expect(row(await call('GET', `${table}/${change['sys_id']}`))['state']).toBe('-5');
  });

  it('is not made in a later state, nor put to approvers without a group', async () => {
    expectFailure(await call('POST', table, { body: { ...usual, state: '-1' } }), 403, 'Operation Failed', 'State model');
    const change = row(await call('POST', table, { body: { short_description: 'x' } }));
    expectFailure(
      await patch(change['sys_id'], { state: '-4' }),
      403,
      'Operation Failed',
      'Data Policy Exception: The following fields are mandatory: Assignment group',
    );
  });

  it('is closed from Review alone, with a code that there is and notes', async () => {
    const { sys_id: id, number = '' } = await made({ type: 'emergency' });
    await patch(id, { state: '-3' });
    people().answer(number, 'approved');
    for (const state of ['-1', '0']) expect((await patch(id, { state })).status).toBe(200);
    expectFailure(await patch(id, { state: '3' }), 403, 'Operation Failed', 'mandatory: Close code, Close notes');
    expectFailure(
      await patch(id, { state: '3', close_code: 'splendid', close_notes: 'x' }),
      403,
      'Operation Failed',
      'no choice of Close code',
    );
    expect((await patch(id, { state: '3', close_code: 'successful', close_notes: 'x' })).status).toBe(200);
    expectFailure(await patch(id, { state: '4' }), 403, 'Operation Failed', 'State model');
  });
});

describe('approvals', () => {
  const of = async (id: string | undefined): Promise<Row[]> =>
    rows(await call('GET', `/api/now/table/sysapproval_approver?sysparm_query=sysapproval%3D${id}&sysparm_fields=state,approver.email`));

  it('are asked for in Assess and Authorize, and one of each is enough', async () => {
    const { sys_id: id, number = '' } = await made();
    expect(await of(id)).toEqual([]);
    await patch(id, { state: '-4' });
    expect(await of(id)).toMatchObject([{ state: 'requested', 'approver.email': 'petra@example.com' }, { state: 'requested' }]);
    people().answer(number, 'approved', { by: 'paul@example.com' });
    expect((await of(id)).map(({ state }) => state)).toEqual(['not_required', 'approved', 'requested', 'requested']);
    expect(() => people().answer(number, 'approved', { by: 'petra@example.com' })).toThrow(
      'Nobody called petra@example.com is asked to approve',
    );
    people().answer(number, 'rejected');
    expect(row(await call('GET', `${table}/${id}`))).toMatchObject({ state: '-5', approval: 'rejected' });
    expect(() => people().answer(number, 'approved')).toThrow('Nobody is asked to approve');
  });

  it('are nothing that a program writes', async () => {
    const answer = await call('POST', '/api/now/table/sysapproval_approver', { body: { state: 'approved' } });
    expectFailure(answer, 403, 'Operation Failed', 'ACL Exception');
  });
});

describe('a list', () => {
  it('is ordered, limited, and has the columns that were asked for', async () => {
    for (const correlation_id of ['one', 'one', 'two']) await made({ correlation_id });
    const found = await call(
      'GET',
      `${table}?sysparm_query=correlation_id%3Done%5EORDERBYDESCnumber&sysparm_fields=number,nothing&sysparm_limit=1`,
    );
    expect(found.headers.get('x-total-count')).toBe('2');
    expect(rows(found)).toEqual([{ number: expect.any(String) }]);
  });

  it.each(['-1', 'many', '1e3', ''])('takes a limit of %j for none', async (limit) => {
    const all = await call('GET', `${table}?sysparm_limit=${limit}`);
    expect(rows(all)).toHaveLength(Number(all.headers.get('x-total-count')));
  });

  it('leaves out what may not be read, after the limit', async () => {
    const [older, newer] = [await made({ correlation_id: 'acl' }), await made({ correlation_id: 'acl' })];
    for (const { sys_id } of [older, newer]) await patch(sys_id, { state: '-4' });
    people().hide(newer['number'] ?? '');
    const list = (query: string, limit: number, of = table) =>
      call('GET', `${of}?sysparm_query=${encodeURIComponent(query)}&sysparm_limit=${limit}`);
    const newest = 'correlation_id=acl^ORDERBYDESCnumber';
    expect(rows(await list(newest, 1))).toEqual([]);
    const both = await list(newest, 2);
    expect(rows(both)).toMatchObject([{ number: older['number'] }]);
    expect(both.headers.get('x-total-count')).toBe('2');
    const approvals = (of: Row) => list(`sysapproval=${of['sys_id']}^ORDERBYDESCsys_created_on`, 50, '/api/now/table/sysapproval_approver');
    expect(rows(await approvals(older))).toHaveLength(2);
    expect(rows(await approvals(newer))).toEqual([]);
    for (const answer of [await call('GET', `${table}/${newer['sys_id']}`), await patch(newer['sys_id'], { state: '4' })])
      expectFailure(answer, 404, 'No Record found', 'ACL restricts the record retrieval');
  });

  it('by a query that is not known here is refused, not answered with everything', async () => {
    expectFailure(await call('GET', `${table}?sysparm_query=javascript:gs.log()`), 400, 'Invalid query');
  });
});

test.each([
  ['/api/now/table/incident', 'GET', 400, 'Invalid table incident'],
  ['/api/now/stats/change_request', 'GET', 400, 'Requested URI does not represent any resource'],
  ['/api/now/table/%zz', 'GET', 400, 'Requested URI does not represent any resource'],
  [table, 'DELETE', 405, 'Method not supported'],
])('%s by %s is %i', async (path, method, status, message) => {
  const answer = await call(method, path, method === 'GET' ? {} : { body: {} });
  expect(answer).toMatchObject({ status, json: { error: { message }, status: 'failure' } });
});

test('asked too often, down, or not let: each in its own words', async () => {
  const { faults } = cloud.azure;
  faults.on('servicenow-429', { times: 1, afterMs: 5000 });
  const often = await call('GET', table);
  expectFailure(often, 429, 'Rate limit exceeded');
  expect(often.headers.get('retry-after')).toBe('5');
  faults.on('servicenow-503', { times: 1 });
  expect(await call('GET', table)).toMatchObject({ status: 503, json: undefined });
  faults.on('servicenow-refused', { times: 2 });
  expectFailure(await call('GET', table), 403, 'User Not Authorized', 'Failed API level ACL Validation');
  expectFailure(await call('POST', table, { body: usual }), 403, 'Operation Failed');
});
