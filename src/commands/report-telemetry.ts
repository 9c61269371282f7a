import type { Ports } from '../azure/ports';
import { endedInDays } from '../azure/rollout-index';
import { hasEnded, type EndedRollout } from '../domain/ended-row';
import { figuresOf } from '../domain/figures';
import { metricsBody, tracesBody } from '../domain/otlp';
import type { RolloutRow } from '../domain/rollout';
import { endedLine, traceOf } from '../domain/rollout-trace';
import { placesOf } from '../domain/settings';
import { telemetryKey, watchdogPartition } from '../domain/tables';

/** What was handed over: everything that ended until then, and these that ended since. */
interface ReportedRow {
  v: 1;
  until: string;
  rolloutIds: string[];
}

/** A row is written a moment after the time it says. */
const lagMs = 15 * 60_000;
const figureDays = 90;

type Needs = Pick<Ports, 'rows' | 'clock' | 'settings' | 'telemetry'>;

/**
 * Hands over each rollout that ended: a line to the log, a trace to the collector, and the figures of every environment. Each place has a mark of its
 * own, so that a collector that is away does not silence the log; what was not handed over must stay open. What was handed over just before a crash is handed over again, as the same trace.
 */
export async function reportTelemetry(ports: Needs, open: readonly RolloutRow[], log: (line: string) => void): Promise<void> {
  const ended = open.filter(hasEnded);
  await handOver(ports, 'log', ended, (rows) => {
    for (const row of rows) log(endedLine(row));
    return Promise.resolve();
  });
  const { telemetry } = ports;
  if (!telemetry) return;
  await handOver(ports, 'otlp', ended, (rows) => telemetry.send('traces', tracesBody(rows.map(traceOf))));
  const nowMs = ports.clock.now();
  const inDays = await endedInDays(ports, open, nowMs, figureDays);
  const places = placesOf(ports.settings).map(({ app, environment }) => {
    const rows = inDays.filter((row) => row.app === app && row.environment === environment);
    return { app, environment, figures: figuresOf(rows, nowMs, figureDays) };
  });
  await telemetry.send('metrics', metricsBody(places, nowMs));
}

async function handOver(
  { rows, clock }: Needs,
  to: 'log' | 'otlp',
  ended: readonly EndedRollout[],
  send: (rows: readonly EndedRollout[]) => Promise<void>,
): Promise<void> {
  const until = new Date(clock.now() - lagMs).toISOString();
  const place = { partition: watchdogPartition, row: telemetryKey(to) };
  const found = await rows.read<ReportedRow>(place.partition, place.row);
  const reported = found?.value ?? { v: 1, until, rolloutIds: [] };
  const since = ended.filter(({ ending }) => ending.at > reported.until);
  const fresh = since.filter(({ id }) => !reported.rolloutIds.includes(id));
  if (fresh.length === 0) return;
  await send(fresh);
  const value: ReportedRow = {
    v: 1,
    until: until > reported.until ? until : reported.until,
    rolloutIds: since.filter(({ ending }) => ending.at > until).map(({ id }) => id),
  };
  // Of two that look at once the first one's mark stays: the other handed over the same.
  await rows.write([found ? { kind: 'replace', ...place, value, etag: found.etag } : { kind: 'insert', ...place, value }]);
}
