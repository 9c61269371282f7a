import { isAsker, type GateApprover, type GateRow } from './gate';
import type { DecisionRecord, Ending, Intent, RolloutRow } from './rollout';

/** What an approver's link says it is about. */
export interface Claim {
  rolloutId: string;
  gate: string;
  approver: string;
  mailNumber: number;
  digest: string;
}

export type ClaimVerdict =
  /** The question stands, and this approver may answer it. */
  | { kind: 'open'; approver: GateApprover; ask: NonNullable<RolloutRow['ask']> }
  /** Answered: by this approver, or by others so that nothing is left to answer. */
  | { kind: 'already-decided'; decision: DecisionRecord }
  /** The rollout ended, or somebody wants it to. */
  | { kind: 'ended'; ending: Ending }
  | { kind: 'withdrawn'; intent: Intent }
  | { kind: 'expired'; at: string }
  | { kind: 'not-asked' }
  | { kind: 'link-refused'; why: 'not-an-approver' | 'newer-mail' | 'other-digest' };

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** Whether a question still stands for one approver, as the rows say it. `now` in milliseconds. */
export function judgeClaim(row: RolloutRow | undefined, gate: GateRow | undefined, claim: Claim, now: number): ClaimVerdict {
  if (!row?.ask || !gate) return row?.ending ? { kind: 'ended', ending: row.ending } : { kind: 'not-asked' };
  const { ask } = row;
  const own = ask.decisions.find((decision) => decision.gate === claim.gate && same(decision.approver, claim.approver));
  if (own) return { kind: 'already-decided', decision: own };
  if (row.ending) return { kind: 'ended', ending: row.ending };
  if (row.intent && row.intent.kind !== 'roll-back') return { kind: 'withdrawn', intent: row.intent };
  if (ask.state === 'expired') return { kind: 'expired', at: ask.expiresAt };
  // One no ends the rollout, whether or not its story has read it yet.
  const settling = ask.decisions.find(({ answer }) => answer === 'no') ?? (ask.state === 'open' ? undefined : ask.decisions.at(-1));
  if (settling) return { kind: 'already-decided', decision: settling };
  if (ask.state !== 'open') return { kind: 'not-asked' };
  if (now >= Math.min(Date.parse(ask.expiresAt), Date.parse(gate.expiresAt))) return { kind: 'expired', at: gate.expiresAt };
  const approver = gate.approvers.find(({ address }) => same(address, claim.approver));
  if (!approver) return { kind: 'link-refused', why: 'not-an-approver' };
  if (approver.mailNumber !== claim.mailNumber) return { kind: 'link-refused', why: 'newer-mail' };
  if (gate.digest !== claim.digest || row.release.sha256 !== claim.digest) return { kind: 'link-refused', why: 'other-digest' };
  return { kind: 'open', approver, ask };
}

/** Who a sign-in is, as the platform vouches for it. */
export interface SignIn {
  /** One person's addresses. */
  signedInAs: readonly string[];
  /** Object ids of Entra groups. */
  groups: readonly string[];
}

export type SignInVerdict =
  /** `as`: under which name the decision stands. */
  | { kind: 'may'; as: { approver: string; group?: string } }
  | { kind: 'already-decided'; decision: DecisionRecord }
  | { kind: 'asked-for-it' }
  /** Nobody, or somebody who is not asked. */
  | { kind: 'stranger' };

/** Whether whoever is signed in may answer an open question that was put to an approver or a group. */
export function judgeSignIn(
  question: { rollout: { value: RolloutRow }; gate: { value: GateRow }; approver: GateApprover },
  { signedInAs, groups }: SignIn,
): SignInVerdict {
  const { approver } = question;
  const { group: asked } = approver;
  const [row, gate] = [question.rollout.value, question.gate.value];
  const [first] = signedInAs;
  if (first === undefined) return { kind: 'stranger' };
  if (asked === undefined)
    return signedInAs.some((address) => same(address, approver.address))
      ? { kind: 'may', as: { approver: approver.address } }
      : { kind: 'stranger' };
  if (!groups.some((group) => same(group, asked))) return { kind: 'stranger' };
  if (gate.notRequester && isAsker(row, signedInAs)) return { kind: 'asked-for-it' };
  const own = row.ask?.decisions.find((one) => one.gate === gate.gate && signedInAs.some((address) => same(address, one.approver)));
  return own ? { kind: 'already-decided', decision: own } : { kind: 'may', as: { approver: first, group: asked } };
}
