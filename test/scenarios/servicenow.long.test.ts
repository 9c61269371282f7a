import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ServiceNowChange } from '../../local/azure';
import { answerAsk, atStep, endOf, expectTold, expectUntouched, makeApp, postsOf, reach, view, type App } from './app';
import { startStack, type PolicyInput, type Stack } from './harness';

/** A change request in ServiceNow decides, alone or beside a link, whatever becomes of ServiceNow meanwhile. */
const change = (more: object = {}) => ({
  ...{ name: 'change', kind: 'servicenow', instance: 'https://acme.service-now.com', login: 'SNOW_LOGIN', poll: '30s' },
  ...{ assignmentGroup: '0123456789abcdef0123456789abcdef' },
  ...more,
});
const link = { name: 'release', kind: 'signed-link', approvers: ['ann@example.com'] };
const alone: PolicyInput = { gates: [change()] };
const emergency = (more: object = {}): PolicyInput => ({ gates: [change({ type: 'emergency', ...more })] });
const apps: Record<string, PolicyInput> = {
  yes: alone,
  no: alone,
  taken: alone,
  silent: alone,
  down: { gates: [change({ auth: 'oauth' })] },
  lost: alone,
  withdrawn: emergency(),
  unreadable: emergency(),
  own: emergency({ notRequester: true }),
  both: { gates: [change({ type: 'emergency' }), link] },
  either: { gates: [change({ type: 'emergency' }), link], combine: 'any' },
  doubtful: { gates: [change({ type: 'emergency' }), link], combine: 'any' },
  broken: emergency(),
};
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ apps });
});
afterAll(() => stack.stop());

const people = () => stack.azure.itsmPeople.servicenow;
const changesOf = (name: string): ServiceNowChange[] =>
  people()
    .changes()
    .filter(({ columns }) => columns['short_description']?.includes(` ${name} `));
const posts = (): number =>
  stack.azure.receipts().itsm.filter(({ method, path }) => method === 'POST' && path.endsWith('/change_request')).length;

/** An app of its own whose release waits for its change request. */
async function asked(name: string, more: Record<string, unknown> = {}): Promise<{ app: App; id: string; number: string }> {
  const app = await makeApp(stack, name);
  const { json } = await stack.call('/api/rollouts', { method: 'POST', body: { ...(await app.request({ version: '2.0.0' })), ...more } });
  const id = (json as { id: string }).id;
  await reach(stack, id, 'asking');
  const request = async () => (await view(stack, id)).ask?.requests?.[0];
  await stack.until('its change asks somebody', async () => (await request())?.number !== undefined);
  return { app, id, number: (await request())?.number ?? '' };
}

test('a change that its peers and the board approve lets the release go, and is closed as successful', async () => {
  const { app, id, number } = await asked('yes');
  const [made] = changesOf('yes');
  expect(made?.columns).toMatchObject({ type: 'normal', state: '-4', approval: 'requested', correlation_display: `Slipway ${id}` });
  expect(made?.columns['description']).toContain(`/dashboard/rollouts/${id}`);
  people().answer(number, 'approved');
  await stack.advance(60);
  expect((await view(stack, id)).ask).toMatchObject({
    state: 'open',
    decisions: [],
    requests: [{ gate: 'change', service: 'servicenow', number, says: 'is in Authorize in ServiceNow, its approval requested' }],
  });
  expect(await app.production()).toBe('1.0.0');
  people().answer(number, 'approved');
  const { ask } = await expectTold(stack, id, { outcome: 'deployed' });
  expect(ask?.decisions).toMatchObject([
    { gate: 'change', answer: 'yes', approver: 'petra@example.com, cora@example.com', service: 'servicenow', request: number },
  ]);
  expect(await app.production()).toBe('2.0.0');
  const [closed] = changesOf('yes');
  expect(closed?.columns).toMatchObject({ state: '3', close_code: 'successful', approval: 'approved' });
  expect(closed?.notes).toEqual(['Slipway begins the swap.', expect.stringContaining('Deployed: yes 2.0.0 to production.')]);
  const ledger = await stack.ports.rows.list<{ kind: string; data: object }>('yes.production', 'ledger-');
  expect(ledger.map(({ value }) => value.kind)).toEqual(expect.arrayContaining(['asked', 'decision', 'granted', 'ended']));
});

