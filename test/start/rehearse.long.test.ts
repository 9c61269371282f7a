import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { parse, stringify } from 'yaml';
import { buildHello } from '../../examples/hello-release/build';
import { rehearsalFaults } from '../../local/start/rehearsal-faults';
import { faultNames } from '../../local/azure';

const root = path.join(__dirname, '../..');
const folder = mkdtempSync(path.join(tmpdir(), 'slipway-rehearse-'));
beforeAll(async () => {
  copyFileSync(path.join(root, 'examples/slipway.yaml'), path.join(folder, 'slipway.yaml'));
  for (const version of ['1.0.0', '2.0.0']) writeFileSync(path.join(folder, `hello-${version}.zip`), (await buildHello({ version })).zip);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rehearse = (...args: string[]) => rehearseAs(['--release', '2.0.0'], ...args);

/** The command itself, in a process of its own and a pipe. */
async function rehearseAs(release: string[], ...args: string[]) {
  const command = [path.join(root, 'dist/src/cli/main.js'), 'rehearse', '--package', 'hello-2.0.0.zip', '--before', 'hello-1.0.0.zip'];
  const child = spawn(process.execPath, [...command, ...release, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, err, out };
}

jest.setTimeout(180_000);

test('--fault swap-answer-lost shows the fault, and that the rollout ends deployed all the same', async () => {
  const { code, out, err } = await rehearse('--fault', 'swap-answer-lost');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain('Fault swap-answer-lost: Azure swaps, and its answer to the request is lost.\n');
  expect(out).toContain('approver@example.com is asked by mail, and says yes in this rehearsal.\n');
  expect(out).toContain('✓ swap       production holds what staging held, after one swap');
  expect(out.slice(out.indexOf('\nProduction at')).replace(/after (?:\d+ s|\d+ min)/, 'after a while')).toBe(
    [
      '',
      'Production at /api/hello answered before: 200 {"app":"hello","version":"1.0.0"}',
      '                    and answers now: 200 {"app":"hello","version":"2.0.0"}',
      '',
      'The fault swap-answer-lost struck: Azure swaps, and its answer to the request is lost.',
      'A rollout that meets it must end deployed; this one ended deployed after a while.',
      'So it would go in Azure, as far as a rehearsal can tell.',
      '',
    ].join('\n'),
  );
});

test('--fault deployment-fails ends failed, which is right, and production is not touched', async () => {
  const { code, out } = await rehearse('--fault', 'deployment-fails', '--json');
  const told = JSON.parse(out) as { outcome: string; asItShould: boolean; fault: { struck: boolean }; production: object };
  expect({ code, ...told }).toMatchObject({ code: 0, outcome: 'failed', asItShould: true, fault: { struck: true } });
  expect(told.production).toEqual({
    path: '/api/hello',
    before: '200 {"app":"hello","version":"1.0.0"}',
    after: '200 {"app":"hello","version":"1.0.0"}',
  });
});

test('approvers in ServiceNow and Jira are played as well', async () => {
  const gates = [
    {
      ...{ name: 'change', kind: 'servicenow', instance: 'https://acme.service-now.com', login: 'SNOW_LOGIN' },
      assignmentGroup: '0123456789abcdef0123456789abcdef',
    },
    {
      ...{ name: 'request', kind: 'jira', site: 'https://acme.atlassian.net', login: 'JIRA_LOGIN', serviceDesk: '77', requestType: '501' },
      ...{ readyIn: ['Approved'], transitions: { successful: 'Done', unsuccessful: 'Broken', cancel: 'Away' } },
    },
  ];
  const written = parse(readFileSync(path.join(folder, 'slipway.yaml'), 'utf8')) as { policies: { production: object } };
  Object.assign(written.policies.production, { gates });
  writeFileSync(path.join(folder, 'services.yaml'), stringify(written));
  const { code, out, err } = await rehearse('--config', 'services.yaml');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain('the Jira asked is the local one');
  // A normal change is approved by its peers and by the board.
  const change = /^(CHG\d+) waits for its approvers in ServiceNow, and one of them says yes in this rehearsal\.$/gm;
  expect([...out.matchAll(change)]).toHaveLength(2);
  expect(out).toContain('MC-1 waits for its approvers in Jira');
  expect(out).toContain('So it would go in Azure, as far as a rehearsal can tell.\n');
});

test('what can’t be rehearsed is said at once, with what can', async () => {
  const unknown = await rehearse('--fault', 'rain');
  expect(unknown).toMatchObject({ code: 2, out: '' });
  expect(unknown.err).toMatch(/^There is no fault "rain" to rehearse\. There are:\n {2}swap-answer-lost /);
  expect(await rehearse('nobody')).toMatchObject({
    code: 2,
    err: 'slipway.yaml names no environment "production" of an app "nobody". It names: hello --to production.\n',
  });
  expect((await rehearse('--config', 'gone.yaml')).err).toBe('There is no file gone.yaml: name the slipway.yaml with --config.\n');
});

test('a version that a check asks for is wanted before anything is built up', async () => {
  expect(await rehearseAs([])).toEqual({
    code: 2,
    out: '',
    err: 'The check "is the version asked for" wants the app to say its version, and --release does not say which that is. Say the one that the package was built as, such as --release 2.0.0.\n',
  });
});

test('a release that is another than it says fails soon, and what is left to do is said for a rehearsal', async () => {
  const { code, out } = await rehearseAs(['--release', '3.0.0']);
  expect(code).toBe(1);
  expect(out).toContain('/version is "2.0.0", wanted "3.0.0"');
  expect(out.replace(/\s+/g, ' ')).toContain('Mend the release or slipway.yaml, whichever stood in the way, and rehearse again');
  expect(out).not.toContain('Open the staging slot');
});

test('every fault that is offered is one of the local Azure', () => {
  expect(Object.values(rehearsalFaults).filter(({ name }) => !faultNames.includes(name))).toEqual([]);
});
