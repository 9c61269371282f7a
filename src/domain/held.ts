import type { Standstill } from './calendar';
import type { RolloutRow } from './rollout';
import { asBeginning, sayDuration } from './say';
import { standstillOf, startLine, type StoppedApp } from './stop';

type Ask = NonNullable<RolloutRow['ask']>;

/** Why no swap may be, though every yes is there, as it is kept on the ask. */
export type Held = Required<Pick<Ask, 'held'>> & Pick<Ask, 'stoppedLines'>;

export function heldBy(standstills: readonly Standstill[], stops: readonly StoppedApp[]): Held {
  const held = standstills.map(({ sentence }) => sentence);
  const stoppedLines = stops.filter((stop) => held.includes(standstillOf(stop).sentence)).map(({ app }) => app);
  return stoppedLines.length === 0 ? { held } : { held, stoppedLines };
}

export const isHeld = <Asked extends Pick<Ask, 'state' | 'held'>>(ask: Asked | undefined): ask is Asked & { held: string[] } =>
  ask?.state === 'open' && ask.held !== undefined;

export const heldOf = ({ held, stoppedLines }: Held): Held => (stoppedLines === undefined ? { held } : { held, stoppedLines });

/** `expires`: `in 28 min`, or `at` a time. */
export function sayHeld({ held, stoppedLines = [] }: Held, expires: string): string {
  const ends = stoppedLines.length === 0 ? '.' : `: ${stoppedLines.map(startLine).join(', ')}`;
  return `every yes is there; held: ${held.join(' ')} It expires ${expires} unless that ends${ends}`;
}

/** The same as a sentence of its own. */
export const sayHeldNow = (ask: Held & Pick<Ask, 'expiresAt'>, nowMs: number): string =>
  asBeginning(sayHeld(ask, `in ${sayDuration(Date.parse(ask.expiresAt) - nowMs)}`));
