import type * as z from 'zod';
import type { Adoption } from '../domain/adoption';
import type { Examined } from '../domain/examined';
import type { foreseen, lineStops } from '../domain/api-policy-shapes';
import type { listQuery, planQuery } from '../domain/api-requests';
import type { Figures } from '../domain/figures';
import type { LaneView } from '../domain/lane';
import type { LedgerView } from '../domain/ledger-view';
import type { PlaceView } from '../domain/live-view';
import type { RolloutTraces } from '../domain/traces';
import type { RolloutSummary, RolloutView } from '../domain/rollout-view';
import type { me } from '../domain/api-shapes';
import type { Transport } from './transport';

/** Who calls, as the platform says it. */
export type Me = z.output<typeof me>;

export interface ListFilter {
  app?: string | undefined;
  environment?: string | undefined;
  outcome?: z.output<typeof listQuery>['outcome'];
  /** From 1 to 200; 50 where it is left out. */
  limit?: number | undefined;
}

export type LineStop = z.output<typeof lineStops>['stops'][number];

/** What may be read; changes nothing. */
export const reading = (call: Transport) => ({
  /** Newest first. */
  rollouts: async (filter: ListFilter = {}, signal?: AbortSignal): Promise<RolloutSummary[]> =>
    (await call<{ rollouts: RolloutSummary[] }>({ path: 'rollouts', query: { ...filter }, ...(signal && { signal }) })).rollouts,

  rollout: (id: string, signal?: AbortSignal): Promise<RolloutView> =>
    call<RolloutView>({ path: `rollouts/${encodeURIComponent(id)}`, ...(signal && { signal }) }),

  traces: (id: string, signal?: AbortSignal): Promise<RolloutTraces> =>
    call<RolloutTraces>({ path: `rollouts/${encodeURIComponent(id)}/traces`, ...(signal && { signal }) }),

  /** What every environment serves, and what is on its way there. */
  live: async (signal?: AbortSignal): Promise<PlaceView[]> =>
    (await call<{ places: PlaceView[] }>({ path: 'live', ...(signal && { signal }) })).places,

  figures: (days: number, signal?: AbortSignal): Promise<Figures> =>
    call<Figures>({ path: 'figures', query: { days }, ...(signal && { signal }) }),

  me: (signal?: AbortSignal): Promise<Me> => call<Me>({ path: 'me', ...(signal && { signal }) }),

  lanes: async (signal?: AbortSignal): Promise<LaneView[]> =>
    (await call<{ lanes: LaneView[] }>({ path: 'lanes', ...(signal && { signal }) })).lanes,

  /** Examines a target, and Slipway itself. */
  doctor: (app: string, environment: string, signal?: AbortSignal): Promise<Examined> =>
    call<Examined>({ path: 'doctor', query: { app, environment }, ...(signal && { signal }) }),

  /** Asks for the role Slipway.Operate: it names resources that slipway.yaml does not. */
  adopt: (resource: string, signal?: AbortSignal): Promise<Adoption> =>
    call<Adoption>({ path: 'adopt', query: { resource }, ...(signal && { signal }) }),

  /** `head`: one that a closing notice printed, which the chain must hold. */
  ledger: (app: string, environment: string, head?: string, signal?: AbortSignal): Promise<LedgerView> =>
    call<LedgerView>({
      path: `ledger/${encodeURIComponent(app)}/${encodeURIComponent(environment)}`,
      query: { head },
      ...(signal && { signal }),
    }),

  /** Why nothing swaps: the stops of the line that stand. */
  line: async (signal?: AbortSignal): Promise<LineStop[]> =>
    (await call<z.output<typeof lineStops>>({ path: 'line', ...(signal && { signal }) })).stops,

  /** What would happen to a release, now or at another time, and why. */
  plan: (of: z.input<typeof planQuery>, signal?: AbortSignal): Promise<z.output<typeof foreseen>> =>
    call<z.output<typeof foreseen>>({ path: 'plan', query: { ...of }, ...(signal && { signal }) }),
});
