import type { BrokenRule } from './broken-rule';
import { freezeSpan, isWallTime } from './calendar';
import { at, isRecord, listOf } from './unknown-value';

type Path = (string | number)[];

/** What places of a calendar say of each other. */
export function calendarRules(path: Path, calendar: unknown): BrokenRule[] {
  return [
    ...listOf(at(calendar, 'windows')).flatMap((window, n) => windowRules([...path, 'windows', n], window)),
    ...listOf(at(calendar, 'freezes')).flatMap((freeze, n) => freezeRules([...path, 'freezes', n], freeze)),
  ];
}

function windowRules(path: Path, window: unknown): BrokenRule[] {
  const [from, to, days] = [at(window, 'from'), at(window, 'to'), listOf(at(window, 'days'))];
  const twice = days.findIndex((day, n) => days.indexOf(day) !== n);
  return [
    ...(typeof from === 'string' && from === to
      ? [{ path: [...path, 'to'], message: 'is when the window opens; write another time, or "00:00" and "24:00" for a whole day' }]
      : []),
    ...(twice < 0 ? [] : [{ path: [...path, 'days', twice], message: 'is there twice; write each day once' }]),
  ];
}

function freezeRules(path: Path, freeze: unknown): BrokenRule[] {
  const [from, to] = [at(freeze, 'from'), at(freeze, 'to')];
  if (!isDate(from) || !isDate(to)) return [];
  // Which zone it is in makes no difference to what comes first.
  const [beginMs, endMs] = freezeSpan('UTC', { from, to });
  return beginMs < endMs ? [] : [{ path: [...path, 'to'], message: 'is not after its beginning; write a later date or time' }];
}

const isDate = (value: unknown): value is string =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d)?$/.test(value) && isWallTime(value);

/** A hotfix that passes a stopped line is always somebody's decision. */
export function hotfixRules(path: Path, policy: unknown): BrokenRule[] {
  const hotfix = at(policy, 'hotfix');
  if (!isRecord(hotfix) || at(hotfix, 'gates') !== undefined || listOf(at(policy, 'gates')).length > 0) return [];
  return [{ path, message: 'would go to production without anybody being asked; write gates for it, or for the policy' }];
}
