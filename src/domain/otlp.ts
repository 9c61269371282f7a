import type { Figures } from './figures';
import type { RolloutTrace } from './rollout-trace';

/*
 * Bodies of OTLP/HTTP in JSON (opentelemetry.io/docs/specs/otlp, "JSON Protobuf Encoding"): ids in hex, 64-bit numbers as text. Written here because
 * OpenTelemetry's exporters want Node 22.15 and a process that lives as long as its spans; a rollout outlives many.
 */

interface KeyValue {
  key: string;
  value: { stringValue: string } | { boolValue: boolean };
}

function attributesOf(attributes: Record<string, string | boolean>): KeyValue[] {
  return Object.entries(attributes).map(([key, value]) => ({
    key,
    value: typeof value === 'string' ? { stringValue: value } : { boolValue: value },
  }));
}

const scope = { name: 'slipway' };
const resource = { attributes: attributesOf({ 'service.name': scope.name }), droppedAttributesCount: 0 };

const nanos = (milliseconds: number): string => `${milliseconds}000000`;

/** SPAN_KIND_INTERNAL, STATUS_CODE_UNSET and STATUS_CODE_ERROR of opentelemetry/proto/trace/v1/trace.proto. */
const internal = 1;
const unset = 0;
const error = 2;

/** Body of `POST /v1/traces`. */
export function tracesBody(traces: readonly RolloutTrace[]): object {
  const spans = traces.flatMap(({ traceId, spans }) =>
    spans.map(({ spanId, parentSpanId, name, startMs, endMs, failure, attributes }) => ({
      traceId,
      spanId,
      ...(parentSpanId === undefined ? {} : { parentSpanId }),
      name,
      kind: internal,
      startTimeUnixNano: nanos(startMs),
      endTimeUnixNano: nanos(endMs),
      attributes: attributesOf(attributes),
      status: failure === undefined ? { code: unset } : { code: error, message: failure },
    })),
  );
  return { resourceSpans: [{ resource, scopeSpans: [{ scope, spans }] }] };
}

/** The figures of one environment of one app. */
export interface PlaceFigures {
  app: string;
  environment: string;
  figures: Figures;
}

/** Units are UCUM's. A figure that nothing is known of has no point: no data is not zero. */
const gauges: readonly { name: string; unit: string; description: string; of: (figures: Figures) => number | null }[] = [
  {
    name: 'slipway.deployment.frequency',
    unit: '{change}/wk',
    description: 'Changes that reached the environment, a week.',
    of: ({ perWeek }) => perWeek,
  },
  {
    name: 'slipway.change.lead_time',
    unit: 's',
    description: 'From the request to the end of the watch, median.',
    of: ({ medianLeadMs }) => inSeconds(medianLeadMs),
  },
  {
    name: 'slipway.change.failure_rate',
    unit: '1',
    description: 'The part of the changes that was taken back or needed a person.',
    of: ({ failureRate }) => failureRate,
  },
  {
    name: 'slipway.restore.time',
    unit: 's',
    description: 'From the swap that brought a failure to the old release serving again, median.',
    of: ({ medianRestoreMs }) => inSeconds(medianRestoreMs),
  },
];

const inSeconds = (milliseconds: number | null): number | null => (milliseconds === null ? null : milliseconds / 1000);

/** Body of `POST /v1/metrics`: the four figures of each environment, as gauges. */
export function metricsBody(places: readonly PlaceFigures[], nowMs: number): object {
  const metrics = gauges.map(({ name, unit, description, of }) => ({
    name,
    unit,
    description,
    gauge: {
      dataPoints: places.flatMap(({ app, environment, figures }) => {
        const value = of(figures);
        const attributes = attributesOf({ 'slipway.app': app, 'deployment.environment.name': environment });
        return value === null ? [] : [{ attributes, timeUnixNano: nanos(nowMs), asDouble: value }];
      }),
    },
  }));
  return { resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics }] }] };
}
