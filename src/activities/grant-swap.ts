import { isoNow } from '../azure/clock';
import { appendLedger } from '../azure/ledger';
import type { Ports } from '../azure/ports';
import { assertHolding, changeRollout, placeOf, readRollout } from '../azure/rollout-rows';
import { recordSight } from '../azure/request-rows';
import { mostTries, type Change } from '../azure/rows';
import { stopsOf } from '../azure/stop-rows';
import { isAnsweredThere, madeThere, type GateRow } from '../domain/gate';
import { heldBy, type Held } from '../domain/held';
import { combined, gatesToday, hasTooFew, standingKept, type GateToday } from '../domain/judge-grant';
import { stillOurs, type Expected } from '../domain/judge-swap';
import type { Slots } from '../domain/live';
import type { GoPlan } from '../domain/plan';
import type { Problem } from '../domain/problem';
import { isBeforeSwap, writeTime, type RolloutRow } from '../domain/rollout';
import { standing, withWithdrawn } from '../domain/service-gate';
import { gatesFor, standstillsFor } from '../domain/standstill';
import { gateKey, rolloutKey } from '../domain/tables';
import type { Activity } from './activity';
import type { Catalogue } from './catalogue';
import { inPhase } from './enter-phase';
import { sightOf } from './look-at-request';
import { gateRow } from './open-ask';

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
      if (row.ask?.state === 'open' && (row.ask.held || row.ask.reopened === undefined)) return { kind: 'held' };
      const asked = await ports.rows.list<GateRow>(row.id, 'gate-');
      if (row.ask?.state === 'open' && row.ask.reopened !== undefined)
        return { kind: 'ask-again', number: numberOf(row.ask.reopened), gates: asked.map(({ value }) => value.gate) };
      const gates = gatesToday(asked, gatesFor(policy, row), row);
      const combine = combined(plan.combine, policy.combine);
      if (!standingKept(gates, combine, row.ask ? standing(row.ask) : [])) {
        const reopened = await reopen(ports, row, gates, combine);
        if (reopened) return reopened;
        continue;
      }
      const stops = await stopsOf(ports, row.app);
      const standstills = standstillsFor(row, [plan.policy, policy], stops, ports.clock.now());
      if (standstills.length > 0) return hold(ports, rolloutId, heldBy(standstills, stops));
      const undone = await readRequestsAgain(
        ports,
        row,
        asked.map(({ value }) => value),
      );
      if (undone) return undone;
      const basis = await ports.appControl.readSlots(target);
      const problem = whatChanged(plan, staged, basis);
      if (problem) return { kind: 'refused', problem };
      return begin(ports, rolloutId, staged, basis, note);
    }
    throw new Error(`The ask of rollout ${rolloutId} could not be opened again: other writers came first ${mostTries} times.`);
  };
}

type Ask = NonNullable<RolloutRow['ask']>;

/** Apart from the numbers of mails that were locked. */
const numberOf = (times: number): number => 100 + times;

async function begin(ports: Ports, rolloutId: string, staged: Expected, basis: Slots, note?: string): Promise<Grant['output']> {
  const at = isoNow(ports.clock);
  const row = await changeRollout(ports, rolloutId, (row) =>
    row.intent || row.ending || row.ask?.state !== 'granted' || !isBeforeSwap(row.phase)
      ? undefined
      : { ...inPhase(row, 'swapping', at, note), brought: staged },
  );
  if (isBeforeSwap(row.phase) && row.intent) return { kind: 'asked', intent: row.intent };
  if (row.ending) throw new Error(`Rollout ${rolloutId} was ended while its swap was granted: nothing is swapped.`);
  // Opened again while the slots were read: the next look at it says what it comes to.
  if (isBeforeSwap(row.phase)) return { kind: 'held' };
  const { app, environment, ask } = row;
  const data = { rolloutId, decisions: ask ? standing(ask) : [], staged };
  await appendLedger(ports, { app, environment }, { id: `${rolloutId}:granted`, kind: 'granted', at, data });
  return { kind: 'granted', basis, ...(ask?.requests ? { asksServices: true as const } : {}) };
}

/**
 * A yes that was given in a service is read there once more: what was taken back, or can't be read, lets nothing go to production. A yes that does not
 * count, as nobody can vouch for it, is left alone: where another gate is enough it would be read, and found wanting, for ever.
 */
