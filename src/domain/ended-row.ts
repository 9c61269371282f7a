import type { Ending, Outcome, RolloutRow } from './rollout';

export type EndedRollout = RolloutRow & { ending: Ending };

export const hasEnded = (row: RolloutRow): row is EndedRollout => row.ending !== undefined;

/** What is asked of a rollout long after its end, so that figures and searches need not read all of its rows. Row `ended-<reversed time>-<rollout id>`. */
export interface EndedRow {
  v: 1;
  id: string;
  app: string;
  environment: string;
  kind: RolloutRow['kind'];
  version: string;
  sha256: string;
  admittedAt: string;
  outcome: Outcome;
  /** When it ended. */
  at: string;
  /** When its first swap began. */
  swapAt?: string;
  /** The rollout whose effect it took back. */
  reverts?: string;
}

export function endedRowOf({ id, app, environment, kind, release, admittedAt, ending, phases, reverts }: EndedRollout): EndedRow {
  const { outcome, at } = ending;
  const swapAt = phases.find(({ phase }) => phase === 'swapping')?.startedAt;
  return {
    ...{ v: 1, id, app, environment, kind, version: release.version, sha256: release.sha256, admittedAt, outcome, at },
    ...(swapAt === undefined ? {} : { swapAt }),
    ...(reverts === undefined ? {} : { reverts }),
  };
}

/** Whether such an end says what production serves since, or that nobody knows. */
export const saysWhatServes = (outcome: Outcome): boolean => outcome === 'deployed' || outcome === 'needs-attention';
