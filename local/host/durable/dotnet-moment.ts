const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

const clockTime = String.raw`(?:(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?\s*(AM|PM)?)?`;
const zone = String.raw`\s*(Z|GMT|[-+]\d{1,2}(?::?\d{2})?)?`;
const end = `(?:(?:T|\\s+)${clockTime}${zone})?$`;
const weekday = String.raw`^(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?,?\s+)?`;

/** Each with the places of year, month and day among its first three groups. */
const forms: { pattern: RegExp; order: [number, number, number] }[] = [
  { pattern: new RegExp(String.raw`^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})${end}`, 'i'), order: [0, 1, 2] },
  { pattern: new RegExp(String.raw`^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})${end}`, 'i'), order: [2, 0, 1] },
  { pattern: new RegExp(String.raw`${weekday}(\d{1,2})[\s-]+([a-z]{3,9})[,\s-]+(\d{4})${end}`, 'i'), order: [2, 1, 0] },
  { pattern: new RegExp(String.raw`${weekday}([a-z]{3,9})\s+(\d{1,2}),?\s+(\d{4})${end}`, 'i'), order: [2, 0, 1] },
];

/**
 * The time that .NET's DateTime.TryParse reads from a text in the invariant culture, in milliseconds; without a zone it is UTC, as on Azure. Undefined for what it
 * does not read; a time alone, which there is today's, is not read here either.
 */
export function momentOf(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  // A year of fewer than four digits is filled up: Python writes such.
  const text = given.trim().replace(/^(\d{1,3})(?=-)/, (year) => year.padStart(4, '0'));
  for (const { pattern, order } of forms) {
    const found = pattern.exec(text);
    if (found) return instant(found, order);
  }
  return undefined;
}

function instant(found: RegExpExecArray, order: [number, number, number]): number | undefined {
  const groups = found.slice(1) as (string | undefined)[];
  const [year = NaN, month = NaN, day = NaN] = order.map((at) => dateNumber(groups[at] ?? '', at === order[0]));
  const [hour = 0, minute = 0, second = 0] = groups.slice(3, 6).map((text) => Number(text ?? 0));
  const hours = hourOf(hour, groups[7]?.toUpperCase());
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const isDay = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && year > 0;
  const offsetMs = offsetOf(groups[8]);
  if (!isDay || hours === undefined || minute > 59 || second > 59 || offsetMs === undefined) return undefined;
  const ms = Math.floor(Number(`0.${groups[6] ?? '0'}`) * 1000);
  return date.getTime() + ((hours * 60 + minute) * 60 + second) * 1000 + ms - offsetMs;
}

function dateNumber(text: string, isYear: boolean): number {
  if (/^[a-z]/i.test(text)) return months.indexOf(text.slice(0, 3).toLowerCase()) + 1;
  const number = Number(text);
  return isYear && text.length === 2 ? number + (number < 50 ? 2000 : 1900) : number;
}

function hourOf(hour: number, half: string | undefined): number | undefined {
  if (half === undefined) return hour < 24 ? hour : undefined;
  return hour >= 1 && hour <= 12 ? (hour % 12) + (half === 'PM' ? 12 : 0) : undefined;
}

function offsetOf(zoneText: string | undefined): number | undefined {
  const [, sign, hours = '0', minutes = '0'] = /^([-+])(\d{1,2}):?(\d{2})?$/.exec(zoneText ?? '') ?? [];
  const size = Number(hours) * 60 + Number(minutes);
  return Number(minutes) > 59 || size > 14 * 60 ? undefined : (sign === '-' ? -1 : 1) * size * 60_000;
}
