import type { Standstill } from './calendar';
import { asSentence, sayTime } from './say';

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
