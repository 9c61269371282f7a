import fc from 'fast-check';
import { asksVersion, judgeProbe, valueAt, versionSaid } from '../../src/domain/judge-probe';
import type { Check, Probe } from '../../src/domain/verdict';

const check = (expect: Partial<Check['expect']> = {}): Check => ({
  name: 'health',
  method: 'GET',
  path: '/api/health',
  headers: {},
  functionKey: false,
  expect: { status: [200], headers: {}, json: {}, ...expect },
  timeoutSeconds: 30,
  budgetSeconds: 180,
});

const answer = (body: unknown, more: Partial<Extract<Probe, { kind: 'answer' }>> = {}): Probe => ({
  kind: 'answer',
  status: 200,
  headers: {},
  body: typeof body === 'string' ? body : JSON.stringify(body),
  latencyMs: 12.4,
  ...more,
});

const judge = (expect: Partial<Check['expect']>, probe: Probe) => judgeProbe(check(expect), probe, '2.0.0');

describe('the version that an answer says', () => {
  const asking = check({ json: { '/app': 'hello', '/release/version': '{version}' } });
  const said = (version: unknown, more = {}) => versionSaid(asking, answer({ release: { version } }, more));

  it('is asked for by a check that compares one anywhere', () => {
    expect([asking, check({ headers: { etag: 'v{version}' } }), check({ json: { '': { all: ['{version}'] } } })].map(asksVersion)).toEqual([
      ...[true, true, true],
    ]);
    expect(asksVersion(check({ json: { '/app': 'hello' } }))).toBe(false);
  });

  it('is what stands where a check compares one', () => {
    expect(said('1.0.0')).toBe('1.0.0');
  });

  it('is nothing where no check compares one, nothing answers, or what answers is no version', () => {
    expect(versionSaid(check({ json: { '/version': 'v{version}' } }), answer({ version: 'v1' }))).toBeUndefined();
    expect(versionSaid(asking, { kind: 'no-answer', why: 'it was cut' })).toBeUndefined();
    expect(versionSaid(asking, answer('no JSON'))).toBeUndefined();
    expect(said('1.0.0', { status: 500 })).toBeUndefined();
    for (const odd of [7, null, '', '1.0 <b>', 'x'.repeat(101)]) expect(said(odd)).toBeUndefined();
  });
});

