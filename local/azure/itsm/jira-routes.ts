import { sameText } from '../../host/same-text';
import { jsonObject, type Answer, type Asked } from '../servers';
import type { FaultWords } from '../service-faults';
import type { ItsmDesk } from './desk';
import { errors, failure, isMap, readRequestForm } from './jira-form';
import { longestText, serviceDesk, users, type JiraUser, type StatusCategory } from './jira-model';
import { readJql } from './jira-query';
import type { JiraRecords, JiraRequest } from './jira-records';
import { approvalShape, commentShape, documentOf, pageOf, requestShape } from './jira-shapes';

export interface JiraSite {
  desk: ItsmDesk;
  records: JiraRecords;
  /** API token of a user. */
  tokenOf: (emailAddress: string) => string;
  /** The page on which a person sees a request, by its key. */
  pageOf: (key: string) => string;
  /** What was made so many milliseconds ago, or later, is not found yet. */
  searchLagMs?: () => number;
}

/** "Rate limiting": developer.atlassian.com/cloud/jira/platform/rate-limiting. */
const words: FaultWords = {
  tooMany: { ...errors(429, ['Rate limit exceeded.']), headers: { 'ratelimit-reason': 'jira-quota-based' } },
  down: { status: 503, body: 'Service Unavailable' },
  refused: failure(403, 'You do not have permission to do this.', 'sd.rest.error.no.permission'),
};

const notSignedIn: Answer = {
  status: 401,
  headers: { 'www-authenticate': 'OAuth realm="https%3A%2F%2Facme.atlassian.net"', 'x-seraph-loginreason': 'AUTHENTICATED_FAILED' },
  body: { message: 'Client must be authenticated to access this resource.', 'status-code': 401 },
};
const noRequest = failure(404, 'The request that you are trying to view does not exist.', 'sd.customerview.error.issueNotFound');
const notHere = errors(404, ['null for uri']);
const notAllowed: Answer = { status: 405, body: '' };

/**
 * A site of Jira Cloud, as far as requests of a service desk go: developer.atlassian.com/cloud/jira/service-desk/rest/api-group-request, and the search of
 * developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search.
 */
export function jiraRoutes(site: JiraSite): (asked: Asked) => Promise<Answer> {
  const { desk, records, pageOf: pageFor } = site;
  return async (asked) => {
    const { method, url } = asked;
    const shown = method === 'GET' ? /^\/browse\/([A-Za-z0-9-]{1,40})$/.exec(url.pathname)?.[1] : undefined;
    if (shown !== undefined) return toPage(records.find(shown), pageFor);
    return desk.serve('jira', asked, words, async () => {
      const me = whoAsks(asked, site);
      if (url.pathname.startsWith('/rest/api/')) return search(site, asked, me);
      if (!me) return notSignedIn;
      const isJson = /^application\/json\b/i.test(asked.headers['content-type'] ?? '');
      if (method !== 'GET' && !isJson) return { status: 415, body: '' };
      const queuesOf = /^\/rest\/servicedeskapi\/servicedesk\/([A-Za-z0-9-]{1,40})\/queue$/.exec(url.pathname)?.[1];
      if (queuesOf !== undefined) return listQueues(asked, queuesOf, me);
      const [, id, part, one] =
        /^\/rest\/servicedeskapi\/request(?:\/([A-Za-z0-9-]{1,40})(?:\/([a-z]+)(?:\/(\d{1,12}))?)?)?$/.exec(url.pathname) ?? [];
      if (id === undefined) return url.pathname === '/rest/servicedeskapi/request' ? makeRequest(site, asked, me) : notHere;
      const request = records.find(id);
      if (!request || !maySee(request, me)) return noRequest;
      return answerRequest({ records, request, me, asked, base: url.origin }, part, one);
    });
  };
}

/** A list is read, page by page. */
const listAnswer = <T>({ method, url }: Asked, all: T[], shapeOf: (one: T) => object): Answer =>
  method === 'GET' ? { status: 200, body: pageOf(all.map(shapeOf), url) } : notAllowed;

