import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createOutgoing } from '../../src/azure/outgoing';
import { otlpHeaders, otlpTelemetry } from '../../src/azure/telemetry';
import { reportTelemetry } from '../../src/commands/report-telemetry';
import type { RolloutRow } from '../../src/domain/rollout';
import { iso, opened, rollout, settings } from '../mail/world';
import { rowsInMemory } from '../rows-in-memory';

/** A collector: keeps what it takes, and answers `status`. */
let collector: Server;
let endpoint: string;
let status: number;
let taken: { path: string; key: string | undefined; spans: string[] }[];

interface Traces {
  resourceSpans?: { scopeSpans: { spans: { name: string; attributes: { key: string; value: { stringValue?: string } }[] }[] }[] }[];
}

beforeEach(async () => {
  status = 200;
  taken = [];
  collector = createServer((request, response) => {
    void json(request).then((body) => {
      const spans = (body as Traces).resourceSpans?.flatMap((one) => one.scopeSpans.flatMap((scope) => scope.spans)) ?? [];
      const roots = spans.flatMap(({ attributes }) => attributes.find(({ key }) => key === 'deployment.id')?.value.stringValue ?? []);
      const key = request.headers['x-api-key'];
      taken.push({ path: request.url ?? '', key: Array.isArray(key) ? key[0] : key, spans: roots });
      response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/`;
});
afterEach(() => new Promise((resolve) => collector.close(resolve)));

const ended = (id: string, atSeconds: number): RolloutRow => ({
  ...rollout,
  id,
  ending: { outcome: 'deployed', at: iso(atSeconds), reason: '', next: '', serves: '' },
});

function world() {
  const time = { nowMs: opened };
  const lines: string[] = [];
  const outgoing = createOutgoing({ packages: [], private: [], loopback: true });
  const telemetry = otlpTelemetry(outgoing, endpoint, otlpHeaders('x-api-key=a%2Fb') ?? {});
  const ports = { rows: rowsInMemory(), clock: { now: () => time.nowMs, sleep: () => Promise.resolve() }, settings, telemetry };
  const report = (rows: RolloutRow[]) =>
    reportTelemetry(ports, rows, (line) => lines.push((JSON.parse(line) as Record<string, string>)['deployment.id'] ?? ''));
  const sent = () => taken.filter(({ path }) => path === '/v1/traces').flatMap(({ spans }) => spans);
  return { time, lines, report, sent, ports };
}

describe('telemetry', () => {
  it('tells of each rollout that ended once, to the log and to the collector, with its figures and key', async () => {
    const { time, lines, report, sent } = world();
    const rows = [rollout, ended('a', -30), ended('b', -20)];
    await report(rows);
    await report(rows);
    time.nowMs += 3_600_000;
    await report([...rows, ended('c', 3500)]);
    await report([...rows, ended('c', 3500)]);
    expect(lines).toEqual(['a', 'b', 'c']);
    expect(sent()).toEqual(['a', 'b', 'c']);
    expect(taken.filter(({ path }) => path === '/v1/metrics')).toHaveLength(4);
    expect(new Set(taken.map(({ key }) => key))).toEqual(new Set(['a/b']));
  });

  it('tells of one whose row was written a little after the time that it says', async () => {
    const { time, lines, report } = world();
    await report([ended('a', 0)]);
    time.nowMs += 5 * 60_000;
    await report([ended('a', 0), ended('late', -1)]);
    expect(lines).toEqual(['a', 'late']);
  });

  it('tells the log where the collector is away, and the collector once it is back', async () => {
    const { lines, report, sent } = world();
    status = 503;
    await expect(report([ended('a', -30)])).rejects.toThrow(/^The collector of telemetry at 127\.0\.0\.1:\d+ answered 503 to traces\.$/);
    expect(lines).toEqual(['a']);
    taken = [];
    status = 200;
    await report([ended('a', -30)]);
    expect(lines).toEqual(['a']);
    expect(sent()).toEqual(['a']);
  });

  it('needs no collector', async () => {
    const { lines, ports } = world();
    const { telemetry: _, ...without } = ports;
    await reportTelemetry(without, [ended('a', -30)], (line) => lines.push(line));
    expect(lines).toHaveLength(1);
    expect(taken).toEqual([]);
  });

  it('asks no address that it may not', async () => {
    const refused = otlpTelemetry(createOutgoing({ packages: [], private: [], loopback: false }), endpoint, {});
    await expect(refused.send('traces', {})).rejects.toThrow(
      'The telemetry’s address in OTEL_EXPORTER_OTLP_ENDPOINT is not asked: it lies on the machine Slipway runs on.',
    );
    expect(taken).toEqual([]);
  });
});

it.each([
  ['', {}],
  ['x-api-key=abc', { 'x-api-key': 'abc' }],
  ['X-Api-Key = a%20b , tenant=7', { 'x-api-key': 'a b', tenant: '7' }],
  ['no value', undefined],
  ['x=%zz', undefined],
  ['x=a%0d%0ab', undefined],
])('reads the headers %j', (text, headers) => {
  expect(otlpHeaders(text)).toEqual(headers);
});
