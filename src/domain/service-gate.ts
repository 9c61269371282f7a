import { canonical } from './canonical';
import { oneLine, plainText } from './escape-html';
import { cutText } from './fit-text';
import { isAsker, type Askers } from './gate';
import { isBeforeSwap, mostCommentCharacters, type DecisionRecord, type RolloutRow, type WithdrawnDecision } from './rollout';
import type { GatePolicy } from './settings';

/** Gates that are answered in a service of their own: what is asked there, and what its answer comes to. */

export type ServiceGatePolicy = Exclude<GatePolicy, { kind: 'signed-link' }>;

export type ServiceKind = ServiceGatePolicy['kind'];

export const isServiceGate = (gate: GatePolicy): gate is ServiceGatePolicy => gate.kind !== 'signed-link';

const serviceNames: Record<ServiceKind, string> = { servicenow: 'ServiceNow', jira: 'Jira' };

export const serviceName = ({ kind }: { kind: ServiceKind }): string => serviceNames[kind];

/** As people are told whom a gate waits for: `ServiceNow (acme.service-now.com)`. */
export const serviceInWords = (gate: ServiceGatePolicy): string => `${serviceName(gate)} (${new URL(addressOf(gate)).host})`;

export const addressOf = (gate: ServiceGatePolicy): string => (gate.kind === 'jira' ? gate.site : gate.instance);

/** What the app setting of its login holds. */
export function loginForm(gate: ServiceGatePolicy): string {
  if (gate.kind === 'jira') return '<address>:<API token>';
  return gate.auth === 'oauth' ? '<client id>:<client secret>' : '<user>:<password>';
}

/** The form of every login. What is not of it may be a secret alone, and is sent nowhere. */
export const loginPattern = /^[^:\s]+:\S.*$/;

/** What the doctor asks with the login of a gate: for two gates of which it is the same, one answer tells of both. */
export const trialOf = (gate: ServiceGatePolicy): string =>
  canonical([gate.kind, addressOf(gate), gate.login, gate.kind === 'jira' ? gate.serviceDesk : gate.auth]);

/** Whether both put the same question to the same people: a yes to one is then a yes to the other. */
export function asksTheSame(one: ServiceGatePolicy, other: ServiceGatePolicy): boolean {
  const question = ({ login: _login, poll: _poll, ...gate }: ServiceGatePolicy): string => canonical(gate);
  return question(one) === question(other);
}

/** Somebody as a service names them. */
export interface Answerer {
  name: string;
  /** Absent where the service does not tell it. */
  mail?: string;
}

/** What one look at a request told. `says` and `why` are ends of the sentence "<number> …" or sentences of their own. */
export type ServiceSight =
  | { kind: 'waiting'; says: string }
  /** Nobody is named where the service's own rules said yes. */
  | { kind: 'approved'; by: Answerer[] }
  | { kind: 'rejected'; by: Answerer | undefined; comment: string }
  /** Taken back or closed there before it was carried out. */
  | { kind: 'cancelled'; by: Answerer | undefined; says: string }
  /** Could not tell: never a yes, and no no either. */
  | { kind: 'unknown'; why: string; afterSeconds?: number };

export type Judged =
  | { kind: 'answer'; answer: 'yes' | 'no'; approver: string; comment?: string }
  | { kind: 'waiting'; says: string }
  | { kind: 'unknown'; says: string };

/** Whoever writes in a service writes into our rows and mails: what it tells is of a length that those can hold, and shows what it is. */
const most = { name: 320, names: 20, says: 600 };

const named = ({ name, mail }: Answerer): string => cutText(oneLine(mail ?? name), most.name);
const allNamed = (by: readonly Answerer[]): string =>
  [...by.slice(0, most.names).map(named), ...(by.length > most.names ? [`${by.length - most.names} more`] : [])].join(', ');
const inShort = (says: string): string => cutText(oneLine(says), most.says);

/** What a sight comes to by policy: whoever asked for the rollout can't have approved it where policy says so. */
export function judgeSight(sight: ServiceSight, gate: ServiceGatePolicy, askers: Askers): Judged {
  const nobody = `somebody in ${serviceName(gate)}`;
  switch (sight.kind) {
    case 'waiting':
      return { kind: 'waiting', says: inShort(sight.says) };
    case 'unknown':
      return { kind: 'unknown', says: inShort(sight.why) };
    case 'rejected':
      return {
        ...{ kind: 'answer', answer: 'no', approver: sight.by ? named(sight.by) : nobody },
        comment: cutText(plainText(sight.comment), mostCommentCharacters),
      };
    case 'cancelled':
      return { kind: 'answer', answer: 'no', approver: sight.by ? named(sight.by) : nobody, comment: inShort(sight.says) };
    case 'approved':
      return judgeApproval(sight.by, gate, askers);
  }
}

