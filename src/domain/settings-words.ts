import * as z from 'zod';

/** What many keys of slipway.yaml are made of. Each message says what to write, also where nothing or something of another kind stands. */

export const text = (form: RegExp, wanted: string) => z.string(wanted).regex(form, wanted);

export const wholeNumber = (least: number, most: number) => {
  const wanted = `a whole number from ${least} to ${most}`;
  return z.number(wanted).int(wanted).min(least, wanted).max(most, wanted);
};

export const name = (what: string) =>
  text(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/, `${what}: 1 to 40 lower-case letters, digits or "-", none of them "-" at either end`);

export const azureName = text(/^[A-Za-z0-9][A-Za-z0-9._()-]{0,89}$/, 'a name that Azure accepts: letters, digits, ".", "_", "-", up to 90');

/** Of the time that an ask stands open. */
const wantedPartOfTime = 'a part of the time, more than 0 and less than 1, such as 0.5';
export const partOfTime = z.number(wantedPartOfTime).gt(0, wantedPartOfTime).lt(1, wantedPartOfTime);

export const address = z.email('an e-mail address');

/** Secrets are named here, never written: such a key holds the name of an app setting. */
export const settingName = (such: string) =>
  text(/^[A-Z][A-Z0-9_]{1,99}$/, `the name of an app setting, such as ${such}: its value is a secret and does not stand in this file`);

const units = { s: 1, m: 60, h: 3600, d: 86_400 };

/** As slipway.yaml would say it: the largest unit that gives a whole number. */
const written = (seconds: number): string => {
  const [unit, length] = Object.entries(units).findLast(([, length]) => seconds >= length && seconds % length === 0) ?? ['s', 1];
  return `${seconds / length}${unit}`;
};

const seconds = (duration: string): number => Number(duration.slice(0, -1)) * units[duration.slice(-1) as keyof typeof units];

/** `90s`, `20m`, `24h`, `7d`, or a number of seconds; becomes seconds. */
export const duration = (leastSeconds: number, mostSeconds: number) => {
  const fitting = ['90s', '20m', '24h', '7d'].filter((one) => seconds(one) >= leastSeconds && seconds(one) <= mostSeconds);
  const such = fitting.length > 0 ? fitting.join(', ').replace(/, (?=\w+$)/, ' or ') : '5s';
  const wanted = `a duration from ${written(leastSeconds)} to ${written(mostSeconds)}, such as ${such}`;
  return z
    .union([z.number(wanted), z.string().regex(/^\d+(?:\.\d+)?[smhd]$/, wanted)], wanted)
    .transform((value) => (typeof value === 'number' ? value : seconds(value)))
    .pipe(z.number().min(leastSeconds, wanted).max(mostSeconds, wanted));
};
