import { oneLine } from '../domain/escape-html';
import type { SendAnswer } from '../domain/judge-delivery';
import type { Outcome } from '../domain/rollout';
import type { Answerer, ServiceGatePolicy, ServiceSight } from '../domain/service-gate';
import { at, entriesOf, listOf, textAt, textsOf } from '../domain/unknown-value';
import { basic, callService, type Called, type Reach } from './service-call';
import { notSeen, notSent, type NotDone, type Question, type RequestThere, type Service } from './service';
import { keepOne } from './made-twice';
import { closingNote, questionText } from './service-words';

/**
 * Requests of a service desk in Jira Service Management (Cloud): developer.atlassian.com/cloud/jira/service-desk/rest/api-group-request. An approval belongs to a
 * step of the workflow, so a request has one more each time that it comes into a status with such a step (support.atlassian.com, "What are
 * approvals?"; confluence.atlassian.com, "Configuring Jira Service Management approvals").
 */

const requests = '/rest/servicedeskapi/request';

/**
 * "Summary must be less than 255 characters", and no field of text may have more than 32,767: this leaves room for what is escaped. A summary with a new line
 * is refused.
 */
const most = { shortDescription: 250, description: 15_000 };

/** Of 50 entries each, which is what a list gives at once. More comments than that, and nobody's is looked for any more. */
const mostPages = 20;

type Gate = Extract<ServiceGatePolicy, { kind: 'jira' }>;
type Way = keyof Gate['transitions'];