test('a change that is rejected ends it, with who and why, and is cancelled', async () => {
  const { app, id, number } = await asked('no');
  people().answer(number, 'rejected', { comment: 'not before the audit' });
  await expectUntouched(stack, app, id, { outcome: 'rejected' });
  const { ask, ending } = await view(stack, id);
  expect(ask?.decisions).toMatchObject([
    { gate: 'change', answer: 'no', approver: 'petra@example.com', comment: 'not before the audit', request: number },
  ]);
  expect(ending?.reason).toContain('petra@example.com said no: “not before the audit”');
  await stack.until('its change is cancelled', () => changesOf('no')[0]?.columns['state'] === '4');
});

test('a change that somebody cancels ends it', async () => {
  const { app, id, number } = await asked('taken');
  people().move(number, '4', 'asked for twice');
  await expectUntouched(stack, app, id, { outcome: 'rejected' });
  expect((await view(stack, id)).ask?.decisions).toMatchObject([
    { answer: 'no', approver: 'chris.change', comment: `${number} was moved to Canceled in ServiceNow` },
  ]);
});

test('a change that nobody answers is cancelled when the ask expires', async () => {
  const { app, id } = await asked('silent');
  await stack.advance(30 * 60);
  await expectUntouched(stack, app, id, { outcome: 'expired', code: 'expired' });
  await stack.until('its change is cancelled', () => changesOf('silent')[0]?.columns['state'] === '4');
  expect(changesOf('silent')[0]?.notes).toEqual([expect.stringContaining('Expired: silent 2.0.0 to production')]);
});

test('a ServiceNow that is down when it is to be asked, answer and be closed only takes longer, and the page says what is waited for', async () => {
  const app = await makeApp(stack, 'down');
  stack.azure.faults.on('servicenow-503', { times: 4 });
  const id = await app.start({ version: '2.0.0' });
  await reach(stack, id, 'asking');
  await stack.until('it is said', async () => ((await view(stack, id)).ask?.requests?.length ?? 0) > 0);
  expect((await view(stack, id)).ask?.requests).toEqual([
    { gate: 'change', service: 'servicenow', says: "can't be made yet: ServiceNow answers 503" },
  ]);
  await stack.until('its change is there', () => changesOf('down')[0]?.columns['state'] === '-4', { stepSeconds: 10 });
  const number = (await view(stack, id)).ask?.requests?.[0]?.number ?? '';
  people().answer(number, 'approved');
  people().answer(number, 'approved');
  stack.azure.faults.on('servicenow-429', { times: 2 });
  await reach(stack, id, 'watching');
  stack.azure.faults.on('servicenow-503', { times: 3 });
  await expectTold(stack, id, { outcome: 'deployed' });
  expect(await app.production()).toBe('2.0.0');
  await stack.until('its change is closed', () => changesOf('down')[0]?.columns['state'] === '3', { stepSeconds: 30 });
  expect(changesOf('down')).toHaveLength(1);
});

test('a change whose making got no answer is found again, and is the only one', async () => {
  const before = posts();
  stack.azure.faults.on('servicenow-answer-lost');
  const { id, number } = await asked('lost');
  expect(posts()).toBe(before + 1);
  people().answer(number, 'rejected');
  await expectTold(stack, id, { outcome: 'rejected' });
  expect(changesOf('lost')).toHaveLength(1);
});

test('an approval that is taken back directly before the swap stops it, until there is another', async () => {
  const { app, id, number } = await asked('withdrawn');
  atStep(stack, id, 'grantSwap', () => people().move(number, '-5', 'Revert to New'));
  people().answer(number, 'approved');
  await stack.until('it is seen', async () => (await view(stack, id)).ask?.requests?.[0]?.says.includes('is in New') === true);
  await stack.advance(120);
  expect((await view(stack, id)).ask).toMatchObject({ state: 'open', decisions: [] });
  expect(postsOf(stack, app)).toEqual([]);
  const ledger = await stack.ports.rows.list<{ kind: string; data: object }>('withdrawn.production', 'ledger-');
  expect(ledger.map(({ value }) => value)).toContainEqual(
    expect.objectContaining({ kind: 'withdrawn', data: expect.objectContaining({ gate: 'change', answer: 'yes' }) as object }),
  );
  people().move(number, '-3');
  people().answer(number, 'approved');
  await expectTold(stack, id, { outcome: 'deployed' });
  expect(await app.production()).toBe('2.0.0');
});

