import { randomUUID } from 'node:crypto';
import type { BindingData } from './binding-data';
import { formatDate } from './dotnet-date';

/**
 * A text with binding expressions in braces: `{name}`, `{a.b}`, `{rand-guid}`, `{rand-guid:N}`, `{DateTime}`, `{datetime:yyyy}`, `{sys.utcnow}`,
 * `{sys.randguid}`, `{sys.methodname}`; doubled braces for braces. As WebJobs' BindingTemplate reads them.
 */
export interface Expression {
  text: string;
  hasParameters: boolean;
  /** @throws Error for a name that the trigger does not give; the real host fails the call */
  bind(data: BindingData, world: { now(): number; functionName: string }): string;
  /** For trigger paths: the values of the names in a text that fits; undefined if it does not. Each name takes as much as it can. */
  capture(actual: string): Record<string, string> | undefined;
}

type Token = { literal: string } | { path: string[]; format: string | undefined; isSystem: boolean };

const system = /^(?:rand-guid|datetime)/i;
const identifier = /^[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Nd}\p{Pc}\p{Mn}\p{Mc}\p{Cf}.-]*$/u;

/** @throws Error saying what is wrong with the expression */
export function parseExpression(text: string): Expression {
  const tokens = [...tokensOf(text)];
  const names = tokens.flatMap((token) => ('path' in token ? [token.path.join('.')] : []));
  const pattern = new RegExp(`^${tokens.map((token) => ('literal' in token ? quote(token.literal) : '(.*)')).join('')}$`);
  return {
    text,
    hasParameters: names.length > 0,
    bind: (data, world) => tokens.map((token) => ('literal' in token ? token.literal : evaluate(token, data, world))).join(''),
    capture(actual) {
      const found = pattern.exec(actual);
      return found ? Object.fromEntries(names.map((name, at) => [name, found[at + 1] ?? ''])) : undefined;
    },
  };
}

const quote = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');

function* tokensOf(text: string): Iterable<Token> {
  for (const [found, escaped, inside, literal] of text.matchAll(/(\{\{|\}\})|\{([^{}]*)\}|([^{}]+)|[{}]/g)) {
    if (escaped !== undefined) yield { literal: found.slice(1) };
    else if (literal !== undefined) yield { literal };
    else if (inside === undefined) throw new Error(`in "${text}" a ${found === '{' ? 'closing' : 'opening'} brace is missing`);
    else yield tokenOf(text, inside);
  }
}

function tokenOf(text: string, inside: string): Token {
  const isSystem = system.test(inside);
  const colon = isSystem ? -1 : inside.indexOf(':');
  const path = (colon > 0 ? inside.slice(0, colon) : inside).split('.');
  const format = colon > 0 ? inside.slice(colon + 1) : undefined;
  if (!isSystem && (!identifier.test(path.join('.')) || path[0]?.includes('-')))
    throw new Error(`in "${text}" the name "${inside}" is refused`);
  if (path.some((part) => part.trim() === '')) throw new Error(`in "${text}" the expression "${inside}" is refused`);
  return { path, format, isSystem };
}

function evaluate(
  { path, format, isSystem }: Exclude<Token, { literal: string }>,
  data: BindingData,
  world: { now(): number; functionName: string },
): string {
  const [name = '', ...rest] = path;
  if (data.has(name.toLowerCase())) return asText(rest.reduce(member, data.get(name.toLowerCase())));
  if (isSystem) return systemValue(name, world.now());
  if (name.toLowerCase() === 'sys') {
    const of = rest.join('.').toLowerCase();
    if (of === 'utcnow') return formatDate(world.now(), normal(format) ?? isoDate);
    if (of === 'randguid') return guidText(normal(format));
    if (of === 'methodname') return world.functionName;
    throw new Error(`"sys" has no "${rest.join('.')}": utcnow, randguid and methodname are all.`);
  }
  throw new Error(`No value for named parameter '${name}'.`);
}

const isoDate = 'yyyy-MM-ddTHH-mm-ssK';
const normal = (format: string | undefined): string | undefined => (format === undefined || format.trim() === '' ? undefined : format);

function systemValue(name: string, nowMs: number): string {
  const isGuid = /^rand-guid/i.test(name);
  const [, format] = /^(?:rand-guid|datetime):([\s\S]*)$/i.exec(name) ?? [];
  return isGuid ? guidText(normal(format)) : formatDate(nowMs, normal(format) ?? isoDate);
}

function guidText(format = 'D'): string {
  const text = randomUUID();
  const written = { D: text, N: text.replaceAll('-', ''), B: `{${text}}`, P: `(${text})` }[format.toUpperCase()];
  if (written === undefined) throw new Error(`A GUID has no format "${format}": N, D, B and P are there.`);
  return written;
}

function member(value: unknown, name: string): unknown {
  const found =
    typeof value === 'object' && value !== null
      ? Object.entries(value).find(([key]) => key.toLowerCase() === name.toLowerCase())
      : undefined;
  if (!found) throw new Error(`Error while accessing '${name}': property doesn't exist.`);
  return found[1];
}

/** .NET's text of text, whole numbers and plain JSON values; nothing for the rest, objects among them. */
function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : '';
}
