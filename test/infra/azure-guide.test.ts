import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { describe, expect, test } from '@jest/globals';
import { createProgram } from '../../src/cli/program';
import type { World } from '../../src/cli/world';

/** docs/azure.md: each command, flag, file, setting and parameter that it names exists. */
const repository = path.join(__dirname, '../..');
const read = (...names: string[]): string => readFileSync(path.join(repository, ...names), 'utf8');
const guide = read('docs', 'azure.md');
const lines = [...guide.matchAll(/^```\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) => block.trim().split('\n'));

/** A command and what stands after it; quotes hold together, `$(…)` is a command of its own. */
const commands = lines.flatMap(commandsIn);
function commandsIn(line: string): string[][] {
  const inner = [...line.matchAll(/\$\(([^()]*)\)/g)].flatMap(([, one = '']) => commandsIn(one));
  const outer = line
    .replaceAll(/\$\([^()]*\)/g, 'VALUE')
    .replaceAll(/<[^<>]*>/g, 'YOURS')
    .split(/ && |;(?= do)/);
  return [...outer.map((one) => [...one.trim().matchAll(/"(?:[^"\\]|\\.)*"|\S+/g)].map(([word]) => word)), ...inner];
}
const of = (program: string): string[][] => commands.filter(([first]) => first?.replace(/^\w+=/, '') === program);

/** By the reference at learn.microsoft.com/cli/azure; flags that every command has are left out. */
const azureCli: Record<string, readonly string[]> = {
  'account show': [],
  'ad app create': ['--display-name', '--sign-in-audience'],
  'ad app delete': ['--id'],
  'ad app federated-credential create': ['--id', '--parameters'],
  'ad app update': ['--id', '--identifier-uris', '--web-redirect-uris'],
  'ad signed-in-user show': [],
  'ad sp create': ['--id'],
  'deployment group create': ['--resource-group', '--template-file', '--parameters'],
  'functionapp show': ['--resource-group', '--name'],
  'group create': ['--name', '--location'],
  'keyvault secret set': ['--vault-name', '--name', '--file'],
  login: [],
  rest: ['--method', '--uri', '--headers', '--body'],
  'role assignment create': ['--assignee', '--role', '--scope'],
  'storage account show': ['--name'],
};
const everywhere = ['--query', '--output'];
/** By the reference at learn.microsoft.com/azure/developer/azure-developer-cli/reference. */
const developerCli = ['auth login', 'deploy', 'down', 'env get-values', 'env new', 'env set', 'up'];

const flagsOf = (words: readonly string[]): string[] => words.filter((word) => word.startsWith('--'));
const after = (words: readonly string[], flag: string): string[] => {
  const rest = words.slice(words.indexOf(flag) + 1);
  const end = rest.findIndex((word) => word.startsWith('--'));
  return words.includes(flag) ? rest.slice(0, end === -1 ? undefined : end) : [];
};

test('it has all of its commands in blocks that this test reads', () => {
  expect(commands.length).toBeGreaterThan(30);
  const programs = new Set(commands.map(([first = '']) => first.replace(/^[A-Z_]+=/, '')));
  expect([...programs].sort()).toEqual([
    'VALUE',
    'az',
    'azd',
    'cd',
    'cp',
    'do',
    'done',
    'echo',
    'eval',
    'export',
    'for',
    'git',
    'npm',
    'npx',
  ]);
});

test.each(of('az').map((words) => [words.join(' '), words] as const))('the Azure CLI has %s', (_, [, ...words]) => {
  const first = words.findIndex((word) => word.startsWith('--'));
  const name = words.slice(0, first === -1 ? undefined : first).join(' ');
  expect(Object.keys(azureCli)).toContain(name);
  for (const flag of flagsOf(words)) expect([...(azureCli[name] ?? []), ...everywhere]).toContain(flag);
});

test.each(of('azd').map((words) => words.slice(1).join(' ')))('the Azure Developer CLI has %s', (line) => {
  expect(developerCli.some((known) => line === known || line.startsWith(`${known} `))).toBe(true);
});

test('npm has what it runs', () => {
  const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: object }).scripts);
  for (const [, verb, name = ''] of of('npm')) expect(verb === 'run' ? scripts : ['ci']).toContain(verb === 'run' ? name : verb);
});

describe('the command line', () => {
  const silent = { write: () => true };
  const program = createProgram(
    { out: silent, err: silent, environment: {}, workingDirectory: repository } as unknown as World,
    () => undefined,
  );
  const every = (command: Command): string[] => command.options.flatMap(({ long, short }) => [long ?? '', short ?? '']);

  test.each(of('npx').map((words) => [words.join(' '), words] as const))('has %s', (_, [, name, verb, ...words]) => {
    expect(name).toBe('slipway');
    const command = program.commands.find((one) => one.name() === verb);
    expect(command).toBeDefined();
    for (const flag of flagsOf(words)) expect(command ? [...every(command), ...every(program)] : []).toContain(flag);
    const given = words.slice(0, words.findIndex((word) => word.startsWith('--')) >>> 0).length;
    expect(given).toBeLessThanOrEqual(command?.registeredArguments.length ?? 0);
  });
});

test('files that it names are there', () => {
  const links = [...guide.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, file = '']) => path.join('docs', file));
  const named = [...guide.matchAll(/\b(?:infra|examples)\/[\w./-]+\.\w+/g)].map(([file]) => file);
  for (const file of [...links, ...named])
    expect({ file, isThere: existsSync(path.join(repository, file)) }).toEqual({ file, isThere: true });
});

test('each template gets the parameters that it has no value for, and none that it has not', () => {
  const deployments = of('az').filter((words) => words.includes('--template-file'));
  expect(deployments).toHaveLength(3);
  for (const words of deployments) {
    const template = read(after(words, '--template-file')[0] ?? '');
    const declared = [...template.matchAll(/^param (\w+) [^=\n]+(= .*)?$/gm)].map(([, name = '', value]) => ({
      name,
      isNeeded: value === undefined,
    }));
    const given = after(words, '--parameters').map((one) => one.split('=')[0] ?? '');
    for (const name of given) expect(declared.map((one) => one.name)).toContain(name);
    for (const { name, isNeeded } of declared) if (isNeeded) expect(given).toContain(name);
  }
  for (const name of ['settingsFromVault', 'signInClientId']) expect(read('infra', 'main.bicep')).toContain(`param ${name} `);
  expect(read('infra', 'main.parameters.json')).toContain('"settingsFromVault"');
  expect(read('infra', 'main.parameters.json')).toContain('${SLIPWAY_SIGN_IN_CLIENT_ID}');
});

test('a variable is set before it is used, or is an output of the template', () => {
  const outputs = [...read('infra', 'main.bicep').matchAll(/^output (\w+)/gm)].map(([, name = '']) => name);
  const known = new Set<string>();
  for (const line of lines) {
    for (const [, name = ''] of line.matchAll(/\$(\w+)/g))
      expect({ line, name, isKnown: known.has(name) }).toMatchObject({ isKnown: true });
    for (const [, name = ''] of line.matchAll(/(?:^|\s)([A-Z_]+)(?:=|$)/g)) known.add(name);
    if (line.startsWith('for ')) known.add('ROLE');
    if (line.includes('azd env get-values')) for (const name of outputs) known.add(name);
  }
  expect(known).toContain('SLIPWAY_URL');
});

test('roles of the registration are the roles that the code asks for, and the guide gives the first two', () => {
  const { appRoles } = JSON.parse(read('infra', 'sign-in.json')) as { appRoles: { id: string; value: string }[] };
  const asked = [...read('src', 'triggers', 'caller.ts').matchAll(/'(Slipway\.\w+)'/g)].map(([, role]) => role);
  expect(appRoles.map(({ value }) => value).sort()).toEqual([...new Set(asked)].sort());
  for (const { id } of appRoles.slice(0, 2)) expect(guide).toContain(id);
});

test('operations.md says what to do on every alert', () => {
  const bicep = read('infra', 'modules', 'monitoring.bicep');
  const alerts = [...bicep.matchAll(/name: '(slipway-[\w-]+)'/g)].map(([, name = '']) => name);
  expect(alerts.length).toBeGreaterThanOrEqual(5);
  const told = [...read('docs', 'operations.md').matchAll(/^### (slipway-[\w-]+)$/gm)].map(([, name = '']) => name);
  expect(told.sort()).toEqual(alerts.sort());
});
