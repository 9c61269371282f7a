import { versionPattern } from './release';
import { Ajv2020 } from 'ajv/dist/2020';
import type { Check, Probe, Verdict } from './verdict';

export interface ProbeVerdict {
  verdict: Verdict;
  /** What was seen against what was wanted; of the body at most short JSON values, of headers none. */
  seen: string;
}

/**
 * Judges one try of one check. No answer is *inconclusive*: no data is never healthy, nor is it proof of a fault. Every answer is
 * data, a 503 too; that an app starting cold says 503 for a while is met by trying again within the check's budget, not by looking away.
 * `knownVersion` is null for a release that Slipway never admitted: what a check says of the version is then not asked.
 */
export function judgeProbe(stated: Check, probe: Probe, knownVersion: string | null): ProbeVerdict {
  if (probe.kind === 'no-answer') return { verdict: 'inconclusive', seen: `no answer: ${probe.why}` };
  const [check, version] = knownVersion === null ? [withoutVersions(stated), ''] : [stated, knownVersion];
  const { expect } = check;
  const wrong: string[] = [];
  if (!expect.status.includes(probe.status)) wrong.push(`status ${probe.status}, wanted ${expect.status.join(' or ')}`);
  for (const [name, wanted] of Object.entries(expect.headers)) {
    const found = probe.headers[name.toLowerCase()];
    if (found === undefined) wrong.push(`no header ${name}`);
    else if (found !== wanted.replaceAll('{version}', version)) wrong.push(`header ${name} is not as wanted`);
  }
  wrong.push(...wrongInBody(check, probe.body, version));
  if (expect.latencyMs !== undefined && probe.latencyMs > expect.latencyMs)
    wrong.push(`${Math.round(probe.latencyMs)} ms, wanted at most ${expect.latencyMs}`);
  if (wrong.length > 0) return { verdict: 'unhealthy', seen: wrong.join('; ') };
  const unasked = check === stated || !asksVersion(stated) ? '' : ', its version is not known and was not compared';
  return { verdict: 'healthy', seen: `status ${probe.status}${foundInBody(check, version)}, ${Math.round(probe.latencyMs)} ms${unasked}` };
}

/** Whether an app must say its version to pass. */
export const asksVersion = ({ expect }: Check): boolean => JSON.stringify([expect.headers, expect.json]).includes('{version}');

/** The version that an answer says it is: what stands where the check wants exactly `{version}`. */
export function versionSaid({ expect }: Check, probe: Probe): string | undefined {
  const pointer = Object.entries(expect.json).find(([, wanted]) => wanted === '{version}')?.[0];
  if (pointer === undefined || probe.kind !== 'answer' || !expect.status.includes(probe.status)) return undefined;
  const found = valueAt(parseJson(probe.body)?.value, pointer)?.value;
  return typeof found === 'string' && versionPattern.test(found) ? found : undefined;
}

function withoutVersions(check: Check): Check {
  const kept = <T>(wanted: Record<string, T>): Record<string, T> =>
    Object.fromEntries(Object.entries(wanted).filter(([, value]) => !JSON.stringify(value).includes('{version}')));
  return { ...check, expect: { ...check.expect, headers: kept(check.expect.headers), json: kept(check.expect.json) } };
}

function wrongInBody({ expect }: Check, body: string, version: string): string[] {
  const pointers = Object.entries(expect.json);
  if (pointers.length === 0 && expect.schema === undefined) return [];
  const document = parseJson(body);
  if (document === undefined) return [body === '' ? 'an empty body, wanted JSON' : 'a body that is not JSON'];
  const wrong: string[] = [];
  for (const [pointer, wanted] of pointers) {
    const filled = withVersion(wanted, version);
    const found = valueAt(document.value, pointer);
    if (found === undefined) wrong.push(`nothing at ${nameOf(pointer)}, wanted ${short(filled)}`);
    else if (!isSame(found.value, filled)) wrong.push(`${nameOf(pointer)} is ${short(found.value)}, wanted ${short(filled)}`);
  }
  if (expect.schema !== undefined) wrong.push(...wrongBySchema(expect.schema, document.value));
  return wrong;
}

function wrongBySchema(schema: Record<string, unknown>, value: unknown): string[] {
  // `$schema` and `$id` are left out: they would be looked up, and one id twice is refused.
  const { $schema: _dialect, $id: _id, ...rest } = schema;
  // Whether it is a schema at all was asked when the settings were read; asking again with each probe takes longer than all the rest.
  const schemas = new Ajv2020({ strict: false, validateFormats: false, logger: false, validateSchema: false });
  try {
    const fits = schemas.compile(rest);
    // Places and rules, not values.
    return fits(value) ? [] : [schemas.errorsText(fits.errors, { dataVar: 'the body', separator: '; ' })];
  } catch {
    return ["the check's schema is no JSON schema: correct it in slipway.yaml"];
  }
}

function foundInBody({ expect }: Check, version: string): string {
  const parts = Object.entries(expect.json).map(([pointer, wanted]) => `${nameOf(pointer)} ${short(withVersion(wanted, version))}`);
  return parts.length === 0 ? '' : `, ${parts.join(', ')}`;
}

const nameOf = (pointer: string): string => (pointer === '' ? 'the body' : pointer);

function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

/** RFC 6901. Undefined where nothing is; what an object inherits is nothing. */
export function valueAt(document: unknown, pointer: string): { value: unknown } | undefined {
  let at = document;
  for (const step of pointer.split('/').slice(1)) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof at !== 'object' || at === null) return undefined;
    if (Array.isArray(at) ? !/^(?:0|[1-9]\d*)$/.test(key) : false) return undefined;
    if (!Object.hasOwn(at, key)) return undefined;
    at = (at as Record<string, unknown>)[key];
  }
  return { value: at };
}

function withVersion(value: unknown, version: string): unknown {
  if (typeof value === 'string') return value.replaceAll('{version}', version);
  if (Array.isArray(value)) return value.map((each) => withVersion(each, version));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withVersion(each, version)]));
  return value;
}

/** Deep equality of JSON values; the order of an object's members means nothing. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isSame((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
  );
}

const short = (value: unknown): string => {
  const text = JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
};
