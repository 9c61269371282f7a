import { z } from 'zod';

/** What many keys of slipway.yaml are made of. Each message says what to write. */

export const name = (what: string) =>
  z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/, `${what}: 1 to 40 lower-case letters, digits or "-", none of them "-" at either end`);

export const azureName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._()-]{0,89}$/, 'a name that Azure accepts: letters, digits, ".", "_", "-", up to 90');
export const address = z.email('an e-mail address');

const units = { s: 1, m: 60, h: 3600, d: 86_400 };

/** As slipway.yaml would say it: the largest unit that gives a whole number. */
const written = (seconds: number): string => {
  const [unit, length] = Object.entries(units).findLast(([, length]) => seconds >= length && seconds % length === 0) ?? ['s', 1];
  return `${seconds / length}${unit}`;
};

/** `90s`, `20m`, `24h`, `7d`, or a number of seconds; becomes seconds. */
export const duration = (leastSeconds: number, mostSeconds: number) => {
  const wanted = `a duration from ${written(leastSeconds)} to ${written(mostSeconds)}, such as 90s, 20m, 24h or 7d`;
  return z
    .union([z.number(wanted), z.string().regex(/^\d+(?:\.\d+)?[smhd]$/, wanted)], wanted)
    .transform((value) => (typeof value === 'number' ? value : Number(value.slice(0, -1)) * units[value.slice(-1) as keyof typeof units]))
    .pipe(z.number().min(leastSeconds, wanted).max(mostSeconds, wanted));
};