describe('judging a probe', () => {
  it('finds nothing healthy in no answer, whatever the check expects', () => {
    expect(judge({}, { kind: 'no-answer', why: 'the connection was refused' })).toEqual({
      verdict: 'inconclusive',
      seen: 'no answer: the connection was refused',
    });
  });

  it('says what it saw when all is well', () => {
    expect(judge({ json: { '/version': '{version}' } }, answer({ version: '2.0.0' }))).toEqual({
      verdict: 'healthy',
      seen: 'status 200, /version "2.0.0", 12 ms',
    });
    expect(judge({}, answer('anything'))).toEqual({ verdict: 'healthy', seen: 'status 200, 12 ms' });
  });

  it('is unhealthy for a status that is not wanted, a 503 too', () => {
    expect(judge({ status: [200, 204] }, answer('', { status: 503 }))).toEqual({
      verdict: 'unhealthy',
      seen: 'status 503, wanted 200 or 204',
    });
    expect(judge({ status: [503] }, answer('', { status: 503 })).verdict).toBe('healthy');
  });

  it('says of headers only whether they are as wanted', () => {
    const expect_ = { headers: { 'X-Version': '{version}', 'X-Other': 'a' } };
    expect(judge(expect_, answer('', { headers: { 'x-version': '2.0.0', 'x-other': 'a' } })).verdict).toBe('healthy');
    expect(judge(expect_, answer('', { headers: { 'x-version': 'secret' } })).seen).toBe(
      'header X-Version is not as wanted; no header X-Other',
    );
  });

  it('tells every mistake at once', () => {
    const seen = judge(
      { json: { '/version': '{version}', '/deep/list/1': { a: ['{version}'] } }, latencyMs: 10 },
      answer({ version: '1.9.9', deep: { list: [0, { a: ['1'] }] } }),
    );
    expect(seen).toEqual({
      verdict: 'unhealthy',
      seen: '/version is "1.9.9", wanted "2.0.0"; /deep/list/1 is {"a":["1"]}, wanted {"a":["2.0.0"]}; 12 ms, wanted at most 10',
    });
  });

  it('tells apart a body that is empty, is no JSON, or lacks a place', () => {
    expect(judge({ json: { '/a': 1 } }, answer('')).seen).toBe('an empty body, wanted JSON');
    expect(judge({ json: { '/a': 1 } }, answer('<html>secret</html>')).seen).toBe('a body that is not JSON');
    expect(judge({ json: { '/a/b': null } }, answer({ a: 1 })).seen).toBe('nothing at /a/b, wanted null');
    expect(judge({ json: { '/toString': 1 } }, answer({})).seen).toBe('nothing at /toString, wanted 1');
    expect(judge({ json: { '': [1] } }, answer([2])).seen).toBe('the body is [2], wanted [1]');
    expect(judge({ json: { '': {} } }, answer([])).verdict).toBe('unhealthy');
    expect(judge({ json: { '/a': 1 } }, answer({ a: '1' })).verdict).toBe('unhealthy');
  });

  it('shows at most a short piece of the body', () => {
    const seen = (length: number) => judge({ json: { '/a': 'x' } }, answer({ a: 'y'.repeat(length) })).seen;
    expect(seen(5000)).toBe(`/a is "${'y'.repeat(56)}…, wanted "x"`);
    expect(seen(58)).toBe(`/a is "${'y'.repeat(58)}", wanted "x"`);
  });

  it('minds how long an answer took only where the check does, and allows what it names', () => {
    for (const latencyMs of [13, 12.4]) expect(judge({ latencyMs }, answer('')).verdict).toBe('healthy');
    expect(judge({}, answer('', { latencyMs: 60_000 })).verdict).toBe('healthy');
  });

  it('says all that it compared', () => {
    expect(judge({ json: { '/a': 1, '/b': true } }, answer({ a: 1, b: true })).seen).toBe('status 200, /a 1, /b true, 12 ms');
  });

  it('reads a schema as its standard does: words and formats that it does not know say nothing, and of one fault every way out is told', () => {
    const seen = (schema: Record<string, unknown>, body: unknown) => judge({ schema }, answer(body)).seen;
    expect(seen({ type: 'string', format: 'moon-phase', 'x-owner': 'us' }, '"full"')).toBe('status 200, 12 ms');
    expect(seen({ anyOf: [{ type: 'string' }, { type: 'number' }] }, {})).toBe(
      'the body must be string; the body must be number; the body must match a schema in anyOf',
    );
  });

  it('fits the body to a JSON schema, telling places and rules, not values', () => {
    const schema = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: 'https://example.test/health',
      type: 'object',
      required: ['ok'],
      properties: { ok: { const: true }, token: { type: 'number' } },
    };
    expect(judge({ schema }, answer({ ok: true })).verdict).toBe('healthy');
    expect(judge({ schema }, answer({})).seen).toBe("the body must have required property 'ok'");
    const seen = judge({ schema }, answer({ ok: true, token: 'tr0ub4dor' }));
    expect(seen.seen).toBe('the body/token must be number');
    expect(judge({ schema: { type: 'nonsense' } }, answer({}))).toEqual({
      verdict: 'unhealthy',
      seen: "the check's schema is no JSON schema: correct it in slipway.yaml",
    });
    expect(judge({ schema: false as unknown as Record<string, unknown> }, answer({})).verdict).toBe('healthy');
  });

  it('asks nothing of the version where it is not known, and everything else', () => {
    const stated = check({ headers: { 'x-version': '{version}', 'x-app': 'hello' }, json: { '/version': ['v{version}'], '/ok': true } });
    const seen = (ok: boolean) => judgeProbe(stated, answer({ ok }, { headers: { 'x-app': 'hello' } }), null);
    expect(seen(true)).toEqual({ verdict: 'healthy', seen: 'status 200, /ok true, 12 ms, its version is not known and was not compared' });
    expect(seen(false)).toEqual({ verdict: 'unhealthy', seen: '/ok is false, wanted true' });
    expect(judgeProbe(check(), answer(''), null).seen).toBe('status 200, 12 ms');
  });

  it('finds every value of a JSON document by its pointer', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (document) => {
        const places = (value: unknown, pointer: string): [string, unknown][] => [
          [pointer, value],
          ...(typeof value === 'object' && value !== null
            ? Object.entries(value).flatMap(([key, each]) => places(each, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`))
            : []),
        ];
        for (const [pointer, value] of places(document, '')) expect(valueAt(document, pointer)).toEqual({ value });
      }),
    );
    expect(valueAt([1, 2], '/01')).toBeUndefined();
    expect(valueAt([1, 2], '/length')).toBeUndefined();
    expect(valueAt([1, 2], '/2')).toBeUndefined();
    expect(valueAt(Array(20).fill(7), '/12')).toEqual({ value: 7 });
    expect(valueAt({ a: null }, '/a/b')).toBeUndefined();
    // What a list carries besides its entries is none of JSON.
    const list = Object.assign([1], { '0x': 2, x0: 3 });
    for (const pointer of ['/0x', '/x0']) expect(valueAt(list, pointer)).toBeUndefined();
  });

  it('is healthy when a document is asked for itself, and unhealthy for any other', () => {
    const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown);
    fc.assert(
      fc.property(json, json, (wanted, found) => {
        const verdict = (body: unknown) => judgeProbe(check({ json: { '': wanted } }), answer(JSON.stringify(body)), '2.0.0').verdict;
        expect(verdict(wanted)).toBe('healthy');
        expect(verdict(found)).toBe(JSON.stringify(sorted(found)) === JSON.stringify(sorted(wanted)) ? 'healthy' : 'unhealthy');
      }),
    );
  });
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .reduce<{ members: unknown[] }>(({ members }, [key, each]) => ({ members: [...members, [key, sorted(each)]] }), { members: [] });
}
