import type { Platform } from '../platform';
import { isMap } from './jira-form';
import { userOf } from './jira-records';
import { stateLabels } from './servicenow-model';
import type { ItsmPeople } from '../types';

/** A request as its approver sees it, whatever the service. */
export interface RequestView {
  /** Path of its page in the inbox. */
  href: string;
  service: 'ServiceNow' | 'Jira';
  number: string;
  title: string;
  state: string;
  facts: [name: string, value: string][];
  text: string;
  notes: string[];
  /** Who is asked now and may answer: an id for the form, and a name. */
  asked: { id: string; name: string }[];
  mayCancel: boolean;
  atMs: number;
}

/** What a person does on its page. */
export interface RequestAct {
  act: 'approve' | 'decline' | 'cancel';
  by: string;
  comment: string;
}

type Needs = Pick<Platform, 'serviceNow' | 'jira'>;

export const requestViews = (needs: Needs): RequestView[] => [...changeViews(needs), ...jiraViews(needs)];

function changeViews({ serviceNow }: Needs): RequestView[] {
  return serviceNow.changes.all().map((change) => {
    const { number, columns, workNotes } = change;
    const { state = '', approval = '', type = '', short_description: title = '', description = '' } = columns;
    const asked = serviceNow.approvalsOf(change).filter((one) => one.state === 'requested');
    return {
      href: `changes/${number}`,
      service: 'ServiceNow',
      number,
      title,
      state: `${stateLabels[state] ?? state}, approval ${approval}`,
      facts: [
        ['Type', type],
        ['Close code', columns['close_code'] ?? ''],
        ['Close notes', columns['close_notes'] ?? ''],
      ],
      text: description,
      notes: workNotes.map(({ by, text }) => `${by}: ${text}`),
      asked: asked.map(({ approver }) => ({ id: approver.email, name: approver.name })),
      mayCancel: state !== '3' && state !== '4' && state !== '0',
      atMs: Date.parse(`${(columns['sys_created_on'] ?? '').replace(' ', 'T')}Z`),
    };
  });
}

function jiraViews({ jira }: Needs): RequestView[] {
  return jira.requests.all().map((request) => {
    const { key, status, values, comments, approvals } = request;
    const { name, fields } = jira.typeOf(request);
    const open = approvals.findLast((one) => one.finalDecision === 'pending' && one.name === status);
    const more = fields.filter(({ fieldId }) => fieldId !== 'summary' && fieldId !== 'description');
    return {
      href: `requests/${key}`,
      service: 'Jira',
      number: key,
      title: String(values['summary'] ?? ''),
      state: status,
      facts: [['Request type', name], ...more.map(({ fieldId, name: label }): [string, string] => [label, shown(values[fieldId])])],
      text: String(values['description'] ?? ''),
      notes: comments.map((one) => `${userOf(one.author).displayName}${one.public ? '' : ' (internal)'}: ${one.body}`),
      asked: (open?.approvers ?? []).map(({ accountId }) => {
        const { emailAddress: id, displayName } = userOf(accountId);
        return { id, name: displayName };
      }),
      mayCancel: jira.transitionsOf(request).some((one) => one.name === 'Cancel'),
      atMs: request.createdAtMs,
    };
  });
}

/** A field's value as people see it: a choice by its name. */
const shown = (value: unknown): string => {
  if (typeof value === 'string') return value;
  return isMap(value) && typeof value['value'] === 'string' ? value['value'] : '';
};

/** Throws a sentence where the service would not let the person. */
export function actOn(people: ItsmPeople, { service, number }: RequestView, { act, by, comment }: RequestAct): void {
  if (service === 'Jira') {
    if (act === 'cancel') people.jira.move(number, 'Cancel', comment);
    else people.jira.answer(number, act, { by, comment });
  } else if (act === 'cancel') people.servicenow.move(number, '4', comment);
  else people.servicenow.answer(number, act === 'approve' ? 'approved' : 'rejected', { by, comment });
}
