import { appendLedger } from '../azure/ledger';
import type { Ports } from '../azure/ports';
import { changeRollout } from '../azure/rollout-rows';
import type { GateRow } from '../domain/gate';
import { judgeAsk, type AskVerdict, type GateView } from '../domain/judge-ask';
import type { RolloutRow } from '../domain/rollout';
import { decisionKey } from '../domain/tables';
import type { Activity } from './activity';
import type { Catalogue } from './catalogue';
import { openRound } from './open-round';

type Look = Catalogue['lookAtAsk'];

/** Opens the round, then judges the ask from the rows. A final verdict is written by ETag: click, expiry and cancel can't both win. */
export function createLookAtAsk(ports: Ports): Activity<Look['input'], Look['output']> {
  return async ({ rolloutId, round }) => {
    await openRound(ports, rolloutId, round);
    const gates = await gatesOf(ports, rolloutId);
    let verdict: AskVerdict = 'waiting';
    const row = await changeRollout(ports, rolloutId, (row) => {
      verdict = judge(row, gates, ports.clock.now());
      const isFinal = verdict !== 'waiting' && row.ask?.state === 'open' && !row.intent;
      return isFinal && row.ask ? { ...row, ask: { ...row.ask, state: verdict as Exclude<AskVerdict, 'waiting'> } } : undefined;
    });
    await recordDecisions(ports, row);
    const decisions = row.ask?.decisions ?? [];
    return { intent: row.intent ?? null, verdict, last: decisions.find((one) => one.answer === 'no') ?? decisions.at(-1) ?? null };
  };
}

/** Puts each decision on record once: who, what, when, at which gate. */
export async function recordDecisions(ports: Pick<Ports, 'rows' | 'ledgerKeys'>, row: RolloutRow): Promise<void> {
  for (const decision of row.ask?.decisions ?? []) {
    const id = `${row.id}:${decisionKey(decision.gate, decision.approver)}`;
    await appendLedger(ports, row, { id, kind: 'decision', at: decision.at, data: { rolloutId: row.id, ...decision } });
  }
}

export async function gatesOf(ports: Pick<Ports, 'rows'>, rolloutId: string): Promise<GateView[]> {
  const rows = await ports.rows.list<GateRow>(rolloutId, 'gate-');
  return rows.map(({ value }) => ({ gate: value.gate, needed: value.needed, approvers: value.approvers.map((one) => one.address) }));
}

function judge(row: RolloutRow, gates: GateView[], nowMs: number): AskVerdict {
  if (!row.ask || row.plan?.kind !== 'go') return 'waiting';
  if (row.ask.state !== 'open') return row.ask.state;
  return judgeAsk(gates, row.plan.combine, row.ask.decisions, nowMs, Date.parse(row.ask.expiresAt));
}
