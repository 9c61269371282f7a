/** What ServiceNow allows of a change: its states, who approves in which, and what must be filled in. */

export interface Person {
  user: string;
  name: string;
  email: string;
}

export const stateLabels: Record<string, string> = {
  '-5': 'New',
  '-4': 'Assess',
  '-3': 'Authorize',
  '-2': 'Scheduled',
  '-1': 'Implement',
  '0': 'Review',
  '3': 'Closed',
  '4': 'Canceled',
};

/** Whoever is in the group answers for it: one of them is enough. */
export const groupMembers: Record<'peers' | 'board', Person[]> = {
  peers: [
    { user: 'petra.peer', name: 'Petra Peer', email: 'petra@example.com' },
    { user: 'paul.peer', name: 'Paul Peer', email: 'paul@example.com' },
  ],
  board: [
    { user: 'cora.cab', name: 'Cora Cab', email: 'cora@example.com' },
    { user: 'carl.cab', name: 'Carl Cab', email: 'carl@example.com' },
  ],
};

/** Whose approval a state waits for. */
export const stageOf = (state: string): 'peers' | 'board' | undefined => (state === '-4' ? 'peers' : state === '-3' ? 'board' : undefined);

/**
 * From which state a person or a program may move a change to which; approvals alone move it from Assess to Authorize and on to Scheduled.
 * "State model and transitions" of Change Management. Back to New is what "Revert to New" does.
 */
const moves: Record<string, Record<string, readonly string[]>> = {
  normal: { '-5': ['-4', '4'], '-4': ['-5', '4'], '-3': ['-5', '4'], '-2': ['-5', '-1', '4'], '-1': ['0', '4'], '0': ['3'] },
  emergency: { '-5': ['-3', '4'], '-3': ['-5', '4'], '-2': ['-5', '-1', '4'], '-1': ['0', '4'], '0': ['3'] },
};

export const mayMove = (type: string, from: string, to: string): boolean => from === to || (moves[type]?.[from] ?? []).includes(to);

export const closeCodes = ['successful', 'successful_issues', 'unsuccessful'];

/** Labels of columns that must be filled in before a change may be in a state. */
export function missingFor(columns: Record<string, string>): string[] {
  const needs: [string, string, boolean][] = [
    ['assignment_group', 'Assignment group', columns['state'] !== '-5' && columns['state'] !== '4'],
    ['close_code', 'Close code', columns['state'] === '3'],
    ['close_notes', 'Close notes', columns['state'] === '3'],
  ];
  return needs.flatMap(([column, label, isNeeded]) => (isNeeded && (columns[column] ?? '') === '' ? [label] : []));
}

/** Length of a column that has one; longer text is cut without a word. */
export const lengths: Record<string, number> = {
  short_description: 160,
  description: 4000,
  correlation_id: 100,
  correlation_display: 100,
  close_notes: 4000,
};

/** Columns that a program may write; what it writes into others is ignored, as it is there. */
export const writable =
  /^(?:type|state|short_description|description|assignment_group|assigned_to|requested_by|correlation_id|correlation_display|on_hold|on_hold_reason|risk|impact|priority|category|cmdb_ci|business_service|start_date|end_date|justification|implementation_plan|backout_plan|test_plan|chg_model|close_code|close_notes|u_[a-z0-9_]+)$/;
