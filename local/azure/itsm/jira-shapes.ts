import { serviceDesk, type JiraUser, type Status } from './jira-model';
import { userOf, type JiraApproval, type JiraComment, type JiraRecords, type JiraRequest } from './jira-records';

/** What servicedeskapi and the platform's API make of what is kept: developer.atlassian.com/cloud/jira/service-desk/rest/api-group-request. */

const dateOf = (ms: number): object => {
  const iso8601 = new Date(ms).toISOString().replace(/\.\d+Z$/, '+0000');
  return { iso8601, jira: new Date(ms).toISOString().replace('Z', '+0000'), friendly: new Date(ms).toUTCString(), epochMillis: ms };
};

/** An address that its owner does not show is left out, but to the owner. */
const userShape = (base: string, user: JiraUser, me: JiraUser): object => ({
  accountId: user.accountId,
  ...(user.showsAddress || user === me ? { emailAddress: user.emailAddress } : {}),
  displayName: user.displayName,
  active: true,
  timeZone: 'Europe/Berlin',
  _links: { jiraRest: `${base}/rest/api/2/user?accountId=${user.accountId}`, self: `${base}/rest/api/2/user?accountId=${user.accountId}` },
});

const linkOf = (base: string, { id }: JiraRequest): string => `${base}/rest/servicedeskapi/request/${id}`;

export function requestShape(base: string, records: JiraRecords, request: JiraRequest, me: JiraUser): object {
  const { name, category } = records.statusOf(request);
  const type = records.typeOf(request);
  return {
    _expands: ['participant', 'status', 'sla', 'requestType', 'serviceDesk', 'attachment', 'action', 'comment'],
    issueId: request.id,
    issueKey: request.key,
    summary: request.values['summary'],
    requestTypeId: request.requestTypeId,
    serviceDeskId: serviceDesk.id,
    createdDate: dateOf(request.createdAtMs),
    reporter: userShape(base, userOf(request.reporter), me),
    requestFieldValues: type.fields.flatMap(({ fieldId, name: label }) => {
      const value = request.values[fieldId];
      return value === undefined ? [] : [{ fieldId, label, value }];
    }),
    currentStatus: statusShape({ name, category }, request.statusAtMs),
    _links: {
      self: linkOf(base, request),
      jiraRest: `${base}/rest/api/2/issue/${request.id}`,
      web: `${base}/servicedesk/customer/portal/${serviceDesk.id}/${request.key}`,
      agent: `${base}/browse/${request.key}`,
    },
  };
}

const statusShape = ({ name, category }: Pick<Status, 'name' | 'category'>, atMs: number): object => ({
  status: name,
  statusCategory: category,
  statusDate: dateOf(atMs),
});

export function approvalShape(base: string, request: JiraRequest, approval: JiraApproval, me: JiraUser): object {
  const { id, name, finalDecision, approvers, createdAtMs, completedAtMs } = approval;
  const mine = approvers.find(({ accountId }) => accountId === me.accountId);
  return {
    id,
    name,
    finalDecision,
    canAnswerApproval: finalDecision === 'pending' && mine?.decision === 'pending' && request.status === name,
    approvers: approvers.map(({ accountId, decision }) => ({
      approver: userShape(base, userOf(accountId), me),
      approverDecision: decision,
    })),
    createdDate: dateOf(createdAtMs),
    ...(completedAtMs === undefined ? {} : { completedDate: dateOf(completedAtMs) }),
    _links: { self: `${linkOf(base, request)}/approval/${id}` },
  };
}

export const commentShape = (base: string, request: JiraRequest, comment: JiraComment, me: JiraUser): object => ({
  _expands: ['attachment', 'renderedBody'],
  id: comment.id,
  body: comment.body,
  public: comment.public,
  author: userShape(base, userOf(comment.author), me),
  created: dateOf(comment.atMs),
  _links: { self: `${linkOf(base, request)}/comment/${comment.id}` },
});

/** A page of a list, as every list of servicedeskapi comes. `start` and `limit` that are no numbers count as not given. */
export function pageOf(values: object[], { searchParams, href }: URL): object {
  const number = (name: string, usual: number): number => {
    const given = searchParams.get(name) ?? '';
    return /^\d{1,6}$/.test(given) ? Number(given) : usual;
  };
  const start = number('start', 0);
  const limit = Math.min(number('limit', 50), 100);
  const page = values.slice(start, start + limit);
  return {
    _expands: [],
    size: page.length,
    start,
    limit,
    isLastPage: start + limit >= values.length,
    _links: { self: href, base: new URL('/rest/servicedeskapi', href).href, context: '' },
    values: page,
  };
}

/** Text in the Atlassian Document Format, which the third version of the platform's API has: a paragraph a line. */
export const documentOf = (text: string): object => ({
  type: 'doc',
  version: 1,
  content: text.split('\n').map((line) => ({ type: 'paragraph', content: line === '' ? [] : [{ type: 'text', text: line }] })),
});
