import type { Platform } from '../platform';
import { stateLabels } from './servicenow-model';
import type { ItsmPeople } from '../types';

/** A request as its approver sees it, whatever the service. */
export interface RequestView {
  /** Path of its page in the inbox. */
  href: string;
  service: string;
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

type Needs = Pick<Platform, 'serviceNow'>;

export function requestViews({ serviceNow }: Needs): RequestView[] {
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

/** Throws a sentence where the service would not let the person. */
export function actOn(people: ItsmPeople, { number }: RequestView, { act, by, comment }: RequestAct): void {
  if (act === 'cancel') people.servicenow.move(number, '4', comment);
  else people.servicenow.answer(number, act === 'approve' ? 'approved' : 'rejected', { by, comment });
}