/** "Permissions required: service desk's Agent": developer.atlassian.com/cloud/jira/service-desk/rest/api-group-servicedesk. */
function listQueues(asked: Asked, deskId: string, me: JiraUser): Answer {
  if (deskId !== serviceDesk.id) return failure(404, 'The service desk does not exist.', 'sd.servicedesk.error.not.found');
  if (!me.isAgent) return failure(403, 'Only agents of the service desk may see its queues.', 'sd.queue.error.no.permission');
  return listAnswer(asked, [{ id: '1', name: 'All open' }], (queue) => queue);
}

const toPage = (request: JiraRequest | undefined, pageFor: JiraSite['pageOf']): Answer =>
  request ? { status: 302, headers: { location: pageFor(request.key) } } : { status: 404, body: '' };

function whoAsks({ headers }: Asked, { tokenOf }: JiraSite): JiraUser | undefined {
  const [scheme = '', value = ''] = (headers.authorization ?? '').split(' ');
  if (scheme.toLowerCase() !== 'basic') return undefined;
  const given = Buffer.from(value, 'base64').toString('utf8');
  return users.find(({ emailAddress }) => sameText(given, `${emailAddress}:${tokenOf(emailAddress)}`));
}

/** A customer sees what it is asked to approve. */
const maySee = ({ approvals }: JiraRequest, me: JiraUser): boolean =>
  me.isAgent || approvals.some(({ approvers }) => approvers.some(({ accountId }) => accountId === me.accountId));

async function makeRequest({ records }: JiraSite, asked: Asked, me: JiraUser): Promise<Answer> {
  if (asked.method !== 'POST') return listAnswer(asked, records.requests.all(), (one) => requestShape(asked.url.origin, records, one, me));
  const body = await jsonObject(asked);
  if (!body) return notJson;
  const form = readRequestForm(body);
  if ('refused' in form) return form.refused;
  const made = records.create(form.type, form.values, me);
  return { status: 201, body: requestShape(asked.url.origin, records, made, me) };
}

const notJson = failure(400, 'The request body is not valid JSON.', 'sd.rest.error.invalid.json');

interface Of {
  records: JiraRecords;
  request: JiraRequest;
  me: JiraUser;
  asked: Asked;
  base: string;
}

async function answerRequest(of: Of, part: string | undefined, one: string | undefined): Promise<Answer> {
  const { records, request, me, asked, base } = of;
  const { method } = asked;
  if (part === undefined) return method === 'GET' ? { status: 200, body: requestShape(base, records, request, me) } : notAllowed;
  if (part === 'approval') return one === undefined ? listApprovals(of) : oneApproval(of, one);
  if (one !== undefined) return notHere;
  if (part === 'comment') {
    if (method === 'POST') return addComment(of);
    const seen = request.comments.filter((comment) => comment.public || me.isAgent);
    return listAnswer(asked, seen, (comment) => commentShape(base, request, comment, me));
  }
  if (part !== 'transition') return notHere;
  if (method === 'POST') return doTransition(of);
  const open = records.transitionsOf(request).filter(({ inPortal }) => inPortal);
  return listAnswer(asked, open, ({ id, name }) => ({ id, name }));
}

const listApprovals = ({ request, me, asked, base }: Of): Answer =>
  listAnswer(asked, request.approvals, (approval) => approvalShape(base, request, approval, me));

/** Answered as whoever asks: "The approval is assumed to be owned by the user making the call." */
async function oneApproval({ records, request, me, asked, base }: Of, id: string): Promise<Answer> {
  const approval = request.approvals.find((one) => one.id === id);
  if (!approval) return failure(404, 'The approval does not exist.', 'sd.approval.error.not.found');
  if (asked.method === 'GET') return { status: 200, body: approvalShape(base, request, approval, me) };
  if (asked.method !== 'POST') return notAllowed;
  const body = await jsonObject(asked);
  const decision = (['approve', 'decline'] as const).find((one) => one === body?.['decision']);
  if (!decision) return failure(400, "The decision has to be 'approve' or 'decline'.", 'sd.approval.error.invalid.decision');
  const not = records.answer(request, approval, me, decision);
  if (not !== undefined) return failure(403, `${me.displayName} ${not}.`, 'sd.approval.error.cannot.answer');
  const after = records.find(request.id) ?? request;
  return { status: 200, body: approvalShape(base, after, after.approvals.find((one) => one.id === id) ?? approval, me) };
}

