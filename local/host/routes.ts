/** Routes of HTTP triggers, as ASP.NET reads their templates. */

type Part =
  | { kind: 'literal'; text: string }
  | { kind: 'parameter'; name: string; optional: boolean; fits: ((value: string) => boolean)[] }
  | { kind: 'rest'; name: string };

export interface Route<T> {
  parts: Part[];
  methods: string[];
  target: T;
}

const guid = /^\{?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\}?$/i;

const constraints: Record<string, (argument: string) => (value: string) => boolean> = {
  int: () => (value) => /^-?\d{1,10}$/.test(value) && Math.abs(Number(value)) <= 2_147_483_648,
  long: () => (value) => /^-?\d{1,19}$/.test(value),
  bool: () => (value) => /^(true|false)$/i.test(value),
  guid: () => (value) => guid.test(value),
  alpha: () => (value) => /^[a-z]*$/i.test(value),
  required: () => (value) => value !== '',
  length: (argument) => (value) => value.length === Number(argument),
  minlength: (argument) => (value) => value.length >= Number(argument),
  maxlength: (argument) => (value) => value.length <= Number(argument),
  regex: (argument) => (value) => new RegExp(argument, 'i').test(value),
};

/** @throws Error for what this host cannot read, by name */
export function parseRoute<T>(template: string, methods: string[], target: T, owner: string): Route<T> {
  const parts = template
    .replace(/^\/+|\/+$/g, '')
    .split('/')
    .filter((text) => text !== '')
    .map((text) => parsePart(text, owner));
  return { parts, methods: methods.map((method) => method.toUpperCase()), target };
}

function parsePart(text: string, owner: string): Part {
  if (!/[{}]/.test(text)) return { kind: 'literal', text: text.toLowerCase() };
  const rest = /^\{\*{1,2}(\w+)\}$/.exec(text);
  if (rest?.[1] !== undefined) return { kind: 'rest', name: rest[1] };
  const match = /^\{(\w+)((?::\w+(?:\([^/]*?\))?)*)(\?)?\}$/.exec(text);
  if (!match?.[1]) throw new Error(`Function "${owner}": the embedded host does not read the route part "${text}" yet.`);
  const fits = [...(match[2] ?? '').matchAll(/:(\w+)(?:\(([^)]*)\))?/g)].map(([, name = '', argument = '']) => {
    const make = constraints[name.toLowerCase()];
    if (!make) throw new Error(`Function "${owner}": the embedded host does not have the route constraint "${name}" yet.`);
    return make(argument);
  });
  return { kind: 'parameter', name: match[1], optional: match[3] === '?', fits };
}

export interface Matched<T> {
  target: T;
  parameters: Record<string, string>;
}

/** The best route for a path: the more literal wins, part by part. Undefined if none fits path and method. */
export function matchRoute<T>(routes: Route<T>[], method: string, segments: string[]): Matched<T> | undefined {
  let best: { route: Route<T>; parameters: Record<string, string> } | undefined;
  for (const route of routes) {
    const parameters = route.methods.includes(method) ? fit(route, segments) : undefined;
    if (parameters && (!best || compare(route, best.route) < 0)) best = { route, parameters };
  }
  return best && { target: best.route.target, parameters: best.parameters };
}

function fit<T>(route: Route<T>, segments: string[]): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [at, part] of route.parts.entries()) {
    if (part.kind === 'rest') {
      if (segments.length > at) parameters[part.name] = segments.slice(at).join('/');
      return parameters;
    }
    const segment = segments[at];
    if (part.kind === 'literal') {
      if (segment?.toLowerCase() !== part.text) return undefined;
    } else if (segment === undefined) {
      if (!part.optional) return undefined;
    } else if (part.fits.every((fits) => fits(segment))) {
      parameters[part.name] = segment;
    } else {
      return undefined;
    }
  }
  return segments.length > route.parts.length ? undefined : parameters;
}

function rank(part: Part | undefined): number {
  if (!part) return 4;
  if (part.kind === 'literal') return 0;
  if (part.kind === 'rest') return 3;
  return part.fits.length > 0 ? 1 : 2;
}

function compare<T>(a: Route<T>, b: Route<T>): number {
  const length = Math.max(a.parts.length, b.parts.length);
  for (let at = 0; at < length; at += 1) {
    const difference = rank(a.parts[at]) - rank(b.parts[at]);
    if (difference !== 0) return difference;
  }
  return 0;
}
