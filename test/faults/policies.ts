import { localJira } from '../../local/start/rehearsal-settings';

/** Virtual time may be long, real time must be short. */
export type Pace = 'virtual' | 'real';

export const approver = 'ann@example.com';
export const people = { team: ['team@example.com'], 'on-call': ['on-call@example.com'] };

const check = {
  name: 'says hello',
  path: '/api/hello',
  functionKey: true,
  expect: { json: { '/version': '{version}' } },
  timeout: '5s',
  budget: '20s',
};

/** More than one recipient where only one is told by default: what is told half-way is to be told to the end. */
const notices = { failure: ['team', 'on-call'] };

const gates = [{ name: 'release', kind: 'signed-link', approvers: [approver] }];

/** Whoever approves there is the first whom the local ServiceNow, and the local Jira, asks about an emergency change. */
export const changeApprover = 'cora@example.com';

const change = {
  ...{ name: 'change', kind: 'servicenow', instance: 'https://acme.service-now.com', login: 'SERVICENOW_LOGIN', type: 'emergency' },
  ...{ assignmentGroup: '0123456789abcdef0123456789abcdef', poll: '5s' },
};

const request = {
  ...{ name: 'request', kind: 'jira', site: 'https://acme.atlassian.net', login: 'JIRA_LOGIN', poll: '5s' },
  ...localJira,
};

const usual = (pace: Pace): Record<string, unknown> =>
  pace === 'virtual'
    ? {
        gates,
        notices,
        expiry: '24h',
        checks: [check],
        watch: { for: '10s', every: '2s', window: '5s' },
        swap: { settle: '10s', poll: '1s' },
        deployment: { within: '30m', poll: '1s' },
      }
    : {
        gates,
        notices,
        expiry: '24h',
        checks: [check],
        // On a machine that is busy one look may take half a second and say nothing of the release: nearly all of a window that holds several must be bad.
        watch: { for: '4s', every: '0.5s', window: '2s', failing: 0.9 },
        swap: { settle: '2s', poll: '0.2s' },
        deployment: { within: '5m', poll: '0.2s' },
      };

/** Each kind of story is told in an app of its own, under a policy of its own. */
export function policies(pace: Pace): Record<string, Record<string, unknown>> {
  const base = usual(pace);
  return {
    hello: base,
    'by-url': base,
    superseding: { ...base, onNewer: 'supersede' },
    expiring: { ...base, expiry: pace === 'virtual' ? '60s' : '3s' },
    changing: { ...base, gates: [change] },
    requesting: { ...base, gates: [request] },
    reverting: { ...base, revert: { gates } },
    breaking: { ...base, watch: { ...(base['watch'] as object), for: pace === 'virtual' ? '60s' : '20s' } },
  };
}
