import type { Azurite } from '../azurite';
import type { Judge } from './call-judge';
import { commonSubset } from './common-subset';
import { placeName, type Target } from './fates';
import { Kills, type Targets } from './kills';
import { named } from './power-part';
import { scenarios, type Scenario } from './scenarios';
import type { Tally } from './tally';
import { dice } from './turnstile';

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
    await bySeed(kills, known, tally, { seed, left });
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
    // By name: in which order they come by is up to the system, and what a seed chooses is not to depend on it.
    const changing = [...played.hits.keys()].filter((point) => !played.reads.has(point)).sort();
    const reading = [...played.reads].sort();
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

/** Which story, and where it is killed: each rollout draws by a seed of its own, whatever became of those before. */
async function bySeed(kills: Kills, known: Known[], tally: Tally, { seed, left }: { seed: number; left: () => number }): Promise<void> {
  for (let n = 1; left() > 0; n += 1) {
    const draw = dice(seed + n);
    const one = known[Math.floor(draw() * known.length)];
    if (!one) return;
    const drawn = Array.from({ length: mostOfOne }, () => one.places[Math.floor(draw() * one.places.length)]);
    const targets = drawn.filter((place) => place !== undefined);
    tally.add(await kills.play(one.scenario, { left: targets, gap: 0, most: Math.min(mostOfOne, left()) }, seed + n));
  }
}
