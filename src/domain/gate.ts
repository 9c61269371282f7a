import type { Problem } from './problem';
import type { Proof } from './proof';
import type { RolloutRow } from './rollout';
import type { GatePolicy } from './settings';

/** Whoever asked for a rollout: the caller, whom the platform may have vouched for, and whom the build names, which is a claim. */
export type Askers = Pick<RolloutRow, 'requester' | 'actor'>;

/** Who may answer a gate: without those who asked for the rollout, where policy says `notRequester`. */
export function approversOf({ approvers, notRequester }: GatePolicy, { requester, actor }: Askers): string[] {
  if (!notRequester) return approvers;
  const asked = [requester.name, actor].map((name) => name?.toLowerCase());
  return approvers.filter((address) => !asked.includes(address.toLowerCase()));
}

/** Why a gate can't be answered as policy wants it, whoever says yes; undefined where it can. */
export function gateProblem(gate: GatePolicy, askers: Askers): Problem | undefined {
  if (gate.notRequester && !askers.requester.verified && gate.proof !== 'entra')
    return {
      code: 'requester-not-verified',
      sentence: `Gate ${gate.name} must not be answered by whoever asked for the rollout, and nobody vouches for who that was.`,
      next: 'Ask for the rollout signed in with Microsoft Entra, or let policy say proof: entra at this gate, or do without notRequester.',
    };
  const left = approversOf(gate, askers).length;
  if (left >= gate.needed) return undefined;
  return {
    code: 'too-few-approvers',
    sentence: `Gate ${gate.name} needs ${gate.needed} to say yes who did not ask for the rollout, and policy names only ${left}.`,
    next: 'Name more approvers in slipway.yaml, or let somebody else ask for the rollout.',
  };
}

/** Row `gate-<g>`: one approver-list question of one rollout. */
export interface GateRow {
  v: 1;
  gate: string;
  kind: 'signed-link';
  rolloutId: string;
  proof: Proof;
  needed: number;
  approvers: GateApprover[];
  /** Key the links were derived with: keys may rotate while the gate is open. */
  keyId: string;
  digest: string;
  openedAt: string;
  expiresAt: string;
}

export interface GateApprover {
  address: string;
  /** Which mail is the valid one; ten wrong codes lock it and raise the number. */
  mailNumber: number;
  wrongCodes: number;
}

/** Row `decision-<g>-<sha256 of approver>`, inserted once. */
export interface DecisionRow {
  v: 1;
  gate: string;
  approver: string;
  answer: 'yes' | 'no';
  comment?: string;
  at: string;
  /** The proof the person gave. */
  proof: Proof;
}
