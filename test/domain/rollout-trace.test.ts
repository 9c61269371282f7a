import { describe, expect, it } from '@jest/globals';
import { JsonMetricsSerializer, JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import fc from 'fast-check';
import { endedRowOf, hasEnded, type EndedRollout } from '../../src/domain/ended-row';
import { figuresOf } from '../../src/domain/figures';
import { metricsBody, tracesBody } from '../../src/domain/otlp';
import { outcomes, phases, type RolloutRow } from '../../src/domain/rollout';
import { endedLine, traceOf, type RolloutTrace } from '../../src/domain/rollout-trace';
import { iso, opened, rollout } from '../mail/world';

const ended = (changes: Partial<RolloutRow> = {}, outcome: EndedRollout['ending']['outcome'] = 'deployed'): EndedRollout => ({
  ...rollout,
  phases: [
    { phase: 'staging', startedAt: iso(-50), endedAt: iso(-47) },
    { phase: 'asking', startedAt: iso(0), endedAt: iso(60) },
    { phase: 'swapping', startedAt: iso(60) },
    { phase: 'telling', startedAt: iso(90) },
  ],
  ending: { outcome, at: iso(90), reason: 'It was rolled out.', next: '', serves: '' },
  ...changes,
});

describe('the trace of a rollout', () => {
  it('has a span for each phase below one that lasts from the request to the outcome', () => {
    const { traceId, spans } = traceOf(ended());
    expect(traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(spans.map(({ name, startMs, endMs }) => [name, startMs, endMs])).toEqual([
      ['rollout hello to production', Date.parse(rollout.admittedAt), opened + 90_000],
      ['staging', opened - 50_000, opened - 47_000],
      ['asking', opened, opened + 60_000],
      ['swapping', opened + 60_000, opened + 90_000],
    ]);
    expect(spans.slice(1).every(({ parentSpanId }) => parentSpanId === spans[0].spanId)).toBe(true);
    expect(spans.slice(1).map(({ attributes }) => attributes)).toEqual(
      ['staging', 'asking', 'swapping'].map((phase) => ({ 'slipway.phase': phase })),
    );
    expect(spans[0].attributes).toEqual({
      'deployment.id': rollout.id,
      'deployment.environment.name': 'production',
      'deployment.status': 'succeeded',
      'slipway.app': 'hello',
      'slipway.version': '2.0.0',
      'slipway.kind': 'deploy',
      'slipway.outcome': 'deployed',
      'vcs.ref.head.revision': 'c0ffee1',
    });
  });

  it('ends no phase after the rollout', () => {
    const { spans } = traceOf(ended({ phases: [{ phase: 'asking', startedAt: iso(0), endedAt: iso(200) }] }));
    expect(spans.map(({ endMs }) => endMs)).toEqual([opened + 90_000, opened + 90_000]);
  });

  it('says why a rollout failed, with its code, and that it was a hotfix', () => {
    const { commit: _, ...release } = rollout.release;
    const ending = {
      outcome: 'failed',
      code: 'wrong-digest',
      at: iso(90),
      reason: 'The digest is another.',
      next: '',
      serves: '',
    } as const;
    const [root] = traceOf(ended({ release, hotfix: 'down', ending })).spans;
    expect(root).toMatchObject({ failure: 'The digest is another.' });
    expect(root.attributes).toMatchObject({ 'deployment.status': 'failed', 'slipway.code': 'wrong-digest', 'slipway.hotfix': true });
    expect(root.attributes).not.toHaveProperty('vcs.ref.head.revision');
  });

  it('calls a failure what nobody wanted, and nothing else', () => {
    const failures = outcomes.filter((outcome) => traceOf(ended({}, outcome)).spans[0].failure !== undefined);
    expect(failures).toEqual(['rejected', 'expired', 'failed', 'rolled-back', 'needs-attention']);
  });

  it('is the same trace however often it is made, with ids of its own, and no span ends before it began', () => {
    const instant = fc.integer({ min: -600, max: 600 }).map(iso);
    const record = fc.record({ phase: fc.constantFrom(...phases), startedAt: instant, endedAt: instant });
    fc.assert(
      fc.property(fc.array(record, { maxLength: 12 }), (records) => {
        const trace = traceOf(ended({ phases: records }));
        expect(traceOf(ended({ phases: records }))).toEqual(trace);
        expect(new Set(trace.spans.map(({ spanId }) => spanId)).size).toBe(trace.spans.length);
        for (const { spanId, startMs, endMs } of trace.spans) {
          expect(spanId).toMatch(/^[0-9a-f]{16}$/);
          expect(endMs).toBeGreaterThanOrEqual(startMs);
        }
      }),
    );
  });

  it('is also one line of a log, without the people in it', () => {
    expect(hasEnded(rollout)).toBe(false);
    expect(JSON.parse(endedLine(ended()))).toMatchObject({
      event: 'slipway.rollout-ended',
      leadSeconds: 180,
      'slipway.outcome': 'deployed',
      'deployment.id': rollout.id,
    });
    expect(endedLine(ended())).not.toContain(rollout.requester.name);
  });
});

/** What OpenTelemetry's own serializer makes of the same spans: the shape of the wire is its. */
describe('the bodies of OTLP', () => {
  const resource = { attributes: { 'service.name': 'slipway' } };
  const time = (ms: number): [number, number] => [Math.floor(ms / 1000), (ms % 1000) * 1_000_000];
  const readable = ({ traceId, spans }: RolloutTrace) =>
    spans.map(({ spanId, parentSpanId, name, startMs, endMs, failure, attributes }) => ({
      name,
      kind: 0,
      spanContext: () => ({ traceId, spanId, traceFlags: 1 }),
      ...(parentSpanId === undefined ? {} : { parentSpanContext: { traceId, spanId: parentSpanId, traceFlags: 1 } }),
      startTime: time(startMs),
      endTime: time(endMs),
      duration: time(endMs - startMs),
      status: failure === undefined ? { code: 0 } : { code: 2, message: failure },
      attributes,
      links: [],
      events: [],
      ended: true,
      resource,
      instrumentationScope: { name: 'slipway' },
      droppedAttributesCount: 0,
      droppedEventsCount: 0,
      droppedLinksCount: 0,
    }));
  const decoded = (bytes: Uint8Array | undefined): unknown => JSON.parse(new TextDecoder().decode(bytes));

  it('hold traces as OpenTelemetry’s own serializer writes them', () => {
    const traces = [traceOf(ended()), traceOf(ended({ id: 'another-1', hotfix: 'the shop is down' }, 'failed'))];
    const theirs = decoded(JsonTraceSerializer.serializeRequest(traces.flatMap(readable) as never));
    expect(theirs).toMatchObject(JSON.parse(JSON.stringify(tracesBody(traces))) as object);
    // All that a span of theirs says, ours says too.
    const spans = (body: unknown) =>
      (body as { resourceSpans: { scopeSpans: { spans: object[] }[] }[] }).resourceSpans[0]!.scopeSpans[0]!.spans;
    const ours = JSON.parse(JSON.stringify(spans(tracesBody(traces)))) as object[];
    for (const key of ['parentSpanId', 'status', 'attributes'])
      expect(ours.map((span) => (span as Record<string, unknown>)[key])).toEqual(
        spans(theirs).map((span) => (span as Record<string, unknown>)[key]),
      );
  });

  it('hold the figures as gauges as OpenTelemetry’s own serializer writes them, and none that is not known', () => {
    const all = [ended(), ended({ id: 'taken-back-1' }, 'rolled-back')];
    const figures = figuresOf(all.map(endedRowOf), opened + 120_000, 90);
    const none = figuresOf([], opened, 90);
    const body = JSON.parse(
      JSON.stringify(
        metricsBody(
          [
            { app: 'hello', environment: 'production', figures },
            { app: 'hello', environment: 'test', figures: none },
          ],
          opened,
        ),
      ),
    ) as { resourceMetrics: [{ scopeMetrics: [{ metrics: { name: string; unit: string; gauge: { dataPoints: object[] } }[] }] }] };
    const { metrics } = body.resourceMetrics[0].scopeMetrics[0];
    expect(metrics.map(({ name, unit, gauge }) => [name, unit, gauge.dataPoints.length])).toEqual([
      ['slipway.deployment.frequency', '{change}/wk', 2],
      ['slipway.change.lead_time', 's', 1],
      ['slipway.change.failure_rate', '1', 1],
      ['slipway.restore.time', 's', 1],
    ]);
    const theirs = decoded(
      JsonMetricsSerializer.serializeRequest({
        resource,
        scopeMetrics: [
          {
            scope: { name: 'slipway' },
            metrics: [
              {
                descriptor: {
                  name: 'slipway.change.lead_time',
                  unit: 's',
                  description: 'From the request to the end of the watch, median.',
                  valueType: 1,
                },
                aggregationTemporality: 0,
                dataPointType: 2,
                dataPoints: [
                  {
                    startTime: time(opened),
                    endTime: time(opened),
                    attributes: { 'slipway.app': 'hello', 'deployment.environment.name': 'production' },
                    value: 180,
                  },
                ],
              },
            ],
          },
        ],
      } as never),
    ) as typeof body;
    expect(theirs.resourceMetrics[0].scopeMetrics[0].metrics[0]).toMatchObject(metrics[1] as object);
  });
});
