import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { answerAsk, atStep, endOf, expectTold, expectUntouched, makeApp, postsOf, reach, view, type App } from './app';
import { startStack, type PolicyInput, type Stack } from './harness';

/** A request in Jira Service Management decides, alone or beside other gates. */
const transitions = { begin: 'Start implementation', successful: 'Complete', unsuccessful: 'Fail', cancel: 'Cancel' };
const request = (more: object = {}) => ({
  ...{ name: 'request', kind: 'jira', site: 'https://acme.atlassian.net', login: 'JIRA_LOGIN', serviceDesk: '4', requestType: '17' },
  ...{ readyIn: ['Awaiting implementation', 'Implementing'], transitions, poll: '30s' },
  ...more,
});
const twoSteps = {
  requestType: '18',
  transitions: { ...transitions, ask: 'Request approval' },
  fields: { customfield_10050: { value: 'Low' }, customfield_10051: 'Slipway swaps the old release back.' },
};
const change = {
  ...{ name: 'change', kind: 'servicenow', instance: 'https://acme.service-now.com', login: 'SNOW_LOGIN', poll: '30s', type: 'emergency' },
  assignmentGroup: '0123456789abcdef0123456789abcdef',
};
const link = { name: 'release', kind: 'signed-link', approvers: ['ann@example.com'] };
const alone: PolicyInput = { gates: [request()] };
const apps: Record<string, PolicyInput> = {
  yes: { gates: [request(twoSteps)] },
  no: alone,
  taken: alone,
  silent: alone,
  down: alone,
  lost: alone,
  withdrawn: alone,
  own: { gates: [request({ notRequester: true })] },
  every: { gates: [request(), change, link] },
  either: { gates: [request(), link], combine: 'any' },
  broken: alone,
};
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ apps });
});
afterAll(() => stack.stop());

const people = () => stack.azure.itsmPeople.jira;
const requestsOf = (name: string) =>
  people()
    .requests()
    .filter(({ values }) => String(values['summary']).includes(` ${name} `));
const posts = (): number =>
  stack.azure
    .receipts()
    .itsm.filter(({ service, method, path }) => service === 'jira' && method === 'POST' && path === '/rest/servicedeskapi/request').length;

/** An app of its own whose release waits for its request. */
async function asked(name: string, more: Record<string, unknown> = {}): Promise<{ app: App; id: string; number: string }> {
  const app = await makeApp(stack, name);
  const { json } = await stack.call('/api/rollouts', { method: 'POST', body: { ...(await app.request({ version: '2.0.0' })), ...more } });
  const id = (json as { id: string }).id;
  await reach(stack, id, 'asking');
  const made = async () => (await view(stack, id)).ask?.requests?.find(({ gate }) => gate === 'request');
  await stack.until('its request asks somebody', async () => (await made())?.number !== undefined);
  return { app, id, number: (await made())?.number ?? '' };
}

const saying = async (id: string): Promise<string> =>
  (await view(stack, id)).ask?.requests?.find(({ gate }) => gate === 'request')?.says ?? '';

test('a request that both of its steps approve lets the release go, and is closed as complete', async () => {
  const { app, id, number } = await asked('yes');
  const [made] = requestsOf('yes');
  expect(made?.values['description']).toContain(`/dashboard/rollouts/${id}`);
  await stack.until('its peers are asked', () => requestsOf('yes')[0]?.status === 'Peer review');
  people().answer(number, 'approve');
  await stack.until('the board is waited for', async () => (await saying(id)).includes('Awaiting CAB approval'));
  expect((await view(stack, id)).ask).toMatchObject({ state: 'open', decisions: [] });
  expect(await app.production()).toBe('1.0.0');
  people().answer(number, 'approve', { by: 'carl@example.com' });
  const { ask } = await expectTold(stack, id, { outcome: 'deployed' });
  expect(ask?.decisions).toMatchObject([
    { gate: 'request', answer: 'yes', approver: 'petra@example.com, carl@example.com', service: 'jira', request: number },
  ]);
  expect(await app.production()).toBe('2.0.0');
  await stack.until('it is closed', () => requestsOf('yes')[0]?.status === 'Completed');
  expect(requestsOf('yes')[0]?.comments).toMatchObject([
    { body: 'Slipway begins the swap.', public: true },
    { body: expect.stringContaining('Deployed: yes 2.0.0 to production.'), public: false },
  ]);
  const ledger = await stack.ports.rows.list<{ kind: string }>('yes.production', 'ledger-');
  expect(ledger.map(({ value }) => value.kind)).toEqual(expect.arrayContaining(['asked', 'decision', 'granted', 'ended']));
});

