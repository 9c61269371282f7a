import { isoNow } from '../azure/clock';
import { appendLedger } from '../azure/ledger';
import type { Ports } from '../azure/ports';
import { assertHolding, changeRollout, placeOf, readRollout } from '../azure/rollout-rows';
import { mostTries } from '../azure/rows';
import { approversOf, type GateRow } from '../domain/gate';
import { judgeAsk, type GateView } from '../domain/judge-ask';
import { stillOurs, type Expected } from '../domain/judge-swap';
import type { Slots } from '../domain/live';
import type { GoPlan } from '../domain/plan';
import type { Problem } from '../domain/problem';
import { isBeforeSwap, writeTime, type RolloutRow } from '../domain/rollout';
import type { Policy } from '../domain/settings';
import { gateKey, rolloutKey } from '../domain/tables';
import type { Activity } from './activity';
import type { Catalogue } from './catalogue';
import { inPhase } from './enter-phase';

type Grant = Catalogue['grantSwap'];

/**
 * The last look before the swap: staging still provably holds what was proven, production is what the ask showed, and both the frozen
 * plan and today's policy say yes. Then, by ETag, the phase becomes `swapping`: from here a cancel comes too late.
 */
export function createGrantSwap(ports: Ports): Activity<Grant['input'], Grant['output']> {
  return async ({ rolloutId, epoch, staged, note }) => {
    for (let tries = 0; tries < mostTries; tries += 1) {
      const row = await readRollout(ports, rolloutId);
      await assertHolding(ports, row, epoch, ['asking', 'swapping']);
      const { target, policy } = placeOf(ports, row);
      const plan = row.plan;
      if (plan?.kind !== 'go') throw new Error(`Rollout ${rolloutId} came to its swap without a plan.`);
      // Only an earlier run of this can have opened it again: nobody comes here with an ask that is open.
      if (row.ask?.state === 'open' && row.ask.reopened !== undefined) return askAgain(row.ask.reopened);
      const standing = await standingOf(ports, row, plan, policy);
      if (standing.kind === 'lost') {
        const reopened = await reopen(ports, row, standing.gates, plan.combine);
        if (reopened) return reopened;
        continue;
      }
      const basis = await ports.appControl.readSlots(target);
      const problem = whatChanged(plan, staged, basis);
      if (problem) return { kind: 'refused', problem };
      return begin(ports, rolloutId, staged, basis, note);
    }
    throw new Error(`The ask of rollout ${rolloutId} could not be opened again: other writers came first ${mostTries} times.`);
  };
}

/** Apart from the numbers of mails that were locked. */
const askAgain = (times: number): Grant['output'] => ({ kind: 'ask-again', number: 100 + times });

async function begin(ports: Ports, rolloutId: string, staged: Expected, basis: Slots, note?: string): Promise<Grant['output']> {
  const at = isoNow(ports.clock);
  const row = await changeRollout(ports, rolloutId, (row) =>
    row.intent || row.ending || !isBeforeSwap(row.phase) ? undefined : { ...inPhase(row, 'swapping', at, note), brought: staged },
  );
  if (isBeforeSwap(row.phase) && row.intent) return { kind: 'asked', intent: row.intent };
  if (row.ending) throw new Error(`Rollout ${rolloutId} was ended while its swap was granted: nothing is swapped.`);
  const { app, environment, ask } = row;
  const data = { rolloutId, decisions: ask?.decisions ?? [], staged };
  await appendLedger(ports, { app, environment }, { id: `${rolloutId}:granted`, kind: 'granted', at, data });
  return { kind: 'granted', basis };
}

