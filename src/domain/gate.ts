import type { Problem } from './problem';
import type { Proof } from './proof';
import type { DecisionRecord, RolloutRow } from './rollout';
import type { ServiceGatePolicy, ServiceKind } from './service-gate';
import type { GatePolicy } from './settings';

/** Whoever asked for a rollout: the caller, whom the platform may have vouched for, and whom the build names, which is a claim. */
export type Askers = Pick<RolloutRow, 'requester' | 'actor'>;

/** Whether a person asked for the rollout, or the build says so. */
export function isAsker({ requester, actor }: Askers, addresses: readonly string[]): boolean {
  const asked = [requester.name, actor].map((name) => name?.toLowerCase());
  return addresses.some((address) => asked.includes(address.toLowerCase()));
}

export type LinkGatePolicy = Extract<GatePolicy, { kind: 'signed-link' }>;

/** Who may answer a gate: without those who asked for the rollout, where policy says `notRequester`. `escalated`: and the second list. */
export function approversOf(gate: LinkGatePolicy, askers: Askers, escalated = false): string[] {
  const listed = [...gate.approvers, ...(escalated ? (gate.escalate?.to ?? []) : [])];
  const named = [...new Map(listed.map((address) => [address.toLowerCase(), address])).values()];
  return gate.notRequester ? named.filter((address) => !isAsker(askers, [address])) : named;
}

/** Those who are asked at a gate, one entry a mail: approvers, and the addresses of groups. What is known of one already stays. */
export function askedBy(gate: LinkGatePolicy, askers: Askers, escalated: boolean, before: readonly GateApprover[] = []): GateApprover[] {
  const all = [
    ...approversOf(gate, askers, escalated).map((address) => ({ address })),
    ...(gate.groups ?? []).map(({ id, mail }) => ({ address: mail, group: id.toLowerCase() })),
  ];
  return all.map(({ address, ...group }) => {
    const known = before.find((one) => one.address.toLowerCase() === address.toLowerCase());
    return { mailNumber: 1, wrongCodes: 0, ...known, address, ...group };
  });
}

/** Why a gate can't be answered as policy wants it, whoever says yes; undefined where it can. */
export function gateProblem(gate: GatePolicy, askers: Askers): Problem | undefined {
  const proof = gate.kind === 'signed-link' ? gate.proof : undefined;
  if (gate.notRequester && !askers.requester.verified && proof !== 'entra')
    return {
      code: 'requester-not-verified',
      sentence: `Gate ${gate.name} must not be answered by whoever asked for the rollout, and nobody vouches for who that was.`,
      next: `Ask for the rollout signed in with Microsoft Entra, ${proof === undefined ? '' : 'or let policy say proof: entra at this gate, '}or do without notRequester.`,
    };
  // Who approves there, only the service knows.
  if (gate.kind !== 'signed-link') return undefined;
  // How many a group has, only Entra knows.
  const left = approversOf(gate, askers, true).length;
  if (left >= gate.needed || gate.groups) return undefined;
  return {
    code: 'too-few-approvers',
    sentence: `Gate ${gate.name} needs ${gate.needed} to say yes who did not ask for the rollout, and policy names only ${left}.`,
    next: 'Name more approvers in slipway.yaml, or let somebody else ask for the rollout.',
  };
}

/** Row `gate-<g>`: one question of one rollout. */
export type GateRow = LinkGateRow | ServiceGateRow;

/** A gate that is answered in a service, for as long as it is asked there. */
export const isAnsweredThere = (row: GateRow): row is ServiceGateRow => row.kind !== 'signed-link' && row.isRetired !== true;

interface AnyGateRow {
  v: 1;
  gate: string;
  rolloutId: string;
  proof: Proof;
  needed: number;
  approvers: GateApprover[];
  /** Key the links were derived with: keys may rotate while the gate is open. */
  keyId: string;
  digest: string;
  openedAt: string;
  expiresAt: string;
  /** When the second list is asked as well. */
  escalation?: { at: string; to: string[]; escalated: boolean };
  /** Whoever asked for the rollout may not answer. */
  notRequester?: boolean;
  /** Of questions that were put at this gate before, oldest first. */
  earlier?: PutThere[];
}

/** A question that was put in a service. */
export interface PutThere {
  policy: ServiceGatePolicy;
  request: RequestState;
}

/**
 * What may be there in services, also where the answer to its making was lost: all of it is closed in the end. `stands`: it is what the gate asks; a
 * question of before is asked no more, whatever becomes of the rollout.
 */
export function madeThere(row: GateRow): (PutThere & { stands: boolean })[] {
  const earlier = (row.earlier ?? []).map((one) => ({ ...one, stands: false }));
  const now = row.kind === 'signed-link' ? [] : [{ policy: row.policy, request: row.request, stands: isAnsweredThere(row) }];
  return [...earlier, ...now].filter(({ request }) => request.attempt > 0);
}

export interface LinkGateRow extends AnyGateRow {
  kind: 'signed-link';
}

/** A question that is put in a service: nobody answers it by a link. */
export interface ServiceGateRow extends AnyGateRow {
  kind: ServiceKind;
  /** As it stood when the question was put. */
  policy: ServiceGatePolicy;
  request: RequestState;
  /** Today's policy lacks it, and the ask was opened again without it: nothing is made or looked at there any more, and no yes of it counts. */
  isRetired?: true;
}

/** The request in the service, from before it is there. */
export interface RequestState {
  /** What it is found by there. Derived with a key, so nobody can make one beforehand that would be taken for ours. */
  correlation: string;
  /** How often its making was begun, and when last: another begins only after the one before was given up as lost. */
  attempt: number;
  attemptedAt?: string;
  /** As the service knows it, once it is there. */
  id?: string;
  number?: string;
  url?: string;
  /** Its approvers have been asked. */
  isAsked?: true;
  /** Until then its service wants to be left alone. */
  restUntil?: string;
}

export interface GateApprover {
  address: string;
  /** Object id of the Entra group that is reached at the address: whoever is signed in as its member answers. */
  group?: string;
  /** Which mail is the valid one; ten wrong codes lock it and raise the number. */
  mailNumber: number;
  wrongCodes: number;
}

/** Row `decision-<g>-<sha256 of approver>`, inserted once. */
export interface DecisionRow extends DecisionRecord {
  v: 1;
  /** The proof the person gave. */
  proof: Proof;
}
