import { canonical } from './canonical';
import type { Release } from './release';
import type { Requester, RolloutRow } from './rollout';
import type { RolloutRequest } from './rollout-request';
import { sha256Hex } from './tables';

/** Row `key` in the partition of an idempotency key: written before anything else, kept longer than any history. */
export interface KeyRow {
  v: 1;
  rolloutId: string;
  /** sha256 of the validated request without its URL's query (a signature is renewed at each sending). */
  bodyHash: string;
  at: string;
  /** After this the row may be swept; 400 days. */
  expiresAt: string;
}

/** Row `source`: the package's whole URL, which may be signed; deleted after use. */
export interface SourceRow {
  v: 1;
  url: string;
}

/** Row `release-settings`: the values of the settings a release brings. */
export interface ReleaseSettingsRow {
  v: 1;
  values: Record<string, string>;
}

const keptDays = 400;

export function keyRowOf(rolloutId: string, bodyHash: string, now: number): KeyRow {
  return { v: 1, rolloutId, bodyHash, at: new Date(now).toISOString(), expiresAt: new Date(now + keptDays * 86_400_000).toISOString() };
}

/** The same for the same JSON, whatever the order of its keys. */
export const hashOf = (value: unknown): string => sha256Hex(canonical(value));

/** Tells two requests apart that came with one key. */
export function bodyHashOf(request: RolloutRequest): string {
  return hashOf({ ...request, package: { ...request.package, url: request.package.url.replace(/[?#].*$/s, '') } });
}

/** What makes two requests without a key ask for the same: what would be deployed, and where; not who asks or which build page says so. */
export function releaseKeyOf(of: { app: string; environment: string; release: Release; settings: Record<string, string> }): string {
  const { app, environment, settings } = of;
  const { version, sha256, functions } = of.release;
  return hashOf({ app, environment, version, sha256, functions: [...functions].sort((a, b) => (a.name < b.name ? -1 : 1)), settings });
}

export function releaseOf(request: RolloutRequest): Release {
  return {
    version: request.version,
    sha256: request.package.sha256,
    ...(request.commit === undefined ? {} : { commit: request.commit }),
    ...(request.buildUrl === undefined ? {} : { buildUrl: request.buildUrl }),
    functions: request.functions,
    settingNames: Object.keys(request.settings).sort(),
  };
}

/** A rollout as it begins: queued, told by nobody yet. */
export function admittedRow(
  of: Pick<RolloutRow, 'id' | 'app' | 'environment' | 'kind' | 'release'> & {
    requester: Requester;
    reverts?: string;
    promotes?: string;
    actor?: string;
    hotfix?: string;
    why?: string;
  },
  now: number,
): RolloutRow {
  const at = new Date(now).toISOString();
  return {
    v: 1,
    ...of,
    admittedAt: at,
    starter: null,
    phase: 'queued',
    round: 0,
    phases: [{ phase: 'queued', startedAt: at }],
    checks: [],
    lastWriteAt: at,
  };
}

/** Which key a request is known by, the sender's own before the queue's. Undefined: the release and environment themselves are it. */
export function requestKeyOf(of: {
  idempotencyKey?: string | undefined;
  event?: { source: string; id: string } | undefined;
  requestId?: string | undefined;
  messageId?: string | undefined;
}): string | undefined {
  if (of.idempotencyKey !== undefined) return `request:${of.idempotencyKey}`;
  if (of.event !== undefined) return `event:${JSON.stringify([of.event.source, of.event.id])}`;
  if (of.requestId !== undefined) return `request:${of.requestId}`;
  return of.messageId === undefined ? undefined : `message:${of.messageId}`;
}
