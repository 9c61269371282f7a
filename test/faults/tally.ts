import { createHash } from 'node:crypto';
import { placeName, type Cut } from './fates';
import type { Played } from './play';

export interface PointCount {
  /** How often it was come to. */
  hit: number;
  crashed: number;
  killed: number;
}

export interface Failure {
  way: Way;
  scenario: string;
  seed: number;
  violations: string[];
  cuts: Cut[];
}

type Way = 'power cut' | 'kill';

/** What one way of crashing came to; travels between processes as JSON. */
export interface Part {
  way: Way;
  rollouts: number;
  crashes: number;
  seeds: number;
  points: Record<string, PointCount>;
  reads: string[];
  failures: Failure[];
  /** Places that should have had their turn and had none. */
  missed: string[];
  /** One story each of the common subset, in its order. */
  common: Record<string, unknown>[];
  /** Of each rollout that was played by seed, a digest of all its effects in their order. */
  sequences: Record<number, string>;
}

const sequenceOf = ({ trace }: Played): string => createHash('sha256').update(trace.join('\n')).digest('hex').slice(0, 12);

export class Tally {
  readonly part: Part;
  private readonly seeds = new Set<number>();

  constructor(
    way: Way,
    private readonly say: (line: string) => void,
  ) {
    this.part = { way, rollouts: 0, crashes: 0, seeds: 0, points: {}, reads: [], failures: [], missed: [], common: [], sequences: {} };
  }

  add(played: Played): void {
    const { part } = this;
    const { scenario, seed, violations, cuts } = played;
    part.rollouts += 1;
    part.crashes += cuts.length;
    part.seeds = this.seeds.add(seed).size;
    for (const [point, times] of played.hits) this.countOf(point).hit += times;
    for (const { point } of cuts) this.countOf(point)[part.way === 'kill' ? 'killed' : 'crashed'] += 1;
    part.reads = [...new Set([...part.reads, ...played.reads])];
    if (violations.length > 0) part.failures.push({ way: part.way, scenario, seed, violations, cuts });
    this.say(
      `${part.way}: "${scenario}", seed ${seed}: ${cuts.length} of ${part.crashes} in all${violations.length > 0 ? `, BROKEN: ${violations.join(' ')}` : ''}`,
    );
  }

  addCommon(played: Played): void {
    this.add(played);
    this.part.common.push(played.gist);
  }

  addSeeded(played: Played): void {
    this.add(played);
    this.part.sequences[played.seed] = sequenceOf(played);
  }

  /** The same seed once more: what was another effect, or another order, is a failure like any other. */
  addAgain(first: Played, again: Played): void {
    const difference = differenceOf(first.trace, again.trace);
    this.add(difference === undefined ? again : { ...again, violations: [...again.violations, difference] });
  }

  missed(places: string[]): void {
    this.part.missed = places;
  }

  crashes = (): number => this.part.crashes;
  kills = (): number => this.part.crashes;
  isRead = (point: string): boolean => this.part.reads.includes(point);
  killedAt = (): string[] => this.part.failures.flatMap(({ cuts }) => cuts.map(placeName));

  private countOf(point: string): PointCount {
    return (this.part.points[point] ??= { hit: 0, crashed: 0, killed: 0 });
  }
}

/** Undefined where both are the same. */
export function differenceOf(first: string[], again: string[]): string | undefined {
  const at = first.findIndex((effect, n) => effect !== again[n]);
  if (at < 0 && first.length === again.length) return undefined;
  const n = at < 0 ? first.length : at;
  const said = (trace: string[]): string => trace.slice(Math.max(0, n - 3), n + 3).join(', ') || 'nothing';
  return `Played twice, the seed gave two sequences: effect ${n + 1} differs. First: ${said(first)}. Then: ${said(again)}.`;
}
