import { pointsOf, type Effect } from './effects';
import type { Fate, Side } from './life';
import type { Dice } from './turnstile';

/** Where the power may go: at a point, before or after its effect. */
export interface Target {
  point: string;
  side: Side;
}

export interface Cut extends Target {
  /** How often that point had been come to. */
  nth: number;
}

/** What was seen and done in the lives of one rollout. */
export interface Lived {
  hits: Map<string, number>;
  cuts: Cut[];
  oddities: string[];
  /** Every effect in its order: the same for the same seed, where the power is cut. */
  trace: string[];
  /** Points that only read. */
  reads: Set<string>;
}

export type Choice = (effect: Effect, side: Side) => boolean;

/** Counts what comes by, and asks `choose` at each. */
export function fate(choose: Choice): Fate & Lived {
  const burns = attempts();
  const lived: Lived = { hits: new Map(), cuts: [], oddities: [], trace: [], reads: new Set() };
  const pending = new Map<Effect, number>();
  const subjects: string[] = [];
  const nameOf = (subject: string): string => {
    if (!subjects.includes(subject)) subjects.push(subject);
    return `#${subjects.indexOf(subject)}`;
  };
  return {
    ...lived,
    nameOf,
    cutsAt(effect, side) {
      const { point, subject } = effect;
      // What is only known afterwards (a message was there) had no moment before.
      const nth = pending.get(effect) ?? (lived.hits.get(point) ?? 0) + 1;
      if (!pending.has(effect)) {
        for (const one of pointsOf(effect)) lived.hits.set(one, (lived.hits.get(one) ?? 0) + 1);
        if (effect.isRead) lived.reads.add(point);
        lived.trace.push(`${pointsOf(effect).join(' and ')} ${nameOf(subject)}`);
      }
      if (side === 'before') pending.set(effect, nth);
      else if (pending.delete(effect) && effect.kind === 'call') lived.trace.push(`answer to ${point} ${nameOf(subject)}`);
      if (isHidden(effect, nth) || burns.wouldEndIt(effect, side) || !choose(effect, side)) return false;
      burns.cut();
      lived.cuts.push({ point, side, nth });
      lived.trace.push(`cut ${side}`);
      return true;
    },
    strange: (what) => void lived.oddities.push(what),
    failed: (point, error) => void lived.trace.push(`no answer to ${point}: ${error.message}`),
  };
}

/**
 * A swap attempt whose row was written and whose request never left is used up, and a story has two: cut off there twice it rightly ends `failed`. So
 * that every story has one end to be judged by, it is cut off there once at most.
 */
function attempts(): { wouldEndIt(effect: Effect, side: Side): boolean; cut(): void } {
  let isBetween = false;
  let burnt = 0;
  return {
    wouldEndIt({ point }, side) {
      if (point === 'postSwap: write swap') isBetween = side === 'after';
      if (point === 'postSwap: arm swap' && side === 'after') [isBetween, burnt] = [false, 0];
      return isBetween && burnt > 0;
    },
    cut() {
      if (isBetween) burnt += 1;
      isBetween = false;
    },
  };
}

/**
 * A message that was taken and not noted is hidden for ten minutes of storage's own clock, which nobody can move on here. The build system sends it again;
 * but what an earlier delivery of it had begun is only finished when that very message comes back, so it is lost at its first delivery or never.
 */
const isHidden = ({ point }: Effect, nth: number): boolean => point === 'host: queue take' && nth > 1;

export const never: Choice = () => false;

/** The first time that each of these comes by. */
export function atFirst(places: readonly Target[]): Choice {
  const left = [...places];
  return (effect, side) => {
    const n = left.findIndex((place) => pointsOf(effect).includes(place.point) && place.side === side);
    if (n < 0) return false;
    left.splice(n, 1);
    return true;
  };
}

/** Now and then, as the dice fall: on average every `meanEffects` effects, both sides alike. */
export const byChance =
  (draw: Dice, meanEffects: number, mostCuts: number): Choice =>
  () => {
    const isHit = draw() < 1 / (2 * meanEffects);
    if (isHit) mostCuts -= 1;
    return isHit && mostCuts >= 0;
  };

export const placeName = ({ point, side }: Target): string => `${point} (${side})`;

/** The two sides of what changes nothing are one. Whether a queue has a message shows only when it was taken. */
export function sidesOf({ point, isRead }: Pick<Effect, 'point' | 'isRead'>): Side[] {
  if (isRead) return ['before'];
  return point === 'host: queue take' ? ['after'] : ['before', 'after'];
}

/** What a host does when it comes up is over before so many effects went by. */
const comesFirst = ({ point }: Effect): boolean => /^(?:host: (?:keys|state file) made|make table)$/.test(point);

/**
 * At every place that nobody has been cut at yet, if so many effects went by since the last cut: every place comes by in a few rollouts.
 */
export function inTurn(done: Set<string>, gap: number): Choice {
  let since = 0;
  return (effect, side) => {
    since += 1;
    const names = pointsOf(effect).map((point) => placeName({ point, side }));
    const isDone = names.every((name) => done.has(name));
    if ((since < gap && !comesFirst(effect)) || isDone || !sidesOf(effect).includes(side)) return false;
    for (const name of names) done.add(name);
    since = 0;
    return true;
  };
}
