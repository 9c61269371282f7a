import { isoNow } from '../azure/clock';
import type { Ports } from '../azure/ports';
import { changeRollout } from '../azure/rollout-rows';
import type { Change } from '../azure/rows';
import { askedBy, type GateRow } from '../domain/gate';
import { isServiceGate } from '../domain/service-gate';
import { correlationOf } from '../gates/correlation';
import type { GatePolicy } from '../domain/settings';
import type { RolloutRow } from '../domain/rollout';
import { gateKey } from '../domain/tables';
import type { Activity } from './activity';
import type { Catalogue } from './catalogue';

type Open = Catalogue['openAsk'];

/** Opens the ask: one row a gate, and the expiry, in one transaction with the rollout's row. Opened once; a rerun answers what stands. */
export function createOpenAsk(ports: Ports): Activity<Open['input'], Open['output']> {
  return async ({ rolloutId }) => {
    const row = await changeRollout(ports, rolloutId, (row) => (row.ask || row.plan?.kind !== 'go' ? undefined : openAsk(ports, row)));
    if (!row.ask || row.plan?.kind !== 'go') throw new Error(`Rollout ${rolloutId} came to its ask without a plan.`);
    const { openedAt, expiresAt } = row.ask;
    const gates = (await ports.rows.list<GateRow>(rolloutId, gateKey(''))).map(({ value }) => value);
    return {
      openedAtMs: Date.parse(openedAt),
      expiresAtMs: Date.parse(expiresAt),
      gates: row.plan.gates.map((gate) => gate.name),
      escalations: gates.flatMap(({ gate, escalation }) => (escalation ? [{ gate, atMs: Date.parse(escalation.at) }] : [])),
    };
  };
}

function openAsk(ports: Ports, row: RolloutRow): { row: RolloutRow; also: Change[] } | undefined {
  if (row.plan?.kind !== 'go') return undefined;
  const { gates, policy } = row.plan;
  const openedAt = isoNow(ports.clock);
  const expiresAt = new Date(ports.clock.now() + policy.expiry * 1000).toISOString();
  const also = gates.map((gate): Change => ({
    kind: 'insert',
    partition: row.id,
    row: gateKey(gate.name),
    value: gateRow(ports, row, gate, { openedAt, expiresAt }),
  }));
  return { row: { ...row, ask: { state: 'open', openedAt, expiresAt, decisions: [] } }, also };
}

export function gateRow(
  ports: Pick<Ports, 'linkKeys'>,
  row: RolloutRow,
  gate: GatePolicy,
  { openedAt, expiresAt }: { openedAt: string; expiresAt: string },
): GateRow {
  const { name, notRequester } = gate;
  const any = {
    v: 1 as const,
    gate: name,
    rolloutId: row.id,
    ...(notRequester ? { notRequester } : {}),
    keyId: ports.linkKeys[0].id,
    digest: row.release.sha256,
    openedAt,
    expiresAt,
  };
  if (isServiceGate(gate)) {
    const correlation = correlationOf(ports.linkKeys[0], { rolloutId: row.id, gate: name, reopened: row.ask?.reopened ?? 0 });
    return { ...any, kind: gate.kind, proof: 'link', needed: 1, approvers: [], policy: gate, request: { correlation, attempt: 0 } };
  }
  const { kind, proof, needed, escalate } = gate;
  return {
    ...any,
    kind,
    proof,
    needed,
    approvers: askedBy(gate, row, false),
    ...(escalate ? { escalation: { at: partOf(openedAt, expiresAt, escalate.after), to: escalate.to, escalated: false } } : {}),
  };
}

const partOf = (openedAt: string, expiresAt: string, part: number): string =>
  new Date(Math.round(Date.parse(openedAt) + (Date.parse(expiresAt) - Date.parse(openedAt)) * part)).toISOString();
