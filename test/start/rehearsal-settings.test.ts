import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readSettings } from '../../src/domain/read-settings';
import { requestTypes, serviceDesk } from '../../local/azure/itsm/jira-model';
import { rehearsalOf } from '../../local/start/rehearsal-settings';

const example = readFileSync(path.join(__dirname, '../../examples/slipway.yaml'), 'utf8');

test('a rehearsal shortens what is long, says so, and leaves the rest as it is written', () => {
  const text = example
    .replace('for: 6s', 'for: 20m')
    .replace('settle: 10s', 'settle: 5m')
    .replace('kind: signed-link\n', 'kind: signed-link\n        proof: code\n');
  const { app, changed, text: rehearsed } = rehearsalOf('slipway.yaml', text, { environment: 'production' });
  expect(app).toBe('hello');
  expect(changed).toEqual([
    'production is watched for 8.0 s instead of 20 min',
    'a lost answer is waited for 10 s instead of 5 min',
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
  });
  expect({ ...after.settings, policies: {} }).toEqual({ ...before.settings, policies: {} });
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
