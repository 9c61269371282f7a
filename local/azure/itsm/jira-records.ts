import type { Collection, Store } from '../store';
import {
  approvers,
  requestTypes,
  serviceDesk,
  slipwayUser,
  users,
  type JiraUser,
  type RequestType,
  type Status,
  type Transition,
} from './jira-model';

export interface JiraRequest {
  id: string;
  key: string;
  requestTypeId: string;
  reporter: string;
  values: Record<string, unknown>;
  status: string;
  statusAtMs: number;
  createdAtMs: number;
  comments: JiraComment[];
  approvals: JiraApproval[];
}

export interface JiraComment {
  id: string;
  author: string;
  body: string;
  public: boolean;
  atMs: number;
}

type Decision = 'approved' | 'declined' | 'pending';

export interface JiraApproval {
  id: string;
  /** The status whose step it is. */
  name: string;
  finalDecision: Decision;
  approvers: { accountId: string; decision: Decision }[];
  createdAtMs: number;
  completedAtMs?: number;
}

/** Where Jira does not let somebody do something: why not, as the end of a sentence that begins with whoever it is. */
export type NotLet = string;

export interface JiraRecords {
  requests: Collection<JiraRequest>;
  /** By its id or its key, whatever the case of its letters. */
  find(idOrKey: string): JiraRequest | undefined;
  typeOf(request: JiraRequest): RequestType;
  statusOf(request: JiraRequest): Status;
  create(type: RequestType, values: Record<string, unknown>, reporter: JiraUser): JiraRequest;
  comment(request: JiraRequest, author: JiraUser, body: string, isPublic: boolean): JiraComment;
  /** What may be done in the request's status now. */
  transitionsOf(request: JiraRequest): Transition[];
  move(request: JiraRequest, transition: Transition, by: JiraUser, comment?: string): void;
  answer(request: JiraRequest, approval: JiraApproval, by: JiraUser, decision: 'approve' | 'decline', comment?: string): NotLet | undefined;
}

