import type { Azurite } from '../azurite';
import type { Judge } from './call-judge';
import { commonSubset } from './common-subset';
import { placeName, type Target } from './fates';
import { Kills, type Targets } from './kills';
import { named } from './power-part';
import { scenarios, type Scenario } from './scenarios';
import type { Tally } from './tally';
import { dice, type Dice } from './turnstile';

/** Kills in one rollout, and effects that go by in each life before it may be killed. */
const mostOfOne = 8;
const gap = 12;

/** The common subset, then each place in turn, then by seed, until there were so many kills. */
export async function killProcess(
  azurite: Azurite,
  judge: Judge,
  { kills: due, seed }: { kills: number; seed: number },
  tally: Tally,
): Promise<void> {
  const kills = await Kills.open(azurite, judge, 0);
  const left = (): number => due - tally.kills();
  for (const { scenario, targets } of commonSubset) {
    if (left() <= 0) break;
    tally.addCommon(await kills.play(named(scenario), { left: [...targets], gap: 0, most: targets.length }));
  }
  if (left() > 0) {
    const known = await learn(kills, tally);
    await eachInTurn(kills, known, tally, left);
    await bySeed(kills, known, tally, { draw: dice(seed), left });
  }
  await kills.close();
}

interface Known {
  scenario: Scenario;
  places: Target[];
}

/** Plays each quick story once without a kill, and learns where it may be killed. */
async function learn(kills: Kills, tally: Tally): Promise<Known[]> {
  const known: Known[] = [];
  for (const scenario of scenarios.filter(({ isQuick }) => isQuick)) {
    const played = await kills.play(scenario, { left: [], gap: 0, most: 0 });
    tally.add(played);
    const changing = [...played.hits.keys()].filter((point) => !played.reads.has(point));
    const reading = [...played.reads];
    // First what changes something, on one side and the other; whatever only reads is the same before and after.
    const places = [
      ...changing.map((point): Target => ({ point, side: 'after' })),
      ...changing.map((point): Target => ({ point, side: 'before' })),
      ...reading.map((point): Target => ({ point, side: 'before' })),
    ].filter(({ point, side }) => !(point.endsWith(': queue take') && side === 'before'));
    known.push({ scenario, places });
  }
  return known;
}

async function eachInTurn(kills: Kills, known: Known[], tally: Tally, left: () => number): Promise<void> {
  const done = new Set(tally.killedAt());
  // The same rank in all stories, so that what matters most comes first whichever story it is in.
  for (const wanted of ['after', 'before', 'read'] as const) {
    for (const { scenario, places } of known) {
      const mine = places.filter(({ point, side }) => !done.has(placeName({ point, side })) && rankOf(tally, { point, side }) === wanted);
      const targets: Targets = { left: mine, gap, most: mostOfOne };
      for (let before = Infinity; targets.left.length < before && targets.left.length > 0 && left() > 0;) {
        before = targets.left.length;
        const played = await kills.play(scenario, Object.assign(targets, { most: Math.min(mostOfOne, left()) }));
        tally.add(played);
        for (const cut of played.cuts) done.add(placeName(cut));
      }
    }
  }
}

const rankOf = (tally: Tally, { point, side }: Target): 'after' | 'before' | 'read' => (tally.isRead(point) ? 'read' : side);

async function bySeed(kills: Kills, known: Known[], tally: Tally, { draw, left }: { draw: Dice; left: () => number }): Promise<void> {
  while (left() > 0) {
    const one = known[Math.floor(draw() * known.length)];
    if (!one) return;
    const count = Math.min(mostOfOne, left());
    const targets = Array.from({ length: count }, () => one.places[Math.floor(draw() * one.places.length)]).filter(
      (place) => place !== undefined,
    );
    tally.add(await kills.play(one.scenario, { left: targets, gap: 0, most: count }));
  }
}
