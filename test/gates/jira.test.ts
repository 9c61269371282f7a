import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer, Asked } from '../../local/azure/servers';
import { changeManager, requestTypes, slipwayUser } from '../../local/azure/itsm/jira-model';
import { jiraPeople, type JiraRequest } from '../../local/azure/itsm/jira-records';
import { createFileRequest } from '../../src/activities/file-request';
import { createLookAtRequest, sightOf } from '../../src/activities/look-at-request';
import { readServiceGate } from '../../src/azure/request-rows';
import { changeRow } from '../../src/azure/rows';
import { buildNotice } from '../../src/domain/notice-model';
import { noticeRow } from '../../src/domain/notice-row';
import { channelOfGate } from '../../src/domain/recipients';
import type { Outcome, RolloutRow } from '../../src/domain/rollout';
import { judgeSight, type ServiceSight } from '../../src/domain/service-gate';
import { rolloutKey } from '../../src/domain/tables';
import { closeRequest } from '../../src/gates/close-request';
import { serviceOf } from '../../src/gates/service';
import { bringJira, bringRequest, type JiraWays } from '../activities/contract-services';
import { openWorld, startHello, type World } from '../activities/contract-world';
import { iso, rolloutId } from '../mail/world';

/** The gate that Jira Service Management answers, against the local one. */

let hello: Awaited<ReturnType<typeof startHello>>;
beforeAll(async () => {
  hello = await startHello();
});
afterAll(() => hello.stop());

const rowOf = async (at: World) => (await at.rows.read<RolloutRow>(rolloutId, rolloutKey))?.value as RolloutRow;
const said = async (at: World) => (await rowOf(at)).ask?.requests?.[0]?.says;

/** A rollout whose request is not made yet. */
async function open(ways: JiraWays = {}, more: { version?: string } = {}) {
  const at = await openWorld(hello.hostName, {}, async () => undefined);
  const { version } = more;
  if (version !== undefined)
    await changeRow<RolloutRow>(at.rows, rolloutId, rolloutKey, (row) => ({ value: { ...row, release: { ...row.release, version } } }));
  const records = await bringJira(at, {}, ways);
  const file = async () => (await createFileRequest(at.ports)({ rolloutId, gate: 'request' }, at.call)).kind;
  return { at, records, file, all: () => records.requests.all() };
}

/** One whose making got no answer, in a Jira whose search shows it only after `lagMs`, or when it is told to. */
async function lost(lagMs: number) {
  let [isLost, searchLagMs] = [true, lagMs];
  const around: JiraWays['around'] = async (asked, jira) => {
    const answer = await jira(asked);
    return isMaking(asked) && isLost ? { status: 504, body: '' } : answer;
  };
  const opened = await open({ around, searchLagMs: () => searchLagMs });
  expect(await opened.file()).toBe('unknown');
  isLost = false;
  return { ...opened, showAll: () => void (searchLagMs = 0) };
}

/** One whose request is there. */
async function asked(ways: JiraWays = {}, isApproved = false) {
  const at = await openWorld(hello.hostName, {}, async () => undefined);
  const records = await bringRequest(at, isApproved, ways);
  const row = async () => {
    const found = (await readServiceGate(at.ports, rolloutId, 'request'))?.value;
    if (!found) throw new Error('It was brought.');
    return found;
  };
  const look = async (): Promise<ServiceSight> => sightOf(at.ports, await row());
  const service = async () => {
    const found = serviceOf(at.ports, (await row()).policy);
    if (!found) throw new Error('Its login is there.');
    return found;
  };
  const close = async (outcome: Outcome) => {
    const ending = { outcome, at: iso(40), reason: 'It ended.', next: '', serves: '' };
    await changeRow<RolloutRow>(at.rows, rolloutId, rolloutKey, (now) => ({ value: { ...now, phase: 'telling', ending } }));
    const model = buildNotice('ended', await rowOf(at), iso(40));
    return closeRequest(at.ports, noticeRow('n1', { channel: channelOfGate('request'), recipient: 'MC-1' }, model));
  };
  const people = jiraPeople(records, changeManager);
  return { at, records, people, look, row, service, close, there: (): JiraRequest => records.requests.all()[0] as JiraRequest };
}