/** The login is `<address>:<API token>`: developer.atlassian.com/cloud/jira/platform/basic-auth-for-rest-apis. */
export function jira({ outgoing, login, endpoint, within }: Reach, gate: Gate): Service {
  let isHurried = false;

  function call(method: 'GET' | 'POST', path: string, more: { query?: Record<string, string>; body?: object } = {}): Promise<Called> {
    const url = new URL(path, endpoint);
    url.search = new URLSearchParams(more.query ?? {}).toString();
    const { body } = more;
    const asked = { method, url, authorization: basic(login), isHurried, within, ...(body === undefined ? {} : { body }) };
    return callService(outgoing, asked, words, whyNobody);
  }

  /** All entries of a list, page by page. */
  async function listAll(path: string): Promise<{ kind: 'list'; values: unknown[] } | NotDone> {
    const values: unknown[] = [];
    for (let page = 0; page < (isHurried ? 2 : mostPages); page += 1) {
      const called = await call('GET', path, { query: { start: String(values.length), limit: '50' } });
      if (called.kind !== 'done') return called;
      const found = at(called.json, 'values');
      if (!Array.isArray(found)) return { kind: 'unknown', why: 'answers with no list' };
      values.push(...(found as unknown[]));
      if (at(called.json, 'isLastPage') !== false || found.length === 0) break;
    }
    return { kind: 'list', values };
  }

  /** Does the first of these transitions that there is from where the request stands. Lists what the portal shows, and nothing else. */
  async function move(id: string, ways: Way[], comment?: string): Promise<{ kind: 'moved' } | { kind: 'none'; why: string } | NotDone> {
    const names = [...new Set(ways.flatMap((way) => gate.transitions[way] ?? []))];
    const open = await listAll(`${requests}/${id}/transition`);
    if (open.kind !== 'list') return open;
    const same = (name: string) => (one: unknown) => textAt(one, 'name').toLowerCase() === name.toLowerCase();
    const found = names.map((name) => open.values.find(same(name))).find((one) => one !== undefined);
    if (found === undefined)
      return { kind: 'none', why: `offers no transition ${names.join(' or ')} from where it stands; see that its portal shows one` };
    const said = comment === undefined ? {} : { additionalComment: { body: asWiki(comment) } };
    const called = await call('POST', `${requests}/${id}/transition`, { body: { id: at(found, 'id'), ...said } });
    return called.kind === 'done' ? { kind: 'moved' } : called;
  }

  /** The first of these ways; one that is not open yet may be once the request is being carried out, which could not be written down when it began. */
  async function end(id: string, ways: Way[]): ReturnType<typeof move> {
    const moved = await move(id, ways.slice(0, 1));
    if (moved.kind !== 'none') return moved;
    const begun = gate.transitions.begin === undefined ? moved : await move(id, ['begin']);
    return move(id, begun.kind === 'moved' ? ways : ways.slice(1));
  }

  /** An issue's key changes when it is moved to another project, its id does not. */
  const thereAs = (id: string, number: string): RequestThere | undefined =>
    /^\d{1,19}$/.test(id) && /^[A-Z][A-Z0-9_]{0,40}-\d{1,12}$/.test(number)
      ? { id, number, url: new URL(`/browse/${number}`, endpoint).toString() }
      : undefined;

  return {
    async tryLogin() {
      // For agents of the service desk alone, where most of the rest may be read by anybody whom the site lets in.
      const called = await call('GET', `/rest/servicedeskapi/servicedesk/${gate.serviceDesk}/queue`, { query: { limit: '1' } });
      return called.kind === 'done' ? { kind: 'taken' } : called;
    },
    // Search shows what was made after seconds, or minutes: developer.atlassian.com/cloud/jira/platform/search-and-reconcile.
    settleMs: 300_000,
    async find(correlation, knownId) {
      const jql = `reporter = currentUser() AND description ~ "${correlation}" ORDER BY created ASC, key ASC`;
      const called = await call('GET', '/rest/api/3/search/jql', { query: { jql, fields: 'description,status', maxResults: '5' } });
      if (called.kind !== 'done') return called;
      const issues = at(called.json, 'issues');
      if (!Array.isArray(issues)) return { kind: 'unknown', why: 'answers with no list' };
      // Words are found by their stems.
      const ours = issues.filter((issue) => JSON.stringify(at(at(issue, 'fields'), 'description') ?? '').includes(correlation));
      const all = ours.flatMap((issue) => {
        const request = thereAs(textAt(issue, 'id'), textAt(issue, 'key'));
        const category = at(at(at(issue, 'fields'), 'status'), 'statusCategory');
        return request ? [{ request, isOver: textAt(category, 'key') === 'done' }] : [];
      });
      return keepOne(all, knownId, async ({ id }, note) => {
        const moved = await move(id, ['cancel', 'unsuccessful'], note);
        if (moved.kind === 'moved') return { kind: 'done' };
        return moved.kind === 'none' ? { kind: 'refused', why: moved.why } : moved;
      });
    },
    async create(question) {
      const called = await call('POST', requests, { body: newRequest(gate, question) });
      if (called.kind !== 'done') return called;
      const request = thereAs(textAt(called.json, 'issueId'), textAt(called.json, 'issueKey'));
      return request ? { kind: 'found', request } : { kind: 'unknown', why: 'answers with no request' };
    },
    async ask(id) {
      if (gate.transitions.ask === undefined) return { kind: 'asked' };
      const approvals = await listAll(`${requests}/${id}/approval`);
      if (approvals.kind !== 'list') return approvals;
      if (approvals.values.length > 0) return { kind: 'asked' };
      const moved = await move(id, ['ask']);
      if (moved.kind === 'moved') return { kind: 'asked' };
      // A run beside this one may have done it.
      const now = await listAll(`${requests}/${id}/approval`);
      if (now.kind === 'list' && now.values.length > 0) return { kind: 'asked' };
      return moved.kind === 'none' ? { kind: 'refused', why: moved.why } : moved;
    },
    async look(id, correlation) {
      const read = await call('GET', `${requests}/${id}`);
      if (read.kind !== 'done') return notSeen('jira', "can't be read", read);
      const approvals = await listAll(`${requests}/${id}/approval`);
      if (approvals.kind !== 'list') return notSeen('jira', 'does not show who approved', approvals);
      const told = sightOf(gate, { request: read.json, approvals: approvals.values.map(approvalIn), correlation });
      if (told.kind !== 'declined') return told;
      const comments = await listAll(`${requests}/${id}/comment`);
      const words = comments.kind === 'list' ? commentOf(comments.values, told) : '';
      const { by, number } = told;
      return { kind: 'rejected', by: by?.answerer, comment: words || `${number} was declined in Jira without a comment` };
    },
    async begin(id) {
      isHurried = true;
      if (gate.transitions.begin === undefined) return { kind: 'begun' };
      const moved = await move(id, ['begin'], 'Slipway begins the swap.');
      // Somebody, or a run before this one, has moved it on.
      return moved.kind === 'moved' || moved.kind === 'none' ? { kind: 'begun' } : moved;
    },
    async close(id, { notice, outcome, publicUrl }) {
      const read = await call('GET', `${requests}/${id}`);
      if (read.kind !== 'done') return sayNotSent(read);
      const comments = await listAll(`${requests}/${id}/comment`);
      if (comments.kind !== 'list') return sayNotSent(comments);
      if (!comments.values.some((one) => textAt(one, 'body').includes(notice.id))) {
        const body = { body: asWiki(closingNote(notice, publicUrl)), public: false };
        const noted = await call('POST', `${requests}/${id}/comment`, { body });
        if (noted.kind !== 'done') return sayNotSent(noted);
      }
      const ways = endings[outcome];
      if (ways.length === 0 || statusOf(read.json).isDone) return { kind: 'sent' };
      const moved = await end(id, ways);
      if (moved.kind === 'moved') return { kind: 'sent' };
      // A run beside this one, or a person, may have done it.
      const now = await call('GET', `${requests}/${id}`);
      if (now.kind === 'done' && statusOf(now.json).isDone) return { kind: 'sent' };
      return sayNotSent(moved.kind === 'none' ? { kind: 'refused', why: moved.why } : moved);
    },
  };
}

