import { parseTemplate, type Parameter, type Part } from './route-template';

/** Routes of HTTP triggers, matched as ASP.NET Core's routing does. */
export interface Route<T> {
  segments: Part[][];
  methods: string[];
  target: T;
}

/** @throws Error naming the function whose route the real host refuses */
export function parseRoute<T>(template: string, methods: string[], target: T, owner: string): Route<T> {
  try {
    return { segments: parseTemplate(template), methods: methods.map((method) => method.toUpperCase()), target };
  } catch (cause) {
    throw new Error(`Function "${owner}": the route "${template}" is refused: ${cause instanceof Error ? cause.message : ''}.`, { cause });
  }
}

export interface Matched<T> {
  target: T;
  parameters: Record<string, string>;
}

/** The segments of a path: one slash at the end does not count, and an encoded slash never becomes one of the path. */
export function pathSegments(pathname: string): string[] {
  const decode = (text: string): string =>
    text.replace(/(?:%[0-9a-f]{2})+/gi, (encoded) => {
      try {
        return decodeURIComponent(encoded.replace(/%2f/gi, '%252F'));
      } catch {
        return encoded;
      }
    });
  const segments = pathname.replace(/^\//, '').split('/').map(decode);
  return segments.at(-1) === '' ? segments.slice(0, -1) : segments;
}

/**
 * The first route that fits path and method, in the order given: the real host keeps functions in the order of their names and does not ask which
 * route is the more literal (azure-functions-host#9876).
 */
export function matchRoute<T>(routes: Route<T>[], method: string, segments: string[]): Matched<T> | undefined {
  for (const route of routes) {
    const parameters = route.methods.includes(method) ? fit(route.segments, segments) : undefined;
    if (parameters) return { target: route.target, parameters };
  }
  return undefined;
}

function fit(template: Part[][], segments: string[]): Record<string, string> | undefined {
  const found: Record<string, string> = {};
  for (const [at, parts] of template.entries()) {
    const [only] = parts;
    const segment = segments[at];
    if (only?.kind === 'parameter' && only.isRest) {
      const rest = segments.slice(at).join('/');
      const value = rest === '' ? only.standsIn : rest;
      if (value !== undefined) found[only.name] = value;
      return accepts(template, found);
    }
    if (segment === undefined) {
      if (parts.length > 1 || only?.kind !== 'parameter' || !(only.isOptional || only.standsIn !== undefined)) return undefined;
      if (only.standsIn !== undefined) found[only.name] = only.standsIn;
    } else if (!fitSegment(parts, segment, found)) return undefined;
  }
  return segments.length > template.length ? undefined : accepts(template, found);
}

function accepts(template: Part[][], found: Record<string, string>): Record<string, string> | undefined {
  const fits = template.flat().every((part) => {
    const value = part.kind === 'parameter' ? found[part.name] : undefined;
    return part.kind === 'literal' || value === undefined ? true : part.fits.every((one) => one(value));
  });
  return fits ? found : undefined;
}

function fitSegment(parts: Part[], segment: string, found: Record<string, string>): boolean {
  const [only] = parts;
  if (parts.length === 1 && only) {
    if (only.kind === 'literal') return segment.toLowerCase() === only.text.toLowerCase();
    if (segment === '') return false;
    found[only.name] = segment;
    return true;
  }
  const last = parts.at(-1);
  const values = fitParts(parts, segment);
  if (values) {
    Object.assign(found, values);
    return true;
  }
  // `{name}.{extension?}`: without the last part the full stop goes too.
  if (last?.kind !== 'parameter' || !last.isOptional || segment.endsWith('.')) return false;
  return fitSegment(parts.slice(0, -2), segment, found);
}

/** Several parts in one segment: from right to left, each literal where it stands last, each parameter at least one character. */
function fitParts(parts: Part[], segment: string): Record<string, string> | undefined {
  const values: Record<string, string> = {};
  let end = segment.length;
  let pending: Parameter | undefined;
  for (const [at, part] of [...parts.entries()].reverse()) {
    if (part.kind === 'parameter') {
      pending = part;
      continue;
    }
    const from = end - part.text.length - (pending ? 1 : 0);
    const start = from < 0 ? -1 : segment.toLowerCase().lastIndexOf(part.text.toLowerCase(), from);
    if (start < 0 || (at === parts.length - 1 && start + part.text.length !== segment.length)) return undefined;
    if (pending) values[pending.name] = segment.slice(start + part.text.length, end);
    pending = undefined;
    end = start;
  }
  if (pending) {
    if (end === 0) return undefined;
    values[pending.name] = segment.slice(0, end);
    return values;
  }
  return end === 0 ? values : undefined;
}
