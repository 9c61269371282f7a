import { commonSubset } from './common-subset';
import { points, rarely } from './points';
import type { Failure, Part, PointCount } from './tally';

export interface Report {
  crashes: number;
  kills: number;
  seeds: number;
  seed: number;
  rollouts: number;
  seconds: number;
  violations: number;
  failures: Failure[];
  /** Everything else that is wrong with this run, as sentences. */
  wrong: string[];
  points: Record<string, PointCount>;
  /** By seed, a digest of all effects of its rollout in their order: another run with that seed has the same. */
  sequences: Record<number, string>;
}

/** Puts both parts together and says what is wrong: broken promises, points that are not named or were not come to, ways that disagree. */
export function report(power: Part, kill: Part, { seed, seconds }: { seed: number; seconds: number }): Report {
  const counts = together(power.points, kill.points);
  const failures = [...power.failures, ...kill.failures];
  const must = points.map(({ point }) => point);
  const named = new Set(must);
  const wrong = [
    ...Object.keys(counts)
      .filter((point) => !named.has(point) && !rare.has(point))
      .map((point) => `"${point}" is no named fault point: name it in test/faults/points.ts.`),
    ...must.filter((point) => (counts[point]?.hit ?? 0) === 0).map((point) => `Fault point "${point}" was never come to.`),
    ...power.missed.map((place) => `The power was never cut at ${place}.`),
    ...disagreements(power, kill),
  ];
  return {
    crashes: power.crashes,
    kills: kill.crashes,
    seeds: power.seeds,
    seed,
    rollouts: power.rollouts + kill.rollouts,
    seconds,
    violations: failures.reduce((sum, { violations }) => sum + violations.length, 0) + wrong.length,
    failures,
    wrong,
    points: counts,
    sequences: power.sequences,
  };
}

/** What only comes by after a crash at one moment or another: named, watched and counted as all others, but no run can be sure to come to it. */
const rare: ReadonlySet<string> = new Set(rarely);

function together(...parts: Record<string, PointCount>[]): Record<string, PointCount> {
  const sum: Record<string, PointCount> = {};
  for (const [point, { hit, crashed, killed }] of parts.flatMap((part) => Object.entries(part))) {
    const before = sum[point] ?? { hit: 0, crashed: 0, killed: 0 };
    sum[point] = { hit: before.hit + hit, crashed: before.crashed + crashed, killed: before.killed + killed };
  }
  return Object.fromEntries(Object.entries(sum).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** As far as the kills went: a short run plays a part of the subset. */
function disagreements(power: Part, kill: Part): string[] {
  return kill.common.flatMap((gist, n) => {
    const [cut, killed] = [JSON.stringify(power.common[n]), JSON.stringify(gist)];
    return cut === killed
      ? []
      : [
          `Power cuts and kills disagree on story ${n + 1} of the common subset ("${commonSubset[n]?.scenario ?? ''}"): ${cut} and ${killed}.`,
        ];
  });
}

export function shown({ points: counts, failures, wrong, sequences: _digests, ...rest }: Report): string {
  const lines = Object.entries(counts).map(
    ([point, { hit, crashed, killed }]) => `${[hit, crashed, killed].map((count) => String(count).padStart(7)).join('')}  ${point}`,
  );
  const broken = failures.map(
    ({ way, scenario, seed, violations, cuts }) =>
      `${way}, "${scenario}", seed ${seed}: ${violations.join(' ')} Cuts: ${JSON.stringify(cuts)}`,
  );
  const head = Object.entries(rest).map(([name, value]) => `${name}: ${value}`);
  return [['    hit crashed killed  fault point', ...lines], broken, wrong, head].map((part) => part.join('\n')).join('\n') + '\n';
}
