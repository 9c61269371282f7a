import { describeMistakes, readSettings } from '../../src/domain/read-settings';
import { bareSettings } from './bare-settings';

/** Each mistake in slipway.yaml is one sentence: file, line and column, what is wrong there, and after the semicolon what to do instead. */

const change = 'name: g, kind: servicenow, login: SNOW_LOGIN';
const group = '0123456789abcdef0123456789abcdef';
/** A gate that Jira answers, a key a line; what is given stands in the place of a key's line, or at the end. */
const jira = (...changed: string[]): string => {
  const keyOf = (line: string): string => line.split(':')[0] ?? '';
  const usual = [
    ...['name: g', 'kind: jira', 'site: https://acme.atlassian.net', 'login: JIRA_LOGIN', 'serviceDesk: "4"', 'requestType: "17"'],
    ...['readyIn: [Implementing]', 'transitions: { successful: Complete, unsuccessful: Fail, cancel: Cancel }'],
  ];
  const lines = usual.map((line) => changed.find((one) => keyOf(one) === keyOf(line)) ?? line).filter((line) => !line.endsWith(': -'));
  const more = changed.filter((one) => usual.every((line) => keyOf(line) !== keyOf(one)));
  return `gates: [{ ${[...lines, ...more].join(', ')} }]`;
};
const good = `${bareSettings}    onNewer: queue
`;

