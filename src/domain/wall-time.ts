/** What clocks on the wall show in a time zone, without a zone of its own. A day or month may overflow, as `Date.UTC` takes it. */
export interface WallTime {
  year: number;
  /** 1 to 12. */
  month: number;
  day: number;
  hour: number;
  minute: number;
}

/** Whether the runtime's own time zone data (IANA's) knows this name. */
export function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** One for each zone: making it takes longer than all else here. */
const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone: zone, hourCycle: 'h23', calendar: 'gregory', numberingSystem: 'latn' },
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' },
  });
  clocks.set(zone, made);
  return made;
}

/** What clocks show at an instant, to the minute. */
export function wallTimeOf(zone: string, atMs: number): WallTime {
  const parts = new Map(
    clockOf(zone)
      .formatToParts(atMs)
      .map(({ type, value }) => [type, value]),
  );
  const of = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
  return { year: of('year'), month: of('month'), day: of('day'), hour: of('hour'), minute: of('minute') };
}

const asUtc = ({ year, month, day, hour, minute }: WallTime): number => Date.UTC(year, month - 1, day, hour, minute);

const dayMs = 86_400_000;

/**
 * When clocks of a zone show this time. Where they show it twice (summer time ends), `which` chooses; where they skip it (it begins),
 * `earlier` reads it by the clocks after the change and `later` by those before it: one hour earlier and one later. `usual` is the first
 * of two, and the later where it is skipped, as calendars have it (RFC 5545).
 */
export function instantOf(zone: string, wall: WallTime, which: 'earlier' | 'later' | 'usual'): number {
  const wallMs = asUtc(wall);
  const offsetAt = (atMs: number): number => asUtc(wallTimeOf(zone, atMs)) - Math.floor(atMs / 60_000) * 60_000;
  // No zone changes its clocks twice within two days.
  const candidates = [wallMs - offsetAt(wallMs - dayMs), wallMs - offsetAt(wallMs + dayMs)];
  const shown = candidates.filter((atMs) => asUtc(wallTimeOf(zone, atMs)) === wallMs);
  if (shown.length > 0) return which === 'later' ? Math.max(...shown) : Math.min(...shown);
  return which === 'earlier' ? Math.min(...candidates) : Math.max(...candidates);
}
