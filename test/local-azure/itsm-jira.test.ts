import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import { startCloud, type Cloud } from './cloud';
import { callsTo, type Told } from './itsm-calls';

/** The local Azure's Jira Service Management by itself: what the real one refuses is refused, with its status and the form of its body. */

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.close());

const people = () => cloud.azure.itsmPeople.jira;
const call = callsTo(
  () => cloud.azure.itsm.jira.url,
  () => cloud.azure.itsm.jira.login,
);
const api = '/rest/servicedeskapi/request';
const values = { summary: 'Roll out hello', description: 'It says slipway0a1b.' };
const form = (more: object = {}, type = '17'): object => ({
  ...{ serviceDeskId: '4', requestTypeId: type, requestFieldValues: values },
  ...more,
});
const filled = (more: object): object => form({ requestFieldValues: { ...values, ...more } });

interface Shape {
  issueId: string;
  issueKey: string;
  currentStatus: { status: string; statusCategory: string };
}
const shape = ({ json }: Told): Shape => json as Shape;
const listed = <T>({ json }: Told): T[] => (json as { values: T[] }).values;

async function made(type = '17'): Promise<Shape> {
  const answer = await call('POST', api, { body: form(type === '18' ? { requestFieldValues: whole } : {}, type) });
  expect(answer.status).toBe(201);
  return shape(answer);
}
const whole = { ...values, customfield_10050: { value: 'Low' }, customfield_10051: 'Swap back.' };
const approvalOf = async (key: string): Promise<string> =>
  listed<{ id: string }>(await call('GET', `${api}/${key}/approval`)).at(-1)?.id ?? '';

/** `{ errorMessage, i18nErrorMessage: { i18nKey, parameters } }` */
function expectFailure({ status, json }: Told, wanted: number, words: string | RegExp): void {
  expect({ status, json }).toEqual({
    status: wanted,
    json: {
      errorMessage: expect.stringMatching(words),
      i18nErrorMessage: { i18nKey: expect.stringMatching(/^sd\./), parameters: expect.any(Array) },
    },
  });
}

describe('signing in', () => {
  it.each([
    ['nobody', ''],
    ['a wrong token', 'slipway@example.com:nothing'],
    ['somebody unknown', 'x@example.com:nothing'],
    ['no address and token', 'slipway'],
  ])('%s is told 401', async (_who, login) => {
    const answer = await call('POST', api, { login, body: form() });
    expect(answer.status).toBe(401);
    expect(answer.json).toEqual({ message: 'Client must be authenticated to access this resource.', 'status-code': 401 });
    expect(answer.headers.get('www-authenticate')).toContain('OAuth realm=');
  });

  it('a search is answered 200 and empty to whoever is not signed in, and a header alone says so', async () => {
    await made();
    const answer = await call('GET', '/rest/api/3/search/jql?jql=project%20%3D%20MC', { login: 'slipway@example.com:nothing' });
    expect(answer).toMatchObject({ status: 200, json: { issues: [], isLast: true } });
    expect(answer.headers.get('x-seraph-loginreason')).toBe('AUTHENTICATED_FAILED');
  });
});

