import type { Azurite } from '../azurite';
import type { Judge } from './call-judge';
import { commonSubset } from './common-subset';
import { atFirst, byChance, inTurn, placeName, sidesOf, type Choice, type Target } from './fates';
import { points } from './points';
import type { Played } from './play';
import { PowerCuts } from './power-cuts';
import { scenarios, type Scenario } from './scenarios';
import type { Tally } from './tally';
import { dice } from './turnstile';

/** Effects between two cuts, so that the story gets on; once few places are left, nothing holds it up. */
const gap = 15;
/** By seed: on average so many effects between two cuts, and so many cuts in one rollout at most. */
const meanEffects = 60;
const mostCuts = 12;

export interface Due {
  crashes: number;
  /** At least so many rollouts are played by seed, */
  seeds: number;
  /** beginning with the one after this. */
  seed: number;
  /** Each of them is played twice, and must come to the same effects in the same order. */
  twice: boolean;
}

/** At each place in turn, then the common subset, then by seed until there were so many crashes. */
export async function cutPower(azurite: Azurite, judge: Judge, { crashes, seeds, seed, twice }: Due, tally: Tally): Promise<void> {
  const cuts = await PowerCuts.open(azurite, judge);
  const done = new Set<string>();
  await eachInTurn(cuts, seed, done, tally);
  for (const { scenario, targets } of commonSubset) tally.addCommon(await cuts.play(named(scenario), seed, atFirst(targets)));
  for (let n = 1; n <= seeds || tally.crashes() < crashes; n += 1) {
    const played = await playSeed(cuts, seed + n);
    tally.addSeeded(played);
    if (twice) tally.addAgain(played, await playSeed(cuts, seed + n));
  }
  tally.missed(placesLeft(done).map(placeName));
  await cuts.close();
}

/**
 * Round after round, until nothing is left or a whole round came to nothing new. A story is not played again once it went by without a cut, unless it comes
 * to something that is left: behind a cut there may be what was not come to yet.
 */
async function eachInTurn(cuts: PowerCuts, seed: number, done: Set<string>, tally: Tally): Promise<void> {
  const comesTo = new Map<Scenario, Set<string>>();
  const wentBy = new Set<Scenario>();
  for (let before = -1; before < done.size;) {
    before = done.size;
    for (const scenario of scenarios) {
      const known = comesTo.get(scenario);
      if (wentBy.has(scenario) && !placesLeft(done).some(({ point }) => known?.has(point))) continue;
      const played = await cuts.play(scenario, seed, inTurn(done, known ? 1 : gap));
      tally.add(played);
      comesTo.set(scenario, new Set([...(known ?? []), ...played.hits.keys()]));
      if (played.cuts.length === 0) wentBy.add(scenario);
    }
  }
}

/** Which story, where the power goes and for how long: all of it follows from the seed. */
export function playSeed(cuts: PowerCuts, seed: number): Promise<Played> {
  const draw = dice(seed);
  const scenario = scenarios[Math.floor(draw() * scenarios.length)];
  if (!scenario) throw new Error('There is no scenario.');
  return cuts.play(scenario, seed, chanceOf(draw), (down) => (down() < 0.7 ? 0 : Math.floor(down() * scenario.mostDownSeconds)));
}

const chanceOf = (draw: () => number): Choice => byChance(draw, meanEffects, mostCuts);

export function named(name: string): Scenario {
  const found = scenarios.find((one) => one.name === name);
  if (!found) throw new Error(`There is no scenario "${name}".`);
  return found;
}

const placesLeft = (done: ReadonlySet<string>): Target[] =>
  points
    .flatMap(({ point, isRead }) => sidesOf({ point, isRead }).map((side): Target => ({ point, side })))
    .filter((place) => !done.has(placeName(place)));