const isMaking = ({ method, url }: Asked): boolean => method === 'POST' && url.pathname === '/rest/servicedeskapi/request';

describe('making a request', () => {
  it('writes the evidence, on one line and as plain text what is not ours', async () => {
    const { file, all } = await open({}, { version: '2.0 [~accountid:1] {code}!x!\\[a|http://b]' });
    expect(await file()).toBe('filed');
    const [made] = all();
    const { summary, description } = made?.values as { summary: string; description: string };
    expect(summary).toContain('hello 2.0 [~accountid:1] {code}!x!\\[a|http://b]');
    expect(summary).not.toContain('\n');
    expect(description).toContain('\\[~accountid:1] \\{code}\\!x\\!⧵\\[a|http://b]');
    expect(description).toContain(`/dashboard/rollouts/${rolloutId}`);
    expect(description).toMatch(/\nslipway[0-9a-f]{32}$/);
    expect(made).toMatchObject({ requestTypeId: '17', status: 'Awaiting CAB approval', reporter: slipwayUser.accountId });
    expect(await file()).toBe('filed');
    expect(all()).toHaveLength(1);
  });

  it('is done once where its answer is lost, however long search takes to show what was made', async () => {
    const { at, file, all, showAll } = await lost(200_000);
    await at.ports.clock.sleep(150_000);
    expect(await file()).toBe('unknown');
    expect(await said(at)).toContain('gave no answer when it was asked to make it, and does not show it');
    expect(all()).toHaveLength(1);
    showAll();
    expect(await file()).toBe('filed');
    expect(all()).toHaveLength(1);
    expect((await rowOf(at)).ask?.requests?.[0]).toMatchObject({
      number: 'MC-1',
      service: 'jira',
      url: expect.stringMatching(/\/browse\/MC-1$/),
    });
  });

  it('twice, by a POST that was carried out late, leaves the older one, and cancels the younger', async () => {
    const { at, file, all, records } = await open();
    const correlation = (await readServiceGate(at.ports, rolloutId, 'request'))?.value.request.correlation ?? '';
    const [type] = requestTypes;
    if (!type) throw new Error('There is one.');
    for (const n of [1, 2]) records.create(type, { summary: `${n}`, description: correlation }, slipwayUser);
    // Somebody else's has the same words in it.
    records.create(type, { summary: '3', description: correlation }, changeManager);
    expect(await file()).toBe('filed');
    expect(all().map(({ status }) => status)).toEqual(['Awaiting CAB approval', 'Canceled', 'Awaiting CAB approval']);
    expect(all()[1]?.comments).toMatchObject([{ body: 'Slipway: made twice, because an answer was lost. MC-1 stands for both.' }]);
  });

  it('twice, where search shows the older one only after the younger was made, has that cancelled while it is waited for', async () => {
    const { at, file, all, showAll } = await lost(10_000_000);
    await at.ports.clock.sleep(300_000);
    expect(await file()).toBe('filed');
    const look = () => createLookAtRequest(at.ports)({ rolloutId, gate: 'request' }, at.call);
    await look();
    const statuses = () => all().map(({ status }) => status);
    expect(statuses()).toEqual(['Awaiting CAB approval', 'Awaiting CAB approval']);
    showAll();
    await look();
    expect(statuses()).toEqual(['Canceled', 'Awaiting CAB approval']);
    expect(all()[0]?.comments).toMatchObject([{ body: 'Slipway: made twice, because an answer was lost. MC-2 stands for both.' }]);
  });

  it('puts it to its approvers by a transition, where the workflow wants one', async () => {
    const transitions = { ask: 'request approval', successful: 'Complete', unsuccessful: 'Fail', cancel: 'Cancel' };
    const fields = { customfield_10050: { value: 'Low' }, customfield_10051: 'Swap back.' };
    const { file, all } = await open({ policy: { requestType: '18', transitions, fields } });
    expect(await file()).toBe('filed');
    expect(all()).toMatchObject([{ status: 'Peer review', values: fields }]);
  });

  it('says which transition there is not', async () => {
    const transitions = { ask: 'Submit', successful: 'Complete', unsuccessful: 'Fail', cancel: 'Cancel' };
    const { at, file } = await open({ policy: { requestType: '19', transitions } });
    expect(await file()).toBe('unknown');
    expect(await said(at)).toBe(
      "can't be put to its approvers yet: Jira offers no transition Submit from where it stands; see that its portal shows one",
    );
  });

  it.each<[string, Answer, string]>([
    [
      'a field that is missing',
      { status: 400, body: { errorMessage: 'Your request could not be created.', i18nErrorMessage: { i18nKey: 'sd.x', parameters: [] } } },
      'Jira answers 400: Your request could not be created.',
    ],
    [
      "the platform's own words",
      { status: 400, body: { errorMessages: ['Field Assignee is required.'], errors: { summary: 'Too long.' } } },
      'Jira answers 400: Field Assignee is required. summary: Too long.',
    ],
    [
      'a login that is wrong',
      { status: 401, body: { message: 'Client must be authenticated to access this resource.', 'status-code': 401 } },
      'Jira answers 401: Client must be authenticated to access this resource.',
    ],
    ['being let nowhere', { status: 403, body: { errorMessage: 'No.' } }, 'Jira answers 403: No.'],
    [
      'too many requests',
      { status: 429, headers: { 'retry-after': '7' }, body: { errorMessages: ['Rate limit exceeded.'] } },
      'Jira answers 429: Rate limit exceeded.',
    ],
    ['a site that is down', { status: 503, body: 'Service Unavailable' }, 'Jira answers 503'],
    ['what is no request', { status: 201, body: { issueId: '../1', issueKey: 'MC-1' } }, 'Jira answers with no request'],
  ])('says %s, and nothing was made', async (_what, answer, words) => {
    const { at, file, all } = await open({ around: async (asked, jira) => (isMaking(asked) ? answer : jira(asked)) });
    expect(await file()).toBe('unknown');
    expect(await said(at)).toBe(`can't be made yet: ${words}`);
    expect(all()).toEqual([]);
  });

  it('repeats no login that Jira repeats', async () => {
    const echo = (asked: Asked): Answer => {
      const sent = asked.headers.authorization ?? '';
      const login = Buffer.from(sent.split(' ')[1] ?? '', 'base64').toString();
      return { status: 400, body: { errorMessage: `Odd: ${sent}, ${login}, ${login.split(':')[1]}.` } };
    };
    const { at, file } = await open({ around: async (asked, jira) => (isMaking(asked) ? echo(asked) : jira(asked)) });
    expect(await file()).toBe('unknown');
    expect(await said(at)).toBe("can't be made yet: Jira answers 400: Odd: Basic [withheld], [withheld], [withheld].");
  });

  it('believes no search that did not take the login, though it is answered 200', async () => {
    const { at, file, all } = await open();
    at.ports.services = {
      ...at.ports.services,
      logins: { JIRA_LOGIN: `nobody@example.com:${at.ports.services.logins['JIRA_LOGIN']?.split(':')[1]}` },
    };
    expect(await file()).toBe('unknown');
    expect(await said(at)).toBe("can't be made yet: Jira answers 200 and did not take the login: the API token may have expired");
    expect(all()).toEqual([]);
  });
});