/** In the place of `onNewer: queue` in the file above. */
const inPolicy: [written: string, ...told: string[]][] = [
  ['expiry: 3 hours', '14:13 policies.careful.expiry does not fit; write a duration from 1s to 30d, such as 90s, 20m, 24h or 7d.'],
  ['expiry: 31d', '14:13 policies.careful.expiry does not fit; write a duration from 1s to 30d, such as 90s, 20m, 24h or 7d.'],
  ['expiry: true', '14:13 policies.careful.expiry does not fit; write a duration from 1s to 30d, such as 90s, 20m, 24h or 7d.'],
  ['onNewer: supercede', '14:14 policies.careful.onNewer is not known here; write supersede.'],
  ['onNewer: whatever', '14:14 policies.careful.onNewer is not known here; write one of: queue, supersede, refuse.'],
  ['gatse: []', '14:5 policies.careful.gatse is not known here; write "gates".'],
  [
    'remindAt: [0.5, 2]',
    '14:21 policies.careful.remindAt[1] does not fit; write a part of the time, more than 0 and less than 1, such as 0.5.',
  ],
  ['remindAt: [0]', '14:16 policies.careful.remindAt[0] does not fit; write a part of the time, more than 0 and less than 1, such as 0.5.'],
  ['swap: 3', '14:11 policies.careful.swap is a number; write a map with keys out of: settle, poll.'],
  ['swap: yes', '14:11 policies.careful.swap is a text; write a map with keys out of: settle, poll.'],
  ['checks: [{ name: a, path: /, expect: { schema: text } }]', '14:52 policies.careful.checks[0].expect.schema is a text; write a map.'],
  [
    'checks: {}',
    '14:13 policies.careful.checks is a map; write a list of maps with keys out of: name, method, path, headers, body, functionKey, expect, timeout, budget.',
  ],
  ['checks: [{ path: /x }]', '14:14 policies.careful.checks[0].name is missing; write a name of 1 to 80 characters on one line.'],
  ['checks: [{ name: a, path: x }]', '14:31 policies.careful.checks[0].path does not fit; write a path that begins with "/".'],
  ['checks: [{ name: a, path: /, functionKey: "yes" }]', '14:47 policies.careful.checks[0].functionKey is a text; write true or false.'],
  [
    'checks: [{ name: a, path: /, expect: { status: [] } }]',
    '14:52 policies.careful.checks[0].expect.status does not fit; write an HTTP status from 100 to 599, or a list of them.',
  ],
  [
    'checks: [{ name: a, path: /, expect: { json: { version: 1 } } }]',
    '14:52 policies.careful.checks[0].expect.json.version is not a name that fits; write a JSON pointer such as /version.',
  ],
  [
    'checks: [{ name: a, path: /, expect: { schema: { type: nonsense } } }]',
    '14:52 policies.careful.checks[0].expect.schema is no JSON schema (draft 2020-12): /type must be equal to one of the allowed values; write one that is.',
  ],
  [
    'checks: [{ name: a, path: / }, { name: a, path: / }]',
    '14:44 policies.careful.checks[1].name is the name of an earlier check; give each a name of its own.',
  ],
  [
    'checks: [{ name: a, path: /, headers: { Authorization: x } }]',
    '14:60 policies.careful.checks[0].headers.Authorization would hold a secret, and this file holds none; write "functionKey: true" to have the host\'s key sent.',
  ],
  [
    'watch: { every: 10s, window: 5s }',
    '14:34 policies.careful.watch.window is shorter than the 10 s between two samples; write at least that.',
  ],
  [
    'gates: [{ name: g, kind: signed-link, approvers: [a@b.de], needed: 2 }]',
    '14:72 policies.careful.gates[0].needed asks for 2 approvers, and 1 is named; write at most 1.',
  ],
  [
    'gates: [{ name: g, kind: signed-link, approvers: [a@b.de, A@B.DE] }]',
    '14:63 policies.careful.gates[0].approvers[1] is there twice; write each approver once.',
  ],
  [
    'gates: [{ name: g, kind: mail, approvers: [a@b.de] }]',
    '14:30 policies.careful.gates[0].kind is not known here; write one of: signed-link, servicenow, jira.',
  ],
  [
    'gates: [{ name: g, kind: signed-link, approvers: [] }]',
    '14:54 policies.careful.gates[0].approvers names nobody; write addresses here, or groups with "proof: entra".',
  ],
  [
    'gates: [{ name: g, kind: signed-link, approvers: [a@b.de], needed: 1.5 }]',
    '14:72 policies.careful.gates[0].needed is a number; write a whole number.',
  ],
  [
    'revert: { gates: [{ name: g, kind: signed-link, approvers: [nobody] }] }',
    '14:65 policies.careful.revert.gates[0].approvers[0] does not fit; write an e-mail address.',
  ],
  [
    'revert: { gates: [{ name: g, kind: signed-link, approvers: [a@b.de], needed: 2 }] }',
    '14:82 policies.careful.revert.gates[0].needed asks for 2 approvers, and 1 is named; write at most 1.',
  ],
  [
    'hotfix: { gates: [{ name: g, kind: signed-link, approvers: [a@b.de, c@b.de], needed: 3 }] }',
    '14:90 policies.careful.hotfix.gates[0].needed asks for 3 approvers, and 2 are named; write at most 2.',
  ],
  [
    'requires: staging',
    '14:15 policies.careful.requires names no other environment of the app that has this policy; add that one to the app, or leave this out.',
  ],
  [
    'promote: production',
    '14:14 policies.careful.promote names no other environment of the app that has this policy; add that one to the app, or leave this out.',
  ],
  [
    'calendar: { zone: Europe/Bonn }',
    '14:23 policies.careful.calendar.zone does not fit; write an IANA time zone such as Europe/Berlin, or UTC.',
  ],
  [
    'calendar: { windows: [{ from: "9:00", to: "16:00" }] }',
    '14:35 policies.careful.calendar.windows[0].from does not fit; write a time such as "09:00".',
  ],
  ['calendar: { windows: [{ from: "09:00" }] }', '14:27 policies.careful.calendar.windows[0].to is missing; write a time such as "09:00".'],
  [
    'calendar: { windows: [{ from: "09:00", to: "09:00" }] }',
    '14:48 policies.careful.calendar.windows[0].to is when the window opens; write another time, or "00:00" and "24:00" for a whole day.',
  ],
  [
    'calendar: { windows: [{ days: [monday], from: "09:00", to: "16:00" }] }',
    '14:36 policies.careful.calendar.windows[0].days[0] is not known here; write one of: sun, mon, tue, wed, thu, fri, sat.',
  ],
  [
    'calendar: { windows: [{ days: [mon, mon], from: "09:00", to: "16:00" }] }',
    '14:41 policies.careful.calendar.windows[0].days[1] is there twice; write each day once.',
  ],
  [
    'calendar: { freezes: [{ from: 2026-12-20, to: 2026-12-19, reason: x }] }',
    '14:51 policies.careful.calendar.freezes[0].to is not after its beginning; write a later date or time.',
  ],
  [
    'calendar: { freezes: [{ from: 2026-02-30, to: 2026-12-19, reason: x }] }',
    '14:35 policies.careful.calendar.freezes[0].from does not fit; write a date such as 2026-12-24, or a date and time such as 2026-12-24T17:00.',
  ],
  [
    'calendar: { freezes: [{ from: 2026-12-20, to: 2026-12-21 }] }',
    '14:27 policies.careful.calendar.freezes[0].reason is missing; write a reason of 1 to 200 characters on one line, for the people who wait.',
  ],
  [
    'hotfix: {}',
    '14:13 policies.careful.hotfix would go to production without anybody being asked; write gates for it, or for the policy.',
  ],
  [
    'hotfix: { passes: [gates], gates: [{ name: g, kind: signed-link, approvers: [a@b.de] }] }',
    '14:24 policies.careful.hotfix.passes[0] is not known here; write one of: stop, freeze, window.',
  ],
  [
    'gates: [{ name: g, kind: signed-link, groups: [{ id: board, mail: b@c.de }], proof: entra }]',
    "14:58 policies.careful.gates[0].groups[0].id does not fit; write a group's object id, as Entra shows it.",
  ],
  [
    'gates: [{ name: g, kind: signed-link, groups: [{ id: 5b2c0c1e-0000-4000-8000-00000000b0a2, mail: b@c.de }] }]',
    '14:51 policies.careful.gates[0].groups can answer signed in alone; write "proof: entra" at this gate.',
  ],
  [
    'gates: [{ name: g, kind: signed-link, approvers: [a@b.de], escalate: { to: [A@b.de] } }]',
    '14:81 policies.careful.gates[0].escalate.to[0] is asked from the beginning already; write somebody else.',
  ],
  [
    'gates: [{ name: g, kind: signed-link, approvers: [a@b.de], escalate: { after: 1, to: [c@b.de] } }]',
    '14:83 policies.careful.gates[0].escalate.after does not fit; write a number of less than 1.',
  ],
  ['notices: { start: [tam] }', '14:24 policies.careful.notices.start[0] is not known here; write team.'],
  [
    'needed: 1',
    '14:5 policies.careful.needed is not known here; write one of: onNewer, gates, combine, expiry, remindAt, revert, requires, promote, calendar, hotfix, checks, watch, swap, deployment, notices, production.',
  ],
  [
    'gates:',
    '14:5 policies.careful.gates is empty; write a list of maps with keys out of: name, kind, approvers, groups, needed, proof, notRequester, escalate, instance, login, auth, type, assignmentGroup, fields, poll, site, serviceDesk, requestType, readyIn, transitions.',
  ],
  [
    'gates: [{ name: g, kind: signed-link, approvers: [a@b.de], needed: 0 }]',
    '14:72 policies.careful.gates[0].needed does not fit; write a number of at least 1.',
  ],
  [
    'gates: [{ name: G, kind: signed-link, approvers: [a@b.de] }]',
    '14:21 policies.careful.gates[0].name does not fit; write a gate name: 1 to 40 lower-case letters, digits or "-", none of them "-" at either end.',
  ],
  [
    `gates: [{ name: g, instance: https://acme.service-now.com, login: SNOW_LOGIN, assignmentGroup: "${group}" }]`,
    ...[
      '14:24 policies.careful.gates[0].instance',
      '14:64 policies.careful.gates[0].login',
      '14:83 policies.careful.gates[0].assignmentGroup',
    ].map((place) => `${place} belongs to a gate of kind servicenow; write "kind: servicenow", or leave it out.`),
  ],
  [
    'gates: [{ name: g, kind: signed-link, approvers: [a@b.de], login: A_LOGIN }]',
    '14:64 policies.careful.gates[0].login belongs to a gate of kind servicenow or jira; write "kind: servicenow" or "kind: jira", or leave it out.',
  ],
  [
    jira('auth: oauth'),
    '14:226 policies.careful.gates[0].auth belongs to a gate of kind servicenow; write "kind: servicenow", or leave it out.',
  ],
  [
    'gates: [{ name: g, kind: Jira, site: https://acme.atlassian.net }]',
    '14:30 policies.careful.gates[0].kind is not known here; write jira.',
  ],
  [
    'gates: [{ name: g, kind: service-now, login: SNOW_LOGIN }]',
    '14:30 policies.careful.gates[0].kind is not known here; write servicenow.',
  ],
  [
    'gates: [{ name: g, approvers: [a@b.de], expiry: 2h }]',
    '14:45 policies.careful.gates[0].expiry stands beside gates, in the policy; write it there.',
  ],
  [
    'gates: [{ name: g, approvers: [a@b.de], aprovers: [a@b.de] }]',
    '14:45 policies.careful.gates[0].aprovers is not known here; write "approvers".',
  ],
  ['gates: [none]', '14:13 policies.careful.gates[0] is a text; write a map whose kind is one of: signed-link, servicenow, jira.'],
  [
    `gates: [{ ${change}, instance: https://acme.service-now.com/now, assignmentGroup: "${group}" }]`,
    '14:71 policies.careful.gates[0].instance does not fit; write an address such as https://acme.service-now.com, without a path.',
  ],
  [
    `gates: [{ ${change}, instance: https://acme.service-now.com }]`,
    '14:13 policies.careful.gates[0].assignmentGroup is missing; write a sys_id as ServiceNow shows it: 32 digits from 0 to 9 and a to f, in quotes.',
  ],
  [
    `gates: [{ ${change}, instance: https://acme.service-now.com, assignmentGroup: Changes }]`,
    '14:118 policies.careful.gates[0].assignmentGroup does not fit; write a sys_id as ServiceNow shows it: 32 digits from 0 to 9 and a to f, in quotes.',
  ],
  [
    `gates: [{ ${change.replace('SNOW_LOGIN', 'slipway:S3CRET')}, instance: https://acme.service-now.com, assignmentGroup: "${group}" }]`,
    '14:49 policies.careful.gates[0].login does not fit; write the name of an app setting, such as SERVICENOW_LOGIN: its value is a secret and does not stand in this file.',
  ],
  [
    `gates: [{ ${change}, instance: https://acme.service-now.com, assignmentGroup: "${group}", type: standard }]`,
    '14:160 policies.careful.gates[0].type does not fit; write normal or emergency: a standard change is approved before anybody has seen the release, so it is no gate.',
  ],
  [
    `gates: [{ ${change}, instance: https://acme.service-now.com, assignmentGroup: "${group}", type: emergancy }]`,
    '14:160 policies.careful.gates[0].type is not known here; write emergency.',
  ],
  [
    `gates: [{ ${change}, instance: https://acme.service-now.com, assignmentGroup: "${group}", fields: { approval: approved } }]`,
    '14:174 policies.careful.gates[0].fields.approval is what Slipway itself writes; write other columns, or leave it out.',
  ],
  [
    `gates: [{ ${change}, instance: https://acme.service-now.com, assignmentGroup: "${group}", approvers: [a@b.de] }]`,
    '14:154 policies.careful.gates[0].approvers is not for Slipway to say: ServiceNow decides who approves; leave it out.',
  ],
  [
    jira('site: http://acme.atlassian.net'),
    '14:42 policies.careful.gates[0].site does not fit; write an address such as https://acme.atlassian.net, without a path.',
  ],
  [
    jira('site: https://acme.atlassian.net/jira'),
    '14:42 policies.careful.gates[0].site does not fit; write an address such as https://acme.atlassian.net, without a path.',
  ],
  [
    jira('site: -'),
    '14:13 policies.careful.gates[0].site is missing; write an address such as https://acme.atlassian.net, without a path.',
  ],
  [
    jira('login: ann@example.com:S3CRET'),
    '14:77 policies.careful.gates[0].login does not fit; write the name of an app setting, such as JIRA_LOGIN: its value is a secret and does not stand in this file.',
  ],
  [
    jira('serviceDesk: MC'),
    '14:102 policies.careful.gates[0].serviceDesk does not fit; write the id of a service desk in Jira, in quotes: digits alone, as /rest/servicedeskapi/servicedesk lists it.',
  ],
  [
    jira('serviceDesk: 4'),
    '14:102 policies.careful.gates[0].serviceDesk is a number; write the id of a service desk in Jira, in quotes: digits alone, as /rest/servicedeskapi/servicedesk lists it.',
  ],
  [
    jira('requestType: -'),
    '14:13 policies.careful.gates[0].requestType is missing; write the id of a request type in Jira, in quotes: digits alone, as /rest/servicedeskapi/servicedesk/<id>/requesttype lists it.',
  ],
  [
    jira('readyIn: []'),
    '14:135 policies.careful.gates[0].readyIn does not fit; write a list of one to ten statuses by their names in Jira: those in which an approved request waits to be carried out, or is being carried out.',
  ],
  [
    jira('readyIn: Implementing'),
    '14:135 policies.careful.gates[0].readyIn is a text; write a list of one to ten statuses by their names in Jira: those in which an approved request waits to be carried out, or is being carried out.',
  ],
  [jira('readyIn: [" "]'), '14:136 policies.careful.gates[0].readyIn[0] does not fit; write a status by its name in Jira.'],
  [
    jira('transitions: -'),
    '14:13 policies.careful.gates[0].transitions is missing; write a map with keys out of: ask, begin, successful, unsuccessful, cancel.',
  ],
  [
    jira('transitions: { successful: Complete, cancel: Cancel }'),
    '14:151 policies.careful.gates[0].transitions.unsuccessful is missing; write a transition by its name in Jira.',
  ],
  [
    jira('transitions: { successful: Complete, unsuccessful: Fail, cancel: Cancel, start: Begin }'),
    '14:224 policies.careful.gates[0].transitions.start is not known here; write one of: ask, begin, successful, unsuccessful, cancel.',
  ],
  [
    jira('fields: { summary: mine }'),
    '14:245 policies.careful.gates[0].fields.summary is what Slipway itself writes; write other fields, or leave it out.',
  ],
  [
    jira('fields: { customfield_10050: 3 }'),
    '14:255 policies.careful.gates[0].fields.customfield_10050 does not fit; write a text, or a map such as { value: High } for a choice.',
  ],
  [
    jira('fields: { customfield_10050: { value: 3 } }'),
    '14:255 policies.careful.gates[0].fields.customfield_10050 does not fit; write a text, or a map such as { value: High } for a choice.',
  ],
  [
    jira('fields: { Risk level: High }'),
    "14:236 policies.careful.gates[0].fields.Risk level is not a name that fits; write a field's id such as priority or customfield_10050.",
  ],
  [
    jira('approvers: [a@b.de]'),
    '14:226 policies.careful.gates[0].approvers is not for Slipway to say: Jira decides who approves; leave it out.',
  ],
  [jira('poll: 2s'), '14:232 policies.careful.gates[0].poll does not fit; write a duration from 5s to 1h, such as 90s or 20m.'],
  [
    'gates: [{ name: g, kind: signed-link, approvers: [a@b.de] }, { name: g, kind: signed-link, approvers: [c@d.de] }]',
    '14:74 policies.careful.gates[1].name is the name of an earlier gate; give each a name of its own.',
  ],
  [
    'gates: [{ name: g, kind: signed-link, approvers: [a@b.de], escalate: { to: [] } }]',
    '14:80 policies.careful.gates[0].escalate.to does not fit; write at least 1 entry.',
  ],
  [
    'gates: [{ name: g, kind: signed-link, approvers: [a@b.de], proof: face }]',
    '14:71 policies.careful.gates[0].proof is not known here; write one of: link, code, entra.',
  ],
  ['onNewer: 3', '14:14 policies.careful.onNewer is not known here; write one of: queue, supersede, refuse.'],
  ['combine: both', '14:14 policies.careful.combine is not known here; write one of: all, any.'],
  [
    'remindAt: [0.1, 0.2, 0.3, 0.4, 0.5]',
    '14:15 policies.careful.remindAt does not fit; write a list of at most 4 parts of the time, such as [0.5, 0.8].',
  ],
  ['remindAt: half', '14:15 policies.careful.remindAt is a text; write a list of at most 4 parts of the time, such as [0.5, 0.8].'],
  [
    'watch: { failing: 1 }',
    '14:23 policies.careful.watch.failing does not fit; write a part of the samples, from 0 to less than 1, such as 0.5.',
  ],
  ['watch: { every: 11s }', '14:21 policies.careful.watch.every does not fit; write a duration from 0.1s to 10s, such as 5s.'],
  [
    'watch: { every: 0.1s, window: 200s }',
    '14:35 policies.careful.watch.window holds more than 1000 samples 0.1 s apart; write a shorter one.',
  ],
  ['swap: { settle: 2h }', '14:21 policies.careful.swap.settle does not fit; write a duration from 1s to 1h, such as 90s or 20m.'],
  [
    'deployment: { within: 1s }',
    '14:27 policies.careful.deployment.within does not fit; write a duration from 10s to 2h, such as 90s or 20m.',
  ],
  ['production: maybe', '14:17 policies.careful.production is a text; write true or false.'],
  [
    'notices: { severity: { failure: urgent } }',
    '14:37 policies.careful.notices.severity.failure is not known here; write one of: critical, error, warning, info.',
  ],
  [
    'notices: { fallback: [nobody] }',
    '14:27 policies.careful.notices.fallback[0] names nobody; write one of: team, testers, stakeholders, on-call.',
  ],
  [
    'notices: { begin: [team] }',
    '14:16 policies.careful.notices.begin is not known here; write one of: start, waiting, reminder, success, failure, rolled-back, needs-attention, ended, fallback, severity.',
  ],
  [
    'notices: { start: team }',
    '14:23 policies.careful.notices.start is a text; write a list of audiences: team, testers, stakeholders, on-call.',
  ],
  [
    'notices: { start: [team, team, team, team, team] }',
    '14:23 policies.careful.notices.start does not fit; write a list of audiences: team, testers, stakeholders, on-call.',
  ],
  [
    'notices: { success: [] }',
    '14:25 policies.careful.notices.success would be told to nobody, and production always says how it ended; write an audience.',
  ],
  [
    'notices: { failure: [testers] }',
    '14:25 policies.careful.notices.failure would be told to nobody; write addresses or channels for testers under people.',
  ],
  [
    '<<: { onNewer: queue }',
    '14:5 policies.careful.<< is not known here; write one of: onNewer, gates, combine, expiry, remindAt, revert, requires, promote, calendar, hotfix, checks, watch, swap, deployment, notices, production.',
  ],
  ['watch: { for }', '14:14 policies.careful.watch.for is missing; write a duration from 0s to 1d, such as 90s, 20m or 24h.'],
  [
    'checks: [{ name: a, path: /, headers: { Authorization: x }, timeout: 5h }]',
    '14:60 policies.careful.checks[0].headers.Authorization would hold a secret, and this file holds none; write "functionKey: true" to have the host\'s key sent.',
    '14:74 policies.careful.checks[0].timeout does not fit; write a duration from 0.1s to 230s, such as 90s.',
  ],
  ['requires: 3', '14:15 policies.careful.requires does not fit; write the name of an environment, or { environment: test, within: 7d }.'],
  [
    'promote: [test]',
    '14:14 policies.careful.promote is a list; write an environment\'s name: 1 to 40 lower-case letters, digits or "-", none of them "-" at either end.',
  ],
  ['checks: [{ name: a }]', '14:14 policies.careful.checks[0].path is missing; write a path that begins with "/".'],
  [
    'checks: [{ name: a, path: /, method: FETCH }]',
    '14:42 policies.careful.checks[0].method is not known here; write one of: GET, HEAD, POST, PUT, PATCH, DELETE.',
  ],
  [
    'checks: [{ name: a, path: /, body: .nan }]',
    '14:40 policies.careful.checks[0].body does not fit; write what JSON can hold: a text, a number, true, false, null, a list or a map.',
  ],
  ['checks: [{ name: a, path: /, headers: { a: 1 } }]', '14:48 policies.careful.checks[0].headers.a is a number; write a text.'],
  [
    'checks: [{ name: a, path: /, timeout: 5h }]',
    '14:43 policies.careful.checks[0].timeout does not fit; write a duration from 0.1s to 230s, such as 90s.',
  ],
  [
    'checks: [{ name: a, path: /, expect: { latency: 10m } }]',
    '14:53 policies.careful.checks[0].expect.latency does not fit; write a duration from 0.001s to 230s, such as 90s.',
  ],
  [
    'checks: [{ name: a, path: /, expect: { schema: { $ref: "#/x" } } }]',
    '14:52 policies.careful.checks[0].expect.schema is a JSON schema that refers to something it does not hold, or holds no regular expression; write out what it refers to.',
  ],
  ['hotfix: { gates: [] }', '14:22 policies.careful.hotfix.gates does not fit; write at least 1 entry.'],
  ['calendar: { zone: 3 }', '14:23 policies.careful.calendar.zone is a number; write an IANA time zone such as Europe/Berlin, or UTC.'],
  [
    'calendar: { freezes: [{ from: 2026-12-20, to: 2026-12-21, reason: "" }] }',
    '14:71 policies.careful.calendar.freezes[0].reason does not fit; write a reason of 1 to 200 characters on one line, for the people who wait.',
  ],
  [
    'gates: [{ name: g, kind: signed-link, approvers: [a@b.de], escalate: { after: 0, to: [c@b.de] } }]',
    '14:83 policies.careful.gates[0].escalate.after does not fit; write a number of more than 0.',
  ],
  [
    'hotfix: { passes: [stop, stop, stop, stop], gates: [{ name: g, kind: signed-link, approvers: [a@b.de] }] }',
    '14:23 policies.careful.hotfix.passes does not fit; write at most 3 entries.',
  ],
  [
    'gates: a@b.de',
    '14:12 policies.careful.gates is a text; write a list of maps with keys out of: name, kind, approvers, groups, needed, proof, notRequester, escalate, instance, login, auth, type, assignmentGroup, fields, poll, site, serviceDesk, requestType, readyIn, transitions.',
  ],
];

