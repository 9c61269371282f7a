/**
 * Judges a tour by what was seen of it from outside. Nothing here comes from src/: whom policy wants to hear of what is read anew, so that a
 * mistake there is not believed here too.
 */

/** As examples/tour.yaml states it; every key under `notices` is written out there. */
export interface TourPolicy {
  people: Record<string, string[]>;
  channels: Record<string, { kind: string; to?: string[] }>;
  apps: Record<string, { environments: Record<string, { policy: string }> }>;
  policies: Record<string, { gates: { approvers: string[] }[]; notices: Record<string, unknown> }>;
}

export interface SeenRollout {
  id: string;
  app: string;
  environment: string;
  version: string;
  outcome: string | null;
  admittedAt: string;
  ending?: { at: string; serves: string };
  /** As the API says, `GET …/traces`. */
  notices: { id: string; moment: string; channel: string; recipient: string; state: string }[];
}

/** One thing in the inbox, whatever brought it. */
export interface SeenMessage {
  /** `mail`, or the kind of the service. */
  by: string;
  /** Address or number; '' where the service knows but one. */
  to: string;
  headline: string;
  text: string;
  urgent: boolean;
}

/** What production answered from this time on. */
export interface SeenAnswer {
  atMs: number;
  says: string;
}

export interface SeenIncident {
  rolloutId: string;
  state: string;
  severity: string;
}

export interface Seen {
  rollouts: SeenRollout[];
  inbox: SeenMessage[];
  incidents: SeenIncident[];
  /** By `app.environment`, oldest first. */
  answers: Record<string, SeenAnswer[]>;
}

interface Tale {
  /** Of what people hear, by policy. */
  moments: string[];
  /** What the closing notice calls it. */
  word: string;
  /** What production says afterwards. `during`: and that it said the release's version meanwhile. */
  after: 'as before' | 'the release' | "the stranger's";
  during?: 'the release';
  /** How the incident stands that it opened, where it is one for whoever is on call. */
  incident?: 'resolved' | 'triggered' | 'resolved by what is deployed after it';
}

/** The closed list of outcomes, and what each is: design and README say so. */
const tales: Record<string, Tale> = {
  deployed: { moments: ['start', 'waiting', 'success'], word: 'Deployed', after: 'the release' },
  unchanged: { moments: ['ended'], word: 'Unchanged', after: 'as before' },
  rejected: {
    moments: ['start', 'waiting', 'failure'],
    word: 'Rejected',
    after: 'as before',
    incident: 'resolved by what is deployed after it',
  },
  expired: {
    moments: ['start', 'waiting', 'reminder', 'failure'],
    word: 'Expired',
    after: 'as before',
    incident: 'resolved by what is deployed after it',
  },
  cancelled: { moments: ['start', 'waiting', 'ended'], word: 'Cancelled', after: 'as before' },
  superseded: { moments: ['start', 'waiting', 'ended'], word: 'Superseded', after: 'as before' },
  failed: { moments: ['start', 'failure'], word: 'Failed', after: 'as before', incident: 'resolved by what is deployed after it' },
  'rolled-back': {
    moments: ['start', 'waiting', 'rolled-back'],
    word: 'Rolled back',
    after: 'as before',
    during: 'the release',
    incident: 'resolved',
  },
  'needs-attention': {
    moments: ['start', 'waiting', 'needs-attention'],
    word: 'Needs attention',
    after: "the stranger's",
    during: 'the release',
    incident: 'triggered',
  },
};

const openingWords: Record<string, string> = { start: 'Started', waiting: 'Waiting', reminder: 'Still waiting' };
const urgent = ['failure', 'rolled-back', 'needs-attention'];

export interface Row {
  outcome: string;
  rollout: string;
  /** What production said, from before the rollout until after it. */
  production: string[];
  /** Notices that arrived, of those that policy wants. */
  arrived: number;
  wanted: number;
  differences: string[];
}

