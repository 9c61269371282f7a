/** @throws Error for no numbers: a measurement that did not happen is no zero */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  if (upper === undefined || lower === undefined) throw new Error('There is no median of no numbers.');
  return (lower + upper) / 2;
}

/** One measurement of the host and one of a floor, taken directly after one another, so that what else the machine does meets both. */
export interface Pair {
  host: number;
  floor: number;
}

export interface Compared extends Pair {
  /** The median of the pairs' own ratios. */
  ratio: number;
}

/** Medians of pairs. */
export const compare = (pairs: readonly Pair[]): Compared => ({
  host: median(pairs.map(({ host }) => host)),
  floor: median(pairs.map(({ floor }) => floor)),
  ratio: median(pairs.map(({ host, floor }) => host / floor)),
});
