import { appendLedger } from '../azure/ledger';
import type { Ports } from '../azure/ports';
import { changeRollout, placeOf, readRollout } from '../azure/rollout-rows';
import { stopsOf } from '../azure/stop-rows';
import { isAnsweredThere, type GateRow } from '../domain/gate';
import type { Standstill } from '../domain/calendar';
import { heldBy, type Held } from '../domain/held';
import { judgeAsk, viewOf, type AskVerdict, type GateView } from '../domain/judge-ask';
import { judgeHeld } from '../domain/judge-grant';
import type { RolloutRow } from '../domain/rollout';
import { nextLookSeconds } from '../domain/request-pace';
import { standing } from '../domain/service-gate';
import { nextChangeMs, standstillsFor } from '../domain/standstill';
import type { StoppedApp } from '../domain/stop';
import { decisionKey } from '../domain/tables';
import type { Activity } from './activity';
import type { Catalogue } from './catalogue';
import { openRound } from './open-round';

type Look = Catalogue['lookAtAsk'];

/** Opens the round, then judges the ask from the rows. A final verdict is written by ETag: click, expiry and cancel can't both win. */
export function createLookAtAsk(ports: Ports): Activity<Look['input'], Look['output']> {
  return async ({ rolloutId, round }) => {
    await openRound(ports, rolloutId, round);
    const rows = await gateRowsOf(ports, rolloutId);
    const gates = viewsOf(rows);
    let seen: Judged = { verdict: 'waiting', standstills: [] };
    const stops = await stopsOf(ports, (await readRollout(ports, rolloutId)).app);
    const row = await changeRollout(ports, rolloutId, (row) => {
      seen = judge(ports, row, gates, stops);
      return row.ask?.state === 'open' && !row.intent ? writeVerdict(row, row.ask, seen, stops) : undefined;
    });
    await recordDecisions(ports, row);
    const { verdict, standstills } = seen;
    const decisions = row.ask?.decisions ?? [];
    const untilMs = nextChangeMs(standstills);
    const { ask } = row;
    const services = rows.filter(isAnsweredThere).map(({ gate, policy: { poll }, request }) => ({
      gate,
      everySeconds: ask ? nextLookSeconds(poll, ask, ports.clock.now(), request) : poll,
    }));
    return {
      intent: row.intent ?? null,
      verdict,
      last: decisions.find((one) => one.answer === 'no') ?? decisions.at(-1) ?? null,
      held: standstills.map(({ sentence }) => sentence),
      heldUntilMs: untilMs === Infinity ? null : untilMs,
      ...(services.length > 0 ? { services } : {}),
    };
  };
}

/** What holds an ask that is open and has every yes, as its next look will find it; undefined: nothing does, or a yes is missing. */
export async function readHeld(
  ports: Pick<Ports, 'rows' | 'clock' | 'settings'>,
  rolloutId: string,
): Promise<(Held & { expiresAt: string }) | undefined> {
  const row = await readRollout(ports, rolloutId);
  const stops = await stopsOf(ports, row.app);
  const { verdict, standstills } = judge(ports, row, viewsOf(await gateRowsOf(ports, rolloutId)), stops);
  return row.ask && verdict === 'held' ? { ...heldBy(standstills, stops), expiresAt: row.ask.expiresAt } : undefined;
}

interface Judged {
  verdict: AskVerdict;
  /** Of an ask that has every yes. */
  standstills: Standstill[];
}

function judge(ports: Pick<Ports, 'clock' | 'settings'>, row: RolloutRow, gates: GateView[], stops: StoppedApp[]): Judged {
  if (!row.ask || row.plan?.kind !== 'go') return { verdict: 'waiting', standstills: [] };
  if (row.ask.state !== 'open') return { verdict: row.ask.state, standstills: [] };
  const [nowMs, expiresAtMs] = [ports.clock.now(), Date.parse(row.ask.expiresAt)];
  const verdict = judgeAsk(gates, row.ask.combine ?? row.plan.combine, standing(row.ask), nowMs, expiresAtMs);
  const standstills = verdict === 'granted' ? standstillsFor(row, [row.plan.policy, placeOf(ports, row).policy], stops, nowMs) : [];
  return { verdict: judgeHeld(verdict, standstills, nowMs, expiresAtMs), standstills };
}

/** Undefined where the row says it all already. */
function writeVerdict(
  row: RolloutRow,
  ask: NonNullable<RolloutRow['ask']>,
  { verdict, standstills }: Judged,
  stops: readonly StoppedApp[],
): RolloutRow | undefined {
  const { held: before, stoppedLines: _before, ...bare } = ask;
  const now = heldBy(standstills, stops);
  if (verdict !== 'waiting' && verdict !== 'held') return { ...row, ask: { ...bare, state: verdict } };
  if (JSON.stringify(now.held) === JSON.stringify(before ?? [])) return undefined;
  return { ...row, ask: now.held.length === 0 ? bare : { ...bare, ...now } };
}

/** Puts each decision on record once: who, what, when, at which gate; and each that was taken back. */
export async function recordDecisions(ports: Pick<Ports, 'rows' | 'ledgerKeys'>, row: RolloutRow): Promise<void> {
  for (const decision of row.ask?.decisions ?? []) {
    // Whoever approves in a service can take it back and do it again: each time is a record of its own.
    const again = decision.service === undefined ? '' : `:${decision.at}`;
    const id = `${row.id}:${decisionKey(decision.gate, decision.approver)}${again}`;
    await appendLedger(ports, row, { id, kind: 'decision', at: decision.at, data: { rolloutId: row.id, ...decision } });
  }
  for (const { withdrawnAt: at, ...decision } of row.ask?.withdrawn ?? []) {
    const id = `${row.id}:withdrawn-${decision.gate}-${decision.at}`;
    await appendLedger(ports, row, { id, kind: 'withdrawn', at, data: { rolloutId: row.id, ...decision } });
  }
}

const viewsOf = (rows: readonly GateRow[]): GateView[] =>
  rows.map((value) => viewOf({ ...value, isService: isAnsweredThere(value) }, value.approvers));

async function gateRowsOf(ports: Pick<Ports, 'rows'>, rolloutId: string): Promise<GateRow[]> {
  return (await ports.rows.list<GateRow>(rolloutId, 'gate-')).map(({ value }) => value);
}
