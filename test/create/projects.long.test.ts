import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { gitHubMistakes, pipelineMistakes } from './published-schemas';

/** Whole projects as the command makes them: what is promised of each is tried by what will judge it in the end. */

const root = path.join(__dirname, '../..');
const command = path.join(root, 'dist/src/cli/main.js');
const folder = mkdtempSync(path.join(tmpdir(), 'slipway-projects-'));
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));
jest.setTimeout(300_000);

async function run(cwd: string, program: string, ...args: string[]) {
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, out, err };
}

const prompt = 'Create an Azure Function project called "My Function 1" in space "My Space".';
const projects: readonly [string, string, string[]][] = [
  ['a service principal', 'my-function-1', [prompt]],
  ['OIDC', 'my-function-1', [`${prompt} Make the Azure Account use OIDC.`]],
  ['other words', 'orders', ['set up a new function app named orders in the shop space, using OIDC. We build with Azure Pipelines.']],
  [
    'a hostile name',
    'rm-rf-secrets-token',
    [`Create an Azure Function project called "'; rm -rf / #\${{ secrets.TOKEN }}" in space "../..: {&a}".`],
  ],
  ['a number for a name', '123', ['Create an Azure Function project called "123" in space "null". Use a service principal.']],
  [
    'flags alone',
    'orders',
    ['--name', 'orders 日本', '--space', 'Größe', '--account', 'oidc', '--approver', 'ann@example.com', '--approver', 'bob@example.com'],
  ],
];

describe.each(projects)('a project with %s', (kind, app, args) => {
  const place = path.join(folder, kind.replaceAll(' ', '-'));

  test('its infrastructure compiles clean, and its workflows are as their build systems want them', async () => {
    expect(await run(folder, process.execPath, command, 'create', ...args, '--into', place)).toMatchObject({ code: 0, err: '' });
    const files = (below: string) => readdirSync(path.join(place, below)).map((name) => path.join(place, below, name));
    expect(gitHubMistakes([...files('.github/workflows'), ...files('slipway/github-action')])).toEqual([]);
    expect(pipelineMistakes([...files('azure-pipelines'), ...files('slipway/azure-pipelines')])).toEqual([]);
    for (const script of files('infra').filter((name) => name.endsWith('.sh')))
      expect(spawnSync('bash', ['-n', script], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    copyFileSync(path.join(root, 'infra/bicepconfig.json'), path.join(place, 'infra/bicepconfig.json'));
    const linted = await run(root, process.execPath, 'scripts/infra.mjs', '--if-possible', '--lint', path.join(place, 'infra'));
    if (linted.err !== '') console.warn(linted.err);
    expect(linted.code).toBe(0);
    expect(linted.out).not.toMatch(/✗/);
  });

  test('its app is tested and built, and a rehearsal takes it to production', async () => {
    // What npm install would bring is here already, in the same versions: test/cli/create.test.ts.
    if (!existsSync(path.join(place, 'node_modules')))
      symlinkSync(path.join(root, 'node_modules'), path.join(place, 'node_modules'), 'junction');
    const { scripts } = JSON.parse(readFileSync(path.join(place, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
    expect(scripts).toEqual({ test: 'node --test', build: 'node build.mjs' });
    expect(await run(place, process.execPath, '--test', 'test')).toMatchObject({ code: 0 });
    expect(await run(place, process.execPath, 'build.mjs', '--version', '1.0.0')).toMatchObject({
      code: 0,
      out: `dist/${app}.zip holds ${app} 1.0.0.\n`,
    });
    const rehearsal = await run(
      place,
      process.execPath,
      command,
      'rehearse',
      '--package',
      `dist/${app}.zip`,
      '--release',
      '1.0.0',
      '--json',
    );
    const told = JSON.parse(rehearsal.out) as { outcome: string; production: object; rollout: { phases: { phase: string }[] } };
    expect({ code: rehearsal.code, outcome: told.outcome, after: told.production }).toMatchObject({
      code: 0,
      outcome: 'deployed',
      after: { path: '/api/hello', after: `200 {"app":"${app}","version":"1.0.0"}` },
    });
    const phases = new Set(told.rollout.phases.map(({ phase }) => phase));
    for (const step of ['announcing', 'staging', 'proving', 'asking', 'swapping', 'telling']) expect(phases).toContain(step);
  });
});