/** One row an outcome, in the order of the tour; and what belongs to no row. */
export function judgeTour(policy: TourPolicy, seen: Seen, strangersVersion: string): { rows: Row[]; differences: string[] } {
  const inOrder = [...seen.rollouts].sort((a, b) => Date.parse(a.admittedAt) - Date.parse(b.admittedAt));
  const rows = inOrder.map((rollout) => judgeRollout(policy, seen, inOrder, rollout, strangersVersion));
  const differences = [
    ...Object.keys(tales).flatMap((outcome) => {
      const count = inOrder.filter((rollout) => rollout.outcome === outcome).length;
      return count === 1 ? [] : [`${count} rollouts ended ${outcome}, and one was to.`];
    }),
    ...strayMessages(seen),
  ];
  return { rows, differences };
}

function judgeRollout(policy: TourPolicy, seen: Seen, all: SeenRollout[], rollout: SeenRollout, strangersVersion: string): Row {
  const tale = tales[rollout.outcome ?? ''];
  const { before, during, after } = answersAround(seen, all, rollout);
  const row = { outcome: rollout.outcome ?? 'none yet', rollout: rollout.id, production: [before, ...during] };
  if (!tale) return { ...row, arrived: 0, wanted: 0, differences: [`${rollout.id} has no outcome of the closed list.`] };
  const wanted = wantedNotices(policy, rollout, tale);
  const missing = wanted.flatMap((notice) => whyMissing(seen, rollout, tale, notice));
  return {
    ...row,
    wanted: wanted.length,
    arrived: wanted.length - missing.length,
    differences: [
      ...productionDifferences(rollout, tale, { before, during, after }, strangersVersion),
      ...missing,
      ...unwanted(rollout, wanted),
      ...incidentDifferences(policy, seen, rollout, tale),
    ].map((difference) => `${rollout.id}: ${difference}`),
  };
}

/** What production of the rollout's place said before it was admitted, until the next one there was, and then. */
function answersAround(seen: Seen, all: SeenRollout[], { id, app, environment, admittedAt }: SeenRollout) {
  const answers = seen.answers[`${app}.${environment}`] ?? [];
  const beginMs = Date.parse(admittedAt);
  const next = all.find(
    (other) => other.id !== id && other.app === app && other.environment === environment && Date.parse(other.admittedAt) > beginMs,
  );
  const endMs = next ? Date.parse(next.admittedAt) : Infinity;
  const before = answers.findLast(({ atMs }) => atMs <= beginMs)?.says ?? 'nothing';
  const during = answers.filter(({ atMs }) => atMs > beginMs && atMs <= endMs).map(({ says }) => says);
  return { before, during, after: during.at(-1) ?? before };
}

function productionDifferences(
  { version }: SeenRollout,
  tale: Tale,
  { before, during, after }: { before: string; during: string[]; after: string },
  strangersVersion: string,
): string[] {
  const expected = { 'as before': before, 'the release': version, "the stranger's": strangersVersion }[tale.after];
  const isUntouched = tale.after === 'as before' && tale.during === undefined;
  return [
    ...(after === expected ? [] : [`production says ${after} after it, and was to say ${expected}.`]),
    ...(isUntouched && during.length > 0 ? [`production was not to be touched, and said ${during.join(', then ')} meanwhile.`] : []),
    ...(tale.during === undefined || during.includes(version) ? [] : [`production never said ${version} meanwhile.`]),
  ];
}

interface WantedNotice {
  moment: string;
  channel: string;
  recipient: string;
  /** How the inbox knows the channel. */
  kind: string;
}

/** Whom policy names, and, for an ask, whoever has to answer it. */
function wantedNotices(policy: TourPolicy, { app, environment }: SeenRollout, { moments }: Tale): WantedNotice[] {
  const { gates, notices } = policyOf(policy, app, environment);
  return moments.flatMap((moment) => {
    const heardBy = (notices[moment] as string[] | undefined) ?? [];
    const isAsk = moment === 'waiting' || moment === 'reminder';
    const asked = isAsk ? gates.flatMap(({ approvers }) => approvers) : [];
    return [...asked, ...heardBy.flatMap((audience) => policy.people[audience] ?? [])].flatMap((entry): WantedNotice[] => {
      if (entry.includes('@')) return [{ moment, channel: 'mail', recipient: entry, kind: 'mail' }];
      const { kind = '', to } = policy.channels[entry] ?? {};
      // A pager is told of incidents, and of changes that went well.
      if (kind === 'pagerduty' && !urgent.includes(moment) && moment !== 'success') return [];
      return (to ?? [entry]).map((recipient) => ({ moment, channel: entry, recipient, kind }));
    });
  });
}