describe('a request', () => {
  it('is made, and shown with its fields, status and links', async () => {
    const answer = await call('POST', api, { body: filled({ customfield_10050: { value: 'High' } }) });
    const { issueId, issueKey } = shape(answer);
    expect(issueKey).toMatch(/^MC-\d+$/);
    const read = await call('GET', `${api}/${issueId}`);
    expect(read.json).toMatchObject({
      ...{ issueKey, serviceDeskId: '4', requestTypeId: '17', reporter: { emailAddress: 'slipway@example.com' } },
      currentStatus: { status: 'Awaiting CAB approval', statusCategory: 'INDETERMINATE' },
      requestFieldValues: [
        { fieldId: 'summary', label: 'Summary', value: 'Roll out hello' },
        { fieldId: 'description', label: 'Description', value: 'It says slipway0a1b.' },
        { fieldId: 'customfield_10050', label: 'Change risk', value: { value: 'High' } },
      ],
      _links: { agent: expect.stringContaining(`/browse/${issueKey}`) },
    });
    expect((await call('GET', `${api}/${issueKey.toLowerCase()}`)).json).toMatchObject({ issueId });
  });

  it.each<[string, object, string]>([
    ['without a summary', { summary: '' }, 'Summary is required.'],
    ['with blanks for a summary', { summary: '  ' }, 'You must specify a summary of the issue.'],
    ['with a summary of two lines', { summary: 'a\nb' }, 'The summary is invalid because it contains newline characters.'],
    ['with a summary that is too long', { summary: 'x'.repeat(256) }, 'Summary must be less than 255 characters.'],
    ['with a summary that is no text', { summary: 3 }, 'Operation value must be a string.'],
    ['with a description that is no text', { description: { type: 'doc' } }, 'Operation value must be a string.'],
    ['with a text that is too long', { description: 'x'.repeat(32_768) }, 'exceeds the allowed limit of 32767 characters'],
    ['with a field that its type lacks', { priority: 'low' }, "Field 'priority' cannot be set."],
    ['with a choice that there is not', { customfield_10050: { value: 'Huge' } }, "Option is not valid; specify a valid 'id' or 'value'."],
    ['with a text for a choice', { customfield_10050: 'High' }, 'Option is not valid'],
    ['with two mistakes', { summary: '', priority: 'low' }, "Field 'priority' cannot be set. .* Summary is required."],
  ])('%s is refused', async (_what, more, told) => {
    const answer = await call('POST', api, { body: filled(more) });
    expectFailure(answer, 400, `^Your request could not be created. Please check the fields have been correctly filled in. .*${told}`);
  });

  it.each<[string, object | string, number, string]>([
    ['of an unknown service desk', form({ serviceDeskId: '5' }), 404, 'The Service Desk you are trying to view does not exist.'],
    ['of no service desk', form({ serviceDeskId: null }), 404, 'The Service Desk you are trying to view does not exist.'],
    ['of an unknown type', form({ requestTypeId: '99' }), 404, 'The request type you are trying to view does not exist.'],
    ['of a type that is no id', form({ requestTypeId: ['17'] }), 404, 'The request type you are trying to view does not exist.'],
    ['without values', form({ requestFieldValues: [] }), 400, 'requestFieldValues is missing.'],
    ['with a property that there is not', form({ summary: 'x' }), 400, 'Unrecognized field "summary"'],
    ['that is no JSON', '{', 400, 'The request body is not valid JSON.'],
    ['that is a list', '[]', 400, 'The request body is not valid JSON.'],
  ])('%s is refused', async (_what, body, status, told) => {
    expectFailure(await call('POST', api, { body }), status, told);
  });

  it('of a type whose own fields are required lacks none of them', async () => {
    const told = await call('POST', api, { body: form({}, '18') });
    expectFailure(told, 400, 'Change risk is required. Backout plan is required.');
    await made('18');
  });

  it('is sent as JSON', async () => {
    expect((await call('POST', api, { body: JSON.stringify(form()), type: 'text/plain' })).status).toBe(415);
  });

  it('that is not there, or that a customer has nothing to do with, is not found', async () => {
    for (const part of ['', '/approval', '/comment', '/transition'])
      expectFailure(await call('GET', `${api}/MC-9999${part}`), 404, 'does not exist');
    const { issueKey } = await made('19');
    expectFailure(await call('GET', `${api}/${issueKey}`, { login: people().loginOf('cora@example.com') }), 404, 'does not exist');
  });

  it.each(['DELETE', 'PUT'])('does not know %s', async (method) => {
    const { issueKey } = await made();
    for (const part of ['', '/approval', '/comment', '/transition'])
      expect((await call(method, `${api}/${issueKey}${part}`, { body: {} })).status).toBe(405);
  });
});

