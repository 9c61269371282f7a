import type { LaneView } from '../domain/lane';
import type { Accepted } from './starting';
import type { Transport } from './transport';

/** What changes how a rollout goes on; each asks for the role Slipway.Operate. */
export const operating = (call: Transport) => ({
  cancel: (id: string, reason = ''): Promise<Accepted> =>
    call<Accepted>({ method: 'POST', path: `rollouts/${encodeURIComponent(id)}/cancel`, body: { reason } }),

  /** `id` in the answer is the new rollout's where this one has ended. */
  rollBack: (id: string, reason = ''): Promise<Accepted> =>
    call<Accepted>({ method: 'POST', path: `rollouts/${encodeURIComponent(id)}/roll-back`, body: { reason } }),

  unblock: (app: string, environment: string, reason: string): Promise<LaneView> =>
    call<LaneView>({
      method: 'POST',
      path: `lanes/${encodeURIComponent(app)}/${encodeURIComponent(environment)}/unblock`,
      body: { reason },
    }),
});
