import type * as z from 'zod';
import type { rolloutRequestSchema } from '../domain/rollout-request';
import type { Transport } from './transport';

/** A rollout request as it may be written; what is left out is filled in by Slipway. */
export type RequestToStart = z.input<typeof rolloutRequestSchema>;

export interface Accepted {
  id: string;
  /** The same had been asked for before. */
  already: boolean;
  statusUrl: string;
}

export const starting = (call: Transport) => ({
  /** `key` makes it safe to send again. */
  start: (request: RequestToStart, key?: string): Promise<Accepted> =>
    call<Accepted>({
      method: 'POST',
      path: 'rollouts',
      body: request,
      ...(key === undefined ? {} : { headers: { 'idempotency-key': key } }),
    }),

  /** `environment` may be left out where policy names the one that comes next. `id` in the answer is the new rollout's. */
  promote: (id: string, environment?: string): Promise<Accepted> =>
    call<Accepted>({
      method: 'POST',
      path: `rollouts/${encodeURIComponent(id)}/promote`,
      body: environment === undefined ? {} : { environment },
    }),

  /** Another rollout of the release that an ended one brought. */
  tryAgain: (id: string): Promise<Accepted> =>
    call<Accepted>({ method: 'POST', path: `rollouts/${encodeURIComponent(id)}/try-again`, body: {} }),
});