function judgeApproval(by: readonly Answerer[], gate: ServiceGatePolicy, askers: Askers): Judged {
  const others = gate.notRequester ? by.filter(({ name, mail }) => mail !== undefined && !isAsker(askers, [mail, name])) : by;
  const [first] = others;
  if (first) return { kind: 'answer', answer: 'yes', approver: allNamed(others) };
  if (!gate.notRequester) return { kind: 'answer', answer: 'yes', approver: `${serviceName(gate)}'s own rules` };
  const why = by.length === 0 ? 'names nobody who did' : `names ${allNamed(by)}, who asked for it or whose address it does not tell`;
  return { kind: 'waiting', says: `is approved, but ${serviceName(gate)} ${why}: somebody else has to approve it` };
}

/** A request as everybody may see it: what is waited for, and what was last heard of it. */
export interface RequestRecord {
  gate: string;
  service: ServiceKind;
  /** As the service calls it; absent until it is known to be there. */
  number?: string;
  url?: string;
  says: string;
  /** It was approved, and now nobody can tell whether it still is: its yes does not count. */
  isDoubtful?: true;
}

type Ask = NonNullable<RolloutRow['ask']>;

export const requestOf = ({ requests = [] }: Pick<Ask, 'requests'>, gate: string): RequestRecord | undefined =>
  requests.find((one) => one.gate === gate);

/** Whether a gate of its ask is answered in a service; today's policy may have brought one that the plan has not. */
export const asksService = ({ ask, plan }: Pick<RolloutRow, 'ask' | 'plan'>): boolean =>
  (ask?.requests ?? []).length > 0 || (plan?.kind === 'go' && plan.gates.some(isServiceGate));

/** The decisions that count now. */
export const standing = (ask: Pick<Ask, 'decisions' | 'requests'>): DecisionRecord[] =>
  ask.decisions.filter(
    ({ gate, service, answer }) => service === undefined || answer === 'no' || requestOf(ask, gate)?.isDoubtful !== true,
  );

export const withRequest = (ask: Ask, record: RequestRecord): Ask => ({
  ...ask,
  requests: [...(ask.requests ?? []).filter(({ gate }) => gate !== record.gate), record].sort((a, b) => (a.gate < b.gate ? -1 : 1)),
});

/** The request that a sight is of. */
export interface AskedThere {
  gate: string;
  policy: ServiceGatePolicy;
  number: string;
  url: string;
}

/**
 * The rollout as a sight leaves it; undefined where nothing changes. A yes that is taken back, or that nobody can vouch for any more, opens an
 * ask again that was granted. After the expiry nothing is decided that was not before.
 */
export function applySight(row: RolloutRow, asked: AskedThere, sight: ServiceSight, nowMs: number): RolloutRow | undefined {
  const { ask } = row;
  if (!ask || row.ending || !isBeforeSwap(row.phase) || ask.state === 'rejected' || ask.state === 'expired') return undefined;
  const { gate, policy, number, url } = asked;
  const judged = judgeSight(sight, policy, row);
  const before = ask.decisions.find((one) => one.gate === gate && one.service !== undefined);
  const after = decisionAfter(before, judged, asked, nowMs);
  if (ask.state === 'open' && nowMs >= Date.parse(ask.expiresAt) && after && after !== before) return undefined;
  const isDoubtful = judged.kind === 'unknown' && before?.answer === 'yes';
  // One that was doubtful already granted nothing: where the ask is granted all the same, other gates did it.
  const isLost = after !== before || (isDoubtful && requestOf(ask, gate)?.isDoubtful !== true);
  const changed: Ask = {
    ...withRequest(ask, {
      ...{ gate, service: policy.kind, number, url },
      says: judged.kind === 'answer' ? `was answered ${judged.answer}` : judged.says,
      ...(isDoubtful ? { isDoubtful } : {}),
    }),
    ...(after === before ? {} : { decisions: [...ask.decisions.filter((one) => one !== before), ...(after ? [after] : [])] }),
    ...(before && isLost ? { state: 'open' as const } : {}),
    ...(before && isLost && ask.state === 'granted' ? { reopenedAt: new Date(nowMs).toISOString() } : {}),
    ...(before && after !== before ? { withdrawn: withWithdrawn(ask, [before], nowMs) } : {}),
  };
  return JSON.stringify(changed) === JSON.stringify(ask) ? undefined : { ...row, ask: changed };
}

export const withWithdrawn = ({ withdrawn = [] }: Ask, more: readonly DecisionRecord[], nowMs: number): WithdrawnDecision[] => [
  ...withdrawn,
  ...more.map((decision) => ({ ...decision, withdrawnAt: new Date(nowMs).toISOString() })),
];

/** One no stands. What can't be told changes nothing by itself. */
function decisionAfter(before: DecisionRecord | undefined, judged: Judged, asked: AskedThere, nowMs: number): DecisionRecord | undefined {
  if (before?.answer === 'no' || judged.kind === 'unknown') return before;
  if (judged.kind === 'waiting') return undefined;
  if (before?.answer === judged.answer) return before;
  const { kind: _kind, ...said } = judged;
  return { gate: asked.gate, ...said, at: new Date(nowMs).toISOString(), service: asked.policy.kind, request: asked.number };
}
