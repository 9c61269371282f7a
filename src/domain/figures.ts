import type { EndedRow } from './ended-row';

/** The four figures by which delivery is measured (DORA), over the days before `now`. */
export interface Figures {
  days: number;
  from: string;
  to: string;
  /** Releases that reached production, oldest first; reverts are the restoring of another change, and none themselves. */
  changes: ChangeFigure[];
  perWeek: number;
  /** From the request, which a build sends when it is done, to the end of the watch. */
  medianLeadMs: number | null;
  /** The part of the changes that was taken back, or needed a person. */
  failureRate: number | null;
  /** From the beginning of the swap that brought the failure to production serving the old release again. */
  medianRestoreMs: number | null;
}

export interface ChangeFigure {
  rolloutId: string;
  app: string;
  environment: string;
  version: string;
  at: string;
  leadMs: number;
  failed: 'no' | 'rolled-back' | 'reverted' | 'needs-attention';
  /** Absent where nothing failed, and where nothing is restored yet. */
  restoreMs?: number;
}

const dayMs = 86_400_000;

export const figuresFrom = (now: number, days: number): string => new Date(now - days * dayMs).toISOString();

/** `rows`: whatever ended within the days; others change nothing. */
export function figuresOf(rows: readonly EndedRow[], now: number, days: number): Figures {
  const from = figuresFrom(now, days);
  const to = new Date(now).toISOString();
  const changes = rows.flatMap((row) => changeOf(row, rows) ?? []).filter(({ at }) => at >= from && at <= to);
  changes.sort((a, b) => (`${a.at} ${a.rolloutId}` < `${b.at} ${b.rolloutId}` ? -1 : 1));
  const failed = changes.filter((change) => change.failed !== 'no');
  return {
    days,
    from,
    to,
    changes,
    perWeek: (changes.length * 7) / days,
    medianLeadMs: median(changes.filter((change) => change.failed === 'no').map(({ leadMs }) => leadMs)),
    failureRate: changes.length === 0 ? null : failed.length / changes.length,
    medianRestoreMs: median(failed.flatMap(({ restoreMs }) => restoreMs ?? [])),
  };
}

function changeOf(row: EndedRow, all: readonly EndedRow[]): ChangeFigure | undefined {
  const { outcome, at, kind } = row;
  if (kind === 'revert') return undefined;
  if (outcome !== 'deployed' && outcome !== 'rolled-back' && outcome !== 'needs-attention') return undefined;
  const revert = outcome === 'deployed' ? all.find((one) => one.reverts === row.id && one.outcome === 'deployed') : undefined;
  const swapped = row.swapAt ?? at;
  const restored = outcome === 'rolled-back' ? at : revert?.at;
  return {
    rolloutId: row.id,
    app: row.app,
    environment: row.environment,
    version: row.version,
    at,
    leadMs: Date.parse(at) - Date.parse(row.admittedAt),
    failed: outcome === 'deployed' ? (revert ? 'reverted' : 'no') : outcome,
    ...(restored === undefined ? {} : { restoreMs: Math.max(0, Date.parse(restored) - Date.parse(swapped)) }),
  };
}

/** Null for nothing. Of an even number the mean of the two in the middle. */
function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}
