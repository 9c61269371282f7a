/**
 * NCRONTAB expressions as NCrontab, the library of the real host, reads them: five or six fields (seconds first), `*`, lists, ranges, steps, names of
 * months and days or their beginnings. Unlike other crons, a day must fit both the day of the month and the day of the week.
 */
export interface Schedule {
  /** The first time after `afterMs` that fits, in UTC; undefined if none ever does. */
  next(afterMs: number): number | undefined;
  /** Whether it runs more than once a minute: then the real host keeps no status of it. */
  isFrequent: boolean;
}

interface Field {
  name: string;
  least: number;
  most: number;
  names?: string[];
}

const months = 'January February March April May June July August September October November December'.split(' ');
const weekdays = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
const fields: [Field, Field, Field, Field, Field, Field] = [
  { name: 'second', least: 0, most: 59 },
  { name: 'minute', least: 0, most: 59 },
  { name: 'hour', least: 0, most: 23 },
  { name: 'day', least: 1, most: 31 },
  { name: 'month', least: 1, most: 12, names: months },
  { name: 'day of the week', least: 0, most: 6, names: weekdays },
];

/** @throws Error saying which field is wrong */
export function parseNcrontab(text: string): Schedule {
  const parts = text.trim().split(/\s+/);
  if (parts.length !== 5 && parts.length !== 6) throw new Error('it has five or six fields');
  const six = parts.length === 5 ? ['0', ...parts] : parts;
  const [seconds, minutes, hours, days, monthDays, weekDays] = fields.map((field, at) => parseField(six[at] ?? '', field)) as Sets;
  const sets: Sets = [seconds, minutes, hours, days, monthDays, weekDays];
  const isEveryMinute = sets.slice(1).every((set, at) => set.length === (fields[at + 1]?.most ?? 0) - (fields[at + 1]?.least ?? 0) + 1);
  return { next: (afterMs) => nextTime(sets, afterMs), isFrequent: isEveryMinute && seconds.length > 1 };
}

type Sets = [number[], number[], number[], number[], number[], number[]];

function parseField(text: string, field: Field): number[] {
  const found = new Set<number>();
  for (const item of text.split(',')) {
    const { from, to, step } = parseItem(item, field);
    for (let value = from; value <= to; value += step) found.add(value);
  }
  return [...found].sort((a, b) => a - b);
}

function parseItem(item: string, field: Field): { from: number; to: number; step: number } {
  const wrong = (): Error => new Error(`"${item}" is no ${field.name}`);
  const [, range = '', stepText] = /^([^/]+)(?:\/(\d+))?$/.exec(item) ?? [];
  if (range === '') throw wrong();
  // A step of 0 counts as 1.
  const step = Math.max(1, Number(stepText ?? 1));
  if (range === '*') return { from: field.least, to: field.most, step };
  const ends = range.split('-').map((value) => parseValue(value, field));
  const [from, to] = ends;
  if (from === undefined || ends.length > 2 || ends.some((value) => value === undefined || value < field.least || value > field.most))
    throw wrong();
  if (to === undefined) return { from, to: step === 1 ? from : field.most, step };
  return { from: Math.min(from, to), to: Math.max(from, to), step };
}

function parseValue(text: string, field: Field): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  const at = text === '' ? -1 : (field.names ?? []).findIndex((name) => name.toLowerCase().startsWith(text.toLowerCase()));
  return at < 0 ? undefined : at + field.least;
}

const dayMs = 86_400_000;
/** Leap days fall on each weekday within 28 years, but 2100 is no leap year. */
const longestYears = 40;

function nextTime([seconds, minutes, hours, days, monthsOfYear, weekDays]: Sets, afterMs: number): number | undefined {
  const startMs = Math.floor(afterMs / 1000) * 1000 + 1000;
  const firstDayMs = Math.floor(startMs / dayMs) * dayMs;
  const lastDayMs = firstDayMs + longestYears * 366 * dayMs;
  for (let day = firstDayMs; day <= lastDayMs; day += dayMs) {
    const date = new Date(day);
    if (!monthsOfYear.includes(date.getUTCMonth() + 1) || !days.includes(date.getUTCDate()) || !weekDays.includes(date.getUTCDay()))
      continue;
    const time = nextOfDay([hours, minutes, seconds], day === firstDayMs ? (startMs - day) / 1000 : 0);
    if (time !== undefined) return day + time * 1000;
  }
  return undefined;
}

/** The first second of a day from `from` on; undefined if none is left. */
function nextOfDay([hours, minutes, seconds]: [number[], number[], number[]], from: number): number | undefined {
  for (const hour of hours) {
    if ((hour + 1) * 3600 <= from) continue;
    for (const minute of minutes) {
      if (hour * 3600 + (minute + 1) * 60 <= from) continue;
      const second = seconds.find((one) => hour * 3600 + minute * 60 + one >= from);
      if (second !== undefined) return hour * 3600 + minute * 60 + second;
    }
  }
  return undefined;
}