async function readRequestsAgain(ports: Ports, { id, ask }: RolloutRow, asked: readonly GateRow[]): Promise<Grant['output'] | undefined> {
  const counted = ask ? standing(ask) : [];
  const yesses = new Set(counted.flatMap(({ gate, service }) => (service === undefined ? [] : [gate])));
  for (const gate of asked.filter(isAnsweredThere)) {
    if (!yesses.has(gate.gate)) continue;
    const { row } = await recordSight(ports, id, gate, await sightOf(ports, gate));
    if (row.ask?.state === 'granted') continue;
    return row.intent ? { kind: 'asked', intent: row.intent } : { kind: 'held' };
  }
  return undefined;
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

/** Opens the ask again to wait: every yes stays. Whoever wants the rollout to end meanwhile is heard first. */
async function hold(ports: Ports, rolloutId: string, held: Held): Promise<Grant['output']> {
  const row = await changeRollout(ports, rolloutId, (row) =>
    row.intent || row.ending || !row.ask ? undefined : { ...row, ask: { ...row.ask, state: 'open', ...held } },
  );
  return row.intent ? { kind: 'asked', intent: row.intent } : { kind: 'held' };
}

/** Opens the ask again for those whom today's policy names. Undefined: somebody else wrote first; judge again. */
async function reopen(ports: Ports, row: RolloutRow, gates: GateToday[], combine: GoPlan['combine']): Promise<Grant['output'] | undefined> {
  const [gone, ...more] = gates.filter(hasTooFew);
  if (gone && (combine === 'all' || more.length + 1 === gates.length)) return { kind: 'refused', problem: nobodyLeft(gone) };
  const found = await ports.rows.read<RolloutRow>(row.id, rolloutKey);
  if (!found?.value.ask) throw new Error(`Rollout ${row.id} has no ask that could be opened again.`);
  const { value: now, etag } = found;
  const { ask } = found.value;
  if (ask.state === 'open') return undefined;
  if (now.intent) return { kind: 'asked', intent: now.intent };
  const again = (ask.reopened ?? 0) + 1;
  const next: RolloutRow = {
    ...now,
    ask: { ...withoutAnswers(ask, gates, ports.clock.now()), state: 'open', reopened: again, reopenedAt: isoNow(ports.clock), combine },
    lastWriteAt: writeTime(now, ports.clock.now()),
  };
  const written = await ports.rows.write([
    { kind: 'replace', partition: row.id, row: rolloutKey, value: next, etag },
    ...gates.flatMap((gate) => askedAnew(ports, next, ask, gate)),
  ]);
  return written.kind === 'written' ? { kind: 'ask-again', number: numberOf(again), gates: gates.map(({ gate }) => gate) } : undefined;
}

/** The change to a gate's row; a gate that only today's policy has gets one. */
function askedAnew(ports: Ports, row: RolloutRow, ask: Pick<Ask, 'openedAt' | 'expiresAt'>, gate: GateToday): Change[] {
  const { asked, today, approvers, needed, service } = gate;
  const place = { partition: row.id, row: gateKey(gate.gate) };
  if (!asked) return today ? [{ kind: 'insert', ...place, value: gateRow(ports, row, today, ask) }] : [];
  if (service === 'stands') return [];
  const isOther = today !== undefined && (service === 'new' || asked.row.kind !== today.kind);
  const value: GateRow = isOther
    ? { ...gateRow(ports, row, today, ask), ...earlierOf(asked.row) }
    : { ...asked.row, approvers, needed, ...(today ? {} : retired(asked.row)) };
  return [{ kind: 'replace', ...place, etag: asked.etag, value }];
}

/** What was made for the question before is closed in the end. */
function earlierOf(before: GateRow): Pick<GateRow, 'earlier'> {
  const earlier = madeThere(before).map(({ policy, request }) => ({ policy, request }));
  return earlier.length > 0 ? { earlier } : {};
}

/** Without approvers nobody answers a link's gate; a service would go on saying what it said before. */
const retired = ({ kind }: GateRow): { isRetired?: true } => (kind === 'signed-link' ? {} : { isRetired: true });

/** A question that is put in a service for the first time, or another than before, has no answer yet. */
function withoutAnswers(ask: Ask, gates: readonly GateToday[], nowMs: number): Ask {
  const { requests, ...rest } = ask;
  const anew = new Set(gates.filter(({ service }) => service !== 'stands').map(({ gate }) => gate));
  const left = (requests ?? []).filter(({ gate }) => !anew.has(gate));
  const isLost = ({ gate, service }: Ask['decisions'][number]): boolean => service !== undefined && anew.has(gate);
  const lost = ask.decisions.filter(isLost);
  return {
    ...rest,
    decisions: ask.decisions.filter((one) => !isLost(one)),
    ...(left.length > 0 ? { requests: left } : {}),
    ...(lost.length > 0 ? { withdrawn: withWithdrawn(ask, lost, nowMs) } : {}),
  };
}

function nobodyLeft({ gate, needed, approvers: { length } }: GateToday): Problem {
  return {
    code: 'approvers-gone',
    sentence: `Gate ${gate} was answered by somebody who no longer may, and today's policy names ${length === 0 ? 'nobody' : `only ${length}`} who could answer it anew; it needs ${needed}.`,
    next: 'Look at the gate in slipway.yaml, then start the rollout again.',
  };
}
