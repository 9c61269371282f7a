import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020';
import fc from 'fast-check';
import { parse } from 'yaml';
import { loadSettings } from '../../src/azure/settings-file';
import { describeMistakes, readSettings } from '../../src/domain/read-settings';
import { nearest } from '../../src/domain/nearest';
import { environmentOf, settingsSchema, settingsShape } from '../../src/domain/settings';
import { brokenRules } from '../../src/domain/settings-rules';
import { knownKeys, settingsJsonSchema } from '../../src/domain/settings-schema';
import { yamlSentence } from '../../src/domain/settings-sentences';
import { bareSettings } from './bare-settings';

const root = path.join(__dirname, '../..');
const example = path.join(root, 'examples/slipway.yaml');

/** The mistakes of a policy whose lines begin at line 14. */
const policyMistakes = (lines: string) => mistakes(bareSettings + lines.replace(/^/gm, '    '));
function mistakes(text: string): string[] {
  const read = readSettings(text);
  return read.kind === 'settings' ? [] : describeMistakes('s', read.mistakes);
}

describe('slipway.yaml', () => {
  it('reads what stands in it, durations in seconds, and fills in the rest', () => {
    const read = readSettings(
      `${bareSettings}    expiry: 36h\n    swap: { settle: 12 }\n    watch: { for: 90s, every: 0.5s }\n    checks: [{ name: a, path: /a, expect: { status: [204], latency: 1.5s, schema: { type: object } }, body: { a: 1 } }]\n`,
    );
    if (read.kind === 'mistakes') throw new Error(describeMistakes('s', read.mistakes).join());
    const found = environmentOf(read.settings, 'hello', 'production');
    expect(found?.target).toEqual({ subscription: 'sub', resourceGroup: 'group', functionApp: 'hello-production', slot: 'staging' });
    expect(found?.policy).toMatchObject({
      expiry: 129_600,
      onNewer: 'queue',
      combine: 'all',
      watch: { for: 90, every: 0.5, window: 60 },
      swap: { settle: 12, poll: 10 },
    });
    expect(found?.policy.checks[0]).toMatchObject({
      method: 'GET',
      timeoutSeconds: 30,
      budgetSeconds: 180,
      body: { a: 1 },
      expect: { status: [204], latencyMs: 1500, schema: { type: 'object' } },
    });
    expect(environmentOf(read.settings, 'hello', 'constructor')).toBeUndefined();
    expect(environmentOf(read.settings, 'toString', 'production')).toBeUndefined();
  });

  it('asks for a package to have been elsewhere within thirty days, and for one status, where nothing else is written', () => {
    const read = readSettings(
      `${bareSettings.replace('      production:', '      test: { functionApp: hello-test, policy: plain }\n      production:')}    requires: test\n    checks: [{ name: a, path: /a, expect: { status: 204 } }]\n  plain: { requires: { environment: production } }\n`,
    );
    if (read.kind === 'mistakes') throw new Error(describeMistakes('s', read.mistakes).join());
    const { careful, plain } = read.settings.policies;
    expect([careful?.requires, plain?.requires]).toEqual(['test', 'production'].map((environment) => ({ environment, within: 2_592_000 })));
    expect(careful?.checks[0]?.expect.status).toEqual([204]);
    expect(Object.keys(careful?.checks[0] ?? {})).not.toContain('body');
    expect(Object.keys(careful?.checks[0]?.expect ?? {})).toEqual(['status', 'headers', 'json']);
  });

  it('judges where a package must have been also where something else is wrong', () => {
    expect(policyMistakes('requires: staging\nonNewer: supercede')).toEqual([
      's:14:15 policies.careful.requires names no other environment of the app that has this policy; add that one to the app, or leave this out.',
      's:15:14 policies.careful.onNewer is not known here; write supersede.',
    ]);
  });

  it('reads the example', () => {
    // On a laptop they are right, and each start would tell more.
    expect(loadSettings(example)).toMatchObject({
      kind: 'settings',
      warnings: [expect.stringContaining('outgoing.loopback'), expect.stringContaining('swap.settle')],
    });
  });

  it('reads the example for a subscription, also with the gate and the channel that its comments have', () => {
    const text = readFileSync(path.join(root, 'examples/azure/slipway.yaml'), 'utf8');
    const kindsIn = (given: string) => {
      const read = readSettings(given);
      const warned = read.kind === 'settings' ? read.warnings.map(({ path, sentence }) => ({ path, sentence })) : [];
      // What it means to say, and says beside it: before production nobody is asked.
      expect(warned).toContainEqual({ path: 'policies.test', sentence: expect.stringContaining('no gates') as string });
      // The rest is what has to be written anew.
      expect(warned.map(({ path }) => path).filter((place) => place !== 'policies.test')).toEqual([
        'azure.subscription',
        ...['people.team', 'people.on-call'],
        ...['policies.production.gates[0].approvers', 'policies.production.gates[0].escalate.to'],
      ]);
      const place = read.kind === 'settings' ? environmentOf(read.settings, 'orders', 'production') : undefined;
      return place?.policy.gates.map(({ kind }) => kind);
    };
    expect(kindsIn(text)).toEqual(['signed-link']);
    expect(kindsIn(text.replace(/^( {6})# (- name: change| {2}\w+: .*)$/gm, '$1$2'))).toEqual(['signed-link', 'servicenow']);
    // With the channel's other form in its place.
    expect(kindsIn(text.replace(/^ {2}releases: .*$/m, '').replace('# releases:', 'releases:'))).toEqual(['signed-link']);
  });

  it('refuses a bomb of aliases without expanding it', () => {
    const bomb = ['a0: &a0 [x, x]', ...Array.from({ length: 40 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}]`)].join('\n');
    expect(mistakes(bomb)).toHaveLength(80);
  });

  it('tells mistakes of every kind at once, in the order of the file', () => {
    const lines = mistakes(
      `${bareSettings.replace('policy: careful', 'policy: carefull\n        colour: red')}    gates: [{ name: g, kind: mail, approvers: [a@b.de], needed: 3 }]\n    expiry: x\n`,
    );
    expect(lines).toEqual([
      's:11:17 apps.hello.environments.production.policy names no policy; write one of: careful.',
      's:12:9 apps.hello.environments.production.colour is not known here; write one of: subscription, resourceGroup, functionApp, slot, policy.',
      's:15:30 policies.careful.gates[0].kind is not known here; write one of: signed-link, servicenow, jira.',
      's:15:65 policies.careful.gates[0].needed asks for 3 approvers, and 1 is named; write at most 1.',
      's:16:13 policies.careful.expiry does not fit; write a duration from 1s to 30d, such as 90s, 20m, 24h or 7d.',
    ]);
  });

  it('says of an absent file how to go on', () => {
    expect(loadSettings('no-such.yaml')).toEqual({
      kind: 'mistakes',
      sentences: ['no-such.yaml:1:1 there is no such file; write it, or let SLIPWAY_CONFIG say where it is.'],
    });
    expect(loadSettings(root)).toEqual({ kind: 'mistakes', sentences: [expect.stringContaining("the file can't be read") as string] });
  });

  it('never repeats a value', () => {
    const secret = 'S3CRET';
    for (const line of [
      `expiry: ${secret}`,
      `onNewer: ${secret}`,
      `gates: ${secret}`,
      `checks: [{ name: a, path: ${secret}, headers: { cookie: ${secret} } }]`,
    ])
      expect(policyMistakes(line).join()).not.toContain(secret);
  });

  it('whatever is written, answers settings or mistakes with a place', () => {
    const lineCount = bareSettings.split('\n').length;
    fc.assert(
      fc.property(fc.nat(lineCount - 2), fc.string({ maxLength: 30 }), (n, junk) => {
        const lines = bareSettings.split('\n');
        lines[n] = `${lines[n] ?? ''}${junk.replace(/[\r\n]/g, '')}`;
        const read = readSettings(lines.join('\n'));
        if (read.kind === 'settings') return;
        expect(read.mistakes.length).toBeGreaterThan(0);
        for (const { line, column } of read.mistakes) expect(line >= 1 && column >= 1 && line <= lines.length).toBe(true);
      }),
    );
  });
});

describe('rules over several places', () => {
  it('bear anything', () => {
    const unspeakable = [{ toString: [] }];
    expect(brokenRules({ policies: { p: { notices: { ended: unspeakable }, gates: [{ approvers: unspeakable }] } } })).toEqual([]);
    fc.assert(fc.property(fc.jsonValue(), (value) => void brokenRules(value)));
    fc.assert(
      fc.property(
        fc.jsonValue(),
        (value) =>
          void brokenRules({
            azure: value,
            apps: { a: { environments: value } },
            people: value,
            policies: { p: value, q: { checks: [value], gates: [value], watch: value, notices: { ended: value, failure: [value] } } },
          }),
      ),
    );
  });

  it('leave to the schema what is no time', () => {
    const calendar = (freeze: object) => brokenRules({ policies: { p: { calendar: { windows: [{}], freezes: [freeze] } } } });
    expect(calendar({ from: '2026-12-24', to: '2026-12-01' })).toHaveLength(1);
    expect(calendar({ from: '2026-12-24T17:35', to: '2026-12-24T16:49' })).toHaveLength(1);
    for (const from of ['2026-12-32', 'x2026-12-24', '2026-12-24x', '24.12.2026', 20_261_224, undefined])
      for (const freeze of [
        { from, to: '2026-12-01' },
        { from: '2027-01-01', to: from },
      ])
        expect(calendar(freeze)).toEqual([]);
  });

  it('let no two lanes lead to one function app, and take for one what has its name in one resource group alone', () => {
    const apps = (...targets: object[]) => {
      const environments = Object.fromEntries(targets.map((target, n) => [`e${n}`, target]));
      return brokenRules({ azure: { subscription: 's', resourceGroup: 'g' }, apps: { hello: { environments } } }).map(({ path }) => path);
    };
    const hello = { functionApp: 'hello' };
    expect(apps(hello, { ...hello, resourceGroup: 'h' }, { ...hello, subscription: 't' })).toEqual([]);
    for (const same of [{}, { subscription: 'S' }, { resourceGroup: 'G' }, { subscription: 's', resourceGroup: 'g' }])
      expect(apps(hello, { ...hello, ...same })).toEqual([['apps', 'hello', 'environments', 'e1', 'functionApp']]);
    expect(apps({}, {})).toEqual([]);
  });

  it('compare no numbers with what is none', () => {
    const watch = (every: unknown, window: unknown) => brokenRules({ policies: { p: { watch: { every, window } } } });
    for (const [every, window] of [
      [10, '5'],
      ['10', 5],
      [1, '2000'],
      ['1', 2000],
      ['1', '2000'],
      ['5', '10'],
      [10, undefined],
      [undefined, 5],
    ])
      expect(watch(every, window)).toEqual([]);
    for (const [perHour, keptForFailures] of [
      [3, '5'],
      ['3', 5],
      ['3', '5'],
      [3, undefined],
    ])
      expect(brokenRules({ mail: { perHour, keptForFailures } })).toEqual([]);
  });

  it('let a gate ask nobody from the beginning where somebody is asked later', () => {
    const told = (gate: object) => brokenRules({ policies: { p: { gates: [gate] } } }).map(({ message }) => message);
    expect(told({ approvers: [], escalate: { to: ['a@b.de'] }, needed: 1 })).toEqual([]);
    // How many a group has, only Entra knows.
    expect(told({ approvers: ['a@b.de'], groups: [{}], proof: 'entra', needed: 5 })).toEqual([]);
    expect(told({ approvers: [] })).toEqual(['names nobody; write addresses here, or groups with "proof: entra"']);
  });

  it('bind whoever parses settings otherwise, too', () => {
    const parsed = settingsSchema.safeParse(
      parse(bareSettings.replace('policy: careful', 'policy: other').replace('careful:', 'careful: {}')),
    );
    expect(parsed.error?.issues.map(({ message }) => message)).toEqual(['names no policy; write one of: careful']);
    expect(brokenRules({ apps: { a: { environments: { e: { policy: 'p' } } } } })).toMatchObject([
      { message: 'names no policy; add it under policies' },
    ]);
  });
});

describe('notices', () => {
  const told = (people: object, notices?: object) =>
    brokenRules(
      settingsShape.parse({
        azure: { subscription: 's', resourceGroup: 'g' },
        people,
        apps: {},
        policies: { careful: notices === undefined ? {} : { notices } },
      }),
    ).map(({ path, message }) => `${path.slice(-1).join('')} ${message}`);

  it('of an ending reach somebody', () => {
    expect(told({ team: ['team@company.com'] })).toEqual([]);
    expect(told({ 'on-call': ['night@example.com'] })).toEqual([
      'success would be told to nobody; write addresses or channels for team under people',
      'failure would be told to nobody; write addresses or channels for team under people',
      'ended would be told to nobody; write addresses or channels for team under people',
    ]);
    expect(told({ team: ['team@company.com'] }, { failure: ['testers', 'on-call'] })).toEqual([
      'failure would be told to nobody; write addresses or channels for testers or on-call under people',
    ]);
  });

  it('of what is not production may reach nobody', () => {
    expect(
      told({ team: ['team@company.com'] }, { start: [], success: [], failure: [], 'rolled-back': [], 'needs-attention': [], ended: [] }),
    ).toEqual([]);
  });

  const quiet = `people:
  team: [team@company.com, room]
channels:
  room: { kind: slack, url: ROOM_URL }
policies:
  careful:
    notices: { start: [], success: [], failure: [], rolled-back: [], needs-attention: [], ended: [], waiting: [], reminder: [] }
`;
  const silence = [
    'start would announce nothing, and production is always announced',
    ...['success', 'failure', 'rolled-back', 'needs-attention', 'ended'].map(
      (moment) => `${moment} would be told to nobody, and production always says how it ended`,
    ),
  ];
  it.each([
    [
      'an environment of that name',
      'apps: { hello: { environments: { production: { functionApp: hello, policy: careful } } } }\n',
      silence,
    ],
    ['policy says so', 'apps: {}\n', silence, '    production: true\n'],
    ['neither', 'apps: { hello: { environments: { test: { functionApp: hello, policy: careful } } } }\n', []],
  ])('of production always reach somebody: %s', (_, apps, expected, more = '') => {
    const said = mistakes(`azure: { subscription: s, resourceGroup: g }\n${apps}${quiet}${more}`);
    expect(said.map((line) => line.replace(/^.*?policies\.careful\.notices\./, '').replace(/; write an audience\.$/, ''))).toEqual(
      expected,
    );
  });
});

describe('channels', () => {
  const room = '  room: { kind: slack, url: ROOM_URL }';

  it('of which nobody should want one are warned of, with the line, and not refused', () => {
    const warnings = (people: string, notices = '{}') => {
      const read = readSettings(
        bareSettings
          .replace('[team@company.com]', people)
          .replace('apps:', `channels:\n  old: { kind: chime, url: OLD_URL }\n${room}\napps:`) +
          `    notices: ${notices}\n    checks: [{ name: a, path: /a }]\n    gates: [{ name: a, kind: signed-link, approvers: [ann@company.com] }]\n`,
      );
      return read.kind === 'settings' ? describeMistakes('s', read.warnings) : [];
    };
    const isChime =
      's:7:16 channels.old.kind is Amazon Chime, which ended on 20 February 2026: nothing sent there arrives; write another channel.';
    expect(warnings('[old, room]')).toEqual([isChime]);
    expect(warnings('[team@company.com, old]')).toEqual([
      isChime,
      's:8:9 channels.room reaches nobody; name it under people, or leave it out.',
    ]);
    // Whom nobody named hears nothing either.
    expect(warnings('[old, room]', '{ failure: [team, on-call] }')).toEqual([isChime]);
    for (const notices of ['{}', '{ failure: [team, on-call] }'])
      expect(warnings('[old]', notices)).toContain(
        's:17:5 policies.careful tells how a rollout ended over Amazon Chime alone, so nobody hears it; add another channel.',
      );
  });

  it('that hear only of incidents do not announce', () => {
    const lines = mistakes(
      bareSettings
        .replace('[team@company.com]', '[night]')
        .replace('apps:', 'channels:\n  night: { kind: pagerduty, routingKey: NIGHT_KEY }\napps:') + '    onNewer: queue\n',
    );
    expect(lines.map((line) => line.replace(/^.*notices\.(\w+).*$/, '$1'))).toEqual(['start', 'ended']);
  });
});

test('the address of a service is taken as a browser shows it', () => {
  const gates = `[{ name: g, kind: servicenow, instance: https://acme.service-now.com/, login: A_LOGIN, assignmentGroup: "${'0f'.repeat(16)}" }]`;
  const read = readSettings(`${bareSettings}    gates: ${gates}\n`);
  expect(read).toMatchObject({ settings: { policies: { careful: { gates: [{ instance: 'https://acme.service-now.com' }] } } } });
});

describe('a watch', () => {
  it('keeps at most a thousand samples', () => {
    const rules = (every: number, window: number) =>
      brokenRules({ policies: { p: { watch: { every, window } } } }).map(({ message }) => message);
    expect(rules(0.1, 100)).toEqual([]);
    expect(rules(0.1, 101)).toEqual(['holds more than 1000 samples 0.1 s apart; write a shorter one']);
  });
});

test('what the parser could not read for its depth is said so', () => {
  expect(yamlSentence({ code: 'RESOURCE_EXHAUSTION', message: 'Maximum call stack size exceeded' })).toBe(
    'this is nested too deep, and no settings are; write less of it',
  );
});

describe('schema for editors', () => {
  it('is committed as the settings have it: run "npm run schema" otherwise', () => {
    expect(JSON.parse(readFileSync(path.join(root, 'slipway.schema.json'), 'utf8'))).toEqual(
      JSON.parse(JSON.stringify(settingsJsonSchema())),
    );
  });

  it('takes the example and refuses an unknown key', () => {
    const fits = new Ajv2020({ strict: false, validateFormats: false }).compile(settingsJsonSchema());
    const written = parse(readFileSync(example, 'utf8')) as object;
    expect(fits(written)).toBe(true);
    expect(fits({ ...written, colour: 'red' })).toBe(false);
  });

  it('knows the keys at a path', () => {
    expect(knownKeys(['policies', 'any', 'watch'])).toEqual(['for', 'every', 'window', 'failing']);
    expect(knownKeys(['policies', 'any', 'gates', 3])).toContain('approvers');
    expect(knownKeys(['people'])).toEqual(['team', 'testers', 'stakeholders', 'on-call']);
    expect(knownKeys(['apps'])).toEqual([]);
    expect(knownKeys(['azure', 0])).toEqual([]);
    expect(knownKeys(['policies', 'any', 'checks', 0, 'expect', 'status', 0])).toEqual([]);
    expect(knownKeys(['azure', 'subscription', 'deeper', 1])).toEqual([]);
  });
});

describe('nearest', () => {
  it.each([
    ['gatse', 'gates'],
    ['Gates', 'gates'],
    ['gate', 'gates'],
    ['combnie', 'combine'],
    ['exprys', 'expiry'],
    ['gatesyy', 'gatesy'],
    ['combine and much more', undefined],
    ['gaes', 'gates'],
    ['colour', undefined],
    ['', undefined],
    // Half a swap is two letters changed, too many for a short word.
    ['xgtes', undefined],
    ['axtes', undefined],
  ])('%s → %s', (word, expected) => {
    expect(nearest(word, ['gatesy', 'gates', 'combine', 'expiry'])).toBe(expected);
  });

  it('finds a word itself', () => {
    fc.assert(fc.property(fc.string({ minLength: 1 }), (word) => nearest(word, ['something else', word]) !== undefined));
  });
});
