import type { Ports } from '../azure/ports';
import type { GateApprover, GateRow } from '../domain/gate';
import { isHeld, sayHeldNow } from '../domain/held';
import { judgeClaim, type ClaimVerdict } from '../domain/judge-claim';
import type { NoticeModel } from '../domain/notice';
import { buildNotice, journeyOf } from '../domain/notice-model';
import type { Proof } from '../domain/proof';
import type { DecisionRecord, Ending, Intent, RolloutRow } from '../domain/rollout';
import { gateKey, rolloutKey } from '../domain/tables';
import { readToken, type LinkSubject } from '../gates/signed-link';
import { isoNow } from '../azure/clock';
import type { Row } from '../azure/rows';

/** Why a link is no good, whatever the rows say; `newer-mail`: a later mail to the same person has taken its place. */
export type LinkRefusal =
  'malformed' | 'wrong-algorithm' | 'unknown-key' | 'bad-signature' | 'not-an-approver' | 'newer-mail' | 'other-digest';

/** What happened instead of a decision. */
export type Instead =
  | { kind: 'already-decided'; decision: DecisionRecord; journey: string; held?: string }
  | { kind: 'ended'; ending: Ending; journey: string }
  | { kind: 'withdrawn'; intent: Intent; journey: string }
  | { kind: 'expired'; at: string; journey: string }
  | { kind: 'not-asked' }
  | { kind: 'link-refused'; why: LinkRefusal };

/** The question as the page shows it: the same words and evidence as the mail. */
export interface ApprovalQuestion {
  kind: 'question';
  notice: NoticeModel;
  approver: string;
  /** Asked as a group: any of its members answers. */
  isGroup: boolean;
  expiresAt: string;
  proof: Proof;
  /** Where this page is, so that a sign-in leads back to it. */
  path: string;
}

export type Approval = ApprovalQuestion | Instead;

/** An open question with the rows it was judged on. */
export interface OpenAsk {
  kind: 'open';
  subject: LinkSubject;
  keyId: string;
  rollout: Row<RolloutRow>;
  gate: Row<GateRow>;
  ask: NonNullable<RolloutRow['ask']>;
  approver: GateApprover;
}

/** Reads a link against the rows: whether its question still stands now. Changes nothing. */
export async function readAsk(ports: Pick<Ports, 'rows' | 'clock' | 'linkKeys'>, token: string): Promise<OpenAsk | Instead> {
  const now = ports.clock.now();
  const read = await readToken(ports.linkKeys, token, now);
  if (read.kind !== 'ok' && read.kind !== 'expired') return { kind: 'link-refused', why: read.kind };
  const { subject, keyId } = read;
  const rollout = await ports.rows.read<RolloutRow>(subject.rolloutId, rolloutKey);
  const gate = await ports.rows.read<GateRow>(subject.rolloutId, gateKey(subject.gate));
  const verdict = judgeClaim(rollout?.value, gate?.value, subject, now);
  if (!rollout || !gate) return instead(verdict, rollout?.value);
  if (verdict.kind === 'already-decided') return { ...instead(verdict, rollout.value), ...whatHolds(rollout.value, now) };
  if (verdict.kind !== 'open') return instead(verdict, rollout.value);
  if (read.kind === 'expired') return instead({ kind: 'expired', at: subject.expiresAt }, rollout.value);
  return { ...verdict, subject, keyId, rollout, gate };
}

const whatHolds = ({ ask }: RolloutRow, nowMs: number): { held?: string } => (isHeld(ask) ? { held: sayHeldNow(ask, nowMs) } : {});

function instead(verdict: ClaimVerdict, row: RolloutRow | undefined): Instead {
  if (verdict.kind === 'open' || verdict.kind === 'not-asked' || !row) return { kind: 'not-asked' };
  if (verdict.kind === 'link-refused') return verdict;
  return { ...verdict, journey: journeyOf(row) };
}

/** What to show for a link. */
export function createReadApproval(ports: Pick<Ports, 'rows' | 'clock' | 'linkKeys'>): (token: string) => Promise<Approval> {
  return async (token) => {
    const found = await readAsk(ports, token);
    if (found.kind !== 'open') return found;
    const { subject, rollout, gate } = found;
    const { proof, expiresAt } = gate.value;
    const ask = { gate: subject.gate, approver: subject.approver, expiresAt, mailNumber: subject.mailNumber, proof };
    const notice = buildNotice('waiting', rollout.value, isoNow(ports.clock), ask);
    const isGroup = found.approver.group !== undefined;
    return { kind: 'question', notice, approver: subject.approver, isGroup, expiresAt, proof, path: `/api/approvals/${token}` };
  };
}
