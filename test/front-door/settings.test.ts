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

const root = path.join(__dirname, '../..');
const example = path.join(root, 'examples/slipway.yaml');

const base = `azure:
  subscription: sub
  resourceGroup: group
people:
  team: [team@example.com]
apps:
  hello:
    environments:
      production:
        functionApp: hello-production
        policy: careful
policies:
  careful:
`;

/** The mistakes of a policy whose lines begin at line 14. */
const policyMistakes = (lines: string) => mistakes(base + lines.replace(/^/gm, '    '));
function mistakes(text: string): string[] {
  const read = readSettings(text);
  return read.kind === 'settings' ? [] : describeMistakes('s', read.mistakes);
}

describe('slipway.yaml', () => {
  it('reads what stands in it, durations in seconds, and fills in the rest', () => {
    const read = readSettings(
      `${base}    expiry: 36h\n    swap: { settle: 12 }\n    watch: { for: 90s, every: 0.5s }\n    checks: [{ name: a, path: /a, expect: { status: [204], latency: 1.5s, schema: { type: object } }, body: { a: 1 } }]\n`,
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

  it('tells what is wrong with lists, with values of another kind', () => {
    expect(policyMistakes('notices: { start: [team, team, team, team, team] }')).toEqual([
      's:14:23 policies.careful.notices.start does not fit; write at most 4 of them.',
    ]);
    expect(policyMistakes('onNewer: 3')).toEqual([
      's:14:14 policies.careful.onNewer is not known here; write one of: queue, supersede, refuse.',
    ]);
  });

  it('judges where a package must have been also where something else is wrong', () => {
    expect(policyMistakes('requires: staging\nonNewer: supercede')).toEqual([
      's:14:15 policies.careful.requires names no other environment of the app that has this policy; write one of: (there is no other).',
      's:15:14 policies.careful.onNewer is not known here; write supersede.',
    ]);
  });

  it('refuses a body that JSON can not hold, at its place', () => {
    const [told, ...others] = policyMistakes('checks: [{ name: a, path: /x, body: .nan }]');
    expect(told).toMatch(/^s:14:41 policies\.careful\.checks\[0\]\.body does not fit; write /);
    expect(others).toEqual([]);
  });

  it('reads the example', () => {
    expect(loadSettings(example)).toMatchObject({ kind: 'settings' });
  });

  it.each([
    ['expiry: 3 hours', 's:14:13 policies.careful.expiry does not fit; write a duration from 1s to 30d, such as 90s, 20m, 24h or 7d.'],
    ['expiry: 31d', 's:14:13 policies.careful.expiry does not fit; write a duration from 1s to 30d, such as 90s, 20m, 24h or 7d.'],
    ['expiry: true', 's:14:13 policies.careful.expiry does not fit; write a duration from 1s to 30d, such as 90s, 20m, 24h or 7d.'],
    ['onNewer: supercede', 's:14:14 policies.careful.onNewer is not known here; write supersede.'],
    ['onNewer: whatever', 's:14:14 policies.careful.onNewer is not known here; write one of: queue, supersede, refuse.'],
    ['gatse: []', 's:14:5 policies.careful.gatse is not known here; write "gates".'],
    ['remindAt: [0.5, 2]', 's:14:21 policies.careful.remindAt[1] does not fit; write at most 1, and not that itself.'],
    ['remindAt: [0]', 's:14:16 policies.careful.remindAt[0] does not fit; write at least 0, and not that itself.'],
    ['swap: 3', 's:14:11 policies.careful.swap is a number; write a map.'],
    ['swap: yes', 's:14:11 policies.careful.swap is a text; write a map.'],
    [
      'checks: [{ name: a, path: /, expect: { schema: text } }]',
      's:14:52 policies.careful.checks[0].expect.schema is a text; write a map.',
    ],
    ['checks: {}', 's:14:13 policies.careful.checks is a map; write a list.'],
    ['checks: [{ path: /x }]', 's:14:14 policies.careful.checks[0].name is missing; write a text.'],
    ['checks: [{ name: a, path: x }]', 's:14:31 policies.careful.checks[0].path does not fit; write a path that begins with "/".'],
    [
      'checks: [{ name: a, path: /, functionKey: "yes" }]',
      's:14:47 policies.careful.checks[0].functionKey is a text; write true or false.',
    ],
    [
      'checks: [{ name: a, path: /, expect: { status: [] } }]',
      's:14:52 policies.careful.checks[0].expect.status does not fit; write an HTTP status from 100 to 599, or a list of them.',
    ],
    [
      'checks: [{ name: a, path: /, expect: { json: { version: 1 } } }]',
      's:14:52 policies.careful.checks[0].expect.json.version is not a name that fits; write a JSON pointer such as /version.',
    ],
    [
      'checks: [{ name: a, path: /, expect: { schema: { type: nonsense } } }]',
      's:14:52 policies.careful.checks[0].expect.schema is no JSON schema (draft 2020-12); mend it.',
    ],
    [
      'checks: [{ name: a, path: / }, { name: a, path: / }]',
      's:14:44 policies.careful.checks[1].name is the name of an earlier check; give each a name of its own.',
    ],
    [
      'checks: [{ name: a, path: /, headers: { Authorization: x } }]',
      's:14:60 policies.careful.checks[0].headers.Authorization would hold a secret, and this file holds none; write "functionKey: true" to have the host\'s key sent.',
    ],
    [
      'watch: { every: 10s, window: 5s }',
      's:14:34 policies.careful.watch.window is shorter than the 10 s between two samples; write at least that.',
    ],
    [
      'gates: [{ name: g, kind: signed-link, approvers: [a@b.de], needed: 2 }]',
      's:14:72 policies.careful.gates[0].needed asks for 2 approvers, and 1 are named; write at most 1.',
    ],
    [
      'gates: [{ name: g, kind: signed-link, approvers: [a@b.de, A@B.DE] }]',
      's:14:63 policies.careful.gates[0].approvers[1] is there twice; write each approver once.',
    ],
    [
      'gates: [{ name: g, kind: mail, approvers: [a@b.de] }]',
      's:14:30 policies.careful.gates[0].kind is not known here; write signed-link.',
    ],
    [
      'gates: [{ name: g, kind: signed-link, approvers: [] }]',
      's:14:54 policies.careful.gates[0].approvers names nobody; write addresses here, or groups with "proof: entra".',
    ],
    [
      'gates: [{ name: g, kind: signed-link, approvers: [a@b.de], needed: 1.5 }]',
      's:14:72 policies.careful.gates[0].needed is a number; write a whole number.',
    ],
    [
      'revert: { gates: [{ name: g, kind: signed-link, approvers: [nobody] }] }',
      's:14:65 policies.careful.revert.gates[0].approvers[0] does not fit; write an e-mail address.',
    ],
    [
      'requires: staging',
      's:14:15 policies.careful.requires names no other environment of the app that has this policy; write one of: (there is no other).',
    ],
    [
      'promote: production',
      's:14:14 policies.careful.promote names no other environment of the app that has this policy; write one of: (there is no other).',
    ],
    [
      'calendar: { zone: Europe/Bonn }',
      's:14:23 policies.careful.calendar.zone does not fit; write an IANA time zone such as Europe/Berlin, or UTC.',
    ],
    [
      'calendar: { windows: [{ from: "9:00", to: "16:00" }] }',
      's:14:35 policies.careful.calendar.windows[0].from does not fit; write a time such as "09:00".',
    ],
    [
      'calendar: { windows: [{ from: "09:00" }] }',
      's:14:27 policies.careful.calendar.windows[0].to is missing; write a time such as "09:00".',
    ],
    [
      'calendar: { windows: [{ from: "09:00", to: "09:00" }] }',
      's:14:48 policies.careful.calendar.windows[0].to is when the window opens; write another time, or "00:00" and "24:00" for a whole day.',
    ],
    [
      'calendar: { windows: [{ days: [monday], from: "09:00", to: "16:00" }] }',
      's:14:36 policies.careful.calendar.windows[0].days[0] is not known here; write one of: sun, mon, tue, wed, thu, fri, sat.',
    ],
    [
      'calendar: { windows: [{ days: [mon, mon], from: "09:00", to: "16:00" }] }',
      's:14:41 policies.careful.calendar.windows[0].days[1] is there twice; write each day once.',
    ],
    [
      'calendar: { freezes: [{ from: 2026-12-20, to: 2026-12-19, reason: x }] }',
      's:14:51 policies.careful.calendar.freezes[0].to is not after its beginning; write a later date or time.',
    ],
    [
      'calendar: { freezes: [{ from: 2026-02-30, to: 2026-12-19, reason: x }] }',
      's:14:35 policies.careful.calendar.freezes[0].from does not fit; write a date such as 2026-12-24, or a date and time such as 2026-12-24T17:00.',
    ],
    [
      'calendar: { freezes: [{ from: 2026-12-20, to: 2026-12-21 }] }',
      's:14:27 policies.careful.calendar.freezes[0].reason is missing; write a text.',
    ],
    [
      'hotfix: {}',
      's:14:13 policies.careful.hotfix would go to production without anybody being asked; write gates for it, or for the policy.',
    ],
    [
      'hotfix: { passes: [gates], gates: [{ name: g, kind: signed-link, approvers: [a@b.de] }] }',
      's:14:24 policies.careful.hotfix.passes[0] is not known here; write one of: stop, freeze, window.',
    ],
    [
      'gates: [{ name: g, kind: signed-link, groups: [{ id: board, mail: b@c.de }], proof: entra }]',
      "s:14:58 policies.careful.gates[0].groups[0].id does not fit; write a group's object id, as Entra shows it.",
    ],
    [
      'gates: [{ name: g, kind: signed-link, groups: [{ id: 5b2c0c1e-0000-4000-8000-00000000b0a2, mail: b@c.de }] }]',
      's:14:51 policies.careful.gates[0].groups can answer signed in alone; write "proof: entra" at this gate.',
    ],
    [
      'gates: [{ name: g, kind: signed-link, approvers: [a@b.de], escalate: { to: [A@b.de] } }]',
      's:14:81 policies.careful.gates[0].escalate.to[0] is asked from the beginning already; write somebody else.',
    ],
    [
      'gates: [{ name: g, kind: signed-link, approvers: [a@b.de], escalate: { after: 1, to: [c@b.de] } }]',
      's:14:83 policies.careful.gates[0].escalate.after does not fit; write at most 1, and not that itself.',
    ],
    ['notices: { start: [tam] }', 's:14:24 policies.careful.notices.start[0] is not known here; write team.'],
  ])('%s', (line, sentence) => {
    expect(policyMistakes(line)).toEqual([sentence]);
  });

  it.each([
    ['', ['s:1:1 is missing; write a map.']],
    ['- 1', ['s:1:1 is a list; write a map.']],
    ['a: 1\na: 2', ['s:2:1 this key is there twice; keep one.']],
    ['a: &x [1]\nb: *x', ['s:2:4 an alias stands here; write the value out, or share a policy by its name.']],
    ['a: 1\n---\nb: 2', ['s:2:1 a second YAML document begins here; keep one.']],
    ['a: !secret x', ['s:1:4 this is no YAML: Unresolved tag: !secret.']],
    ['? [1]\n: 2', ['s:1:3 a list or map stands where a name belongs; write a name.']],
    ['apps:\n  __proto__: 1', ['s:2:3 this name is not taken; choose another.']],
    ['\tx: 1', ['s:1:1 a tab indents this line; write spaces.']],
    ['x'.repeat(250_001), ['s:1:1 the file has more than 250,000 characters; no settings have.']],
  ])('%#: what is no settings file at all', (text, expected) => {
    expect(mistakes(text)).toEqual(expected);
  });

  it('refuses a bomb of aliases without expanding it', () => {
    const bomb = ['a0: &a0 [x, x]', ...Array.from({ length: 40 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}]`)].join('\n');
    expect(mistakes(bomb)).toHaveLength(80);
  });

  it('tells mistakes of every kind at once, in the order of the file', () => {
    const lines = mistakes(
      `${base.replace('policy: careful', 'policy: carefull\n        colour: red')}    gates: [{ name: g, kind: mail, approvers: [a@b.de], needed: 3 }]\n    expiry: x\n`,
    );
    expect(lines).toEqual([
      's:11:17 apps.hello.environments.production.policy names no policy; write one of: careful.',
      's:12:9 apps.hello.environments.production.colour is not known here; write one of: subscription, resourceGroup, functionApp, slot, policy.',
      's:15:30 policies.careful.gates[0].kind is not known here; write signed-link.',
      's:15:65 policies.careful.gates[0].needed asks for 3 approvers, and 1 are named; write at most 1.',
      's:16:13 policies.careful.expiry does not fit; write a duration from 1s to 30d, such as 90s, 20m, 24h or 7d.',
    ]);
  });

  it('lets no two lanes lead to one function app, nor a slot be production', () => {
    const two = base.replace(
      'policies:',
      '      test:\n        functionApp: Hello-Production\n        slot: Production\n        policy: careful\npolicies:',
    );
    expect(mistakes(`${two}    onNewer: queue\n`)).toEqual([
      's:13:22 apps.hello.environments.test.functionApp is the function app of hello in production already; two lanes must not lead to one app.',
      's:14:15 apps.hello.environments.test.slot does not fit; write the name of a staging slot; "production" is what it is swapped with.',
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
    const lineCount = base.split('\n').length;
    fc.assert(
      fc.property(fc.nat(lineCount - 2), fc.string({ maxLength: 30 }), (n, junk) => {
        const lines = base.split('\n');
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

  it('bind whoever parses settings otherwise, too', () => {
    const parsed = settingsSchema.safeParse(parse(base.replace('policy: careful', 'policy: other').replace('careful:', 'careful: {}')));
    expect(parsed.error?.issues.map(({ message }) => message)).toEqual(['names no policy; write one of: careful']);
    expect(brokenRules({ apps: { a: { environments: { e: { policy: 'p' } } } } })).toMatchObject([
      { message: expect.stringContaining('none is there yet') as string },
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
    expect(told({ team: ['team@example.com'] })).toEqual([]);
    expect(told({ 'on-call': ['night@example.com'] })).toEqual([
      'success would be told to nobody; write addresses or channels for team under people',
      'failure would be told to nobody; write addresses or channels for team under people',
      'ended would be told to nobody; write addresses or channels for team under people',
    ]);
    expect(told({ team: ['team@example.com'] }, { failure: ['testers', 'on-call'] })).toEqual([
      'failure would be told to nobody; write addresses or channels for testers or on-call under people',
    ]);
  });

  it('of what is not production may reach nobody', () => {
    expect(
      told({ team: ['team@example.com'] }, { start: [], success: [], failure: [], 'rolled-back': [], 'needs-attention': [], ended: [] }),
    ).toEqual([]);
  });

  const quiet = `people:
  team: [team@example.com, room]
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
  const said = (lines: string) => mistakes(base.replace('apps:', `channels:\n${lines}\napps:`) + '    onNewer: queue\n');
  const room = '  room: { kind: slack, url: ROOM_URL }';

  it.each([
    [
      '  room: { kind: slak, url: ROOM_URL }',
      's:7:17 channels.room.kind does not fit; write a map whose kind is one of: slack, teams, sms, pagerduty, webhook, chime.',
    ],
    [
      '  room: { url: ROOM_URL }',
      's:7:3 channels.room.kind is missing; write a map whose kind is one of: slack, teams, sms, pagerduty, webhook, chime.',
    ],
    ['  room: slack', 's:7:9 channels.room is a text; write a map whose kind is one of: slack, teams, sms, pagerduty, webhook, chime.'],
    [
      '  Room: { kind: slack, url: ROOM_URL }',
      's:7:3 channels.Room is not a name that fits; write a channel name: 1 to 40 lower-case letters, digits or "-", none of them "-" at either end.',
    ],
    ['  room: { kind: slack }', 's:7:3 channels.room.url is missing; write a text.'],
    [
      '  room: { kind: slack, url: https://hooks.slack.com/services/T/B/S3CRET }',
      's:7:29 channels.room.url does not fit; write the name of an app setting, such as SLACK_TEAM_URL: its value is a secret and does not stand in this file.',
    ],
    [
      '  room: { kind: slack, url: ROOM_URL, colour: red }',
      's:7:39 channels.room.colour is not known here; write one of: kind, url, from, to, routingKey, region, secret.',
    ],
    [
      '  hook: { kind: webhook, url: HOOK_URL, secret: whsec_S3CRET }',
      's:7:49 channels.hook.secret does not fit; write the name of an app setting, such as EVENTS_SECRET: its value is a secret and does not stand in this file.',
    ],
    ['  hook: { kind: webhook, url: HOOK_URL, sekret: HOOK_SECRET }', 's:7:3 channels.hook.secret is missing; write a text.'],
    ['  mail: { kind: slack, url: ROOM_URL }', 's:7:9 channels.mail is what mail itself is called; choose another name.'],
    ['  team: { kind: slack, url: ROOM_URL }', 's:7:9 channels.team is the name of an audience; choose another.'],
    ['  phones: { kind: sms, from: "+18005551234", to: [491511234567] }', 's:7:51 channels.phones.to[0] is a number; write a text.'],
    [
      '  phones: { kind: sms, from: "+18005551234", to: ["0151 1234567"] }',
      's:7:51 channels.phones.to[0] does not fit; write a phone number such as "+4915112345678", in quotes.',
    ],
    [
      '  phones: { kind: sms, from: somebody with a long name, to: ["+491511234567"] }',
      's:7:30 channels.phones.from does not fit; write a number of yours such as "+18005551234", or a name of at most 11 letters.',
    ],
    ['  phones: { kind: sms, from: Slipway, to: [] }', 's:7:43 channels.phones.to does not fit; write at least 1 of them.'],
    ['  night: { kind: pagerduty, routingKey: NIGHT_KEY, region: uk }', 's:7:60 channels.night.region is not known here; write us.'],
    [
      '  night: { kind: pagerduty, routingKey: x }',
      's:7:41 channels.night.routingKey does not fit; write the name of an app setting, such as PAGERDUTY_ROUTING_KEY: its value is a secret and does not stand in this file.',
    ],
    ['  old: { kind: chime }', 's:7:3 channels.old.url is missing; write a text.'],
    [
      '  office: { kind: teams, url: office }',
      's:7:31 channels.office.url does not fit; write the name of an app setting, such as TEAMS_URL: its value is a secret and does not stand in this file.',
    ],
  ])('%s', (line, sentence) => {
    const lines = said(line);
    expect(lines).toContain(sentence);
    expect(lines.join()).not.toContain('S3CRET');
  });

  it('of which nobody should want one are warned of, with the line, and not refused', () => {
    const warnings = (people: string, notices = '{}') => {
      const read = readSettings(
        base.replace('[team@example.com]', people).replace('apps:', `channels:\n  old: { kind: chime, url: OLD_URL }\n${room}\napps:`) +
          `    notices: ${notices}\n    checks: [{ name: a, path: /a }]\n    gates: [{ name: a, kind: signed-link, approvers: [ann@example.com] }]\n`,
      );
      return read.kind === 'settings' ? describeMistakes('s', read.warnings) : [];
    };
    const isChime =
      's:7:16 channels.old.kind is Amazon Chime, which ended on 20 February 2026: nothing sent there arrives; write another channel.';
    expect(warnings('[old, room]')).toEqual([isChime]);
    expect(warnings('[team@example.com, old]')).toEqual([
      isChime,
      's:8:9 channels.room reaches nobody; name it under people, or leave it out.',
    ]);
    expect(warnings('[old]')).toContain(
      's:17:5 policies.careful tells how a rollout ended over Amazon Chime alone, so nobody hears it; add another channel.',
    );
  });

  it('that hear only of incidents do not announce', () => {
    const lines = mistakes(
      base
        .replace('[team@example.com]', '[night]')
        .replace('apps:', 'channels:\n  night: { kind: pagerduty, routingKey: NIGHT_KEY }\napps:') + '    onNewer: queue\n',
    );
    expect(lines.map((line) => line.replace(/^.*notices\.(\w+).*$/, '$1'))).toEqual(['start', 'ended']);
  });

  it('are named by those who hear over them', () => {
    const people = (entry: string, channels = room) =>
      mistakes(
        base.replace('[team@example.com]', `[team@example.com, ${entry}]`).replace('apps:', `channels:\n${channels}\napps:`) +
          '    onNewer: queue\n',
      );
    expect(people('room')).toEqual([]);
    expect(people('rom')).toEqual(['s:5:28 people.team[1] names no channel; write an e-mail address, or one of: room.']);
    expect(people('rom', '  {}')).toEqual([
      's:5:28 people.team[1] names no channel; write an e-mail address, or one of: (no channel is there yet).',
    ]);
    expect(people('No One')).toEqual([
      's:5:28 people.team[1] does not fit; write an e-mail address, or the name of a channel.',
      expect.stringContaining('names no channel'),
    ]);
  });
});

describe('a watch', () => {
  it('keeps at most a thousand samples', () => {
    const rules = (every: number, window: number) =>
      brokenRules({ policies: { p: { watch: { every, window } } } }).map(({ message }) => message);
    expect(rules(0.1, 100)).toEqual([]);
    expect(rules(0.1, 101)).toEqual(['holds more than 1000 samples 0.1 s apart; write a shorter one']);
  });
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
  ])('%s → %s', (word, expected) => {
    expect(nearest(word, ['gatesy', 'gates', 'combine', 'expiry'])).toBe(expected);
  });

  it('finds a word itself', () => {
    fc.assert(fc.property(fc.string({ minLength: 1 }), (word) => nearest(word, ['something else', word]) !== undefined));
  });
});
