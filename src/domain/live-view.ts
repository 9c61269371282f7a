import type { Standstill } from './calendar';
import { hasEnded, type EndedRollout } from './ended-row';
import { heldOf, isHeld } from './held';
import type { LaneRow } from './lane';
import type { Outcome, Phase, RolloutRow } from './rollout';
import { viewGate } from './rollout-view';
import { waitedFor } from './waited-for';

/** What runs in one environment of one app, what is on its way there, and whose turn it is. Read from rows alone, never from Azure. */
export interface PlaceView {
  app: string;
  environment: string;
  live: LiveRelease;
  /** The rollout whose turn it is, or the oldest that waits for one; null where nothing is on its way. */
  running: RunningView | null;
  /** How many wait behind it. */
  waiting: number;
  lane: LaneRow['state'];
  blocked?: { by: string; reason: string; at: string };
  /** Why no swap of a usual release may be there now. */
  standstills: Standstill[];
  /** The newest rollout that ended, however it did. */
  last: { id: string; version: string; outcome: Outcome; at: string } | null;
}

/**
 * `known`: a rollout brought it, and nothing has happened since that speaks against it. `unknown`: Slipway never brought anything there
 * (`version`: what production said of itself, where it was heard). `in-doubt`: a rollout ended without proof of what production serves.
 */
export type LiveRelease =
  | { kind: 'known'; version: string; sha256: string; commit?: string; rolloutId: string; since: string; by: string; otherwise?: string }
  | { kind: 'unknown'; version?: string }
  | { kind: 'in-doubt'; rolloutId: string; since: string; sentence: string };

export interface RunningView {
  id: string;
  kind: RolloutRow['kind'];
  version: string;
  phase: Phase;
  phaseSince: string;
  /** The phases it has been in. */
  phases: Phase[];
  note?: string;
  requestedBy: string;
  /** At an open gate: who has not answered, and until when they may. */
  waitsFor: { gate: string; approvers: string[]; proof: string }[];
  expiresAt?: string;
  /** Every yes is there, and why no swap may be yet. */
  held?: string[];
  stoppedLines?: (string | null)[];
}

/** `rows`: rollouts to that place, in any order: all that have not ended, and of those that have the newest ones, back to one that says what serves there. */
export function viewPlace(
  place: { app: string; environment: string },
  rows: readonly RolloutRow[],
  lane: LaneRow,
  standstills: Standstill[] = [],
): PlaceView {
  const ended = rows.filter(hasEnded).sort((a, b) => (a.ending.at < b.ending.at ? 1 : -1));
  const onTheirWay = rows.filter((row) => !row.ending).sort((a, b) => (a.admittedAt < b.admittedAt ? -1 : 1));
  const running = onTheirWay.find(({ id }) => id === lane.holder) ?? onTheirWay[0];
  const [last] = ended;
  return {
    ...place,
    live: liveOf(ended, rows),
    running: running === undefined ? null : viewRunning(running),
    waiting: Math.max(0, onTheirWay.length - 1),
    lane: lane.state,
    ...(lane.blocked === undefined ? {} : { blocked: lane.blocked }),
    standstills,
    last: last ? { id: last.id, version: last.release.version, outcome: last.ending.outcome, at: last.ending.at } : null,
  };
}

/** `ended`: newest first. */
function liveOf(ended: readonly EndedRollout[], all: readonly RolloutRow[]): LiveRelease {
  for (const row of ended) {
    const { ending, release } = row;
    if (ending.outcome === 'needs-attention') return { kind: 'in-doubt', rolloutId: row.id, since: ending.at, sentence: ending.serves };
    if (ending.outcome !== 'deployed') continue;
    const otherwise = contradiction(row, all);
    return {
      kind: 'known',
      version: release.version,
      sha256: release.sha256,
      ...(release.commit === undefined ? {} : { commit: release.commit }),
      rolloutId: row.id,
      since: ending.at,
      by: row.requester.name,
      ...(otherwise === undefined ? {} : { otherwise }),
    };
  }
  const heard = all.flatMap(({ plan }) => (plan?.kind === 'go' && plan.replaces.says !== undefined ? [plan.replaces.says] : []));
  const [version] = heard;
  return version === undefined ? { kind: 'unknown' } : { kind: 'unknown', version };
}

/** Each rollout reads production's marker when it makes its plan: one that names another rollout than the last deployed says that somebody else was there. */
function contradiction(live: EndedRollout, all: readonly RolloutRow[]): string | undefined {
  const brought = live.brought?.marker;
  if (!brought) return undefined;
  const found = all.find(({ plan }) => plan?.kind === 'go' && plan.madeAt > live.ending.at && plan.replaces.marker !== brought);
  return found && `When ${found.id} began, production did not carry the marker of ${live.id} any more: somebody else changed it.`;
}

function viewRunning(row: RolloutRow): RunningView {
  const record = row.phases.findLast(({ phase }) => phase === row.phase);
  const { plan, ask } = row;
  const waits = plan?.kind === 'go' && ask?.state === 'open' && !isHeld(ask) ? waitedFor(plan.gates.map(viewGate), ask) : [];
  return {
    id: row.id,
    kind: row.kind,
    version: row.release.version,
    phase: row.phase,
    phaseSince: record?.startedAt ?? row.admittedAt,
    phases: row.phases.map(({ phase }) => phase),
    ...(record?.note === undefined ? {} : { note: record.note }),
    requestedBy: row.requester.name,
    waitsFor: waits.map(({ name, approvers, proof }) => ({ gate: name, approvers, proof })),
    ...(ask?.state === 'open' ? { expiresAt: ask.expiresAt } : {}),
    ...(isHeld(ask) ? heldOf(ask) : {}),
  };
}
