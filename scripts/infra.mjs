#!/usr/bin/env node
/*
 * npm run infra: lints every template with the real Bicep compiler, where a warning counts as an error, and compares what each parameter
 * file would create with the snapshot beside it. --write writes the snapshots anew, to be reviewed like code. The compiler comes from NuGet's own
 * cache, by infra/compiler/compiler.csproj; where there is no .NET SDK a `bicep` on the path of the same version does as well.
 * --if-possible: without either it says so and goes on, except where CI is set. --lint DIR: lints the templates there instead, and nothing else.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const project = path.join(repository, 'infra', 'compiler', 'compiler.csproj');
const wanted = /Version="\[([\d.]+)\]"/.exec(readFileSync(project, 'utf8'))[1];

/** Where a snapshot is evaluated: ids that mean nothing, so that it says the same on every machine. */
const place = [
  ...['--subscription-id', '00000000-0000-0000-0000-000000000001'],
  ...['--tenant-id', '00000000-0000-0000-0000-000000000002'],
  ...['--location', 'westeurope'],
];
const groupPlace = ['--resource-group', 'rg-apps'];

const run = (command, args) => spawnSync(command, args, { encoding: 'utf8', cwd: repository });

function runtime() {
  const systems = { linux: isMusl() ? 'linux-musl' : 'linux', darwin: 'osx', win32: 'win' };
  return `${systems[process.platform] ?? process.platform}-${process.arch}`;
}

const isMusl = () => process.report.getReport().header.glibcVersionRuntime === undefined;

/** The compiler's path, or a sentence that says why there is none. */
function findCompiler() {
  const onPath = run('bicep', ['--version']);
  if (onPath.status === 0 && onPath.stdout.includes(` ${wanted} `)) return { bicep: 'bicep' };
  const other = onPath.status === 0 ? ` (the bicep on the path is another: ${onPath.stdout.trim()})` : '';
  if (run('dotnet', ['--version']).status !== 0)
    return {
      missing: `There is no .NET SDK and no Bicep compiler ${wanted} here${other}, so the templates were not checked. Install the .NET SDK, which brings the compiler, or put bicep ${wanted} on the path.`,
    };
  const restored = run('dotnet', ['restore', project, `-p:BicepRuntime=${runtime()}`]);
  if (restored.status !== 0)
    return { missing: `The .NET SDK could not fetch the Bicep compiler ${wanted} for ${runtime()}:\n${restored.stdout}${restored.stderr}` };
  const cache = /global-packages: (.+)/.exec(run('dotnet', ['nuget', 'locals', 'global-packages', '--list']).stdout)?.[1]?.trim() ?? '';
  const name = process.platform === 'win32' ? 'bicep.exe' : 'bicep';
  const file = path.join(cache, `azure.bicep.commandline.${runtime()}`, wanted, 'tools', name);
  if (!existsSync(file))
    return { missing: `The package of the Bicep compiler holds no ${file}. Look for a changed layout of the package.` };
  // A package does not say which of its files are programs.
  if (process.platform !== 'win32') chmodSync(file, 0o755);
  return { bicep: file };
}

/** One call of the compiler. Whatever it has to say is a failure: type warnings have no level of their own that could be raised. */
function check(bicep, what, args) {
  const { status, stdout, stderr } = run(bicep, args);
  const said = `${stdout}${stderr}`.trim();
  const good = status === 0 && !/: (?:Warning|Error) /.test(said);
  console.log(`${good ? '✓' : '✗'} ${what}`);
  if (!good) console.log(said.replaceAll(repository + path.sep, ''));
  return good;
}

function main() {
  const { values } = parseArgs({ options: { write: { type: 'boolean' }, 'if-possible': { type: 'boolean' }, lint: { type: 'string' } } });
  const { bicep, missing } = findCompiler();
  if (missing) {
    console.error(missing);
    return values['if-possible'] && !process.env.CI ? 0 : 1;
  }
  if (values.lint !== undefined) {
    const templates = readdirSync(values.lint).filter((name) => name.endsWith('.bicep'));
    const good = templates.map((name) => check(bicep, `${name} is without fault`, ['lint', path.resolve(values.lint, name)]));
    return good.length > 0 && good.every(Boolean) ? 0 : 1;
  }
  const files = (folder, ending) => readdirSync(path.join(repository, 'infra', folder)).filter((name) => name.endsWith(ending));
  const templates = files('.', '.bicep').map((name) => check(bicep, `infra/${name} is without fault`, ['lint', path.join('infra', name)]));
  const parameters = path.join('infra', 'parameters');
  const snapshots = files('parameters', '.bicepparam').map((name) => {
    const file = path.join(parameters, name);
    const template = /^using '(.+)'/m.exec(readFileSync(path.join(repository, file), 'utf8'))[1];
    const isWide = /^targetScope = 'subscription'/m.test(readFileSync(path.resolve(repository, parameters, template), 'utf8'));
    const mode = values.write ? 'overwrite' : 'validate';
    return check(bicep, `${name} ${values.write ? 'is written anew' : 'creates what its snapshot says'}`, [
      ...['snapshot', file, '--mode', mode, ...place],
      ...(isWide ? [] : groupPlace),
    ]);
  });
  if ([...templates, ...snapshots].every(Boolean)) return 0;
  console.error('\nMend what is said above. Where a snapshot differs on purpose, npm run infra -- --write, and review the difference.');
  return 1;
}

process.exitCode = main();