describe('an approval', () => {
  const login = (who: string): string => people().loginOf(`${who}@example.com`);

  it('is there where the request type has the step, and only there', async () => {
    const { issueKey } = await made();
    expect(listed(await call('GET', `${api}/${issueKey}/approval`))).toMatchObject([
      { finalDecision: 'pending', canAnswerApproval: false, approvers: [{ approverDecision: 'pending' }, {}, {}] },
    ]);
    const help = await made('19');
    expect(listed(await call('GET', `${api}/${help.issueKey}/approval`))).toEqual([]);
  });

  it('tells no address that its owner does not show', async () => {
    const { issueKey } = await made();
    const [{ approvers } = { approvers: [] }] = listed<{ approvers: { approver: Record<string, unknown> }[] }>(
      await call('GET', `${api}/${issueKey}/approval`),
    );
    const cecil = approvers.find(({ approver }) => approver['displayName'] === 'Cecil Cab')?.approver;
    expect(cecil).toMatchObject({ accountId: expect.any(String) });
    expect(cecil).not.toHaveProperty('emailAddress');
  });

  it('is answered once, by one who is asked, as whoever asks', async () => {
    const { issueKey } = await made();
    const at = `${api}/${issueKey}/approval/${await approvalOf(issueKey)}`;
    const body = { decision: 'approve' };
    expectFailure(await call('POST', at, { body }), 403, `Slipway is no approver of ${issueKey}.`);
    expectFailure(await call('POST', at, { login: login('cora'), body: { decision: 'yes' } }), 400, 'approve');
    expect(await call('POST', at, { login: login('cora'), body })).toMatchObject({
      status: 200,
      json: { finalDecision: 'approved', completedDate: { epochMillis: expect.any(Number) } },
    });
    expectFailure(await call('POST', at, { login: login('cora'), body }), 403, 'that was answered');
    expectFailure(await call('POST', at, { login: login('carl'), body: { decision: 'decline' } }), 403, 'that was answered');
    expect(shape(await call('GET', `${api}/${issueKey}`)).currentStatus.status).toBe('Awaiting implementation');
  });

  it('of a status that was left is answered no more', async () => {
    const { issueKey } = await made();
    const at = `${api}/${issueKey}/approval/${await approvalOf(issueKey)}`;
    people().move(issueKey, 'Cancel');
    expectFailure(await call('POST', at, { login: login('cora'), body: { decision: 'approve' } }), 403, 'no longer in');
  });

  it('that is declined ends the request', async () => {
    const { issueKey } = await made();
    const at = `${api}/${issueKey}/approval/${await approvalOf(issueKey)}`;
    await call('POST', at, { login: login('carl'), body: { decision: 'decline' } });
    expect(shape(await call('GET', `${api}/${issueKey}`)).currentStatus).toMatchObject({ status: 'Declined', statusCategory: 'DONE' });
  });

  it('that there is not is not found', async () => {
    const { issueKey } = await made();
    expectFailure(await call('GET', `${api}/${issueKey}/approval/77`), 404, 'does not exist');
  });

  it('comes one after the other where the type has two steps', async () => {
    const { issueKey } = await made('18');
    const steps = async (): Promise<string[]> =>
      listed<{ name: string; finalDecision: string }>(await call('GET', `${api}/${issueKey}/approval`)).map(
        ({ name, finalDecision }) => `${name}: ${finalDecision}`,
      );
    expect(await steps()).toEqual([]);
    expect((await call('POST', `${api}/${issueKey}/transition`, { body: { id: '11' } })).status).toBe(204);
    people().answer(issueKey, 'approve');
    expect(await steps()).toEqual(['Peer review: approved', 'Awaiting CAB approval: pending']);
  });
});

describe('a transition', () => {
  it('that is not there from this status, or not shown in the portal, is refused', async () => {
    const { issueKey } = await made();
    const at = `${api}/${issueKey}/transition`;
    const open = async (): Promise<string[]> => listed<{ name: string }>(await call('GET', at)).map(({ name }) => name);
    expect(await open()).toEqual(['Cancel']);
    expectFailure(await call('POST', at, { body: { id: '31' } }), 400, `The transition is not available for ${issueKey}.`);
    expectFailure(await call('POST', at, { body: {} }), 400, 'not available');
    people().answer(issueKey, 'approve');
    expect(await open()).toEqual(['Start implementation', 'Complete', 'Cancel']);
    expectFailure(await call('POST', at, { body: { id: '61' } }), 400, 'not available');
    expectFailure(await call('POST', at, { body: { id: '31', additionalComment: 'done' } }), 400, 'additionalComment');
    expect((await call('POST', at, { body: { id: '31', additionalComment: { body: 'It is live.' } } })).status).toBe(204);
    expect(people().requests().at(-1)).toMatchObject({ status: 'Completed', comments: [{ body: 'It is live.', public: true }] });
    expect(await open()).toEqual([]);
  });
});