const sayNotSent = (not: Parameters<typeof notSent>[1]): SendAnswer => notSent('jira', not);

/** The transition that closes it, and the one in its place where a workflow lets nobody go that way from where the request stands. */
const endings: Record<Outcome, Way[]> = {
  deployed: ['successful', 'cancel'],
  unchanged: ['successful', 'cancel'],
  'rolled-back': ['unsuccessful', 'cancel'],
  // A person has to look: it stays open until somebody did.
  'needs-attention': [],
  failed: ['cancel', 'unsuccessful'],
  rejected: ['cancel', 'unsuccessful'],
  expired: ['cancel', 'unsuccessful'],
  cancelled: ['cancel', 'unsuccessful'],
  superseded: ['cancel', 'unsuccessful'],
};

/**
 * `{ errorMessage, i18nErrorMessage }` of servicedeskapi (github.com/gnustavo/JIRA-REST/issues/20), and `{ errorMessages, errors }` of the platform, which
 * servicedeskapi passes on at times (github.com/atlassian-api/atlassian-python-api/pull/1587).
 */
function words(json: unknown): string {
  const fields = entriesOf(at(json, 'errors')).flatMap(([field, said]) => (typeof said === 'string' ? [`${field}: ${said}`] : []));
  const all = [textAt(json, 'errorMessage'), ...textsOf(listOf(at(json, 'errorMessages'))), ...fields, textAt(json, 'message')];
  return all.filter((one) => one !== '').join(' ');
}

/** What anybody may ask is answered 200 also where the login was not taken: github.com/MrRefactoring/jira.js/issues/418; KB2942093 of ServiceNow. */
const whyNobody = (headers: Record<string, unknown>): string | undefined =>
  /^AUTHENTICATED_FAILED|^AUTHENTICATION_DENIED/.test(String(headers['x-seraph-loginreason']))
    ? 'and did not take the login: the API token may have expired'
    : undefined;

function newRequest(gate: Gate, question: Question): object {
  const { headline, lines } = questionText(question, most);
  return {
    serviceDeskId: gate.serviceDesk,
    requestTypeId: gate.requestType,
    requestFieldValues: { ...gate.fields, summary: oneLine(headline), description: asWiki(lines) },
  };
}