test('an approval that cannot be read directly before the swap grants nothing, and is read again', async () => {
  const { app, id, number } = await asked('unreadable');
  atStep(stack, id, 'grantSwap', () => stack.azure.faults.on('servicenow-503', { times: 4 }));
  people().answer(number, 'approved');
  await stack.until('it is said', async () => (await view(stack, id)).ask?.requests?.[0]?.isDoubtful === true);
  expect((await view(stack, id)).ask).toMatchObject({ state: 'open', decisions: [{ answer: 'yes' }] });
  expect(postsOf(stack, app)).toEqual([]);
  await expectTold(stack, id, { outcome: 'deployed' });
});

test('whoever asked for it can not have approved it, where policy says so', async () => {
  const { app, id, number } = await asked('own', { actor: 'cora@example.com' });
  people().answer(number, 'approved', { by: 'cora@example.com' });
  await stack.advance(60);
  expect((await view(stack, id)).ask).toMatchObject({ state: 'open', decisions: [] });
  expect((await view(stack, id)).ask?.requests?.[0]?.says).toContain(
    'is approved, but ServiceNow names cora@example.com, who asked for it',
  );
  expect(postsOf(stack, app)).toEqual([]);
  people().move(number, '-5');
  people().move(number, '-3');
  people().answer(number, 'approved', { by: 'carl@example.com' });
  await expectTold(stack, id, { outcome: 'deployed' });
});

test('all gates: the change and the link both have to say yes', async () => {
  const { app, id, number } = await asked('both');
  people().answer(number, 'approved');
  await stack.advance(60);
  expect((await view(stack, id)).ask).toMatchObject({ state: 'open', decisions: [{ gate: 'change' }] });
  expect(await app.production()).toBe('1.0.0');
  await answerAsk(stack, id, 'yes');
  await expectTold(stack, id, { outcome: 'deployed' });
  expect(changesOf('both')[0]?.columns['close_code']).toBe('successful');
});

test('any gate: the link is enough, and the change that nobody approved is cancelled with what happened', async () => {
  const { id } = await asked('either');
  await answerAsk(stack, id, 'yes');
  await expectTold(stack, id, { outcome: 'deployed' });
  await stack.until('its change is cancelled', () => changesOf('either')[0]?.columns['state'] === '4');
  expect(changesOf('either')[0]?.notes).toEqual([expect.stringContaining('Deployed: either 2.0.0 to production')]);
});

test('any gate: where ServiceNow can not be reached any more after its yes, the link is enough, and the swap waits for no ServiceNow', async () => {
  const { app, id, number } = await asked('doubtful');
  atStep(stack, id, 'grantSwap', () => stack.azure.faults.on('servicenow-503', { times: 1000 }));
  people().answer(number, 'approved');
  await stack.until('it is said', async () => (await view(stack, id)).ask?.requests?.[0]?.isDoubtful === true);
  expect(postsOf(stack, app)).toEqual([]);
  await answerAsk(stack, id, 'yes');
  await reach(stack, id, 'watching');
  stack.azure.faults.off('servicenow-503');
  await expectTold(stack, id, { outcome: 'deployed' });
  expect(await app.production()).toBe('2.0.0');
  await stack.until('its change is closed', () => changesOf('doubtful')[0]?.columns['state'] === '3', { stepSeconds: 30 });
});

test('a rollout that is taken back closes its change as unsuccessful', async () => {
  const { app, id, number } = await asked('broken');
  people().answer(number, 'approved');
  await reach(stack, id, 'watching');
  expect(changesOf('broken')[0]?.columns['state']).toBe('-1');
  await stack.call(`/api/rollouts/${id}/roll-back`, { method: 'POST', body: { reason: 'it is slow' } });
  expect((await endOf(stack, id)).outcome).toBe('rolled-back');
  expect(await app.production()).toBe('1.0.0');
  expect(changesOf('broken')[0]?.columns).toMatchObject({ state: '3', close_code: 'unsuccessful' });
});