/** The first under `channels`, on line 7. */
const amongChannels: [written: string, ...told: string[]][] = [
  ['room: { kind: slak, url: ROOM_URL }', '7:17 channels.room.kind is not known here; write slack.'],
  ['room: { url: ROOM_URL }', '7:3 channels.room.kind is missing; write one of: slack, teams, sms, pagerduty, chime, webhook, eventgrid.'],
  [
    'room: slack',
    '7:9 channels.room is a text; write a map whose kind is one of: slack, teams, sms, pagerduty, webhook, eventgrid, chime.',
  ],
  [
    'Room: { kind: slack, url: ROOM_URL }',
    '7:3 channels.Room is not a name that fits; write a channel name: 1 to 40 lower-case letters, digits or "-", none of them "-" at either end.',
  ],
  [
    'room: { kind: slack }',
    '7:3 channels.room.url is missing; write the name of an app setting, such as SLACK_TEAM_URL: its value is a secret and does not stand in this file.',
  ],
  [
    'room: { kind: slack, url: https://hooks.slack.com/services/T/B/S3CRET }',
    '7:29 channels.room.url does not fit; write the name of an app setting, such as SLACK_TEAM_URL: its value is a secret and does not stand in this file.',
  ],
  ['room: { kind: slack, url: ROOM_URL, colour: red }', '7:39 channels.room.colour is not known here; write one of: kind, url.'],
  [
    'hook: { kind: webhook, url: HOOK_URL, secret: whsec_S3CRET }',
    '7:49 channels.hook.secret does not fit; write the name of an app setting, such as EVENTS_SECRET: its value is a secret and does not stand in this file.',
  ],
  [
    'hook: { kind: webhook, url: HOOK_URL, sekret: HOOK_SECRET }',
    '7:3 channels.hook.secret is missing; write the name of an app setting, such as EVENTS_SECRET: its value is a secret and does not stand in this file.',
    '7:41 channels.hook.sekret is not known here; write "secret".',
  ],
  ['mail: { kind: slack, url: ROOM_URL }', '7:9 channels.mail is what mail itself is called; choose another name.'],
  ['team: { kind: slack, url: ROOM_URL }', '7:9 channels.team is the name of an audience; choose another name.'],
  [
    'phones: { kind: sms, from: "+18005551234", to: [491511234567] }',
    '7:51 channels.phones.to[0] is a number; write a phone number such as "+4915112345678", in quotes.',
  ],
  [
    'phones: { kind: sms, from: "+18005551234", to: ["0151 1234567"] }',
    '7:51 channels.phones.to[0] does not fit; write a phone number such as "+4915112345678", in quotes.',
  ],
  [
    'phones: { kind: sms, from: somebody with a long name, to: ["+491511234567"] }',
    '7:30 channels.phones.from does not fit; write a number of yours such as "+18005551234", or a name of at most 11 letters.',
  ],
  ['phones: { kind: sms, from: Slipway, to: [] }', '7:43 channels.phones.to does not fit; write at least 1 entry.'],
  ['night: { kind: pagerduty, routingKey: NIGHT_KEY, region: uk }', '7:60 channels.night.region is not known here; write us.'],
  [
    'night: { kind: pagerduty, routingKey: x }',
    '7:41 channels.night.routingKey does not fit; write the name of an app setting, such as PAGERDUTY_ROUTING_KEY: its value is a secret and does not stand in this file.',
  ],
  [
    'old: { kind: chime }',
    '7:3 channels.old.url is missing; write the name of an app setting, such as CHIME_URL: its value is a secret and does not stand in this file.',
  ],
  [
    'office: { kind: teams, url: office }',
    '7:31 channels.office.url does not fit; write the name of an app setting, such as TEAMS_URL: its value is a secret and does not stand in this file.',
  ],
];

