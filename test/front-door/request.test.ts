import fc from 'fast-check';
import { bodyHashOf, releaseKeyOf, releaseOf, requestKeyOf } from '../../src/domain/admission';
import { problem, problems, type ProblemCode } from '../../src/domain/problems';
import { cutToBytes, redactJson, redactText } from '../../src/domain/redact';
import { rolloutIdOf, versionSlug } from '../../src/domain/rollout-id';
import { decisionBody, listQuery } from '../../src/domain/api-requests';
import { decodeRolloutRequest, mistakesOf as told } from '../../src/domain/rollout-request';
import { requestOf, sha256 } from './ports';

const mistakesOf = (json: unknown) => {
  const decoded = decodeRolloutRequest(json);
  return decoded.kind === 'request' ? [] : decoded.errors.map(({ pointer, detail }) => `${pointer} ${detail}`);
};
const event = (changes: object) => ({
  specversion: '1.0',
  id: 'e',
  source: '/ci',
  type: 'dev.slipway.rollout.requested',
  data: requestOf(),
  ...changes,
});

describe('a request', () => {
  it('is read with what it leaves out filled in, its digest in lower case', () => {
    const {
      functions: _functions,
      settings: _settings,
      ...least
    } = requestOf({ package: { url: 'http://127.0.0.1:10000/x.zip', sha256: sha256.toUpperCase() } });
    expect(decodeRolloutRequest(least)).toEqual({
      kind: 'request',
      request: { ...least, package: { ...least.package, sha256 }, functions: [], settings: {} },
    });
  });

  it.each(['http://localhost:10000/x.zip', 'http://[::1]:10000/x.zip', 'http://127.10.200.30/x.zip', 'https://builds.example.com/x.zip'])(
    'takes its package from %s',
    (url) => {
      expect(mistakesOf(requestOf({ package: { url, sha256 } }))).toEqual([]);
    },
  );

  it.each<[object | null, string[]]>([
    [{ app: 'Hello' }, ['/app write the name as in slipway.yaml: lower-case letters, digits and "-", at most 40']],
    [{ app: 7 }, ['/app must be a text']],
    [{ app: undefined, environment: undefined }, ['/app is missing', '/environment is missing']],
    [{ version: ' ' }, ['/version must be 1 to 100 letters, digits, ".", "_", "+" or "-", beginning with a letter or digit']],
    [{ version: 'x'.repeat(101) }, ['/version must be 1 to 100 letters, digits, ".", "_", "+" or "-", beginning with a letter or digit']],
    [{ version: 'a\nb' }, ['/version must be 1 to 100 letters, digits, ".", "_", "+" or "-", beginning with a letter or digit']],
    [{ package: 'x' }, ['/package must be an object']],
    [{ package: { url: 'https://x/y.zip' } }, ['/package/sha256 is missing']],
    [{ package: { url: 'https://x/y.zip', sha256: 'abc' } }, ["/package/sha256 must be the 64 hex digits of the package's sha256"]],
    [{ package: { url: 'http://example.com/y.zip', sha256 } }, ['/package/url must be an https URL (http only for this machine itself)']],
    [{ package: { url: 'file:///etc/passwd', sha256 } }, ['/package/url must be an https URL (http only for this machine itself)']],
    [{ package: { url: 'ftp://127.0.0.1/y.zip', sha256 } }, ['/package/url must be an https URL (http only for this machine itself)']],
    [
      { package: { url: 'http://127.0.0.1.example.com/y.zip', sha256 } },
      ['/package/url must be an https URL (http only for this machine itself)'],
    ],
    [{ package: { url: 'https://u@x/y.zip', sha256 } }, ['/package/url must hold no user name or password; sign the URL instead']],
    [{ package: { url: 'https://:p@x/y.zip', sha256 } }, ['/package/url must hold no user name or password; sign the URL instead']],
    ...['https://u@ci/7', 'https://:p@ci/7', 'xhttps://ci/7', 'file:///ci/7'].map((buildUrl): [object, string[]] => [
      { buildUrl },
      ['/buildUrl must be an http or https URL without user name and password: it is shown to people'],
    ]),
    [{ package: { url: 'y.zip', sha256 } }, ['/package/url must be an https URL (http only for this machine itself)']],
    [{ package: { url: 'https://u:p@x/y.zip', sha256 } }, ['/package/url must hold no user name or password; sign the URL instead']],
    [{ buildUrl: 'javascript:alert(1)' }, ['/buildUrl must be an http or https URL without user name and password: it is shown to people']],
    [{ buildUrl: 'no url' }, ['/buildUrl must be an http or https URL without user name and password: it is shown to people']],
    [{ functions: {} }, ['/functions must be a list']],
    [
      {
        functions: [
          { name: 'a', trigger: 'queue' },
          { name: 'A', trigger: 'http' },
        ],
      },
      ['/functions a function is listed twice'],
    ],
    [
      {
        functions: [
          { name: 'a', trigger: '' },
          { name: '../x', trigger: 'http', more: 1 },
        ],
      },
      [
        '/functions/0/trigger must be the kind of trigger, such as http, queue or timer',
        "/functions/1/name must be a function's name",
        '/functions/1/more is not known here; leave it out',
      ],
    ],
    [{ settings: { A: 1 } }, ['/settings/A must be a text']],
    [{ settings: { 'a/b~c': 'x' } }, ['/settings/a~1b~0c an app setting\'s name is letters, digits, "_", ".", ":" and "-", at most 200']],
    [
      { settings: { 'SLIPWAY_A B': 'x' } },
      [
        '/settings/SLIPWAY_A B an app setting\'s name is letters, digits, "_", ".", ":" and "-", at most 200; Slipway or the platform writes this setting itself; leave it out',
      ],
    ],
    [{ settings: { SLIPWAY_MARKER: 'x' } }, ['/settings/SLIPWAY_MARKER Slipway or the platform writes this setting itself; leave it out']],
    [
      { settings: { 'AzureWebJobs.q.Disabled': '1' } },
      ['/settings/AzureWebJobs.q.Disabled Slipway or the platform writes this setting itself; leave it out'],
    ],
    [{ settings: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`A${n}`, ''])) }, ['/settings at most 100 settings']],
    [{ colour: 1, flavour: 2 }, ['/colour is not known here; leave it out', '/flavour is not known here; leave it out']],
    [{ version: '../x' }, ['/version must be 1 to 100 letters, digits, ".", "_", "+" or "-", beginning with a letter or digit']],
    [{ commit: 'x'.repeat(101) }, ['/commit is longer than 100']],
    [{ commit: 'a\nb' }, ['/commit must be one line without control characters']],
    [{ actor: 1, requestId: '' }, ['/actor must be a text', '/requestId must not be empty']],
  ])('%j is refused with every mistake at once', (changes, expected) => {
    expect(mistakesOf({ ...requestOf(), ...changes })).toEqual(expected);
    expect(mistakesOf(event({ data: { ...requestOf(), ...changes } }))).toEqual(expected.map((one) => `/data${one}`));
  });

  it.each([null, 7, 'text', true, [[]]])('%j is no request', (json) => {
    expect(mistakesOf(json)).toEqual([' must be an object']);
  });

  it('is none where nothing came', () => {
    expect(mistakesOf(undefined)).toEqual([' is missing']);
  });

  it('may bring a hundred settings', () => {
    const settings = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`A${n}`, '']));
    expect(mistakesOf(requestOf({ settings }))).toEqual([]);
  });

  it('never throws and never repeats what was sent', () => {
    fc.assert(fc.property(fc.jsonValue(), (json) => void decodeRolloutRequest(json)));
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...Object.keys(requestOf()), 'specversion', 'id', 'data', 'type', 'source'), fc.jsonValue()),
        (json) => void decodeRolloutRequest(json),
      ),
    );
    expect(mistakesOf({ ...requestOf(), version: 7, commit: 'S3CRET\n', settings: { A: ['S3CRET'] } }).join()).not.toContain('S3CRET');
  });
});