describe('a look', () => {
  it('tells who approved, and where it stands', async () => {
    const { look, people, there } = await asked();
    expect(await look()).toEqual({ kind: 'waiting', says: 'is in Awaiting CAB approval in Jira, and not approved' });
    people.answer(there().key, 'approve', { by: 'carl@example.com' });
    expect(await look()).toEqual({ kind: 'approved', by: [{ name: 'Carl Cab', mail: 'carl@example.com' }] });
  });

  it('takes one step of two for no approval, and counts those of both', async () => {
    const { records, look, people, row } = await asked({ policy: { requestType: '18' } });
    const type = requestTypes.find(({ id }) => id === '18');
    const { correlation } = (await row()).request;
    if (type)
      records.requests.put('10001', { ...records.create(type, { description: correlation }, slipwayUser), id: '10001', key: 'MC-1' });
    expect(await look()).toEqual({ kind: 'waiting', says: 'is in Open in Jira, where nobody is asked to approve it' });
    people.move('MC-1', 'Request approval');
    people.answer('MC-1', 'approve');
    expect(await look()).toEqual({ kind: 'waiting', says: 'is in Awaiting CAB approval in Jira, and not approved' });
    people.answer('MC-1', 'approve', { by: 'cora@example.com' });
    expect(await look()).toEqual({
      kind: 'approved',
      by: [
        { name: 'Petra Peer', mail: 'petra@example.com' },
        { name: 'Cora Cab', mail: 'cora@example.com' },
      ],
    });
  });

  it('takes back an approval whose request is asked about anew, or stands where policy does not let it go', async () => {
    const { look, people, there } = await asked({ policy: { readyIn: ['implementing'] } }, true);
    const { key } = there();
    expect(await look()).toEqual({
      kind: 'waiting',
      says: 'is approved, and in Awaiting implementation in Jira: policy wants implementing',
    });
    people.move(key, 'Start implementation');
    expect(await look()).toMatchObject({ kind: 'approved' });
    people.move(key, 'Back to approval');
    expect(await look()).toEqual({ kind: 'waiting', says: 'is in Awaiting CAB approval in Jira, and not approved' });
    people.answer(key, 'approve');
    people.move(key, 'Start implementation');
    expect(await look()).toMatchObject({ kind: 'approved' });
  });

  it('tells who declined and what they wrote, not what others did', async () => {
    const { look, people, records, there } = await asked();
    people.answer(there().key, 'decline', { comment: 'not before the audit' });
    records.comment(there(), changeManager, 'I see.', true);
    expect(await look()).toEqual({ kind: 'rejected', by: { name: 'Cora Cab', mail: 'cora@example.com' }, comment: 'not before the audit' });
  });

  it('tells that nobody wrote why', async () => {
    const { look, people, there } = await asked();
    people.answer(there().key, 'decline');
    expect(await look()).toMatchObject({ kind: 'rejected', comment: 'MC-1 was declined in Jira without a comment' });
  });

  it.each(['Cancel', 'Complete'])('tells that it was over before it was carried out: %s', async (transition) => {
    const { look, people, there } = await asked({}, transition === 'Complete');
    people.move(there().key, transition);
    expect(await look()).toEqual({ kind: 'cancelled', by: undefined, says: `MC-1 was moved to ${there().status} in Jira` });
  });

  it('does not believe one whose description was written over', async () => {
    const { look, records, there } = await asked({}, true);
    records.requests.put(there().id, { ...there(), values: { summary: 'x', description: 'Deploy something else.' } });
    expect(await look()).toEqual({
      kind: 'unknown',
      why: 'no longer carries in its description what Slipway wrote there, so it may ask for something else',
    });
  });

  it('follows it to another project by its id', async () => {
    const { look, records, there } = await asked({}, true);
    records.requests.put(there().id, { ...there(), key: 'OPS-7' });
    expect(await look()).toMatchObject({ kind: 'approved' });
  });

  it.each([
    ['the request', /\/request\/\d+$/, "can't be read: Jira answers 404: The request that you are trying to view does not exist."],
    ['its approvals', /\/approval$/, 'does not show who approved: Jira answers 404'],
  ])('can not tell where %s can not be read', async (_what, path, words) => {
    const gone: Answer = { status: 404, body: { errorMessage: 'The request that you are trying to view does not exist.' } };
    const { look } = await asked({ around: async (asked, jira) => (path.test(asked.url.pathname) ? gone : jira(asked)) }, true);
    expect(await look()).toEqual({ kind: 'unknown', why: expect.stringContaining(words) });
  });

  it('can not tell where the list of approvals is none', async () => {
    const none: Answer = { status: 200, body: { values: 'many' } };
    const { look } = await asked({ around: async (asked, jira) => (asked.url.pathname.endsWith('/approval') ? none : jira(asked)) }, true);
    expect(await look()).toEqual({ kind: 'unknown', why: 'does not show who approved: Jira answers with no list' });
  });

  it('reads every page', async () => {
    const { look, people, records, there } = await asked();
    for (let n = 0; n < 120; n += 1) records.comment(there(), changeManager, `comment ${n}`, true);
    people.answer(there().key, 'decline', { comment: 'the last word' });
    expect(await look()).toMatchObject({ comment: 'the last word' });
  });
});

