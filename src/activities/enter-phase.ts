import { isoNow } from '../azure/clock';
import { appendLedger } from '../azure/ledger';
import type { Ports } from '../azure/ports';
import { changeRollout } from '../azure/rollout-rows';
import { phases, type Phase, type PhaseRecord, type RolloutRow } from '../domain/rollout';
import type { Activity } from './activity';
import type { Catalogue } from './catalogue';

type Enter = Catalogue['enterPhase'];

/**
 * Writes that a phase begins and the one before it ends, with what that one did (`note`); then says what anybody wants of the rollout.
 * Phases only go forward, also when an old run of this wakes up late: back before the swap, a cancel would be taken again.
 */
export function createEnterPhase(ports: Ports): Activity<Enter['input'], Enter['output']> {
  return async ({ rolloutId, phase, note }) => {
    const at = isoNow(ports.clock);
    const row = await changeRollout(ports, rolloutId, (row) =>
      phases.indexOf(phase) <= phases.indexOf(row.phase) || (row.ending && phase !== 'done') ? undefined : inPhase(row, phase, at, note),
    );
    const { app, environment } = row;
    if (row.phase === phase)
      await appendLedger(ports, { app, environment }, { id: `${rolloutId}:${phase}`, kind: 'phase', at, data: { rolloutId, phase } });
    return { intent: row.intent ?? null };
  };
}

export function inPhase(row: RolloutRow, phase: Phase, at: string, note?: string): RolloutRow {
  const did = note === undefined ? {} : { note };
  const closed = row.phases.map((one): PhaseRecord => (one.endedAt === undefined ? { ...one, endedAt: at, ...did } : one));
  const begun: PhaseRecord = { phase, startedAt: at, ...(phase === 'done' ? { endedAt: at } : {}) };
  return { ...row, phase, phases: [...closed, begun] };
}