describe('the page of a build', () => {
  const kept = (buildUrl: string) => {
    const decoded = decodeRolloutRequest(requestOf({ buildUrl }));
    return decoded.kind === 'request' ? decoded.request.buildUrl : decoded.errors;
  };

  it('keeps what identifies the build, and nothing of a query that may sign', () => {
    expect(kept('https://dev.azure.com/o/p/_build/results?buildId=4711&view=results&sig=SECRET#SECRET')).toBe(
      'https://dev.azure.com/o/p/_build/results?buildId=4711',
    );
    expect(kept('https://github.com/o/r/actions/runs/7')).toBe('https://github.com/o/r/actions/runs/7');
    expect(kept('http://ci.example/?a=S3CRET1&b=1S3CRET&c=12')).toBe('http://ci.example/?c=12');
    expect(bodyHashOf(requestOf({ buildUrl: 'https://ci/7' }))).not.toBe(bodyHashOf(requestOf({ buildUrl: 'https://ci/8' })));
  });
});

describe('a CloudEvent', () => {
  it('is read with its source and id, and the extensions that others may add', () => {
    expect(decodeRolloutRequest(event({ time: 'now', traceparent: 'x', datacontenttype: 'application/json' }))).toMatchObject({
      kind: 'request',
      event: { source: '/ci', id: 'e', putBacks: 0 },
    });
    expect(decodeRolloutRequest(event({ slipwayputbacks: 3 }))).toMatchObject({ event: { putBacks: 3 } });
    for (const odd of [-1, 1.5, 'x', null])
      expect(decodeRolloutRequest(event({ slipwayputbacks: odd }))).toMatchObject({ event: { putBacks: 0 } });
  });

  it.each([
    [{ specversion: '0.3' }, ['/specversion must be "1.0"']],
    [{ type: 'other' }, ['/type must be "dev.slipway.rollout.requested"']],
    [{ id: '', source: undefined }, ['/id must not be empty', '/source is missing']],
    [{ datacontenttype: 'text/xml' }, ['/datacontenttype must be application/json']],
    [{ data: undefined }, ['/data is missing']],
    [{ data: 'x', id: 1 }, ['/id must be a text', '/data must be an object']],
  ])('%j is refused', (changes, expected) => {
    expect(mistakesOf(event(changes))).toEqual(expected);
    expect(decodeRolloutRequest(event(changes))).not.toHaveProperty('event');
  });
});