describe('a Jira that is asked too often', () => {
  const often: Answer = { status: 429, headers: { 'retry-after': '300' }, body: { errorMessages: ['Rate limit exceeded.'] } };
  const throttled = (isIt: () => boolean) => {
    let calls = 0;
    const around: JiraWays['around'] = (asked, jira) => {
      calls += 1;
      return isIt() ? Promise.resolve(often) : jira(asked);
    };
    return { around, calls: () => calls };
  };

  it('is not looked at again before it wants to be, whatever wakes the rollout', async () => {
    let isThrottled = true;
    const { around, calls } = throttled(() => isThrottled);
    const { at } = await asked({ around }, true);
    const look = () => createLookAtRequest(at.ports)({ rolloutId, gate: 'request' }, at.call);
    expect(await look()).toEqual({ isChanged: true });
    expect(await said(at)).toBe("can't be read: Jira answers 429: Rate limit exceeded.");
    expect(calls()).toBe(1);
    isThrottled = false;
    await at.ports.clock.sleep(299_000);
    expect(await look()).toEqual({ isChanged: false });
    expect(calls()).toBe(1);
    await at.ports.clock.sleep(1000);
    expect(await look()).toEqual({ isChanged: true });
    expect((await rowOf(at)).ask?.decisions).toMatchObject([{ answer: 'yes', service: 'jira' }]);
  });

  it('has nothing made there before, either', async () => {
    let isThrottled = true;
    const { around, calls } = throttled(() => isThrottled);
    const { at, file, all } = await open({ around });
    expect(await file()).toBe('unknown');
    isThrottled = false;
    expect(await file()).toBe('unknown');
    expect(calls()).toBe(1);
    await at.ports.clock.sleep(300_000);
    expect(await file()).toBe('filed');
    expect(all()).toHaveLength(1);
  });
});