async function addComment({ records, request, me, asked, base }: Of): Promise<Answer> {
  const body = await jsonObject(asked);
  if (!body) return notJson;
  const { body: text, public: isPublic = true } = body;
  if (typeof text !== 'string' || text.trim() === '') return failure(400, 'Comment body can not be empty!', 'sd.comment.error.empty');
  if (text.length > longestText)
    return failure(
      400,
      `The entered text is too long. It exceeds the allowed limit of ${longestText} characters.`,
      'sd.comment.error.too.long',
    );
  if (typeof isPublic !== 'boolean') return failure(400, 'public is true or false.', 'sd.comment.error.public');
  if (!isPublic && !me.isAgent) return failure(403, 'Customers can set comments to public visibility only.', 'sd.comment.error.internal');
  const made = records.comment(request, me, text, isPublic);
  return { status: 201, body: commentShape(base, request, made, me) };
}

async function doTransition({ records, request, me, asked }: Of): Promise<Answer> {
  const body = await jsonObject(asked);
  if (!body) return notJson;
  const { id, additionalComment } = body;
  const found = records.transitionsOf(request).find((one) => one.inPortal && one.id === String(id));
  if (!found) return failure(400, `The transition is not available for ${request.key}.`, 'sd.transition.error.not.available');
  const comment = isMap(additionalComment) ? additionalComment['body'] : undefined;
  if (additionalComment !== undefined && (typeof comment !== 'string' || comment.length > longestText))
    return failure(400, 'additionalComment has a body of text.', 'sd.comment.error.empty');
  records.move(request, found, me, typeof comment === 'string' ? comment : '');
  return { status: 204 };
}

const removed =
  'The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046';

/**
 * Anybody may search, and finds what anybody may see: a login that is wrong is told by a header alone, and 200 (github.com/MrRefactoring/jira.js/issues/418,
 * KB2942093 of ServiceNow).
 */
function search({ records, desk, searchLagMs = () => 0 }: JiraSite, { method, url }: Asked, me: JiraUser | undefined): Answer {
  if (/^\/rest\/api\/[23]\/search$/.test(url.pathname)) return errors(410, [removed]);
  if (url.pathname !== '/rest/api/3/search/jql') return notHere;
  if (method !== 'GET') return notAllowed;
  const query = readJql(url.searchParams.get('jql') ?? '');
  if (query.kind === 'wrong') return errors(400, [query.says]);
  if (!me) return { status: 200, headers: { 'x-seraph-loginreason': 'AUTHENTICATED_FAILED' }, body: { issues: [], isLast: true } };
  const until = desk.now() - searchLagMs();
  const seen = records.requests.all().filter((one) => one.createdAtMs <= until && maySee(one, me));
  const rows = seen.map((request) => ({
    request,
    ...{ reporter: request.reporter, project: serviceDesk.projectKey, key: request.key },
    description: String(request.values['description'] ?? ''),
    created: new Date(request.createdAtMs).toISOString(),
  }));
  const given = url.searchParams.get('maxResults') ?? '';
  const most = /^\d{1,4}$/.test(given) ? Number(given) : 50;
  const found = query.run(rows, me.accountId);
  const wanted = (url.searchParams.get('fields') ?? 'id').split(',');
  const issues = found.slice(0, most).map(({ request }) => issueShape(url.origin, records, request, wanted));
  return { status: 200, body: { issues, isLast: found.length <= most } };
}

/** Without `fields` an issue is its id alone. */
function issueShape(base: string, records: JiraRecords, request: JiraRequest, wanted: string[]): object {
  const { name, category } = records.statusOf(request);
  const keys: Record<StatusCategory, string> = { NEW: 'new', INDETERMINATE: 'indeterminate', DONE: 'done' };
  const fields: Record<string, unknown> = {
    summary: request.values['summary'],
    description: documentOf(String(request.values['description'] ?? '')),
    status: { name, statusCategory: { key: keys[category] } },
  };
  const picked = Object.entries(fields).filter(([field]) => wanted.includes(field) || wanted.includes('*all'));
  if (wanted.every((field) => field === 'id')) return { id: request.id };
  return { id: request.id, key: request.key, self: `${base}/rest/api/3/issue/${request.id}`, fields: Object.fromEntries(picked) };
}