describe('what the API takes besides', () => {
  const said = (schema: typeof decisionBody | typeof listQuery, json: object) => {
    const { error } = schema.safeParse(json);
    return error ? told(error, json, '').map(({ pointer, detail }) => `${pointer} ${detail}`) : [];
  };

  it('is refused in words of its own, and with all the answers that there are', () => {
    expect(said(decisionBody, { answer: 'maybe' })).toEqual(['/answer must be "yes" or "no"']);
    expect(said(listQuery, { limit: '201' })).toEqual(['/limit must be a whole number from 1 to 200']);
  });
});

describe('keys and hashes', () => {
  it('takes the sender’s key before the queue’s', () => {
    const all = { idempotencyKey: 'i', event: { source: 's', id: 'e' }, requestId: 'r', messageId: 'm' };
    expect(requestKeyOf(all)).toBe('request:i');
    expect(requestKeyOf({ ...all, idempotencyKey: undefined })).toBe('event:["s","e"]');
    expect(requestKeyOf({ ...all, idempotencyKey: undefined, event: undefined })).toBe('request:r');
    expect(requestKeyOf({ messageId: 'm' })).toBe('message:m');
    expect(requestKeyOf({})).toBeUndefined();
  });

  it('are the same whatever the order of what was sent and whatever signs the URL', () => {
    const one = requestOf({
      settings: { A: '1', B: '2' },
      functions: [
        { name: 'b', trigger: 'queue' },
        { name: 'a', trigger: 'http' },
      ],
    });
    const other = { ...one, settings: { B: '2', A: '1' }, package: { sha256, url: 'https://builds.example/hello.zip?sig=OTHER#x' } };
    expect(bodyHashOf(other)).toBe(bodyHashOf(one));
    expect(bodyHashOf({ ...one, settings: { A: '2', B: '1' } })).not.toBe(bodyHashOf(one));
    const keyOf = (request: typeof one) => releaseKeyOf({ ...request, release: releaseOf(request) });
    expect(keyOf({ ...one, functions: [...one.functions].reverse() })).toBe(keyOf(one));
    expect(keyOf({ ...one, functions: one.functions.slice(1) })).not.toBe(keyOf(one));
    expect(releaseOf({ ...one, commit: 'c', buildUrl: 'https://ci' })).toMatchObject({
      commit: 'c',
      buildUrl: 'https://ci',
      settingNames: ['A', 'B'],
    });
    const bare = releaseOf(other);
    expect(bare.settingNames).toEqual(['A', 'B']);
    expect(Object.keys(bare)).not.toContain('commit');
    expect(Object.keys(bare)).not.toContain('buildUrl');
  });
});

describe('a rollout’s id', () => {
  it('can travel in a URL as it is, and tells places and keys apart', () => {
    const name = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/);
    fc.assert(
      fc.property(name, name, fc.string({ minLength: 1 }), fc.string(), (app, environment, version, key) => {
        const id = rolloutIdOf(app, environment, version, key);
        expect(id).toMatch(/^[a-z0-9-]+-[0-9a-f]{8}$/);
        expect(id.startsWith(`${app}-${environment}-`)).toBe(true);
        expect(versionSlug(version).length).toBeLessThanOrEqual(30);
        expect(versionSlug(version)).not.toMatch(/^-|-$/);
        expect(rolloutIdOf(app, environment, version, `${key}x`)).not.toBe(id);
      }),
    );
    expect(rolloutIdOf('a-b', 'c', '1', 'k')).not.toBe(rolloutIdOf('a', 'b-c', '1', 'k'));
    expect(rolloutIdOf('a', 'b', '///', 'k')).toMatch(/^a-b-[0-9a-f]{8}$/);
  });
});