it('that answers one page after the other, or none, holds nobody up for longer than an activity may take', async () => {
  const { at, row, there } = await asked({
    around: async (asked, jira) => {
      const start = Number(asked.url.searchParams.get('start') ?? '0');
      if (!asked.url.pathname.endsWith('/approval')) return jira(asked);
      return start < 3 ? { status: 200, body: { values: [{}], isLastPage: false } } : new Promise(() => undefined);
    },
  });
  const { policy, request } = await row();
  expect(await serviceOf(at.ports, policy, 200)?.look(there().id, request.correlation)).toEqual({
    kind: 'unknown',
    why: expect.stringMatching(/^does not show who approved: Jira gives no answer/),
  });
});

describe('whoever asked for it', () => {
  const askers = { requester: { name: 'carl@example.com', verified: true, via: 'http' as const } };
  const judged = async (by: string) => {
    const { look, people, row, there } = await asked();
    people.answer(there().key, 'approve', { by });
    return judgeSight(await look(), { ...(await row()).policy, notRequester: true }, askers);
  };

  it('can not have approved it', async () => {
    expect(await judged('carl@example.com')).toMatchObject({
      kind: 'waiting',
      says: expect.stringContaining('Jira names carl@example.com'),
    });
    expect(await judged('cora@example.com')).toMatchObject({ kind: 'answer', answer: 'yes', approver: 'cora@example.com' });
  });

  it('may be one whose address Jira does not tell, who does not count then', async () => {
    expect(await judged('cecil@example.com')).toEqual({
      kind: 'waiting',
      says: 'is approved, but Jira names Cecil Cab, who asked for it or whose address it does not tell: somebody else has to approve it',
    });
  });
});

