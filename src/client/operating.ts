import type { LaneView } from '../domain/lane';
import type * as z from 'zod';
import type { lineChanged, nudged, overridden } from '../domain/api-policy-shapes';
import type { Accepted } from './starting';
import type { Transport } from './transport';

export type LineChanged = z.output<typeof lineChanged>;
type Overridden = z.output<typeof overridden>;
type Nudged = z.output<typeof nudged>;

/** What changes how a rollout goes on; each asks for the role Slipway.Operate. */
export const operating = (call: Transport) => ({
  cancel: (id: string, reason = ''): Promise<Accepted> =>
    call<Accepted>({ method: 'POST', path: `rollouts/${encodeURIComponent(id)}/cancel`, body: { reason } }),

  /** `id` in the answer is the new rollout's where this one has ended. */
  rollBack: (id: string, reason = ''): Promise<Accepted> =>
    call<Accepted>({ method: 'POST', path: `rollouts/${encodeURIComponent(id)}/roll-back`, body: { reason } }),

  /** Lets it pass windows and freezes; the reason is announced. */
  override: (id: string, reason: string): Promise<Overridden> =>
    call<Overridden>({ method: 'POST', path: `rollouts/${encodeURIComponent(id)}/override`, body: { reason } }),

  /** For a service that a gate is answered in; the key is that of the function `nudgeRollout`. */
  nudge: (id: string, functionKey: string): Promise<Nudged> =>
    call<Nudged>({ method: 'POST', path: `rollouts/${encodeURIComponent(id)}/nudge`, headers: { 'x-functions-key': functionKey } }),

  /** `app` null: all of them. */
  changeLine: (change: 'stop' | 'start', app: string | null, reason: string): Promise<LineChanged> =>
    call<LineChanged>({ method: 'POST', path: `line/${change}`, body: { reason, ...(app === null ? {} : { app }) } }),

  unblock: (app: string, environment: string, reason: string): Promise<LaneView> =>
    call<LaneView>({
      method: 'POST',
      path: `lanes/${encodeURIComponent(app)}/${encodeURIComponent(environment)}/unblock`,
      body: { reason },
    }),
});
