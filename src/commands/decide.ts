import { insertedNotice, startDelivery } from '../azure/notice-rows';
import { isoNow } from '../azure/clock';
import type { Instances } from '../azure/instances';
import type { Ports } from '../azure/ports';
import { mostTries } from '../azure/rows';
import { wakeRollout } from '../azure/wake-rollout';
import type { DecisionRow, GateRow } from '../domain/gate';
import { judgeSignIn } from '../domain/judge-claim';
import { writeTime, type DecisionRecord } from '../domain/rollout';
import { decisionKey, gateKey, rolloutKey } from '../domain/tables';
import { journeyOf } from '../domain/notice-model';
import { codeMatches, normalCode } from '../gates/signed-link';
import { waitingNotice } from '../domain/notice-row';
import { readHeld } from '../activities/look-at-ask';
import { sayHeldNow } from '../domain/held';
import { readAsk, type Instead, type OpenAsk } from './read-approval';

export interface Answering {
  token: string;
  /** As copied from the fragment or typed. */
  code: string;
  answer: 'yes' | 'no';
  comment: string;
  /** Addresses of whoever is signed in, as the platform vouches for them; empty: nobody is. */
  signedInAs: readonly string[];
  /** Object ids of the groups that the sign-in says they are in. */
  groups: readonly string[];
}

export type DecideAnswer =
  /** `held`: it was the last yes that was missing, and what keeps the swap from being now. */
  | { kind: 'decided'; decision: DecisionRecord; journey: string; held?: string }
  | { kind: 'needs-code' }
  /** A no says why. */
  | { kind: 'needs-comment' }
  /** Policy wants another than whoever asked for the rollout. */
  | { kind: 'asked-for-it'; signedInAs: readonly string[] }
  /** `left`: how many more may be wrong before the mail is locked. */
  | { kind: 'wrong-code'; left: number }
  /** That mail is locked; a new one with a new code is on its way. */
  | { kind: 'locked' }
  /** `proof: entra`: nobody is signed in, or somebody else than the approver. */
  | { kind: 'needs-sign-in'; approver: string; signedInAs: readonly string[] }
  | Instead;

type Needs = Pick<Ports, 'rows' | 'clock' | 'linkKeys' | 'settings'>;

/** So many wrong codes lock a mail. */
export const mostWrongCodes = 10;

/**
 * Takes one approver's yes or no. The rows are the only truth: the decision is inserted in one transaction with its gate and its rollout,
 * both by ETag, so that of a click, an expiry and a cancel exactly one wins. On a conflict everything is read and judged again.
 */
export function createDecide(ports: Needs): (answering: Answering, instances: Instances) => Promise<DecideAnswer> {
  return async (answering, instances) => {
    for (let tries = 0; tries < mostTries; tries += 1) {
      const found = await readAsk(ports, answering.token);
      if (found.kind !== 'open') return found;
      const answer = await decideOpen(ports, found, answering, instances);
      if (answer?.kind === 'decided' && answer.decision.answer === 'yes') return { ...answer, ...(await whatHolds(ports, found)) };
      if (answer) return answer;
    }
    throw new Error(`A decision lost to other writers ${mostTries} times and was not written. Nothing was decided; try again.`);
  };
}

/** The decision stands, whether this can be told or not. */
async function whatHolds(ports: Needs, { subject: { rolloutId } }: OpenAsk): Promise<{ held?: string }> {
  const held = await readHeld(ports, rolloutId).catch(() => undefined);
  return held === undefined ? {} : { held: sayHeldNow(held, ports.clock.now()) };
}

/** Undefined: somebody else wrote first; judge again. */
async function decideOpen(ports: Needs, found: OpenAsk, answering: Answering, instances: Instances): Promise<DecideAnswer | undefined> {
  if (answering.answer === 'no' && answering.comment.trim() === '') return { kind: 'needs-comment' };
  if (found.gate.value.proof === 'entra') return decideSignedIn(ports, found, answering, instances);
  if (normalCode(answering.code) === '') return { kind: 'needs-code' };
  if (!codeMatches(ports.linkKeys, found.keyId, found.subject, answering.code)) return countWrongCode(ports, found, instances);
  return takeDecision(ports, found, decisionOf(found, answering, isoNow(ports.clock)), instances);
}

