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
  const names: string[] = [];
  let { recorded } = even;
  for (const { id, step } of departures) {
    const rewritten = step?.({ ...even, recorded });
    if (rewritten === undefined) continue;
    names.push(id);
    recorded = rewritten;
  }
  if (names.length === 0) return direct;
  const rest = explained(recorded, even.own, used);
  if (rest.length === 0) for (const name of names) used.add(name);
  return rest;
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
 * Leaves out what differs between two runs of the real extension as well: where made-up ids stand in a list, which is sorted by id, and so what falls
 * on a page that is cut off. And the names of functions that the app got after it was recorded.
 */
function evened(unit: Unit): Unit {
  const lists = [listIn(unit.recorded), listIn(unit.own)];
  const [theirs, ours] = lists.map((list) => list?.filter((one) => !isMadeUp(one.instanceId)));
  const isCut = lists.some((list, at) => list?.length !== [theirs, ours][at]?.length) && theirs?.length !== ours?.length;
  const length = isCut ? Math.min(theirs?.length ?? 0, ours?.length ?? 0) : Infinity;
  const recorded = theirs ? withList(unit.recorded, theirs.slice(0, length)) : unit.recorded;
  const own = ours ? withList(unit.own, ours.slice(0, length)) : unit.own;
  return { ...unit, recorded, own: withoutNewNames(recorded, own) };
}

type Listed = { instanceId: string }[];

function listIn(value: unknown): Listed | undefined {
  const { body, result } = (value ?? {}) as { body?: unknown; result?: unknown };
  const list = body ?? result;
  return Array.isArray(list) && list.every((one) => typeof (one as { instanceId?: unknown } | null)?.instanceId === 'string')
    ? (list as Listed)
    : undefined;
}

const withList = (value: unknown, list: Listed): unknown => ({
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
