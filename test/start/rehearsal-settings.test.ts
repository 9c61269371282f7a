import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readSettings } from '../../src/domain/read-settings';
import { requestTypes, serviceDesk } from '../../local/azure/itsm/jira-model';
import { endedHere } from '../../local/start/rehearsal-words';
import { rehearsalOf, versionOf } from '../../local/start/rehearsal-settings';

const example = readFileSync(path.join(__dirname, '../../examples/slipway.yaml'), 'utf8');

test('a rehearsal shortens what is long, says so, and leaves the rest as it is written', () => {
  const text = example
    .replace('for: 6s', 'for: 20m')
    .replace('settle: 10s', 'settle: 5m')
    .replace('        timeout: 5s\n        budget: 30s # minutes: a cold start on a consumption plan is slow\n', '')
    .replace('budget: 30s', 'budget: 2m')
    .replace('kind: signed-link\n', 'kind: signed-link\n        proof: code\n');
  const { app, changed, text: rehearsed } = rehearsalOf('slipway.yaml', text, { environment: 'production' });
  expect(app).toBe('hello');
  expect(changed).toEqual([
    'production is watched for 8.0 s instead of 20 min',
    'a lost answer is waited for 10 s instead of 5 min',
    'checks are tried for 30 s instead of 3 min',
    'gates take a link for proof',
  ]);
  const before = readSettings(text);
  const after = readSettings(rehearsed);
  if (before.kind === 'mistakes' || after.kind === 'mistakes') throw new Error('not read');
  const [was, is] = [before.settings.policies['production']!, after.settings.policies['production']!];
  expect(is).toEqual({
    ...was,
    gates: was.gates.map((gate) => ({ ...gate, proof: 'link' })),
    watch: { ...was.watch, for: 8 },
    swap: { ...was.swap, settle: 10 },
    checks: was.checks.map((check) => ({ ...check, budgetSeconds: 30 })),
  });
  expect({ ...after.settings, policies: {} }).toEqual({ ...before.settings, policies: {} });
});

test('which version the package is must be said where a check asks for it', () => {
  const { policy } = rehearsalOf('slipway.yaml', example, { environment: 'production' });
  expect(() => versionOf(policy, undefined)).toThrow(
    'The check "is the version asked for" wants the app to say its version, and --release does not say which that is. Say the one that the package was built as, such as --release 2.0.0.',
  );
  expect(versionOf(policy, '2.0.0')).toBe('2.0.0');
  const [first] = policy.checks;
  if (!first) throw new Error('no check');
  expect(versionOf({ checks: [first] }, undefined)).toBe('rehearsal');
  expect(() => versionOf({ checks: [{ ...first, expect: { ...first.expect, headers: { etag: 'v{version}' } } }] }, undefined)).toThrow(
    'The check "says hello" wants',
  );
  expect(() => versionOf(policy, 'a b')).toThrow('--release is no version. Write letters, digits and . _ + -, such as 2.0.0.');
});

test('what is left to do is said for a rehearsal: there is no slot to open, and nothing to take back', () => {
  const ending = { at: '2026-11-23T10:03:00Z', reason: 'Why.', serves: 'It serves 1.0.0.', next: 'Open the staging slot.' };
  const nextOf = (outcome: 'failed' | 'deployed' | 'unchanged' | 'rolled-back', fault?: 'failed') =>
    endedHere({ ending: { ...ending, outcome } }, fault).ending?.next;
  const mend = 'Mend the release or slipway.yaml, whichever stood in the way, and rehearse again; nothing of yours in Azure was touched.';
  expect([nextOf('failed'), nextOf('rolled-back', 'failed')]).toEqual([mend, mend]);
  expect(nextOf('failed', 'failed')).toBe('Nothing is left to do: the fault was asked for.');
  const gone = 'Nothing is left to do: the local Azure ends with the rehearsal.';
  expect([nextOf('deployed'), nextOf('unchanged')]).toEqual([gone, gone]);
  expect(endedHere({ ending: { ...ending, outcome: 'failed' } }, undefined).ending).toMatchObject({ reason: 'Why.', outcome: 'failed' });
  const goingOn = {};
  expect(endedHere(goingOn, undefined)).toBe(goingOn);
});

test('a rehearsal asks services soon, and Jira for a request type that the local one has', () => {
  const jira = `
      - name: request
        kind: jira
        site: https://acme.atlassian.net
        login: JIRA_LOGIN
        serviceDesk: '12'
        requestType: '345'
        readyIn: [Freigegeben]
        transitions: { ask: Vorlegen, successful: Fertig, unsuccessful: Misslungen, cancel: Abbrechen }
        fields: { customfield_1: x }
        notRequester: true`;
  const { changed, text } = rehearsalOf('slipway.yaml', example.replace('    gates:', `    gates:${jira}`), { environment: 'production' });
  expect(changed).toEqual([
    "the Jira asked is the local one, with its own service desk, request type, statuses, transitions and fields: the file's are not tried",
  ]);
  const read = readSettings(text);
  if (read.kind === 'mistakes') throw new Error('not read');
  const [gate] = read.settings.policies['production']?.gates ?? [];
  const type = requestTypes.find(({ id }) => gate?.kind === 'jira' && gate.serviceDesk === serviceDesk.id && id === gate.requestType);
  expect(gate).toMatchObject({ name: 'request', notRequester: true, poll: 5, fields: {} });
  if (gate?.kind !== 'jira' || !type) throw new Error('The local Jira lacks it.');
  for (const status of gate.readyIn) expect(type.statuses.map(({ name }) => name)).toContain(status);
  for (const name of Object.values(gate.transitions)) expect(type.transitions.map((one) => one.name)).toContain(name);
});

test('every mistake of the file is told, and which app is meant where there are several', () => {
  expect(() => rehearsalOf('s.yaml', 'apps: {}\n', { environment: 'production' })).toThrow(
    /^s\.yaml:1:1 azure is missing[^]*\ns\.yaml:1:1 policies is missing/,
  );
  const two = example.replace('apps:\n', 'apps:\n  other: { environments: {} }\n');
  expect(() => rehearsalOf('s.yaml', two, { environment: 'production' })).toThrow('Say which app is to be rehearsed: other, hello.');
});