describe('closing', () => {
  it.each<[Outcome, boolean, string]>([
    ['deployed', true, 'Completed'],
    ['unchanged', true, 'Completed'],
    ['rolled-back', true, 'Failed'],
    ['needs-attention', true, 'Awaiting implementation'],
    ['failed', true, 'Canceled'],
    ['superseded', true, 'Canceled'],
    ['cancelled', false, 'Canceled'],
    ['expired', false, 'Canceled'],
    // Another gate was enough.
    ['deployed', false, 'Canceled'],
  ])('%s, approved: %s, comes to %s, with one internal comment', async (outcome, isApproved, status) => {
    const { close, there } = await asked({}, isApproved);
    expect(await close(outcome)).toEqual({ kind: 'sent' });
    expect(await close(outcome)).toEqual({ kind: 'sent' });
    expect(there()).toMatchObject({
      status,
      comments: [{ public: false, author: slipwayUser.accountId, body: expect.stringContaining('Slipway notice n1') }],
    });
  });

  it('a request that is over has only its comment', async () => {
    const { close, people, there } = await asked();
    people.answer(there().key, 'decline');
    expect(await close('rejected')).toEqual({ kind: 'sent' });
    expect(there()).toMatchObject({ status: 'Declined', comments: [{ public: false }] });
  });

  it('says where the workflow lets nobody close it', async () => {
    const transitions = { successful: 'Done', unsuccessful: 'Undo', cancel: 'Withdraw' };
    const { close, there } = await asked({ policy: { transitions } }, true);
    expect(await close('deployed')).toEqual({
      kind: 'refused',
      code: 'jira',
      text: 'Jira offers no transition Withdraw from where it stands; see that its portal shows one',
    });
    expect(there()).toMatchObject({ status: 'Awaiting implementation', comments: [{ public: false }] });
  });

  it('is tried again where Jira is asked too often, when it says', async () => {
    let isThrottled = true;
    const often: Answer = { status: 429, headers: { 'retry-after': '7' }, body: { errorMessages: ['Rate limit exceeded.'] } };
    const { close, there } = await asked({ around: async (asked, jira) => (isThrottled ? often : jira(asked)) }, true);
    expect(await close('deployed')).toEqual({ kind: 'later', code: 'Jira answers 429: Rate limit exceeded.', afterSeconds: 7 });
    isThrottled = false;
    expect(await close('deployed')).toEqual({ kind: 'sent' });
    expect(there().status).toBe('Completed');
  });
});

describe('beginning', () => {
  it('moves it on once, and says so', async () => {
    const { service, there } = await asked({}, true);
    for (const _time of [1, 2]) expect(await (await service()).begin(there().id)).toEqual({ kind: 'begun' });
    expect(there()).toMatchObject({ status: 'Implementing', comments: [{ body: 'Slipway begins the swap.', public: true }] });
  });

  it('writes nothing where policy names no transition for it', async () => {
    const transitions = { successful: 'Complete', unsuccessful: 'Fail', cancel: 'Cancel' };
    const { service, there } = await asked({ policy: { transitions } }, true);
    expect(await (await service()).begin(there().id)).toEqual({ kind: 'begun' });
    expect(there()).toMatchObject({ status: 'Awaiting implementation', comments: [] });
  });
});
