import { makeConstraint, type Constraint } from './route-constraints';

export interface Parameter {
  kind: 'parameter';
  name: string;
  isOptional: boolean;
  /** Takes the rest of the path, slashes included. */
  isRest: boolean;
  /** Stands in for a segment that is missing. */
  standsIn: string | undefined;
  fits: Constraint[];
}

export type Part = { kind: 'literal'; text: string } | Parameter;

/**
 * Reads a route template as ASP.NET Core does (its RoutePatternParser says what is allowed): parameters with constraints, default values, `?`, `*`
 * and `**`, several in one segment, doubled braces for braces.
 * @throws Error that says what is wrong with the template; the real host does not load such a function, or does not start
 */
export function parseTemplate(template: string): Part[][] {
  if (template.startsWith('~') && !template.startsWith('~/')) throw new Error('a route may not begin with "~"');
  const text = template.replace(/^~?\//, '');
  const names = new Set<string>();
  const segments = splitSegments(text).map((segment) => checkSegment(parseSegment(segment, names)));
  for (const [at, parts] of segments.entries()) {
    if (at < segments.length - 1 && parts.some((part) => part.kind === 'parameter' && part.isRest))
      throw new Error('a parameter that takes the rest must come last');
  }
  return segments;
}

/** A slash inside braces belongs to a constraint. One at the end is allowed. */
function splitSegments(text: string): string[] {
  const segments: string[] = [];
  let current = '';
  let isInside = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? '';
    if ((char === '{' || char === '}') && text[at + 1] === char) {
      current += char + char;
      at += 1;
      continue;
    }
    if (char === '{') isInside = true;
    if (char === '}') isInside = false;
    if (char === '/' && !isInside) {
      if (current === '') throw new Error('a route may not have two slashes in a row');
      segments.push(current);
      current = '';
    } else {
      current += char;
    }
  }
  return current === '' ? segments : [...segments, current];
}

function parseSegment(segment: string, names: Set<string>): Part[] {
  const parts: Part[] = [];
  const pattern = /\{((?:[^{}]|\{\{|\}\})+)\}(?!\})|((?:[^{}]|\{\{|\}\})+)/y;
  while (pattern.lastIndex < segment.length) {
    const found = pattern.exec(segment);
    if (!found) throw new Error(`the braces of "${segment}" do not match, or hold nothing`);
    const [, inside, literal] = found;
    const decoded = (inside ?? literal ?? '').replaceAll('{{', '{').replaceAll('}}', '}');
    if (inside === undefined) {
      if (decoded.includes('?')) throw new Error(`"${decoded}" may not hold a "?"`);
      parts.push({ kind: 'literal', text: decoded });
      continue;
    }
    const parameter = parseParameter(decoded);
    const key = parameter.name.toLowerCase();
    if (names.has(key)) throw new Error(`the parameter "${parameter.name}" is there twice`);
    names.add(key);
    parts.push(parameter);
  }
  return parts;
}

function parseParameter(text: string): Parameter {
  const stars = /^\*{0,2}/.exec(text)?.[0].length ?? 0;
  const isRest = stars > 0;
  const isOptional = text.endsWith('?');
  const bare = text.slice(stars, isOptional ? -1 : undefined);
  const name = /^[^:=]*/.exec(bare)?.[0] ?? '';
  if (name === '' || /[/{}?*]/.test(name)) throw new Error(`"${name}" is no name of a parameter`);
  if (isRest && isOptional) throw new Error(`the parameter "${name}" takes the rest and may not be optional too`);
  const fits: Constraint[] = [];
  let left = bare.slice(name.length);
  while (left.startsWith(':')) {
    // A closing parenthesis ends the argument only before the next constraint, the default value or the end.
    const found = /^:([^:(=]*)(?:\(([\s\S]*?)\)(?=$|:|=))?/.exec(left);
    if (!found || (found[2] === undefined && left[found[0].length] === '('))
      throw new Error(`the constraints of the parameter "${name}" cannot be read`);
    if (found[1] !== '') fits.push(makeConstraint(found[1] ?? '', found[2]));
    left = left.slice(found[0].length);
  }
  const standsIn = left.startsWith('=') ? left.slice(1) : undefined;
  if (isOptional && standsIn !== undefined) throw new Error(`the parameter "${name}" is optional and may not have a default value`);
  return { kind: 'parameter', name, isOptional, isRest, standsIn, fits };
}

function checkSegment(parts: Part[]): Part[] {
  for (const [at, part] of parts.entries()) {
    if (part.kind !== 'parameter' || parts.length === 1) continue;
    const before = parts[at - 1];
    if (part.isRest) throw new Error(`the parameter "${part.name}" takes the rest and must have a segment to itself`);
    if (before?.kind === 'parameter') throw new Error(`between the parameters "${before.name}" and "${part.name}" there must be text`);
    if (part.isOptional && (at < parts.length - 1 || before?.text !== '.'))
      throw new Error(`the optional parameter "${part.name}" must end its segment and follow a "."`);
  }
  return parts;
}
