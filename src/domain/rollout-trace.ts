import type { EndedRollout } from './ended-row';
import type { Outcome } from './rollout';
import { sha256Hex } from './tables';

/** One rollout as a trace: a root span, and a span for each phase it went through. */
export interface RolloutTrace {
  /** 32 hex digits, derived from the rollout's id: a trace that is sent again is the same trace. */
  traceId: string;
  spans: [TraceSpan, ...TraceSpan[]];
}

export interface TraceSpan {
  /** 16 hex digits. */
  spanId: string;
  /** Absent on the root. */
  parentSpanId?: string;
  name: string;
  startMs: number;
  endMs: number;
  /** Why it is no success, in one sentence. */
  failure?: string;
  attributes: Record<string, string | boolean>;
}

/**
 * Names of attributes are OpenTelemetry's where it has them (opentelemetry.io/docs/specs/semconv/registry/attributes/deployment and …/service); the
 * rest begin with `slipway.`. People are no part of it: telemetry goes further than the ledger.
 */
export function traceOf(row: EndedRollout): RolloutTrace {
  const { ending } = row;
  const failed = isFailure(ending.outcome);
  const rootId = spanIdOf(row.id, 'rollout');
  const root: TraceSpan = {
    spanId: rootId,
    name: `rollout ${row.app} to ${row.environment}`,
    ...lasting(row.admittedAt, ending.at),
    ...(failed ? { failure: ending.reason } : {}),
    attributes: attributesOf(row),
  };
  const phases = row.phases
    .filter(({ startedAt }) => startedAt < ending.at)
    .map(({ phase, startedAt, endedAt }, n) => ({
      spanId: spanIdOf(row.id, `${n} ${phase}`),
      parentSpanId: rootId,
      name: phase,
      ...lasting(startedAt, endedAt === undefined || endedAt > ending.at ? ending.at : endedAt),
      attributes: { 'slipway.phase': phase },
    }));
  return { traceId: sha256Hex(row.id).slice(0, 32), spans: [root, ...phases] };
}

/** What a log holds of a rollout that ended: one line of JSON, to be found by `slipway.rollout-ended`. */
export function endedLine(row: EndedRollout): string {
  const leadSeconds = Math.max(0, Date.parse(row.ending.at) - Date.parse(row.admittedAt)) / 1000;
  return JSON.stringify({ event: 'slipway.rollout-ended', at: row.ending.at, leadSeconds, ...attributesOf(row) });
}

function attributesOf(row: EndedRollout): Record<string, string | boolean> {
  const { ending, release } = row;
  return {
    'deployment.id': row.id,
    'deployment.environment.name': row.environment,
    'deployment.status': isFailure(ending.outcome) ? 'failed' : 'succeeded',
    'slipway.app': row.app,
    'slipway.version': release.version,
    'slipway.kind': row.kind,
    'slipway.outcome': ending.outcome,
    ...(ending.code === undefined ? {} : { 'slipway.code': ending.code }),
    ...(release.commit === undefined ? {} : { 'vcs.ref.head.revision': release.commit }),
    ...(row.hotfix === undefined ? {} : { 'slipway.hotfix': true }),
  };
}

/** Outcomes that nobody wanted. That a rollout was cancelled, or that a newer one took its place, is no failure of it. */
function isFailure(outcome: Outcome): boolean {
  switch (outcome) {
    case 'deployed':
    case 'unchanged':
    case 'cancelled':
    case 'superseded':
      return false;
    case 'rejected':
    case 'expired':
    case 'failed':
    case 'rolled-back':
    case 'needs-attention':
      return true;
  }
}

const spanIdOf = (rolloutId: string, name: string): string => sha256Hex(`${rolloutId} ${name}`).slice(0, 16);

/** A clock may have gone back in between: no span ends before it began. */
const lasting = (start: string, end: string): Pick<TraceSpan, 'startMs' | 'endMs'> => {
  const startMs = Date.parse(start);
  return { startMs, endMs: Math.max(startMs, Date.parse(end)) };
};
