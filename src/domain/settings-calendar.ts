import * as z from 'zod';
import { isWallTime, weekdays } from './calendar';
import { gate } from './settings-gates';
import { text } from './settings-words';
import { isZone } from './wall-time';

const clockTime = text(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/, 'a time such as "09:00"');
const wantedDate = 'a date such as 2026-12-24, or a date and time such as 2026-12-24T17:00';
const date = text(/^\d{4}-\d\d-\d\d(?:T\d\d:\d\d)?$/, wantedDate).refine(isWallTime, wantedDate);

const window = z.strictObject({
  days: z.array(z.enum(weekdays)).min(1).max(7).default(['mon', 'tue', 'wed', 'thu', 'fri']),
  from: clockTime,
  to: clockTime,
});

const freeze = z.strictObject({
  from: date,
  to: date,
  reason: text(/^.{1,200}$/, 'a reason of 1 to 200 characters on one line, for the people who wait'),
});

const wantedZone = 'an IANA time zone such as Europe/Berlin, or UTC';

/** When a swap may be. */
export const calendar = z.strictObject({
  zone: z.string(wantedZone).refine(isZone, wantedZone).default('UTC'),
  windows: z.array(window).max(50).default([]),
  freezes: z.array(freeze).max(200).default([]),
});

/** The lane for what can't wait: absent, this policy has none. */
export const hotfix = z.strictObject({
  /** What a hotfix passes. */
  passes: z
    .array(z.enum(['stop', 'freeze', 'window']))
    .min(1)
    .max(3)
    .default(['stop']),
  /** Who must say yes to one; absent: the gates of every release. */
  gates: z.array(gate).min(1).max(8).optional(),
});