test('a request that is declined ends it, with who and why', async () => {
  const { app, id, number } = await asked('no');
  people().answer(number, 'decline', { comment: 'not before the audit' });
  await expectUntouched(stack, app, id, { outcome: 'rejected' });
  const { ask, ending } = await view(stack, id);
  expect(ask?.decisions).toMatchObject([
    { gate: 'request', answer: 'no', approver: 'cora@example.com', comment: 'not before the audit', request: number },
  ]);
  expect(ending?.reason).toContain('cora@example.com said no: “not before the audit”');
  await stack.until('it hears so', () => requestsOf('no')[0]?.comments.length === 2);
  expect(requestsOf('no')[0]).toMatchObject({
    status: 'Declined',
    comments: [{}, { body: expect.stringContaining('Rejected: no 2.0.0'), public: false }],
  });
});

test('a request that somebody cancels ends it', async () => {
  const { app, id, number } = await asked('taken');
  people().move(number, 'Cancel', 'asked for twice');
  await expectUntouched(stack, app, id, { outcome: 'rejected' });
  expect((await view(stack, id)).ask?.decisions).toMatchObject([
    { answer: 'no', approver: 'somebody in Jira', comment: `${number} was moved to Canceled in Jira` },
  ]);
});

test('a request that nobody answers is cancelled when the ask expires', async () => {
  const { app, id } = await asked('silent');
  await stack.advance(30 * 60);
  await expectUntouched(stack, app, id, { outcome: 'expired', code: 'expired' });
  await stack.until('its request is cancelled', () => requestsOf('silent')[0]?.status === 'Canceled');
  expect(requestsOf('silent')[0]?.comments).toMatchObject([{ body: expect.stringContaining('Expired: silent 2.0.0 to production') }]);
});

test('a Jira that is down when it is to be asked, answer and be closed only takes longer', async () => {
  const app = await makeApp(stack, 'down');
  stack.azure.faults.on('jira-503', { times: 2 });
  const id = await app.start({ version: '2.0.0' });
  await reach(stack, id, 'asking');
  await stack.until('it is said', async () => (await saying(id)) !== '');
  expect((await view(stack, id)).ask?.requests).toEqual([
    { gate: 'request', service: 'jira', says: "can't be made yet: Jira answers 503" },
  ]);
  await stack.until('its request is there', async () => ((await view(stack, id)).ask?.requests?.[0]?.number ?? '') !== '', {
    stepSeconds: 10,
  });
  people().answer((await view(stack, id)).ask?.requests?.[0]?.number ?? '', 'approve');
  stack.azure.faults.on('jira-429', { times: 2 });
  await reach(stack, id, 'watching');
  stack.azure.faults.on('jira-503', { times: 3 });
  await expectTold(stack, id, { outcome: 'deployed' });
  expect(await app.production()).toBe('2.0.0');
  await stack.until('its request is closed', () => requestsOf('down')[0]?.status === 'Completed', { stepSeconds: 30 });
  expect(requestsOf('down')).toHaveLength(1);
});

test('a request whose making got no answer is found again, and is the only one, though search shows it late', async () => {
  const before = posts();
  stack.azure.faults.on('jira-answer-lost');
  stack.azure.faults.on('jira-search-lags', { afterMs: 150_000 });
  const { id, number } = await asked('lost');
  stack.azure.faults.off('jira-search-lags');
  expect(posts()).toBe(before + 1);
  people().answer(number, 'decline');
  await expectTold(stack, id, { outcome: 'rejected' });
  expect(requestsOf('lost')).toHaveLength(1);
});