describe('a comment', () => {
  it.each<[string, unknown, string]>([
    ['that is empty', { body: ' ' }, 'Comment body can not be empty!'],
    ['that is no text', { body: { type: 'doc' } }, 'Comment body can not be empty!'],
    ['that is too long', { body: 'x'.repeat(32_768) }, 'exceeds the allowed limit'],
    ['whose visibility is no yes or no', { body: 'x', public: 'no' }, 'public is true or false'],
    ['that is no JSON', 'x', 'not valid JSON'],
  ])('%s is refused', async (_what, body, told) => {
    const { issueKey } = await made();
    expectFailure(await call('POST', `${api}/${issueKey}/comment`, { body }), 400, told);
  });

  it('that is internal is written and seen by agents alone', async () => {
    const { issueKey } = await made();
    const at = `${api}/${issueKey}/comment`;
    const cora = people().loginOf('cora@example.com');
    expect((await call('POST', at, { body: { body: 'between us', public: false } })).status).toBe(201);
    expectFailure(await call('POST', at, { login: cora, body: { body: 'x', public: false } }), 403, 'public visibility only');
    expect((await call('POST', at, { login: cora, body: { body: 'for all', public: true } })).status).toBe(201);
    expect(listed(await call('GET', at))).toHaveLength(2);
    expect(listed(await call('GET', at, { login: cora }))).toMatchObject([{ body: 'for all' }]);
  });

  it('comes by pages', async () => {
    const { issueKey } = await made();
    for (const body of ['one', 'two', 'three']) await call('POST', `${api}/${issueKey}/comment`, { body: { body } });
    const page = await call('GET', `${api}/${issueKey}/comment?start=1&limit=1`);
    expect(page.json).toMatchObject({ size: 1, start: 1, limit: 1, isLastPage: false, values: [{ body: 'two' }] });
    expect((await call('GET', `${api}/${issueKey}/comment?start=-1&limit=many`)).json).toMatchObject({ size: 3, isLastPage: true });
  });
});

describe('a search', () => {
  const search = (jql: string, more = ''): Promise<Told> => call('GET', `/rest/api/3/search/jql?jql=${encodeURIComponent(jql)}${more}`);

  it('finds what the signed-in user made by a word of its description, oldest first', async () => {
    const keys: string[] = [];
    for (const n of [1, 2])
      keys.push(shape(await call('POST', api, { body: filled({ description: `Number ${n}.\n\nword7f3` }) })).issueKey);
    const found = await search('reporter = currentUser() AND description ~ "word7f3" ORDER BY created ASC, key ASC', '&fields=description');
    expect(found.json).toMatchObject({
      isLast: true,
      issues: [{ key: keys[0], fields: { description: { type: 'doc' } } }, { key: keys[1] }],
    });
    expect((await search('description ~ "word7f"')).json).toEqual({ issues: [], isLast: true });
    expect((await search('description ~ "word7f3"', '&maxResults=1')).json).toEqual({
      issues: [{ id: expect.any(String) }],
      isLast: false,
    });
  });

  it.each([
    ['', 'Unbounded JQL queries are not allowed here. Please add a search restriction to your query.'],
    ['ORDER BY created', 'Unbounded JQL queries are not allowed here. Please add a search restriction to your query.'],
    ['Projectss = MC', "Field 'Projectss' does not exist or you do not have permission to view it."],
    ['description = "x"', "The operator '=' is not supported by the 'description' field."],
    ['reporter ~ "x"', "The operator '~' is not supported by the 'reporter' field."],
    ['description is nothing', "Error in the JQL Query: Expecting operator but got 'is'."],
    ['project = MC ORDER BY nothing', "Not able to sort using field 'nothing'."],
    ['description ~ "a" OR description ~ "b"', `Error in the JQL Query: '"a" OR description ~ "b"' is no value.`],
    ['project = currentUser()', "Function 'currentUser' can't be used here."],
  ])('by %j is refused', async (jql, told) => {
    expect(await search(jql)).toMatchObject({ status: 400, json: { errorMessages: [told], errors: {} } });
  });

  it('by the address that was removed is told where to go', async () => {
    const answer = await call('GET', '/rest/api/3/search?jql=project%20%3D%20MC');
    expect(answer).toMatchObject({ status: 410, json: { errorMessages: [expect.stringContaining('/rest/api/3/search/jql')] } });
  });

  it('does not find at once what was just made, where that is switched on', async () => {
    cloud.azure.faults.on('jira-search-lags');
    await call('POST', api, { body: filled({ description: 'late9c1' }) });
    expect((await search('description ~ "late9c1"')).json).toEqual({ issues: [], isLast: true });
    cloud.azure.faults.off('jira-search-lags');
    expect((await search('description ~ "late9c1"')).json).toMatchObject({ issues: [{}] });
  });
});

