/** A scale of wall-clock time on which a long wait is broken: to scale on both sides of the break, and the break says how long it is. */
export interface TimeScale {
  /** Where an instant lies, from 0 to 1. Instants before or after the whole lie at its ends. */
  at(ms: number): number;
  fromMs: number;
  breaks: { fromMs: number; toMs: number; from: number; to: number }[];
  ticks: { ms: number; at: number }[];
}

/** What a break takes of the whole width. */
const breakWidth = 0.07;
/** A wait is long where it would take more than this part of what is shown, and at least so long itself. */
const longPart = 0.35;
const longMs = 60_000;

const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800].map(
  (seconds) => seconds * 1000,
);

/** `instants`: every moment that is drawn, in any order. `mostTicks`: how many fit the width. */
export function timeScale(instants: readonly number[], mostTicks: number): TimeScale {
  const sorted = [...new Set(instants)].sort((a, b) => a - b);
  const [first = 0] = sorted;
  const last = sorted.at(-1) ?? first;
  const gaps = sorted.slice(1).map((to, index) => ({ fromMs: sorted[index] ?? to, toMs: to }));
  const long = longGaps(gaps);
  const brokenMs = sum(long);
  const shownMs = Math.max(1, last - first - brokenMs);
  const perMs = (1 - long.length * breakWidth) / shownMs;

  const breaks: TimeScale['breaks'] = [];
  let position = 0;
  let from = first;
  for (const { fromMs, toMs } of long) {
    position += (fromMs - from) * perMs;
    breaks.push({ fromMs, toMs, from: position, to: position + breakWidth });
    position += breakWidth;
    from = toMs;
  }
  const at = (ms: number): number => {
    const inside = Math.min(Math.max(ms, first), last);
    const broken = breaks.find(({ fromMs, toMs }) => inside > fromMs && inside < toMs);
    if (broken) return broken.from + ((inside - broken.fromMs) / (broken.toMs - broken.fromMs)) * breakWidth;
    const before = breaks.filter(({ toMs }) => toMs <= inside);
    return (inside - first - sum(before)) * perMs + before.length * breakWidth;
  };
  const step = steps.find((one) => shownMs / one <= mostTicks) ?? shownMs;
  const offset = new Date(first).getTimezoneOffset() * 60_000;
  const ticks: TimeScale['ticks'] = [];
  // A long break holds many steps and shows none of them.
  for (let ms = Math.ceil((first - offset) / step) * step + offset; ms <= last; ms += step) {
    const broken = breaks.find(({ fromMs, toMs }) => ms > fromMs && ms < toMs);
    if (broken) ms += Math.max(0, Math.floor((broken.toMs - ms) / step)) * step;
    else ticks.push({ ms, at: at(ms) });
  }
  return { at, fromMs: first, breaks, ticks };
}

/**
 * The times that are written on an axis: each has the part `room` of the width to itself, and none reaches past the end. Where no tick is
 * near the beginning, the beginning is one of them.
 */
export function labelsOf({ fromMs, ticks }: Pick<TimeScale, 'fromMs' | 'ticks'>, room: number): TimeScale['ticks'] {
  const isBareAtStart = (ticks[0]?.at ?? 1) >= room;
  let free = 0;
  return [...(isBareAtStart ? [{ ms: fromMs, at: 0 }] : []), ...ticks].filter(({ at }) => {
    if (at < free || at > 1 - room) return false;
    free = at + room;
    return true;
  });
}

type Gap = { fromMs: number; toMs: number };

const sum = (gaps: readonly Gap[]): number => gaps.reduce((total, { fromMs, toMs }) => total + toMs - fromMs, 0);

/** The longest first, each judged against what would be left: taking one out may make another one long. */
function longGaps(gaps: readonly Gap[]): Gap[] {
  const long: Gap[] = [];
  let left = sum(gaps);
  for (const gap of [...gaps].sort((a, b) => b.toMs - b.fromMs - (a.toMs - a.fromMs))) {
    const lengthMs = gap.toMs - gap.fromMs;
    if (lengthMs < longMs || lengthMs <= left * longPart || left - lengthMs <= 0) break;
    long.push(gap);
    left -= lengthMs;
  }
  return long.sort((a, b) => a.fromMs - b.fromMs);
}
