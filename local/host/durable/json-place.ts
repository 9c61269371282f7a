/** Where a reader of JSON stands among objects and arrays, as Json.NET counts it: its errors name the path. */
export interface Place {
  kind: 'Object' | 'Array';
  /** The property that was read last. */
  name?: string;
  /** The member that was read last; -1 before the first. */
  index: number;
}

/** `isBegun`: something was read of the innermost. */
export function pathOf(places: readonly Place[], isBegun: boolean): string {
  return places.slice(0, isBegun ? undefined : -1).reduce((path, { kind, name = '', index }) => {
    if (kind === 'Array') return `${path}[${index}]`;
    if (/[.'/"[\]()\t\n\r\f\b\\\u0085\u2028\u2029 ]/.test(name)) return `${path}['${quoted(name)}']`;
    return path === '' ? name : `${path}.${name}`;
  }, '');
}

const quoted = (name: string): string => JSON.stringify(name).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