test('a request that is sent back directly before the swap stops it, until it is approved anew', async () => {
  const { app, id, number } = await asked('withdrawn');
  atStep(stack, id, 'grantSwap', () => people().move(number, 'Back to approval'));
  people().answer(number, 'approve');
  await stack.until('it was sent back', () => requestsOf('withdrawn')[0]?.approvals.length === 2);
  await stack.until('it is seen', async () => (await saying(id)).includes('and not approved'));
  await stack.advance(120);
  expect((await view(stack, id)).ask).toMatchObject({ state: 'open', decisions: [] });
  expect(postsOf(stack, app)).toEqual([]);
  people().answer(number, 'approve', { by: 'carl@example.com' });
  const { ask } = await expectTold(stack, id, { outcome: 'deployed' });
  expect(ask?.decisions).toMatchObject([{ approver: 'carl@example.com' }]);
  expect(await app.production()).toBe('2.0.0');
});

test('neither whoever asked for it nor one whose address Jira does not tell can have approved it, where policy says so', async () => {
  const { app, id, number } = await asked('own', { actor: 'cora@example.com' });
  people().answer(number, 'approve', { by: 'cora@example.com' });
  await stack.until('it is said', async () => (await saying(id)).includes('Jira names cora@example.com, who asked for it'));
  people().move(number, 'Back to approval');
  people().answer(number, 'approve', { by: 'cecil@example.com' });
  await stack.until('it is said', async () => (await saying(id)).includes('Jira names Cecil Cab'));
  expect((await view(stack, id)).ask).toMatchObject({ state: 'open', decisions: [] });
  expect(postsOf(stack, app)).toEqual([]);
  people().move(number, 'Back to approval');
  people().answer(number, 'approve', { by: 'carl@example.com' });
  await expectTold(stack, id, { outcome: 'deployed' });
});

test('all gates: the request, the change and the link each have to say yes', async () => {
  const { app, id, number } = await asked('every');
  const changeOf = () =>
    stack.azure.itsmPeople.servicenow.changes().find(({ columns }) => columns['short_description']?.includes(' every '));
  people().answer(number, 'approve');
  await stack.until('it is heard', async () => (await view(stack, id)).ask?.decisions.length === 1);
  await answerAsk(stack, id, 'yes');
  await stack.advance(120);
  expect((await view(stack, id)).ask).toMatchObject({ state: 'open', decisions: [{ gate: 'request' }, { gate: 'release' }] });
  expect(await app.production()).toBe('1.0.0');
  stack.azure.itsmPeople.servicenow.answer(changeOf()?.number ?? '', 'approved');
  const { ask } = await expectTold(stack, id, { outcome: 'deployed' });
  expect(ask?.decisions.map(({ gate }) => gate).sort()).toEqual(['change', 'release', 'request']);
  await stack.until('both are closed', () => requestsOf('every')[0]?.status === 'Completed' && changeOf()?.columns['state'] === '3');
});

test('any gate: the link is enough, and the request that nobody approved is cancelled with what happened', async () => {
  const { id } = await asked('either');
  await answerAsk(stack, id, 'yes');
  await expectTold(stack, id, { outcome: 'deployed' });
  await stack.until('its request is cancelled', () => requestsOf('either')[0]?.status === 'Canceled');
  expect(requestsOf('either')[0]?.comments).toMatchObject([{ body: expect.stringContaining('Deployed: either 2.0.0 to production') }]);
});

test('a rollout that is taken back closes its request as failed', async () => {
  const { app, id, number } = await asked('broken');
  people().answer(number, 'approve');
  await reach(stack, id, 'watching');
  expect(requestsOf('broken')[0]?.status).toBe('Implementing');
  await stack.call(`/api/rollouts/${id}/roll-back`, { method: 'POST', body: { reason: 'it is slow' } });
  expect((await endOf(stack, id)).outcome).toBe('rolled-back');
  expect(await app.production()).toBe('1.0.0');
  await stack.until('its request is closed', () => requestsOf('broken')[0]?.status === 'Failed');
});
