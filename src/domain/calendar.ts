import { asSentence } from './say';
import { instantOf, wallTimeOf, type WallTime } from './wall-time';

/** When a policy lets a swap be. */
export interface Calendar {
  /** IANA name of the time zone that windows and freezes are written in. */
  zone: string;
  /** Weekly; none: at any time. */
  windows: readonly CalendarWindow[];
  freezes: readonly Freeze[];
}

export const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type Weekday = (typeof weekdays)[number];

export interface CalendarWindow {
  days: readonly Weekday[];
  /** `HH:MM` as clocks on the wall show it. `to` may be `24:00`; earlier than `from`, it is on the day after. */
  from: string;
  to: string;
}

export interface Freeze {
  /** `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM`. A `to` without a time is that whole day. */
  from: string;
  to: string;
  reason: string;
}

/** Why no swap may be now. `untilMs` is when this reason will be over by itself; absent where nobody knows. */
export interface Standstill {
  kind: 'window' | 'freeze' | 'stop';
  sentence: string;
  untilMs?: number;
}

/** What of the calendar forbids a swap at this instant. Only what a zone's clocks show counts, so a change to or from summer time moves nothing. */
export function standstillsOf(calendar: Calendar, nowMs: number): Standstill[] {
  return [...freezesAt(calendar, nowMs), ...windowsAt(calendar, nowMs)];
}

function freezesAt({ zone, freezes }: Calendar, nowMs: number): Standstill[] {
  return freezes.flatMap(({ from, to, reason }): Standstill[] => {
    const [beginMs, endMs] = freezeSpan(zone, { from, to });
    if (nowMs < beginMs || nowMs >= endMs) return [];
    return [{ kind: 'freeze', sentence: `Frozen until ${sayWall(zone, endMs)} (${zone}): ${asSentence(reason)}`, untilMs: endMs }];
  });
}

/** First and last instant of a freeze. Where clocks show a time twice, a freeze takes both. */
export function freezeSpan(zone: string, { from, to }: Pick<Freeze, 'from' | 'to'>): [beginMs: number, endMs: number] {
  const end = wallOf(to);
  return [instantOf(zone, wallOf(from), 'earlier'), instantOf(zone, to.includes('T') ? end : { ...end, day: end.day + 1 }, 'later')];
}

function windowsAt(calendar: Calendar, nowMs: number): Standstill[] {
  const { zone, windows } = calendar;
  if (windows.length === 0) return [];
  const spans = spansAround(calendar, nowMs);
  if (spans.some(([beginMs, endMs]) => beginMs <= nowMs && nowMs < endMs)) return [];
  const untilMs = Math.min(...spans.map(([beginMs]) => beginMs).filter((beginMs) => beginMs > nowMs));
  const opens = `Policy lets releases in ${windows.map(sayWindow).join(' and ')} (${zone})`;
  return [{ kind: 'window', sentence: `${opens}; the next window opens ${sayWall(zone, untilMs)}.`, untilMs }];
}

/** Every window from yesterday's, which may last over midnight, to those of this weekday next week. */
function spansAround({ zone, windows }: Calendar, nowMs: number): [beginMs: number, endMs: number][] {
  const { year, month, day } = wallTimeOf(zone, nowMs);
  return Array.from({ length: 10 }, (_, n) => ({ year, month, day: day + n - 1 })).flatMap((date) => {
    const weekday = weekdays[new Date(Date.UTC(date.year, date.month - 1, date.day)).getUTCDay()];
    return (
      windows
        .filter(({ days }) => days.some((one) => one === weekday))
        .map(({ from, to }): [number, number] => [
          instantOf(zone, { ...date, ...timeOf(from) }, 'usual'),
          instantOf(zone, { ...date, day: date.day + (to <= from ? 1 : 0), ...timeOf(to) }, 'usual'),
        ])
        // Clocks may skip a whole window.
        .filter(([beginMs, endMs]) => beginMs < endMs)
    );
  });
}

const sayWindow = ({ days, from, to }: CalendarWindow): string => `${days.join(', ')} ${from} to ${to}`;

/** `Thu 2026-12-24 17:00` on the zone's clocks. */
export function sayWall(zone: string, atMs: number): string {
  const { year, month, day, hour, minute } = wallTimeOf(zone, atMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  const nth = new Date(Date.UTC(year, month - 1, day)).getUTCDay();
  const weekday = 'SunMonTueWedThuFriSat'.slice(3 * nth, 3 * nth + 3);
  return `${weekday} ${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}`;
}

/** `09:00`; nothing is midnight. */
const timeOf = (text: string): { hour: number; minute: number } => ({ hour: Number(text.slice(0, 2)), minute: Number(text.slice(3, 5)) });

/** `2026-12-24`, or `2026-12-24T17:00`. */
const wallOf = (text: string): WallTime => ({
  year: Number(text.slice(0, 4)),
  month: Number(text.slice(5, 7)),
  day: Number(text.slice(8, 10)),
  ...timeOf(text.slice(11)),
});

/**
 * The instant that somebody means who writes a time: with an offset or `Z` that very one, without one what clocks of the zone show.
 * Undefined for what is no time.
 */
export function readInstant(text: string, zone: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)?)?$/.test(text) || Number.isNaN(Date.parse(text)))
    return undefined;
  return /T.*(?:Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : instantOf(zone, wallOf(text.slice(0, 16)), 'usual');
}

/** Whether a date, or a date and time, is one that calendars know: no 30 February. */
export function isWallTime(text: string): boolean {
  const { year, month, day, hour, minute } = wallOf(text);
  const at = new Date(Date.UTC(year, month - 1, day, hour, minute));
  return at.getUTCMonth() === month - 1 && at.getUTCDate() === day && minute < 60;
}