const elsewhere: [insteadOf: string, written: string, ...told: string[]][] = [
  ['subscription: sub', 'subscription: 12', '2:17 azure.subscription is a number; write a subscription id.'],
  ['  subscription: sub\n', '', '1:1 azure.subscription is missing; write a subscription id.'],
  [
    'resourceGroup: group',
    'resourceGroup: my group',
    '3:18 azure.resourceGroup does not fit; write a name that Azure accepts: letters, digits, ".", "_", "-", up to 90.',
  ],
  ['  team:', '  teem:', '5:3 people.teem is not known here; write "team".'],
  ['[team@company.com]', 'team@company.com', '5:9 people.team is a text; write a list of e-mail addresses and names of channels.'],
  [
    '[team@company.com]',
    '[team@company.com, No One]',
    '5:28 people.team[1] does not fit; write an e-mail address, or the name of a channel.',
  ],
  [
    '[team@company.com]',
    '[team@company.com, room]',
    '5:28 people.team[1] names no channel; write an e-mail address, or add it under channels.',
  ],
  [
    '[team@company.com]\n',
    '[team@company.com, rom]\nchannels: { room: { kind: slack, url: ROOM_URL } }\n',
    '5:28 people.team[1] names no channel; write an e-mail address, or one of: room.',
  ],
  [
    '  hello:',
    '  Hello:',
    '7:3 apps.Hello is not a name that fits; write an app name: 1 to 40 lower-case letters, digits or "-", none of them "-" at either end.',
  ],
  ['policy: careful', 'policy: carefull', '11:17 apps.hello.environments.production.policy names no policy; write one of: careful.'],
  [
    'policy: careful\npolicies:\n',
    'policy: carefull\npolicies:\n  plain: {}\n',
    '11:17 apps.hello.environments.production.policy names no policy; write one of: plain, careful.',
  ],
  [
    '[team@company.com]\n',
    '[team@company.com, rom]\nchannels: { room: { kind: slack, url: ROOM_URL }, night: { kind: pagerduty, routingKey: NIGHT_KEY } }\n',
    '5:28 people.team[1] names no channel; write an e-mail address, or one of: room, night.',
  ],
  [
    'policy: careful',
    'slot: staging',
    '9:7 apps.hello.environments.production.policy is missing; write a policy name: 1 to 40 lower-case letters, digits or "-", none of them "-" at either end.',
  ],
  [
    'policy: careful',
    'policy: careful\n        colour: red',
    '12:9 apps.hello.environments.production.colour is not known here; write one of: subscription, resourceGroup, functionApp, slot, policy.',
  ],
  [
    'policy: careful',
    'policy: careful\n        slot: Production',
    '12:15 apps.hello.environments.production.slot does not fit; write the name of a staging slot, and not "production", which is what it is swapped with.',
  ],
  [
    'functionApp: hello-production',
    'functionApp: hello production',
    '10:22 apps.hello.environments.production.functionApp does not fit; write a name that Azure accepts: letters, digits, ".", "_", "-", up to 90.',
  ],
  [
    'policies:',
    '      test:\n        functionApp: Hello-Production\n        policy: careful\npolicies:',
    '13:22 apps.hello.environments.test.functionApp is the function app of hello in production already, and two lanes must not lead to one app; write another.',
  ],
  [
    '  careful:\n    onNewer: queue\n',
    '',
    '11:17 apps.hello.environments.production.policy names no policy; add it under policies.',
    '12:1 policies is empty; write a map of policies, each under its name.',
  ],
  [
    '    onNewer: queue',
    '    - onNewer',
    '14:5 policies.careful is a list; write a map with keys out of: onNewer, gates, combine, expiry, remindAt, revert, requires, promote, calendar, hotfix, checks, watch, swap, deployment, notices, production.',
  ],
  [
    'people:',
    'outgoing: { packages: ["https://example.com"] }\npeople:',
    '4:24 outgoing.packages[0] does not fit; write a host name such as builds.example.com, or *.example.com for all below it.',
  ],
  ['people:', 'outgoing: { loopback: 1 }\npeople:', '4:23 outgoing.loopback is a number; write true or false.'],
  [
    'people:',
    'mail: { perHour: 10, keptForFailures: 10 }\npeople:',
    '4:39 mail.keptForFailures leaves nothing of 10 mails an hour for anything else; write less than that.',
  ],
  ['people:', 'mail: { perHour: 0 }\npeople:', '4:18 mail.perHour does not fit; write a whole number from 1 to 1000.'],
  [
    'people:',
    'colour: red\npeople:',
    '4:1 colour is not known here; write one of: $schema, azure, outgoing, people, channels, mail, apps, policies.',
  ],
  [
    'policies:\n  careful:\n',
    '      test:\n        functionApp: hello-test\n        policy: plain\npolicies:\n  plain: {}\n  careful:\n    requires: tset\n',
    '18:15 policies.careful.requires names no other environment of the app that has this policy; write one of: test.',
  ],
  [
    'policies:\n  careful:\n',
    '      test:\n        functionApp: hello-test\n        policy: plain\n      staging:\n        functionApp: hello-staging\n        policy: plain\npolicies:\n  plain: {}\n  careful:\n    requires: tset\n',
    '21:15 policies.careful.requires names no other environment of the app that has this policy; write one of: test, staging.',
  ],
];