/** Whoever is signed in decides: as the approver who was asked, or as a member of the group. */
async function decideSignedIn(ports: Needs, found: OpenAsk, answering: Answering, instances: Instances): Promise<DecideAnswer | undefined> {
  const { signedInAs } = answering;
  const judged = judgeSignIn(found, answering);
  if (judged.kind === 'stranger') return { kind: 'needs-sign-in', approver: found.subject.approver, signedInAs };
  if (judged.kind === 'asked-for-it') return { kind: 'asked-for-it', signedInAs };
  if (judged.kind === 'already-decided') return { ...judged, journey: journeyOf(found.rollout.value) };
  return takeDecision(ports, found, { ...decisionOf(found, answering, isoNow(ports.clock)), ...judged.as }, instances);
}

/** Writes it, then nudges. Undefined: somebody else wrote first. */
export async function takeDecision(
  ports: Pick<Ports, 'rows' | 'clock'>,
  found: Omit<OpenAsk, 'keyId'>,
  decision: DecisionRecord,
  instances: Instances,
  proof = found.gate.value.proof,
): Promise<Extract<DecideAnswer, { kind: 'decided' }> | undefined> {
  if (!(await writeDecision(ports, found, { v: 1, ...decision, proof }))) return undefined;
  // The decision stands whatever becomes of the nudge: the watchdog raises it again.
  await wakeRollout(ports.rows, instances, found.subject.rolloutId).catch(() => undefined);
  return { kind: 'decided', decision, journey: journeyOf(found.rollout.value) };
}

export function decisionOf(
  { subject }: Pick<OpenAsk, 'subject'>,
  { answer, comment }: Pick<Answering, 'answer' | 'comment'>,
  at: string,
): DecisionRecord {
  const said = comment.trim();
  return { gate: subject.gate, approver: subject.approver, answer, ...(said === '' ? {} : { comment: said }), at };
}

async function writeDecision(
  ports: Pick<Ports, 'rows' | 'clock'>,
  { subject, rollout, gate, ask }: Omit<OpenAsk, 'keyId'>,
  row: DecisionRow,
): Promise<boolean> {
  const partition = subject.rolloutId;
  const { v: _v, proof: _proof, ...decision } = row;
  const written = await ports.rows.write([
    { kind: 'insert', partition, row: decisionKey(subject.gate, decision.approver), value: row },
    {
      kind: 'replace',
      partition,
      row: gateKey(subject.gate),
      value: withApprover(gate.value, subject.approver, { wrongCodes: 0 }),
      etag: gate.etag,
    },
    {
      kind: 'replace',
      partition,
      row: rolloutKey,
      value: {
        ...rollout.value,
        ask: { ...ask, decisions: [...ask.decisions, decision] },
        lastWriteAt: writeTime(rollout.value, ports.clock.now()),
      },
      etag: rollout.etag,
    },
  ]);
  return written.kind === 'written';
}

async function countWrongCode(
  ports: Needs,
  { subject, rollout, gate, approver }: OpenAsk,
  instances: Instances,
): Promise<DecideAnswer | undefined> {
  const partition = subject.rolloutId;
  const wrongCodes = approver.wrongCodes + 1;
  const isLocked = wrongCodes >= mostWrongCodes;
  const change = isLocked ? { mailNumber: approver.mailNumber + 1, wrongCodes: 0 } : { wrongCodes };
  const next = withApprover(gate.value, subject.approver, change);
  const replace = { kind: 'replace', partition, row: gateKey(subject.gate), value: next, etag: gate.etag } as const;
  if (!isLocked)
    return (await ports.rows.write([replace])).kind === 'written' ? { kind: 'wrong-code', left: mostWrongCodes - wrongCodes } : undefined;
  const notice = waitingNotice(rollout.value, next, { ...approver, ...change }, isoNow(ports.clock));
  if ((await ports.rows.write([replace, insertedNotice(partition, notice)])).kind !== 'written') return undefined;
  // The notice's row is there; the watchdog starts a delivery that is missing.
  await startDelivery(instances, partition, notice).catch(() => undefined);
  return { kind: 'locked' };
}

const withApprover = (gate: GateRow, address: string, change: Partial<GateRow['approvers'][number]>): GateRow => ({
  ...gate,
  approvers: gate.approvers.map((approver) =>
    approver.address.toLowerCase() === address.toLowerCase() ? { ...approver, ...change } : approver,
  ),
});
