import type { Standstill } from './calendar';
import { asSentence, sayTime } from './say';
import type { Finding } from './traps';

/** The line stands: no release of one app, or of any, goes to production until somebody starts it again. Row of partition `stops`. */
export interface StopRow {
  v: 1;
  /** The app that is stopped; null: all of them. */
  app: string | null;
  /** Rises with every stop and start. */
  number: number;
  /** Null: started again. */
  stopped: Stop | null;
}

export interface Stop {
  by: string;
  reason: string;
  at: string;
}

export type StoppedApp = Stop & Pick<StopRow, 'app'>;

export const standstillOf = ({ app, by, reason, at }: StoppedApp): Standstill => ({
  kind: 'stop',
  sentence: `${by} stopped the line${app === null ? '' : ` of ${app}`} at ${sayTime(at)}: ${asSentence(reason)}`,
});

/** The command that starts a line again. */
export const startLine = (app: string | null): string => `slipway line start${app === null ? '' : ` ${app}`}`;

/** The same as the doctor says it. */
export const findStops = (stops: readonly StoppedApp[]): Finding[] =>
  stops.map((stop) => ({
    ...{ code: 'line-stopped', weight: 'stops', sentence: standstillOf(stop).sentence },
    why: 'Nothing swaps until it is started again; a rollout that has every yes waits, and expires in the end.',
    next: `Start it again once it may move: ${startLine(stop.app)} --reason "…"`,
  }));