function whatChanged(plan: GoPlan, staged: Expected, now: Slots): Problem | undefined {
  if (stillOurs(staged, now.staging) !== 'ours')
    return {
      code: 'staging-changed',
      sentence:
        'Staging no longer provably holds what was checked and approved: somebody pushed to it or changed its settings meanwhile, or it can not be read.',
      next: 'Find out who deployed to the staging slot, then start the rollout again.',
    };
  if (stillOurs(plan.live.production, now.production) === 'not-ours')
    return {
      code: 'production-changed',
      sentence: 'Production no longer holds what the ask showed: somebody swapped or deployed meanwhile.',
      next: 'Find out who changed production, then start the rollout again.',
    };
  return undefined;
}

type Standing = { kind: 'kept' } | { kind: 'lost'; gates: GateToday[] };

interface GateToday {
  row: GateRow;
  etag: string;
  /** Whom today's policy names. Those who were asked before keep their place; the others are new. */
  approvers: GateRow['approvers'];
}

/** An approver whom today's policy no longer names has lost standing: that yes no longer counts. A revert's gates are its own. */
async function standingOf(ports: Ports, row: RolloutRow, plan: GoPlan, today: Policy): Promise<Standing> {
  const todays = row.kind === 'revert' ? today.revert.gates : today.gates;
  const gates = (await ports.rows.list<GateRow>(row.id, 'gate-')).map(({ value, etag }): GateToday => {
    const named = todays.find((gate) => gate.name === value.gate);
    const approvers = (named ? approversOf(named, row) : []).map(
      (address) =>
        value.approvers.find((one) => one.address.toLowerCase() === address.toLowerCase()) ?? { address, mailNumber: 1, wrongCodes: 0 },
    );
    return { row: value, etag, approvers };
  });
  const views = gates.map(({ row: gate, approvers }): GateView => {
    const asked = new Set(gate.approvers.map((one) => one.address));
    return { gate: gate.gate, needed: gate.needed, approvers: approvers.map((one) => one.address).filter((address) => asked.has(address)) };
  });
  const isKept = judgeAsk(views, plan.combine, row.ask?.decisions ?? [], 0, 1) === 'granted';
  return isKept ? { kind: 'kept' } : { kind: 'lost', gates };
}

/** Opens the ask again for those whom today's policy names. Undefined: somebody else wrote first; judge again. */
async function reopen(ports: Ports, row: RolloutRow, gates: GateToday[], combine: GoPlan['combine']): Promise<Grant['output'] | undefined> {
  const [gone, ...more] = gates.filter((gate) => gate.approvers.length < gate.row.needed);
  if (gone && (combine === 'all' || more.length + 1 === gates.length))
    return { kind: 'refused', problem: nobodyLeft(gone.row, gone.approvers.length) };
  const found = await ports.rows.read<RolloutRow>(row.id, rolloutKey);
  if (!found?.value.ask) throw new Error(`Rollout ${row.id} has no ask that could be opened again.`);
  const { value: now, etag } = found;
  if (now.ask?.state === 'open') return undefined;
  if (now.intent) return { kind: 'asked', intent: now.intent };
  const again = (now.ask?.reopened ?? 0) + 1;
  const written = await ports.rows.write([
    {
      kind: 'replace',
      partition: row.id,
      row: rolloutKey,
      value: { ...now, ask: { ...now.ask, state: 'open', reopened: again }, lastWriteAt: writeTime(now, ports.clock.now()) },
      etag,
    },
    ...gates.map(({ row: gate, etag, approvers }) => ({
      kind: 'replace' as const,
      partition: row.id,
      row: gateKey(gate.gate),
      etag,
      value: { ...gate, approvers },
    })),
  ]);
  return written.kind === 'written' ? askAgain(again) : undefined;
}

const nobodyLeft = ({ gate, needed }: GateRow, left: number): Problem => ({
  code: 'approvers-gone',
  sentence: `Gate ${gate} was answered by somebody who no longer may, and today's policy names ${left === 0 ? 'nobody' : `only ${left}`} who could answer it anew; it needs ${needed}.`,
  next: 'Look at the gate in slipway.yaml, then start the rollout again.',
});
