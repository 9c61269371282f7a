import type { GateApprover, GateRow } from '../domain/gate';
import { judgeClaim, judgeSignIn, type SignIn, type SignInVerdict } from '../domain/judge-claim';
import { problem, type InputProblem } from '../domain/problems';
import type { DecisionRecord, RolloutRow } from '../domain/rollout';
import { sayTime } from '../domain/say';
import { gateKey, rolloutKey } from '../domain/tables';
import { isoNow } from '../azure/clock';
import type { Instances } from '../azure/instances';
import type { Ports } from '../azure/ports';
import { mostTries, type Row } from '../azure/rows';
import { decisionOf, takeDecision } from './decide';
import type { OpenAsk } from './read-approval';

export interface SignedInAnswer extends SignIn {
  rolloutId: string;
  /** May be absent where only one gate asks this person. */
  gate?: string | undefined;
  answer: 'yes' | 'no';
  comment: string;
}

export type SignedInDecided = { kind: 'decided'; decision: DecisionRecord } | { kind: 'refused'; problem: InputProblem };

type Needs = Pick<Ports, 'rows' | 'clock'>;
type Question = Omit<OpenAsk, 'keyId'>;

/** Takes the yes or no of somebody whom the platform has signed in: as good as a code from a mail at any gate, and the only way at `proof: entra`. */
export function createDecideSignedIn(ports: Needs): (said: SignedInAnswer, instances: Instances) => Promise<SignedInDecided> {
  return async (said, instances) => {
    for (let tries = 0; tries < mostTries; tries += 1) {
      const found = await findQuestion(ports, said);
      if ('problem' in found) return { kind: 'refused', problem: found.problem };
      const decision = { ...decisionOf(found.question, said, isoNow(ports.clock)), ...found.as };
      const taken = await takeDecision(ports, found.question, decision, instances, 'entra');
      if (taken) return { kind: 'decided', decision: taken.decision };
    }
    throw new Error(`A decision lost to other writers ${mostTries} times and was not written. Nothing was decided; try again.`);
  };
}

type Found = { question: Question; as: { approver: string; group?: string } } | { problem: InputProblem };

async function findQuestion(ports: Needs, said: SignedInAnswer): Promise<Found> {
  const rollout = await ports.rows.read<RolloutRow>(said.rolloutId, rolloutKey);
  if (!rollout) return { problem: problem('unknown-rollout', said.rolloutId) };
  const gates = await gatesFor(ports, rollout, said);
  const chosen = gates.filter(({ gate }) => said.gate === undefined || gate.value.gate === said.gate);
  if (chosen.length > 1) return { problem: problem('which-gate', chosen.map(({ gate }) => gate.value.gate).join(', ')) };
  return chosen[0] ? judge(ports, chosen[0]) : { problem: problem('not-an-approver', said.rolloutId) };
}

interface Candidate {
  rollout: Row<RolloutRow>;
  gate: Row<GateRow>;
  approver: GateApprover;
  verdict: SignInVerdict;
}

/** The gates of a rollout at which this person is asked, by themselves or as a member of a group: as whom, for each. */
async function gatesFor(ports: Needs, rollout: Row<RolloutRow>, who: SignIn): Promise<Candidate[]> {
  const rows = await ports.rows.list<GateRow>(rollout.value.id, gateKey(''));
  return rows.flatMap((gate) => {
    const known = gate.value.approvers
      .map((approver) => ({ rollout, gate, approver, verdict: judgeSignIn({ rollout, gate, approver }, who) }))
      .filter(({ verdict }) => verdict.kind !== 'stranger');
    const [best] = [...known.filter(({ verdict }) => verdict.kind === 'may'), ...known];
    return best ? [best] : [];
  });
}

/** One open question to whoever is signed in. */
export interface QuestionToCaller {
  gate: string;
  /** Under which name a yes or no would stand. */
  approver: string;
  /** Asked as a member of this Entra group. */
  group?: string;
  expiresAt: string;
}

/** What a rollout asks whoever is signed in just now, a gate at a time; undefined: there is no such rollout. */
export function createReadQuestions(ports: Needs): (id: string, who: SignIn) => Promise<QuestionToCaller[] | undefined> {
  return async (id, who) => {
    const rollout = await ports.rows.read<RolloutRow>(id, rolloutKey);
    if (!rollout) return undefined;
    const gates = await gatesFor(ports, rollout, who);
    return gates.flatMap((candidate) => {
      const found = judge(ports, candidate);
      if ('problem' in found) return [];
      const { gate, expiresAt } = candidate.gate.value;
      return [{ gate, ...found.as, expiresAt }];
    });
  };
}

function judge(ports: Needs, { rollout, gate, approver, verdict }: Candidate): Found {
  const { id } = rollout.value;
  if (verdict.kind === 'asked-for-it') return { problem: problem('asked-for-it', id) };
  const subject = { ...gate.value, approver: approver.address, mailNumber: approver.mailNumber };
  const claim = judgeClaim(rollout.value, gate.value, subject, ports.clock.now());
  if (verdict.kind === 'already-decided') return { problem: decided(id, verdict.decision) };
  if (claim.kind === 'already-decided') return { problem: decided(id, claim.decision) };
  if (claim.kind === 'ended') return { problem: problem('ended-already', id, claim.ending) };
  if (claim.kind !== 'open' || verdict.kind !== 'may') return { problem: problem('asks-nobody', id) };
  return { question: { ...claim, subject, rollout, gate }, as: verdict.as };
}

const decided = (id: string, { approver, answer, at }: DecisionRecord): InputProblem =>
  problem('decided-already', id, `${approver} said ${answer} at ${sayTime(at)}`);
