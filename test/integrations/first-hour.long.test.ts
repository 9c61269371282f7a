import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { buildHello } from '../../examples/hello-release/build';
import { approve, findInvitation } from '../../local/start/approver';
import { gitHubMistakes } from '../create/published-schemas';
import { startAll } from '../page/laptop';
import { buildMachine, gitHubStep, signedAddresses } from './build-world';

/** docs/first-hour.md from top to bottom: each command as it stands there, the workflow's step as a runner would start it, all of it against the whole laptop. */

const root = path.join(__dirname, '../..');
const page = readFileSync(path.join(root, 'docs/first-hour.md'), 'utf8');
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map(([, text]) => text ?? '');

jest.setTimeout(400_000);
const subscription = '00000000-0000-0000-0000-000000000001';
let laptop: Awaited<ReturnType<typeof startAll>>;
const machine = buildMachine();
beforeAll(async () => {
  laptop = await startAll();
  for (const version of ['1.0.0', '2.0.0']) machine.write(`hello-${version}.zip`, (await buildHello({ version })).zip);
  machine.write(
    'npx',
    `#!/bin/sh\n[ "$1" = slipway ] && shift\nexec "${process.execPath}" "${path.join(root, 'dist/src/cli/main.js')}" "$@"\n`,
  );
  chmodSync(machine.at('npx'), 0o755);
});
afterAll(async () => {
  await laptop.stop();
  machine.remove();
});

const surroundings = () => ({
  ...{ SLIPWAY_URL: laptop.slipwayUrl, SLIPWAY: root, AZ_SUBSCRIPTION: subscription },
  AZ_FUNCTION_APP: `/subscriptions/${subscription}/resourceGroups/laptop/providers/Microsoft.Web/sites/hello-production`,
});
const follow = (command: string) => machine.run('bash', ['-euc', command], surroundings());

test('every command does what the page says of it', async () => {
  const [adopt, say, validate, rehearse, withFault, copy, ...rest] = blocks('sh');
  expect(await follow(adopt!)).toMatchObject({ code: 0, err: '' });
  expect(machine.read('slipway.yaml')).toContain('functionApp: hello-production\n');
  expect(await follow(say!)).toMatchObject({ code: 0, err: '' });
  const validated = await follow(validate!);
  expect(validated).toMatchObject({ code: 0, err: '' });
  // The addresses of the page, which are to be others: two audiences and two gates.
  expect(validated.out.match(/worth a look: \S+ holds an address of an example/g)).toHaveLength(4);
  expect(validated.out).toMatch(/^slipway\.yaml is valid; 4 things are worth a second look\.$/m);
  const rehearsed = await follow(rehearse!);
  expect(rehearsed).toMatchObject({ code: 0, err: '' });
  expect(rehearsed.out).toContain('answers now: 200 {"app":"hello","version":"2.0.0"}');
  const broken = await follow(withFault!);
  expect(broken).toMatchObject({ code: 0, err: '' });
  expect(broken.out).toContain('this one ended rolled-back');
  expect(await follow(copy!)).toMatchObject({ code: 0, err: '' });
  expect(readdirSync(machine.at('slipway'))).toEqual(readdirSync(path.join(root, 'integrations')));
  expect(rest).toEqual(['npx slipway list --app hello\n']);
});

interface Workflow {
  jobs: { release: { steps: { uses?: string; with?: Record<string, string> }[] } };
}

test('the workflow is one that GitHub takes, and its step brings the release to production once somebody has said yes', async () => {
  const [workflow = '', ...others] = blocks('yaml');
  expect(others).toEqual([]);
  machine.write('release.yml', workflow);
  expect(gitHubMistakes([machine.at('release.yml')])).toEqual([]);
  const step = (parse(workflow) as Workflow).jobs.release.steps.find(({ uses }) => uses === './slipway/github-action');
  const signed = await signedAddresses(laptop.storage);
  // The addresses of the laptop stand where the repository's variables would.
  const here = { 'upload-to': signed.container, queue: signed.queue, url: laptop.slipwayUrl, audience: '', token: '' };
  const build = {
    GITHUB_ACTIONS: 'true',
    GITHUB_REPOSITORY: 'me/shop',
    GITHUB_RUN_ID: '1',
    GITHUB_OUTPUT: machine.at('output'),
    GITHUB_STEP_SUMMARY: machine.at('summary'),
  };
  const first = gitHubStep({ ...step?.with, ...here });
  expect(await machine.run('bash', ['-c', first.script], { ...build, ...first.environment })).toMatchObject({ code: 0, err: '' });
  expect(machine.read('summary')).toContain('waits for approver@example.com');
  const [, rollout = ''] = /^rolloutId=(.+)$/m.exec(machine.read('output')) ?? [];
  expect((await follow('npx slipway list --app hello')).out).toContain(rollout);

  const invitation = await findInvitation(laptop.inboxUrl, '2.0.0');
  if (!invitation) throw new Error('Nobody was asked.');
  await approve(invitation);
  const later = gitHubStep({ ...here, rollout, wait: 'end' });
  expect(await machine.run('bash', ['-c', later.script], { ...build, ...later.environment })).toMatchObject({ code: 0, err: '' });
  expect(machine.read('output')).toMatch(/^outcome=deployed$/m);
  expect(await (await fetch(laptop.helloUrl)).json()).toEqual({ app: 'hello', version: '2.0.0' });
});
