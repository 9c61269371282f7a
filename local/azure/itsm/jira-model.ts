/** What one service desk of Jira Service Management allows: its request types, their fields, and the workflow that a request goes through. */

export interface JiraUser {
  accountId: string;
  displayName: string;
  emailAddress: string;
  /** Its own profile decides whether anybody else is told the address: developer.atlassian.com/cloud/jira/platform/profile-visibility. */
  showsAddress: boolean;
  /** Who is no agent is a customer: sees what it approves, and no internal comments. */
  isAgent: boolean;
}

export type StatusCategory = 'NEW' | 'INDETERMINATE' | 'DONE';

export interface Status {
  name: string;
  category: StatusCategory;
  /** One of them is enough; where it goes when one has said yes, or no. */
  approval?: { approvers: 'peers' | 'board'; approve: string; decline: string };
}

export interface Transition {
  id: string;
  name: string;
  from: string[];
  to: string;
  /** What is not shown in the portal is not there for `…/request/{key}/transition`, which lists what customers may do. */
  inPortal: boolean;
}

export interface RequestType {
  id: string;
  name: string;
  fields: { fieldId: string; name: string; required: boolean; options?: string[] }[];
  statuses: Status[];
  transitions: Transition[];
}

const user = (accountId: string, displayName: string, is: Partial<JiraUser> = {}): JiraUser => ({
  accountId,
  displayName,
  emailAddress: `${(displayName.split(' ')[0] ?? '').toLowerCase()}@example.com`,
  showsAddress: true,
  isAgent: false,
  ...is,
});

/** Whom Slipway signs in as. */
export const slipwayUser = user('712020:5f0c0d4e-0000-4000-8000-0000000051aa', 'Slipway', { isAgent: true });
/** Whoever runs changes in Jira, and may move them. */
export const changeManager = user('712020:5f0c0d4e-0000-4000-8000-00000000c4a1', 'Chris Change', { isAgent: true });

export const approvers: Record<'peers' | 'board', JiraUser[]> = {
  peers: [
    user('712020:5f0c0d4e-0000-4000-8000-0000000be714', 'Petra Peer'),
    user('712020:5f0c0d4e-0000-4000-8000-00000000ba01', 'Paul Peer'),
  ],
  board: [
    user('712020:5f0c0d4e-0000-4000-8000-00000000c0a1', 'Cora Cab'),
    user('712020:5f0c0d4e-0000-4000-8000-00000000ca51', 'Carl Cab'),
    user('712020:5f0c0d4e-0000-4000-8000-00000000cec1', 'Cecil Cab', { showsAddress: false }),
  ],
};

export const users: JiraUser[] = [slipwayUser, changeManager, ...approvers.peers, ...approvers.board];

const usual = [
  { fieldId: 'summary', name: 'Summary', required: true },
  { fieldId: 'description', name: 'Description', required: true },
];
const more = [
  { fieldId: 'customfield_10050', name: 'Change risk', required: false, options: ['Low', 'Medium', 'High'] },
  { fieldId: 'customfield_10051', name: 'Backout plan', required: false },
];

const through: Status[] = [
  { name: 'Awaiting implementation', category: 'INDETERMINATE' },
  { name: 'Implementing', category: 'INDETERMINATE' },
  { name: 'Completed', category: 'DONE' },
  { name: 'Failed', category: 'DONE' },
  { name: 'Canceled', category: 'DONE' },
  { name: 'Declined', category: 'DONE' },
];
const byBoard: Status = {
  ...{ name: 'Awaiting CAB approval', category: 'INDETERMINATE' },
  approval: { approvers: 'board', approve: 'Awaiting implementation', decline: 'Declined' },
};
const byPeers: Status = {
  ...{ name: 'Peer review', category: 'INDETERMINATE' },
  approval: { approvers: 'peers', approve: 'Awaiting CAB approval', decline: 'Declined' },
};
const moves = (approving: string[], first: Transition[] = []): Transition[] => [
  ...first,
  { id: '21', name: 'Start implementation', from: ['Awaiting implementation'], to: 'Implementing', inPortal: true },
  { id: '31', name: 'Complete', from: ['Awaiting implementation', 'Implementing'], to: 'Completed', inPortal: true },
  { id: '41', name: 'Fail', from: ['Implementing'], to: 'Failed', inPortal: true },
  {
    ...{ id: '51', name: 'Cancel', to: 'Canceled', inPortal: true },
    from: [...first.flatMap(({ from }) => from), ...approving, 'Awaiting implementation'],
  },
  {
    ...{ id: '61', name: 'Back to approval', to: approving[0] ?? '', inPortal: false },
    from: ['Awaiting implementation', 'Implementing'],
  },
];

/** The only one there is, with its project. */
export const serviceDesk = { id: '4', projectKey: 'MC', projectName: 'Managed changes' };

export const requestTypes: RequestType[] = [
  {
    ...{ id: '17', name: 'Emergency change', fields: [...usual, ...more] },
    statuses: [byBoard, ...through],
    transitions: moves([byBoard.name]),
  },
  {
    ...{ id: '18', name: 'Normal change', fields: [...usual, ...more.map((field) => ({ ...field, required: true }))] },
    statuses: [{ name: 'Open', category: 'NEW' }, byPeers, byBoard, ...through],
    transitions: moves(
      [byPeers.name, byBoard.name],
      [{ id: '11', name: 'Request approval', from: ['Open'], to: byPeers.name, inPortal: true }],
    ),
  },
  {
    ...{ id: '19', name: 'Get help', fields: usual },
    statuses: [
      { name: 'Waiting for support', category: 'NEW' },
      { name: 'Resolved', category: 'DONE' },
    ],
    transitions: [{ id: '31', name: 'Complete', from: ['Waiting for support'], to: 'Resolved', inPortal: true }],
  },
];

export const longestSummary = 255;
/** Of a field of text, and of a comment. */
export const longestText = 32_767;