/** Kept with the rest of the state. */
export function openJira(store: Store, now: () => number): JiraRecords {
  const requests = store.collection<JiraRequest>('jira-request');
  const typeOf = ({ requestTypeId }: JiraRequest): RequestType => {
    const type = requestTypes.find(({ id }) => id === requestTypeId);
    if (!type) throw new Error(`Jira of the local Azure has no request type ${requestTypeId}.`);
    return type;
  };
  const statusNamed = (type: RequestType, name: string): Status => {
    const status = type.statuses.find((one) => one.name === name);
    if (!status) throw new Error(`Request type ${type.id} has no status ${name}.`);
    return status;
  };
  const fresh = (request: JiraRequest): JiraRequest => requests.get(request.id) ?? request;
  const put = (request: JiraRequest): JiraRequest => {
    requests.put(request.id, request);
    return request;
  };

  /** An approval begins when a request comes into its status; one that nobody answered stays as it was when the request leaves. */
  function entered(request: JiraRequest, type: RequestType, name: string): JiraRequest {
    const { approval } = statusNamed(type, name);
    const asked: JiraApproval[] = approval
      ? [
          {
            ...{ id: `${request.id}${request.approvals.length + 1}`, name, finalDecision: 'pending', createdAtMs: now() },
            approvers: approvers[approval.approvers].map(({ accountId }) => ({ accountId, decision: 'pending' })),
          },
        ]
      : [];
    return put({ ...request, status: name, statusAtMs: now(), approvals: [...request.approvals, ...asked] });
  }

  function addComment(request: JiraRequest, author: JiraUser, body: string, isPublic: boolean): JiraComment {
    const before = fresh(request);
    const all = requests.all().reduce((sum, { comments }) => sum + comments.length, 0);
    const comment = { id: String(20_001 + all), author: author.accountId, body, public: isPublic, atMs: now() };
    put({ ...before, comments: [...before.comments, comment] });
    return comment;
  }

  return {
    requests,
    find: (idOrKey) => requests.all().find(({ id, key }) => id === idOrKey || key === idOrKey.toUpperCase()),
    typeOf,
    statusOf: (request) => statusNamed(typeOf(request), request.status),
    create(type, values, { accountId: reporter }) {
      return store.together(() => {
        const count = requests.all().length + 1;
        const at = { statusAtMs: now(), createdAtMs: now() };
        const names = { id: String(10_000 + count), key: `${serviceDesk.projectKey}-${count}`, requestTypeId: type.id, status: '' };
        const bare = { ...names, ...at, reporter, values, comments: [], approvals: [] };
        return entered(bare, type, type.statuses[0]?.name ?? '');
      });
    },
    comment: (request, author, body, isPublic) => store.together(() => addComment(request, author, body, isPublic)),
    transitionsOf: (request) => typeOf(request).transitions.filter(({ from }) => from.includes(request.status)),
    move(request, transition, by, comment = '') {
      store.together(() => {
        if (comment !== '') addComment(request, by, comment, true);
        entered(fresh(request), typeOf(request), transition.to);
      });
    },
    answer(request, approval, by, decision, comment = '') {
      const mine = approval.approvers.find(({ accountId }) => accountId === by.accountId);
      if (!mine) return `is no approver of ${request.key}`;
      if (approval.finalDecision !== 'pending' || mine.decision !== 'pending')
        return `can't answer an approval of ${request.key} that was answered`;
      const step = statusNamed(typeOf(request), request.status).approval;
      if (!step || approval.name !== request.status) return `can't answer an approval of a status that ${request.key} is no longer in`;
      const decided: Decision = decision === 'approve' ? 'approved' : 'declined';
      store.together(() => {
        if (comment !== '') addComment(request, by, comment, true);
        const answered: JiraApproval = {
          ...approval,
          ...{ finalDecision: decided, completedAtMs: now() },
          approvers: approval.approvers.map((one) => (one === mine ? { ...one, decision: decided } : one)),
        };
        const before = fresh(request);
        const approvals = before.approvals.map((one) => (one.id === approval.id ? answered : one));
        entered({ ...before, approvals }, typeOf(request), decision === 'approve' ? step.approve : step.decline);
      });
      return undefined;
    },
  };
}

export const userOf = (accountId: string): JiraUser => users.find((one) => one.accountId === accountId) ?? slipwayUser;

/** What a person does on the pages of Jira: bound by the same workflow. */
export interface JiraPeople {
  /** One approver of those who are asked answers: the first of them unless named by address. */
  answer(key: string, decision: 'approve' | 'decline', options?: { by?: string; comment?: string }): void;
  /** By the name of a transition. */
  move(key: string, transition: string, comment?: string): void;
  requests(): JiraRequest[];
}

/** Throws a sentence where Jira would not let the person. */
export function jiraPeople(records: JiraRecords, agent: JiraUser): JiraPeople {
  const named = (key: string): JiraRequest => {
    const request = records.find(key);
    if (!request) throw new Error(`Jira of the local Azure has no request ${key}.`);
    return request;
  };
  return {
    requests: () => records.requests.all(),
    answer(key, decision, { by, comment = '' } = {}) {
      const request = named(key);
      const approval = request.approvals.findLast(({ finalDecision }) => finalDecision === 'pending');
      const person =
        by === undefined ? userOf(approval?.approvers[0]?.accountId ?? '') : users.find(({ emailAddress }) => emailAddress === by);
      if (!approval || !person) throw new Error(`Nobody ${by === undefined ? '' : `called ${by} `}is asked to approve ${key}.`);
      const not = records.answer(request, approval, person, decision, comment);
      if (not !== undefined) throw new Error(`${person.displayName} ${not}.`);
    },
    move(key, name, comment) {
      const request = named(key);
      const transition = records.transitionsOf(request).find((one) => one.name === name);
      if (!transition) throw new Error(`${key} is in ${request.status}, and '${name}' can't be done from there.`);
      records.move(request, transition, agent, comment);
    },
  };
}
