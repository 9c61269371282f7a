import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { freezeSpan, isWallTime, readInstant, sayWall, standstillsOf, weekdays, type Calendar } from '../../src/domain/calendar';
import { instantOf, isZone, wallTimeOf } from '../../src/domain/wall-time';

const berlin = 'Europe/Berlin';
const zones = [berlin, 'UTC', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'Pacific/Apia', 'America/Sao_Paulo'];
const ms = (iso: string): number => Date.parse(iso);
const wall = (text: string) => {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = text.split(/[-T:]/).map(Number);
  return { year, month, day, hour, minute };
};
const iso = (atMs: number): string => new Date(atMs).toISOString().slice(0, 16);
const calendar = (more: Partial<Calendar>): Calendar => ({ zone: berlin, windows: [], freezes: [], ...more });
const kindsAt = (of: Calendar, at: string): string[] => standstillsOf(of, ms(at)).map(({ kind }) => kind);

describe('clocks on the wall', () => {
  it('name zones as IANA does, and no others', () => {
    expect(zones.filter((zone) => !isZone(zone))).toEqual([]);
    expect(['Europe/Bonn', 'CET+1', ''].filter(isZone)).toEqual([]);
  });

  it('show the time they were set from, except where they skip it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.integer({ min: ms('2020-01-01'), max: ms('2035-01-01') }), (zone, some) => {
        const atMs = Math.floor(some / 60_000) * 60_000;
        const shown = wallTimeOf(zone, atMs);
        const [first, second] = [instantOf(zone, shown, 'earlier'), instantOf(zone, shown, 'later')];
        expect([first, second]).toContain(atMs);
        expect(first <= second).toBe(true);
        expect(wallTimeOf(zone, first)).toEqual(shown);
        expect(wallTimeOf(zone, second)).toEqual(shown);
      }),
    );
  });

  it.each([
    ['in winter', '2026-12-24T17:00', '2026-12-24T16:00', '2026-12-24T16:00'],
    ['in summer', '2026-07-01T17:00', '2026-07-01T15:00', '2026-07-01T15:00'],
    ['shown twice when summer time ends', '2026-10-25T02:30', '2026-10-25T00:30', '2026-10-25T01:30'],
    ['skipped when it begins', '2026-03-29T02:30', '2026-03-29T00:30', '2026-03-29T01:30'],
    ['of a day that overflows its month', '2026-12-32T00:00', '2026-12-31T23:00', '2026-12-31T23:00'],
  ])('%s', (_what, text, earlier, later) => {
    expect(iso(instantOf(berlin, wall(text), 'earlier'))).toBe(earlier);
    expect(iso(instantOf(berlin, wall(text), 'later'))).toBe(later);
  });
});

describe('a window', () => {
  const office = calendar({ windows: [{ days: ['mon', 'thu'], from: '09:00', to: '16:00' }] });

  it.each([
    ['2026-11-23T08:00:00Z', []],
    ['2026-11-23T14:59:59Z', []],
    ['2026-11-23T15:00:00Z', ['window']],
    ['2026-11-23T07:59:59Z', ['window']],
    ['2026-11-24T10:00:00Z', ['window']],
    // An hour earlier by the sun, and the same by the clock.
    ['2026-07-06T07:00:00Z', []],
    ['2026-07-06T14:00:00Z', ['window']],
  ])('%s', (at, kinds) => {
    expect(kindsAt(office, at)).toEqual(kinds);
  });

  it('says when the next one opens', () => {
    expect(standstillsOf(office, ms('2026-11-23T15:00:00Z'))).toEqual([
      {
        kind: 'window',
        sentence: 'Policy lets releases in mon, thu 09:00 to 16:00 (Europe/Berlin); the next window opens Thu 2026-11-26 09:00.',
        untilMs: ms('2026-11-26T08:00:00Z'),
      },
    ]);
  });

  it('is said with the others', () => {
    const twice = calendar({
      windows: [
        { days: ['mon'], from: '09:00', to: '11:00' },
        { days: ['tue', 'wed'], from: '13:00', to: '24:00' },
      ],
    });
    expect(standstillsOf(twice, ms('2026-11-23T15:00:00Z'))[0]?.sentence).toMatch(/in mon 09:00 to 11:00 and tue, wed 13:00 to 24:00 \(/);
  });

  it('may last over midnight', () => {
    const night = calendar({ windows: [{ days: ['fri'], from: '22:00', to: '02:00' }] });
    expect(kindsAt(night, '2026-11-28T00:30:00Z')).toEqual([]);
    expect(kindsAt(night, '2026-11-28T01:00:00Z')).toEqual(['window']);
    expect(kindsAt(night, '2026-11-27T20:59:00Z')).toEqual(['window']);
  });

  it('that clocks skip whole is not there that day', () => {
    const early = calendar({ windows: [{ days: ['sun'], from: '02:00', to: '03:00' }] });
    expect(standstillsOf(early, ms('2026-03-29T00:30:00Z'))[0]?.untilMs).toBe(ms('2026-04-05T00:00:00Z'));
    expect(kindsAt(early, '2026-03-22T01:30:00Z')).toEqual([]);
  });

  const anyWindow = fc.record({
    days: fc.subarray([...weekdays], { minLength: 1 }),
    from: fc.integer({ min: 0, max: 23 }).map((hour) => `${String(hour).padStart(2, '0')}:00`),
    to: fc.integer({ min: 0, max: 24 }).map((hour) => `${String(hour).padStart(2, '0')}:00`),
  });

  it('opens when the calendar said it would, and not before', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.array(anyWindow, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: ms('2025-01-01'), max: ms('2028-01-01') }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (zone, windows, nowMs, part) => {
          const of = calendar({ zone, windows });
          const [found] = standstillsOf(of, nowMs);
          if (!found?.untilMs) return;
          expect(found.untilMs).toBeGreaterThan(nowMs);
          expect(standstillsOf(of, found.untilMs)).toEqual([]);
          expect(standstillsOf(of, Math.floor(nowMs + (found.untilMs - nowMs) * part))).toHaveLength(1);
        },
      ),
    );
  });
});