const noSettings: [file: string, ...told: string[]][] = [
  ['', '1:1 the file is empty; write a map with keys out of: $schema, azure, outgoing, people, channels, mail, apps, policies.'],
  ['- 1', '1:1 the file is a list; write a map with keys out of: $schema, azure, outgoing, people, channels, mail, apps, policies.'],
  ['settings', '1:1 the file is a text; write a map with keys out of: $schema, azure, outgoing, people, channels, mail, apps, policies.'],
  ['a: 1\na: 2', '2:1 this key is there twice; keep one.'],
  ['a: &x [1]\nb: *x', '2:4 an alias stands here; write the value out, or share a policy by its name.'],
  ['a: 1\n---\nb: 2', '2:1 a second YAML document begins here; keep one.'],
  ['a: !secret x', '1:4 a tag such as !secret stands here; write the value without it.'],
  ['? [1]\n: 2', '1:3 a list or map stands where a name belongs; write a name.'],
  ['apps:\n  __proto__: 1', '2:3 this name is not taken; choose another.'],
  ['\tx: 1', '1:1 a tab indents this line; write spaces.'],
  [
    'a: [1',
    '1:6 this is no YAML: Flow sequence in block collection must be sufficiently indented and end with a ]; mend this line or the one before it.',
  ],
  ['a: "x', '1:6 this is no YAML: Missing closing "quote; mend this line or the one before it.'],
  ['a: |S3CRET', '1:5 this is no YAML: Block scalar header includes extra characters; mend this line or the one before it.'],
  ['a: "\\S3CRET"', '1:5 this is no YAML: Invalid escape sequence; mend this line or the one before it.'],
  ['a: {b:S3CRET}}', '1:14 this is no YAML: Unexpected flow-map-end token in YAML stream; mend this line or the one before it.'],
  ['a: b: c', '1:4 this is no YAML: Nested mappings are not allowed in compact mappings; mend this line or the one before it.'],
  [
    'people: {}',
    '1:1 azure is missing; write a map with keys out of: subscription, resourceGroup.',
    '1:1 apps is missing; write a map of apps, each under its name.',
    '1:1 policies is missing; write a map of policies, each under its name.',
  ],
  ['x'.repeat(250_001), '1:1 the file has more than 250,000 characters, and no settings have; name the right file.'],
];