test('queues are for agents of the one service desk there is', async () => {
  const queues = (desk: string, login?: string) => call('GET', `/rest/servicedeskapi/servicedesk/${desk}/queue?limit=1`, { login });
  expect(listed(await queues('4'))).toEqual([{ id: '1', name: 'All open' }]);
  expect((await queues('4', '')).status).toBe(401);
  expectFailure(await queues('4', people().loginOf('petra@example.com')), 403, 'Only agents');
  expectFailure(await queues('5'), 404, 'does not exist');
});

test('asked too often, down, or not let: each in its own words', async () => {
  const { faults } = cloud.azure;
  faults.on('jira-429', { times: 1, afterMs: 5000 });
  const often = await call('GET', api);
  expect(often).toMatchObject({ status: 429, json: { errorMessages: ['Rate limit exceeded.'] } });
  expect(often.headers.get('retry-after')).toBe('5');
  faults.on('jira-503', { times: 1 });
  expect(await call('GET', api)).toMatchObject({ status: 503, json: undefined });
  faults.on('jira-refused', { times: 1 });
  expectFailure(await call('GET', api), 403, 'You do not have permission to do this.');
});

test.each([
  '/rest/servicedeskapi/request/%2e%2e',
  '/rest/servicedeskapi/request/%zz',
  '/rest/api/3/issue/1',
  '/x',
  `/rest/servicedeskapi/request/${'a'.repeat(5000)}`,
])('what is not there answers 404: %s', async (path) => {
  expect((await call('GET', path)).status).toBe(404);
});

test('people see a request on a page, and answer it there', async () => {
  const title = '<b>bold</b> & more';
  const { issueKey } = shape(await call('POST', api, { body: filled({ summary: title, customfield_10051: 'Swap back.' }) }));
  const led = await call('GET', `/browse/${issueKey}`);
  const address = led.headers.get('location') ?? '';
  expect(led.status).toBe(302);
  const page = await (await fetch(address)).text();
  expect(page).toContain('&lt;b&gt;bold&lt;/b&gt; &amp; more');
  expect(page).toContain('Swap back.');
  expect(page).toContain('<option value="cecil@example.com">Cecil Cab</option>');
  const send = (fields: Record<string, string>): Promise<Response> =>
    fetch(address, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });
  const stranger = await send({ act: 'approve', by: 'petra@example.com' });
  expect(stranger.status).toBe(409);
  expect(await stranger.text()).toContain(`Petra Peer is no approver of ${issueKey}.`);
  expect((await send({ act: 'decline', by: 'cora@example.com', comment: 'not today' })).status).toBe(303);
  const [declined] = listed<{ finalDecision: string }>(await call('GET', `${api}/${issueKey}/approval`));
  expect(declined).toMatchObject({ finalDecision: 'declined' });
  expect(listed(await call('GET', `${api}/${issueKey}/comment`))).toMatchObject([
    { body: 'not today', author: { displayName: 'Cora Cab' } },
  ]);
  expect((await send({ act: 'cancel' })).status).toBe(409);
  expect((await call('GET', '/browse/MC-9999')).status).toBe(404);
});