/**
 * Text that Jira shows as it is: what begins a macro, a link, a mention or a picture in its notation is escaped (confluence.atlassian.com, "Wiki markup"), and a
 * backslash, which would take the escape away, looks like one.
 */
const asWiki = (text: string): string => text.replace(/\\/g, '⧵').replace(/[{[!]/g, '\\$&');

interface Approval {
  name: string;
  decision: string;
  createdMs: number;
  by: { accountId: string; decision: string; answerer: Answerer }[];
}

type Declined = { kind: 'declined'; by: Approval['by'][number] | undefined; sinceMs: number; number: string };

function approvalIn(value: unknown): Approval {
  const by = listOf(at(value, 'approvers')).map((one) => {
    const user = at(one, 'approver');
    const [name, mail] = [textAt(user, 'displayName'), textAt(user, 'emailAddress')];
    const answerer = { name: name || 'somebody whose name Jira does not tell', ...(mail === '' ? {} : { mail }) };
    return { accountId: textAt(user, 'accountId'), decision: textAt(one, 'approverDecision'), answerer };
  });
  return { name: textAt(value, 'name'), decision: textAt(value, 'finalDecision'), createdMs: msOf(at(value, 'createdDate')), by };
}

const msOf = (date: unknown): number => Number(at(date, 'epochMillis') ?? 0);

const statusOf = (request: unknown): { status: string; isDone: boolean } => {
  const current = at(request, 'currentStatus');
  return { status: textAt(current, 'status'), isDone: textAt(current, 'statusCategory') === 'DONE' };
};

/** Every step counts by its newest approval: a request that is sent back to a step is asked about anew. */
function sightOf(
  { readyIn }: Gate,
  { request, approvals, correlation }: { request: unknown; approvals: Approval[]; correlation: string },
): ServiceSight | Declined {
  const { status, isDone } = statusOf(request);
  if (!JSON.stringify(at(request, 'requestFieldValues') ?? '').includes(correlation))
    return { kind: 'unknown', why: 'no longer carries in its description what Slipway wrote there, so it may ask for something else' };
  const inOrder = approvals.toSorted((a, b) => a.createdMs - b.createdMs);
  const no = inOrder.findLast(({ decision }) => decision === 'declined');
  const number = textAt(request, 'issueKey');
  if (no) return { kind: 'declined', by: no.by.findLast(({ decision }) => decision === 'declined'), sinceMs: no.createdMs, number };
  if (isDone) return { kind: 'cancelled', by: undefined, says: `${number} was moved to ${status} in Jira` };
  const newest = [...new Map(inOrder.map((one) => [one.name, one])).values()];
  if (newest.length === 0) return { kind: 'waiting', says: `is in ${status} in Jira, where nobody is asked to approve it` };
  if (newest.some(({ decision }) => decision !== 'approved')) return { kind: 'waiting', says: `is in ${status} in Jira, and not approved` };
  if (!readyIn.some((one) => one.toLowerCase() === status.toLowerCase()))
    return { kind: 'waiting', says: `is approved, and in ${status} in Jira: policy wants ${readyIn.join(' or ')}` };
  const yes = newest.flatMap(({ by }) => by.filter(({ decision }) => decision === 'approved'));
  return { kind: 'approved', by: [...new Map(yes.map(({ accountId, answerer }) => [accountId, answerer])).values()] };
}

/** What whoever declined wrote since it was asked: a decision has no comment of its own. */
function commentOf(comments: unknown[], { by, sinceMs }: Declined): string {
  const theirs = comments.filter((one) => textAt(at(one, 'author'), 'accountId') === by?.accountId && msOf(at(one, 'created')) >= sinceMs);
  const newest = theirs.toSorted((a, b) => msOf(at(a, 'created')) - msOf(at(b, 'created'))).at(-1);
  return textAt(newest, 'body').trim();
}
