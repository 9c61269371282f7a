import type { BrokenRule } from './broken-rule';
import { at } from './unknown-value';

/** Two of a list that must have names of their own. */
export function namedTwice(path: (string | number)[], list: unknown[], what: string): BrokenRule[] {
  const names = list.map((one) => at(one, 'name'));
  return names.flatMap((name, n) =>
    typeof name === 'string' && names.indexOf(name) !== n
      ? [{ path: [...path, n, 'name'], message: `is the name of an earlier ${what}; give each a name of its own` }]
      : [],
  );
}
