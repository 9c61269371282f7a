import fc from 'fast-check';
import type { Askers } from '../../src/domain/gate';
import type { DecisionRecord, RolloutRow } from '../../src/domain/rollout';
import type { AskedThere, ServiceGatePolicy, ServiceSight } from '../../src/domain/service-gate';
import { iso, rollout } from '../mail/world';

/** A gate that is answered in a service, and what looks at its request can tell. */

export const change: Extract<ServiceGatePolicy, { kind: 'servicenow' }> = {
  ...{ name: 'change', kind: 'servicenow', instance: 'https://acme.service-now.com', login: 'SNOW_LOGIN', auth: 'basic', type: 'normal' },
  ...{ assignmentGroup: '0'.repeat(32), fields: { risk: '3', backout_plan: 'Swap back.' }, notRequester: false, poll: 60 },
};

export const request: Extract<ServiceGatePolicy, { kind: 'jira' }> = {
  ...{ name: 'request', kind: 'jira', site: 'https://acme.atlassian.net', login: 'JIRA_LOGIN', serviceDesk: '4', requestType: '17' },
  ...{ readyIn: ['Implementing'], transitions: { successful: 'Complete', unsuccessful: 'Fail', cancel: 'Cancel' } },
  ...{ fields: {}, notRequester: false, poll: 60 },
};

export const asked: AskedThere = {
  ...{ gate: 'change', policy: change, number: 'CHG0030001' },
  url: 'https://acme.service-now.com/nav_to.do?uri=change_request.do%3Fsys_id%3D0',
};

export const petra = { name: 'Petra Peer', mail: 'petra@example.com' };
export const zoe = { name: 'Zoe Asker', mail: 'Zoe@Example.com' };
export const nameless = { name: 'Noa Nomail' };
export const askers: Askers = { requester: { name: 'zoe@example.com', verified: true, via: 'http' }, actor: 'olga' };

const answerer = fc.constantFrom(petra, zoe, nameless, { name: 'olga', mail: 'o@example.com' });
const said = fc.constantFrom('is in Assess', 'does not answer', 'was moved to Canceled');

export const sightsOf = {
  waiting: fc.record({ kind: fc.constant('waiting' as const), says: said }),
  approved: fc.record({ kind: fc.constant('approved' as const), by: fc.uniqueArray(answerer, { maxLength: 3 }) }),
  rejected: fc.record({
    kind: fc.constant('rejected' as const),
    by: fc.option(answerer, { nil: undefined }),
    comment: fc.constantFrom('not today', 'no plan'),
  }),
  cancelled: fc.record({ kind: fc.constant('cancelled' as const), by: fc.option(answerer, { nil: undefined }), says: said }),
  unknown: fc.record({ kind: fc.constant('unknown' as const), why: said }),
};
export const sight: fc.Arbitrary<ServiceSight> = fc.oneof(...Object.values(sightsOf));

export const byLink: DecisionRecord = { gate: 'release', approver: 'ann@example.com', answer: 'yes', at: iso(1) };

/** A rollout that waits at both gates. */
export const waiting = (more: Partial<NonNullable<RolloutRow['ask']>> = {}): RolloutRow => ({
  ...rollout,
  requester: askers.requester,
  ask: { state: 'open', openedAt: iso(0), expiresAt: iso(3600), decisions: [byLink], ...more },
});
