import { departures } from './departures';
import { isMadeUp } from './ids';
import { differences, shapeOf, type Difference, type Shape } from './shape';
import type { Unit } from './unit';

export interface Found extends Difference {
  file: string;
  at: string;
}

export interface Comparison {
  found: Found[];
  /** The departures that explained something. */
  used: Set<string>;
}

export function compare(units: Unit[]): Comparison {
  const used = new Set<string>();
  const found = units.flatMap((unit) => {
    const { file, at } = unit;
    if (unit.recorded === undefined) return [{ file, at, path: '', recorded: 'nothing', own: brief(unit.own) }];
    if (unit.own === undefined) return [{ file, at, path: '', recorded: brief(unit.recorded), own: 'nothing' }];
    return differencesOf(unit, used).map((one) => ({ file, at, ...one }));
  });
  return { found, used };
}

/** A difference in a line. */
export function told({ file, at, path, recorded, own }: Found): string {
  let same = 0;
  while (same < recorded.length && recorded[same] === own[same]) same += 1;
  const from = Math.max(0, same - 60);
  return `${file}: ${at}: ${path}: recorded …${recorded.slice(from, same + 120)} | ours …${own.slice(from, same + 120)}`;
}

const brief = (value: unknown): string => JSON.stringify(value).slice(0, 300);

function differencesOf(unit: Unit, used: Set<string>): Difference[] {
  const even = evened(unit);
  const direct = explained(even.recorded, even.own, used);
  if (direct.length === 0) return direct;
  const { recorded, names } = withDepartures(even);
  if (names.length === 0) return direct;
  const rest = explained(recorded, even.own, used);
  if (rest.length === 0) for (const name of names) used.add(name);
  return rest;
}

/** What was recorded of a step, as the departures would have it. */
function withDepartures(unit: Unit): { recorded: unknown; names: string[] } {
  const names: string[] = [];
  let { recorded } = unit;
  for (const { id, step } of departures) {
    const rewritten = step?.({ ...unit, recorded });
    if (rewritten === undefined) continue;
    names.push(id);
    recorded = rewritten;
  }
  return { recorded, names };
}

function explained(recorded: unknown, own: unknown, used: Set<string>): Difference[] {
  return differences(shapeOf(recorded), shapeOf(own), (path, theirs, ours) => {
    const names: string[] = [];
    let value: Shape = theirs;
    for (const departure of departures) {
      const rewritten = departure.value?.(value, ours, path);
      if (rewritten === undefined || JSON.stringify(rewritten) === JSON.stringify(value)) continue;
      value = rewritten;
      names.push(departure.id);
    }
    if (JSON.stringify(value) !== JSON.stringify(ours)) return false;
    for (const name of names) used.add(name);
    return true;
  });
}

/**
 * Evens out what differs between two runs of the real extension as well: lists are sorted by id, and so made-up ids stand in any order; on a page that is
 * cut off, they push others out. And it leaves out the names of functions that the app got after it was recorded.
 */
function evened(unit: Unit): Unit {
  const [theirs, ours] = [listIn(unit.recorded), listIn(unit.own)];
  if (!theirs || !ours) return { ...unit, own: withoutNewNames(unit.recorded, unit.own) };
  const isCut = [unit.recorded, unit.own].every((side) => JSON.stringify(side).includes('"x-ms-continuation-token":"TOKEN"'));
  const [named, named2] = [theirs, ours].map((list) => list.filter((one) => !isMadeUp(one.instanceId)));
  const made = [theirs, ours].map((list) =>
    list
      .filter((one) => isMadeUp(one.instanceId))
      .map(withoutId)
      .toSorted(byShape),
  );
  const length = isCut && made.some((list) => list.length > 0) ? Math.min(named?.length ?? 0, named2?.length ?? 0) : Infinity;
  const even = (side: unknown, whole: Listed, list: Listed | undefined, rest: object[] | undefined): unknown =>
    withList(side, length === Infinity ? [...(list ?? []), ...(rest ?? [])] : [...(list ?? []).slice(0, length), { count: whole.length }]);
  return { ...unit, recorded: even(unit.recorded, theirs, named, made[0]), own: even(unit.own, ours, named2, made[1]) };
}

const withoutId = (one: Listed[number]): object => ({ ...one, instanceId: 'MADE UP' });
const byShape = (a: object, b: object): number => (JSON.stringify(shapeOf(a)) < JSON.stringify(shapeOf(b)) ? -1 : 1);

/** Two units of which this says the same are the same to the comparison. */
export function comparedOf(unit: Unit): string {
  const even = evened(unit);
  return JSON.stringify([shapeOf(withDepartures(even).recorded), shapeOf(even.own)]);
}

type Listed = { instanceId: string }[];

function listIn(value: unknown): Listed | undefined {
  const { body, result } = (value ?? {}) as { body?: unknown; result?: unknown };
  const list = body ?? result;
  return Array.isArray(list) && list.every((one) => typeof (one as { instanceId?: unknown } | null)?.instanceId === 'string')
    ? (list as Listed)
    : undefined;
}

const withList = (value: unknown, list: object[]): unknown => ({
  ...(value as object),
  ['body' in (value as object) ? 'body' : 'result']: list,
});

const known = /(the known orchestrator functions: )((?:'[^']*'(?:, )?)+)/;

function withoutNewNames(recorded: unknown, own: unknown): unknown {
  const names = known.exec(JSON.stringify(recorded))?.[2]?.split(', ');
  const text = JSON.stringify(own);
  if (!names || !known.test(text)) return own;
  const kept = (list: string): string =>
    list
      .split(', ')
      .filter((name) => names.includes(name))
      .join(', ');
  return JSON.parse(text.replace(known, (_all, before: string, list: string) => before + kept(list))) as unknown;
}
