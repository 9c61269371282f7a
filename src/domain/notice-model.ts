import { createHash } from 'node:crypto';
import type { Moment, NoticeModel } from './notice';
import { shortDigest } from './release';
import type { GoPlan } from './plan';
import type { Outcome, Phase, RolloutRow } from './rollout';
import { asSentence, sayBetween, sayJourney, sayTime } from './say';

/** Names of the facts that belong on the first screen of a phone. */
export const foremostFacts: readonly string[] = ['Asked by', 'Why', 'Hotfix', 'Override', 'May not swap now', 'Live now', 'Would be'];

export function checksInShort(checks: NoticeModel['checks']): string {
  if (checks.length === 0) return 'none is asked for';
  return `${checks.filter(({ verdict }) => verdict === 'healthy').length} of ${checks.length} healthy`;
}

/** Moments that must stick out: red, high importance, what is served first. */
export const isAlarm = (moment: Moment): moment is 'failure' | 'rolled-back' | 'needs-attention' =>
  moment === 'failure' || moment === 'rolled-back' || moment === 'needs-attention';

/** Moments that tell how a rollout ended. */
export const isClosing = (moment: Moment): boolean => isAlarm(moment) || moment === 'success' || moment === 'ended';

/**
 * What is said about one moment of a rollout as its row stands. `ask` for `waiting` and `reminder`. Closing moments read the row's
 * ending; `at` is an ISO time.
 */
export function buildNotice(moment: Moment, row: RolloutRow, at: string, ask?: NoticeModel['ask']): NoticeModel {
  return {
    moment,
    rolloutId: row.id,
    app: row.app,
    environment: row.environment,
    version: row.release.version,
    statusPath: `/dashboard/rollouts/${row.id}`,
    headline: `${stateOf(moment, row, ask !== undefined)}: ${journeyOf(row)}`,
    sentence: sentenceOf(moment, row, ask !== undefined),
    serves: row.ending?.serves ?? servesBefore(row),
    facts: factsOf(row),
    checks: row.checks.map((check) => ({ name: check.name, verdict: check.verdict, seen: check.seen })),
    did: row.phases.flatMap(({ phase, note, startedAt, endedAt }) =>
      note === undefined ? [] : [`${deeds[phase]}: ${note}${endedAt === undefined ? '' : ` (${sayBetween(startedAt, endedAt)})`}`],
    ),
    next: nextOf(moment, row, ask !== undefined),
    ...(ask === undefined ? {} : { ask }),
    at,
  };
}

const outcomeWords: Record<Outcome, string> = {
  deployed: 'Deployed',
  unchanged: 'Unchanged',
  rejected: 'Rejected',
  expired: 'Expired',
  cancelled: 'Cancelled',
  superseded: 'Superseded',
  failed: 'Failed',
  'rolled-back': 'Rolled back',
  'needs-attention': 'Needs attention',
};

const momentWords: Record<Moment, string> = {
  start: 'Started',
  waiting: 'Waiting',
  reminder: 'Still waiting',
  success: 'Deployed',
  failure: 'Failed',
  'rolled-back': 'Rolled back',
  'needs-attention': 'Needs attention',
  ended: 'Ended',
};

const deeds: Record<Phase, string> = {
  queued: 'Waited',
  planning: 'Planned',
  announcing: 'Announced',
  staging: 'Staged',
  proving: 'Proved',
  asking: 'Asked',
  swapping: 'Swapped',
  watching: 'Watched',
  telling: 'Told',
  undoing: 'Undid',
  done: 'Ended',
};

function stateOf(moment: Moment, row: RolloutRow, isAsked: boolean): string {
  if (row.ending && isClosing(moment)) return outcomeWords[row.ending.outcome];
  return moment === 'start' && row.override ? 'Calendar overridden' : `${momentWords[moment]}${isAsked ? ' for you' : ''}`;
}

/** `hello 2.0.0 to production`. */
export const journeyOf = (row: RolloutRow): string => sayJourney({ ...row, version: row.release.version });

const journeyAsVerb = (row: RolloutRow): string => `${row.kind === 'revert' ? 'bring' : 'take'} ${journeyOf(row)}`;

