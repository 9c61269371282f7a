import { createHash } from 'node:crypto';

/** Names of partitions and rows. Free text in a key is its sha256: Tables refuse `/ \ # ?` in keys. */
export const sha256Hex = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

export const rolloutKey = 'rollout';
export const gateKey = (gate: string): string => `gate-${gate}`;
export const decisionKey = (gate: string, approver: string): string => `decision-${gate}-${sha256Hex(approver.toLowerCase())}`;
export const pushKey = (push: number): string => `push-${push}`;
export const swapKey = (attempt: number): string => `swap-${attempt}`;
export const noticeKey = (id: string): string => `notice-${id}`;
/** The package's whole URL, which may be signed; deleted once the package is kept. */
export const sourceKey = 'source';
/** Values of the settings a release brings; never served, never in history. */
export const releaseSettingsKey = 'release-settings';

export const lanePartition = (app: string, environment: string): string => `${app}.${environment}`;
export const laneKey = 'lane';
/** An incident that is open: `<channel>-<rollout id>`. */
export const incidentKey = (incident: string): string => `incident-${incident}`;
export const ledgerHeadKey = 'head';
export const ledgerEntryKey = (number: number): string => `ledger-${String(number).padStart(10, '0')}`;
export const ledgerIdKey = (id: string): string => `entry-${sha256Hex(id)}`;

/** The rollouts that somebody still has to look after. */
export const openPartition = 'open';
export const openKey = (rolloutId: string): string => `open-${rolloutId}`;
/** Says that this list holds all of them, also those of a Slipway that kept none. */
export const completeKey = 'complete';
/** The others, each here and in the partition of its lane: whatever ended last comes first. */
export const endedPartition = 'ended';
export const endedPrefix = 'ended-';
export const endedKey = (rolloutId: string, endedAt: string): string =>
  `${endedPrefix}${String(lastMs - Date.parse(endedAt)).padStart(13, '0')}-${rolloutId}`;
/** The last instant of thirteen digits, in the year 2286. */
const lastMs = 9_999_999_999_999;

/** Whether the line stands, of all apps or of one. */
export const stopsPartition = 'stops';
export const stopKey = (app: string | null): string => (app === null ? 'all' : `app-${app}`);

/** Notices that no rollout has. */
export const noticesPartition = 'notices';
/** The mails of the last hour. */
export const mailHourKey = 'mail-hour';

/** What the watchdog knows of itself. */
export const watchdogPartition = 'slipway';
export const watchdogKey = 'watchdog';
/** Which rollouts were handed over to a place of telemetry. */
export const telemetryKey = (to: string): string => `telemetry-${to}`;

/** Idempotency keys: `Idempotency-Key`, CloudEvents source + id, `requestId` or a queue message id. */
export const keyPartition = (key: string): string => `key-${sha256Hex(key)}`;
export const keyRow = 'key';