describe('a freeze', () => {
  const holidays = calendar({ freezes: [{ from: '2026-12-20', to: '2027-01-03', reason: 'holidays' }] });

  it.each([
    ['2026-12-19T22:59:59Z', []],
    ['2026-12-19T23:00:00Z', ['freeze']],
    ['2027-01-03T22:59:59Z', ['freeze']],
    ['2027-01-03T23:00:00Z', []],
  ])('is whole days where no time is written: %s', (at, kinds) => {
    expect(kindsAt(holidays, at)).toEqual(kinds);
  });

  it('says until when and why', () => {
    expect(standstillsOf(holidays, ms('2026-12-24T16:00:00Z'))).toEqual([
      { kind: 'freeze', sentence: 'Frozen until Mon 2027-01-04 00:00 (Europe/Berlin): holidays.', untilMs: ms('2027-01-03T23:00:00Z') },
    ]);
  });

  it('takes the whole hour that clocks skip', () => {
    expect(freezeSpan(berlin, { from: '2026-03-29T02:30', to: '2026-03-29T02:45' }).map(iso)).toEqual([
      '2026-03-29T00:30',
      '2026-03-29T01:45',
    ]);
  });

  it('takes both hours that clocks show twice', () => {
    expect(freezeSpan(berlin, { from: '2026-10-25T02:30', to: '2026-10-25T02:45' }).map(iso)).toEqual([
      '2026-10-25T00:30',
      '2026-10-25T01:45',
    ]);
  });
});

describe('a time that somebody writes', () => {
  it.each([
    ['2026-12-24T17:00', '2026-12-24T16:00'],
    ['2026-12-24T17:00Z', '2026-12-24T17:00'],
    ['2026-12-24T17:00:30+05:30', '2026-12-24T11:30'],
    ['2026-12-24T17:00:30.125Z', '2026-12-24T17:00'],
    ['2026-12-24', '2026-12-23T23:00'],
  ])('%s is %s', (text, expected) => {
    expect(iso(readInstant(text, berlin) ?? 0)).toBe(expected);
  });

  it.each(['tomorrow', '2026-13-01', '2026-12-24T25:00', '2026-12-24 17:00', '24.12.2026', ''])('%s is none', (text) => {
    expect(readInstant(text, berlin)).toBeUndefined();
  });

  it('is one that calendars know', () => {
    expect(['2026-02-28', '2028-02-29', '2026-12-24T23:59'].every(isWallTime)).toBe(true);
    expect(['2026-02-29', '2026-04-31', '2026-12-24T24:00', '2026-12-24T10:60', '2026-00-10'].some(isWallTime)).toBe(false);
  });

  it('is said as clocks show it', () => {
    expect(sayWall('America/New_York', ms('2026-12-25T01:05:00Z'))).toBe('Thu 2026-12-24 20:05');
  });
});