describe('redaction', () => {
  it.each([
    ['https://x.example/p?sig=abc&x=1 and more', 'https://x.example/p?[withheld] and more'],
    ['https://user:pw@x.example/p', 'https://[withheld]@x.example/p'],
    ['https://x.example/p#code', 'https://x.example/p?[withheld]'],
    ['Authorization: Bearer abc.def', 'Authorization: [withheld]'],
    ['AccountKey=abc;Endpoint=x', 'AccountKey=[withheld];Endpoint=x'],
    ['"password": "a b c", "x": 1', '"password": [withheld], "x": 1'],
    ["{'settings': {'A': 'b'}}", "{'settings': [withheld]"],
    ['eyJhbGciOiJIUzI1NiJ9x.eyJzdWIiOiIxIn0.c2lnbmF0dXJl', '[withheld]'],
    ['A'.repeat(40), '[withheld]'],
    [
      'at look (/home/site/wwwroot/dist/src/azure/durableInstances.js:1:2)',
      'at look (/home/site/wwwroot/dist/src/azure/durableInstances.js:1:2)',
    ],
    ['rollout hello-production-2-0-0-4f1a09c2-rev-x', 'rollout hello-production-2-0-0-4f1a09c2-rev-x'],
    ['fK3/q0aPz+8mW2tR7uYb1cXeV5nHsJdL6gQoI9kMwEA=', '[withheld]'],
    ['plain words stay, hello-production-2-0-0', 'plain words stay, hello-production-2-0-0'],
  ])('%s', (text, expected) => {
    expect(redactText(text).replace(/(?:\[withheld\] ?)+/g, (run) => (run.endsWith(' ') ? '[withheld] ' : '[withheld]'))).toBe(expected);
  });

  it('keeps digests and names, and withholds telling values, settings and what lies too deep', () => {
    let deep: unknown = 'x';
    for (let n = 0; n < 5000; n += 1) deep = [deep];
    expect(
      redactJson({ sha256, version: '1', apiToken: 't', code: 7, isKey: true, settings: { A: 'b' }, list: ['https://x/y?z'], none: null }),
    ).toEqual({
      sha256,
      version: '1',
      apiToken: '[withheld]',
      code: '[withheld]',
      isKey: true,
      settings: { A: '[withheld]' },
      list: ['https://x/y?[withheld]'],
      none: null,
    });
    expect(JSON.stringify(redactJson(deep))).toContain('[withheld]');
    expect(redactJson({ sha256: 'x'.repeat(64) })).toEqual({ sha256: '[withheld]' });
  });

  it('cuts to bytes between characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, most) => {
        const cut = cutToBytes(text, most);
        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(most);
        expect(text.startsWith(cut)).toBe(true);
      }),
    );
  });
});

test('redaction gets through a megabyte without a break', () => {
  for (const part of ['a', '-', 'A.', 'a://', 'key'])
    expect(redactText(part.repeat(1_000_000 / part.length)).length).toBeLessThanOrEqual(1_000_000);
});

describe('the catalogue of problems', () => {
  const ending = { outcome: 'failed', at: '2026-11-23T10:00:00Z', reason: 'R.', next: 'N.', serves: '' } as const;
  const details: Partial<Record<ProblemCode, unknown[]>> = {
    'invalid-json': ['The body'],
    'invalid-request': [[{ pointer: '/a', detail: 'x' }]],
    'unknown-target': ['a', 'b', ['c to d']],
    'azure-not-allowed': [{ action: 'Microsoft.Web/sites/read', scope: '/subscriptions/s' }],
    'target-unreadable': ['Azure knows no such app.'],
    'ended-already': ['id', ending],
    'held-by-no-calendar': ['id', [{ app: 'hello', by: 'olga', reason: 'a leak', at: ending.at }]],
    'nothing-to-roll-back': ['id', ending],
    'no-longer-live': ['id', { id: 'other', at: ending.at }],
  };

  it.each(Object.keys(problems) as ProblemCode[])('%s says what is wrong and what to do, in sentences', (code) => {
    const write = problem as (code: ProblemCode, ...details: unknown[]) => { code: string; sentence: string; next: string };
    const told = write(code, ...(details[code] ?? ['one', 'two', 'three']));
    expect(told.code).toBe(code);
    expect(told.sentence).toMatch(/^[A-Z].*\.$/s);
    expect(told.next).toMatch(/^[A-Z].*\.$/s);
    expect(told.sentence + told.next).not.toMatch(/undefined|\[object/);
  });

  it('counts mistakes, and knows when there is nothing to choose from', () => {
    expect(
      problem('invalid-request', [
        { pointer: '', detail: '' },
        { pointer: '', detail: '' },
      ]).sentence,
    ).toBe('2 things are wrong with the request.');
    expect(problem('unknown-target', 'a', 'b', []).next).toContain('no app is there yet');
  });
});
