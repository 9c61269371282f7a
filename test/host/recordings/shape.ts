/**
 * What is compared of a value: everything, but ids, times, addresses, keys and stack frames by their shape only. Text that holds JSON is taken apart.
 * An id is named after the place where it first stands, so that two values are equal only if the same ids stand in the same places.
 */
export type Shape = string | number | boolean | null | Shape[] | { keys: string[]; of: Record<string, Shape> };

const stackKeys = new Set(['StackTrace', 'StackTraceString', 'RemoteStackTrace']);
const run = /-[a-z0-9]{5}-(\d+)/gi;
const guid = /[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}/gi;
const time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(Z|[+-]\d\d:\d\d)?/g;
const dotnetTime = /\d\d\/\d\d\/\d{4} \d\d:\d\d:\d\d/g;
const httpTime = /[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT/g;
/** From a first stack frame, of JavaScript or .NET, to the last that follows. */
const frames = /(?:\r?\n|^)\s*at .+(?:\r?\n\s*(?:at |---).+)*/g;
const list = /('[A-Za-z0-9_]+', )+'[A-Za-z0-9_]+'/g;

export function shapeOf(value: unknown): Shape {
  const ids = new Map<string, string>();
  const named = (id: string): string => {
    const key = id.replaceAll('-', '').toLowerCase();
    if (!ids.has(key)) ids.set(key, `ID${ids.size}`);
    return (ids.get(key) ?? '') + (id.includes('-') ? '' : 'n');
  };
  const text = (given: string): string =>
    given
      .replace(run, '-RUN-$1')
      .replace(guid, named)
      .replace(time, (_all, zone: string | undefined) => `TIME${zone ?? ''}`)
      .replace(httpTime, 'TIME GMT')
      .replace(dotnetTime, 'TIME local')
      .replace(/(StackTrace:)\s+at /g, '$1 \nat ')
      .replace(frames, ' STACK')
      .replace(list, (names) => names.split(', ').sort().join(', '))
      .replace(
        /(localhost|127\.0\.0\.1):\d+(\/durabletask\/)?(?:[\w-]{32}\/)?/g,
        (_all, _name, rpc: string | undefined) => `HOST${rpc ?? ''}`,
      )
      .replace(/code=[^&"\\\s]+/g, 'code=KEY')
      .replace(/taskHub=[^&"\\\s]+/g, 'taskHub=HUB');
  const shape = (one: unknown, key?: string): Shape => {
    if (key === 'PopReceipt' && /^\{"string":"[\w+/=]+"\}$/.test(JSON.stringify(one))) return 'RECEIPT';
    if (typeof one === 'string') return stackKeys.has(key ?? '') ? 'STACK' : ofText(one);
    // An entity's answer says when it ran and for how long, in milliseconds of the wall clock.
    if (typeof one === 'number' && (key === 'startTime' || key === 'duration' || key === 'requestTime')) return 'MS';
    if (typeof one === 'number' || typeof one === 'boolean' || one === null) return one;
    if (Array.isArray(one)) return one.map((member) => shape(member));
    if (typeof one !== 'object') return String(one);
    const entries = Object.entries(one).filter(([, member]) => member !== undefined);
    return {
      keys: entries.map(([name]) => text(name)),
      of: Object.fromEntries(entries.map(([name, member]) => [text(name), shape(member, name)])),
    };
  };
  const ofText = (one: string): Shape => {
    const whole = /^\s*[{[]/.test(one) ? parse(one) : undefined;
    if (whole) return { keys: ['json'], of: { json: shape(whole) } };
    const inside = firstJson(one);
    if (inside) return [text(one.slice(0, inside.start)), shape(inside.value), ofText(one.slice(inside.end))];
    return text(one);
  };
  return shape(value);
}

function parse(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The first JSON object that stands within a text. */
function firstJson(text: string): { start: number; end: number; value: object } | undefined {
  for (let start = text.indexOf('{"'), tries = 0; start >= 0 && tries < 8; start = text.indexOf('{"', start + 1), tries += 1) {
    const end = endOfObject(text, start);
    const value = end === undefined ? undefined : parse(text.slice(start, end));
    if (end !== undefined && value) return { start, end, value };
  }
  return undefined;
}

function endOfObject(text: string, start: number): number | undefined {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const sign = text[at];
    if (sign === '"') {
      for (at += 1; at < text.length && text[at] !== '"'; at += 1) if (text[at] === '\\') at += 1;
    } else if (sign === '{') depth += 1;
    else if (sign === '}' && --depth === 0) return at + 1;
  }
  return undefined;
}

export interface Difference {
  /** Names and positions from the compared value down, joined by dots. */
  path: string;
  recorded: string;
  own: string;
}

/** Whether two values that differ at one place may. */
export type Excuse = (path: string, recorded: Shape, own: Shape) => boolean;

/** Empty when both are the same. Keys that one side lacks, and keys in another order, are differences of the object that holds them. */
export function differences(recorded: Shape, own: Shape, excused: Excuse, path = ''): Difference[] {
  const below = (name: string | number): string => (path === '' ? String(name) : `${path}.${name}`);
  if (Array.isArray(recorded) && Array.isArray(own)) {
    const found = recorded.length === own.length ? [] : [difference(below('length'), recorded.length, own.length)];
    return [...found, ...recorded.slice(0, own.length).flatMap((one, at) => differences(one, own[at] ?? null, excused, below(at)))];
  }
  if (isObject(recorded) && isObject(own)) {
    const found = same(recorded.keys, own.keys) ? [] : [difference(below('keys'), recorded.keys, own.keys)];
    const common = recorded.keys.filter((key) => own.keys.includes(key));
    return [...found, ...common.flatMap((key) => differences(recorded.of[key] ?? null, own.of[key] ?? null, excused, below(key)))];
  }
  return recorded === own || excused(path, recorded, own) ? [] : [difference(path, recorded, own)];
}

const isObject = (shape: Shape): shape is Exclude<Shape, string | number | boolean | null | Shape[]> =>
  typeof shape === 'object' && shape !== null && !Array.isArray(shape);

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

const difference = (path: string, recorded: unknown, own: unknown): Difference => ({
  path,
  recorded: JSON.stringify(recorded),
  own: JSON.stringify(own),
});