const policyOf = (policy: TourPolicy, app: string, environment: string) =>
  policy.policies[policy.apps[app]?.environments[environment]?.policy ?? ''] ?? { gates: [], notices: {} };

/** A notice has arrived when the API says that it was sent, and the inbox holds it once, under its id, as what it is. */
function whyMissing(seen: Seen, rollout: SeenRollout, tale: Tale, wanted: WantedNotice): string[] {
  const { moment, channel, recipient, kind } = wanted;
  const what = `the notice ${moment} over ${channel}${recipient === channel ? '' : ` to ${recipient}`}`;
  const holding = ({ id }: { id: string }): SeenMessage[] => seen.inbox.filter(({ by, text }) => by === kind && text.includes(id));
  const all = rollout.notices.filter((notice) => isSame(notice, wanted));
  // A pager is told more than once: what resolves an incident leaves no message of its own.
  const found = kind === 'pagerduty' && all.length > 1 ? all.filter((notice) => holding(notice).length > 0) : all;
  const [notice] = found;
  if (!notice || found.length > 1) return [`${what} is known to the API ${found.length} times, and was to be once.`];
  if (notice.state !== 'sent') return [`${what} is ${notice.state}, by the API.`];
  const [message, ...more] = holding(notice);
  if (!message || more.length > 0) return [`${what} is in the inbox ${message ? more.length + 1 : 0} times, and was to be once.`];
  if (message.to !== '' && message.to !== recipient) return [`${what} came to ${message.to}.`];
  const word = openingWords[moment] ?? tale.word;
  if (!message.headline.includes(word)) return [`${what} does not say "${word}", but "${message.headline}".`];
  if (kind !== 'mail' || message.urgent === urgent.includes(moment)) return [];
  return [`${what} is ${message.urgent ? '' : 'not '}marked as urgent.`];
}

const isSame = (a: { moment: string; channel: string; recipient: string }, b: typeof a): boolean =>
  a.moment === b.moment && a.channel === b.channel && a.recipient === b.recipient;

function unwanted({ notices }: SeenRollout, wanted: WantedNotice[]): string[] {
  return notices
    .filter((notice) => !wanted.some((one) => isSame(one, notice)))
    .map(({ moment, channel, recipient }) => `the notice ${moment} over ${channel} to ${recipient} was sent, and policy does not want it.`);
}

/** One incident a rollout, where whoever is on call is to hear that it went wrong; and none otherwise. */
function incidentDifferences(policy: TourPolicy, seen: Seen, rollout: SeenRollout, tale: Tale): string[] {
  const isMended = seen.rollouts.some(
    ({ app, environment, outcome, admittedAt }) =>
      outcome === 'deployed' && app === rollout.app && environment === rollout.environment && admittedAt > rollout.admittedAt,
  );
  const later = isMended ? 'resolved' : 'triggered';

  const opens = wantedNotices(policy, rollout, tale).some(({ kind, moment }) => kind === 'pagerduty' && urgent.includes(moment));
  const states = seen.incidents.flatMap(({ rolloutId, state }) => (rolloutId === rollout.id ? [state] : []));
  const expected = opens && tale.incident ? [tale.incident === 'resolved by what is deployed after it' ? later : tale.incident] : [];
  const say = (of: string[]): string => of.join(' and ') || 'none';
  return say(states) === say(expected) ? [] : [`its incident is ${say(states)}, and was to be ${say(expected)}.`];
}

/** What came to somebody and belongs to no notice of any rollout. */
function strayMessages({ rollouts, inbox }: Seen): string[] {
  const ids = rollouts.flatMap(({ notices }) => notices.map(({ id }) => id));
  return inbox
    .filter(({ text }) => !ids.some((id) => text.includes(id)))
    .map(({ by, to, headline }) => `"${headline}" came by ${by}${to && ` to ${to}`}, and is no notice of any rollout.`);
}