function sentenceOf(moment: Moment, row: RolloutRow, isAsked: boolean): string {
  if (moment === 'start' && row.override)
    return `${row.override.by} lets the rollout of ${journeyOf(row)} pass windows and freezes: ${asSentence(row.override.reason)}`;
  if (moment === 'start') return `${row.requester.name} asked to ${journeyAsVerb(row)}, and it is on its way.`;
  if (moment === 'waiting' || moment === 'reminder') {
    const still = moment === 'reminder' ? 'still ' : '';
    return `${row.requester.name} asks to ${journeyAsVerb(row)}, and it ${still}waits for ${isAsked ? 'your' : 'a'} yes or no.`;
  }
  return row.ending?.reason ?? `The rollout of ${journeyOf(row)} ended.`;
}

function nextOf(moment: Moment, row: RolloutRow, isAsked: boolean): string[] {
  if (isAsked) return ['Answer before it expires: without an answer the rollout ends and nothing changes.'];
  if (!isClosing(moment)) return ['There is nothing to do now: you hear how it ends.'];
  return row.ending ? [row.ending.next] : [];
}

function servesBefore(row: RolloutRow): string {
  const where = `${row.app} in ${row.environment}`;
  if (row.plan?.kind !== 'go') return `What ${where} serves was not read.`;
  const { version, says } = row.plan.replaces;
  if (version !== null) return `${where} serves ${version} now.`;
  return `${where} serves ${says === undefined ? 'a release' : `what says it is ${says}, a release`} without Slipway's marker.`;
}

/** By its marker, or else by what it says of itself. */
const liveOf = ({ replaces: { version, says } }: GoPlan): string =>
  version ?? (says === undefined ? "a release without Slipway's marker" : `${says}, as it says; without Slipway's marker`);

function factsOf(row: RolloutRow): NoticeModel['facts'] {
  const { release, requester, plan } = row;
  const facts: [string, string | undefined][] = [
    [
      'Asked by',
      `${requester.name}${requester.verified ? '' : ' (not verified)'}${row.actor === undefined ? '' : `; the build says: ${row.actor}`}`,
    ],
    ['Why', row.why],
    ['Promoted from', row.promotes],
    ['Hotfix', row.hotfix],
    ['Override', row.override && `${row.override.by} lets it pass windows and freezes: ${row.override.reason}`],
    [row.ending ? 'Live before' : 'Live now', plan?.kind === 'go' ? liveOf(plan) : undefined],
    ['Would be', row.ending ? undefined : release.version],
    [
      'May not swap now',
      row.ending || plan?.kind !== 'go' || plan.standstills.length === 0
        ? undefined
        : plan.standstills.map(({ sentence }) => sentence).join(' '),
    ],
    ['Commit', release.commit],
    ['Build', release.buildUrl],
    ['Digest', release.sha256 === '' ? undefined : shortDigest(release.sha256)],
    ['Settings it brings', release.settingNames.length === 0 ? undefined : release.settingNames.join(', ')],
  ];
  if (plan?.kind === 'go') {
    facts.push(
      ['Policy', shortDigest(plan.policyHash)],
      [
        'A revert would restore',
        plan.replaces.version ?? 'what is live now, as long as the staging slot holds it: Slipway never rolled it out',
      ],
      ['First time', plan.adopts && plan.live.staging.marker === null ? 'Slipway has not touched this app here before' : undefined],
    );
  }
  if (row.preflight && !row.ending) {
    const { travelling, warnings } = row.preflight;
    facts.push(['Settings that differ and travel', travelling.length === 0 ? undefined : travelling.join(', ')]);
    facts.push(...warnings.map((warning): [string, string] => ['Mind', warning]));
  }
  for (const { gate, approver, answer, at, comment } of row.ask?.decisions ?? [])
    facts.push([
      `${answer === 'yes' ? 'Yes' : 'No'} at gate ${gate}`,
      `${approver}, ${sayTime(at)}${comment === undefined ? '' : `: “${comment}”`}`,
    ]);
  facts.push(['Rollout', row.id]);
  return facts.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
}

/** Namespace of the notices' ids; fixed for ever, or a rerun after an upgrade would tell people twice. */
const namespace = Buffer.from('0d5c1e8a6f3b4a729be4c1d7f08a2e53', 'hex');

/**
 * UUIDv5 of what a notice is about: the same notice always has the same id, and Communication Services takes it as the key that keeps
 * a message from going out twice. `gate` keeps two gates apart that ask the same person.
 */
export function noticeId(rolloutId: string, moment: Moment, channel: string, recipient: string, number: number, gate?: string): string {
  const name = JSON.stringify([rolloutId, moment, channel, recipient.toLowerCase(), number, ...(gate === undefined ? [] : [gate])]);
  const hash = createHash('sha1').update(namespace).update(name, 'utf8').digest().subarray(0, 16);
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
