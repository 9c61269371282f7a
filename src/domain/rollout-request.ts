import { versionPattern } from './release';
import * as z from 'zod';
import type { Mistake } from './problems';

/** What a build system sends to ask for a rollout, over HTTP or the queue; alone or as `data` of a CloudEvents 1.0 envelope. */

export const rolloutRequestedType = 'dev.slipway.rollout.requested';

const name = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/, 'write the name as in slipway.yaml: lower-case letters, digits and "-", at most 40');

const line = (most: number) =>
  z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(most)
    .regex(/^\P{Cc}*$/u, 'must be one line without control characters');

const parsed = (text: string): URL | undefined => (URL.canParse(text) ? new URL(text) : undefined);
const isLoopback = (host: string): boolean => host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);

const packageUrl = z
  .string()
  .max(4000)
  .refine((text) => {
    const url = parsed(text);
    return url !== undefined && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname)));
  }, 'must be an https URL (http only for this machine itself)')
  .refine(
    (text) => (parsed(text)?.username ?? '') === '' && (parsed(text)?.password ?? '') === '',
    'must hold no user name or password; sign the URL instead',
  );

/** A query may hold a signature. What identifies a build in one, as Azure Pipelines' `buildId`, is a number, and only numbers are kept. */
function withoutSecrets(text: string): string {
  const url = new URL(text);
  for (const [name, value] of [...url.searchParams]) if (!/^\d{1,20}$/.test(value)) url.searchParams.delete(name);
  url.hash = '';
  return url.href;
}

const pageUrl = z
  .string()
  .max(2000)
  .refine((text) => {
    const url = parsed(text);
    return url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  }, 'must be an http or https URL without user name and password: it is shown to people')
  .transform(withoutSecrets);

/** Slipway itself writes these, so that a release must not bring them. */
const ownSetting = /^(?:SLIPWAY_|AzureWebJobs\..+\.Disabled$|WEBSITE_RUN_FROM_PACKAGE(?:_BLOB_MI_RESOURCE_ID)?$|WEBSITE_SLOT_NAME$)/i;

const settings = z
  .record(
    z
      .string()
      .regex(/^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,199}$/, 'an app setting\'s name is letters, digits, "_", ".", ":" and "-", at most 200')
      .refine((key) => !ownSetting.test(key), 'Slipway or the platform writes this setting itself; leave it out'),
    z.string('must be a text').max(16_000),
  )
  .refine((record) => Object.keys(record).length <= 100, 'at most 100 settings');

export const rolloutRequestSchema = z.strictObject({
  app: name,
  environment: name,
  version: z.string().regex(versionPattern, 'must be 1 to 100 letters, digits, ".", "_", "+" or "-", beginning with a letter or digit'),
  package: z.strictObject({
    url: packageUrl,
    sha256: z
      .string()
      .regex(/^[0-9a-fA-F]{64}$/, "must be the 64 hex digits of the package's sha256")
      .transform((hex) => hex.toLowerCase()),
  }),
  commit: line(100).optional(),
  buildUrl: pageUrl.optional(),
  functions: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,127}$/, "must be a function's name"),
        trigger: z.string().regex(/^[A-Za-z][A-Za-z0-9]{0,63}$/, 'must be the kind of trigger, such as http, queue or timer'),
      }),
    )
    .max(500)
    .refine((list) => new Set(list.map((one) => one.name.toLowerCase())).size === list.length, 'a function is listed twice')
    .default([]),
  settings: settings.default({}),
  /** Who started the build: a claim, kept as such. */
  actor: line(200).optional(),
  /** Why this release can't wait; policy says what a hotfix passes. */
  hotfix: line(500).optional(),
  requestId: line(200).optional(),
});

export type RolloutRequest = z.output<typeof rolloutRequestSchema>;

/** The envelope by itself: its `data` is read apart, so that every mistake is told at once. */
const envelope = z.looseObject({
  specversion: z.literal('1.0'),
  id: line(200),
  source: line(500),
  type: z.literal(rolloutRequestedType),
  datacontenttype: z
    .string()
    .regex(/^application\/(?:[a-z0-9.+-]+\+)?json\b/i, 'must be application/json')
    .optional(),
  data: z.unknown(),
});

export const rolloutRequestEvent = envelope.extend({ data: rolloutRequestSchema });

export type Decoded =
  | { kind: 'request'; request: RolloutRequest; event?: { source: string; id: string; putBacks: number } }
  | { kind: 'invalid'; errors: Mistake[] };

/** Reads a request, or an event around one; every mistake at once. */
export function decodeRolloutRequest(json: unknown): Decoded {
  if (!isEvent(json)) return read(json, '');
  const outer = envelope.safeParse(json);
  const inner = read(json['data'], '/data');
  if (outer.success && inner.kind === 'request')
    return { ...inner, event: { source: outer.data.source, id: outer.data.id, putBacks: putBacksOf(json) } };
  return {
    kind: 'invalid',
    errors: [...(outer.success ? [] : mistakesOf(outer.error, json, '')), ...(inner.kind === 'invalid' ? inner.errors : [])],
  };
}

function read(json: unknown, base: string): Decoded {
  const result = rolloutRequestSchema.safeParse(json);
  if (result.success) return { kind: 'request', request: result.data };
  return { kind: 'invalid', errors: mistakesOf(result.error, json, base) };
}

const isEvent = (json: unknown): json is Record<string, unknown> =>
  typeof json === 'object' && json !== null && !Array.isArray(json) && Object.hasOwn(json, 'specversion');

/** How often a message came back from the poison queue: an extension attribute of the envelope that Slipway puts around it. */
export const putBacksAttribute = 'slipwayputbacks';
function putBacksOf(event: Record<string, unknown>): number {
  const times = event[putBacksAttribute];
  return typeof times === 'number' && Number.isInteger(times) && times > 0 ? times : 0;
}

const pointerTo = (base: string, path: PropertyKey[]): string =>
  base + path.map((part) => `/${String(part).replace(/~/g, '~0').replace(/\//g, '~1')}`).join('');

/** Every mistake that a schema found, in words. `base` is the pointer to what was read. */
export function mistakesOf(error: z.ZodError, json: unknown, base: string): Mistake[] {
  return error.issues.flatMap((issue): Mistake[] => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({ pointer: pointerTo(base, [...issue.path, key]), detail: 'is not known here; leave it out' }));
    const pointer = pointerTo(base, issue.path);
    if (issue.code === 'invalid_key') return [{ pointer, detail: issue.issues.map(({ message }) => message).join('; ') }];
    return [{ pointer, detail: isMissing(json, issue.path) ? missing(issue) : inWords(issue) }];
  });
}

/** A message of the schema's own, unlike the library's, says what is wanted. */
const missing = ({ message }: z.core.$ZodIssue): string => (message.startsWith('Invalid ') ? 'is missing' : `is missing; ${message}`);

function isMissing(json: unknown, path: PropertyKey[]): boolean {
  let at: unknown = json;
  for (const part of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return true;
    at = (at as Record<PropertyKey, unknown>)[part];
  }
  return at === undefined;
}

function inWords(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type')
    return `must be ${issue.expected === 'string' ? 'a text' : issue.expected === 'array' ? 'a list' : 'an object'}`;
  if (issue.code === 'too_big' && issue.origin !== 'number') return `is longer than ${String(issue.maximum)}`;
  if (issue.code === 'invalid_value') return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
  return issue.message;
}