const all: [written: string, file: string, told: string[]][] = [
  ...inPolicy.map(([written, ...told]) =>
    row(
      written,
      good.replace(/ {4}onNewer: queue/, () => written.replace(/^/gm, '    ')),
      told,
    ),
  ),
  ...amongChannels.map(([written, ...told]) =>
    row(
      written,
      good.replace('apps:', () => `channels:\n  ${written}\napps:`),
      told,
    ),
  ),
  ...elsewhere.map(([insteadOf, written, ...told]) =>
    row(
      written,
      good.replace(insteadOf, () => written),
      told,
    ),
  ),
  ...noSettings.map(([file, ...told]) => row(file.slice(0, 30), file, told)),
];

function row(written: string, file: string, told: string[]): [string, string, string[]] {
  return [written, file, told.map((one) => `slipway.yaml:${one}`)];
}

function mistakesOf(file: string): string[] {
  const read = readSettings(file);
  return read.kind !== 'mistakes' ? [] : describeMistakes('slipway.yaml', read.mistakes);
}

test('without a mistake the file is settings', () => {
  expect(mistakesOf(good)).toEqual([]);
});

test.each(all)('%j', (_, file, told) => {
  expect(mistakesOf(file)).toEqual(told);
});

test('a file may be as long as 250,000 characters, and no longer', () => {
  expect(mistakesOf(good.padEnd(250_000, '#'))).toEqual([]);
  expect(mistakesOf(good.padEnd(250_001, '#'))).toHaveLength(1);
});

test('at most a hundred are told, whatever they are', () => {
  const many = (line: (n: number) => string) => Array.from({ length: 80 }, (_, n) => line(n)).join('');
  for (const file of [
    many(() => 'a: 1\n').repeat(2),
    good.replace('people:', () => `${many((n) => `  a${n}: 1\n`)}people:`) + many((n) => `    b${n}: 1\n`),
  ]) {
    const read = readSettings(file);
    expect(read.kind === 'mistakes' && read.mistakes).toHaveLength(100);
  }
});

test('each says what to do instead, and no value that stands there is repeated', () => {
  const sentences = all.flatMap(([, , told]) => told);
  expect(new Set(sentences).size).toBeGreaterThanOrEqual(40);
  const step = /; (?:write|keep|choose|mend|give|add|name|leave) [^;]+\.$/;
  expect(sentences.filter((sentence) => !step.test(sentence))).toEqual([]);
  expect(sentences.join('\n')).not.toContain('S3CRET');
});
