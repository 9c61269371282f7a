import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Names } from './names';
import type { Account, Builder } from './read-prompt';

/** All that a project is made from; every value is safe to stand in any of its files: see `projectOf`. */
export interface Project {
  names: Names;
  account: Account;
  builder: Builder;
  location: string;
  subscription: string | undefined;
  approvers: readonly string[];
  team: readonly string[];
}

export interface ProjectFile {
  /** With `/`, below the project's folder. */
  path: string;
  text: string;
  /** A script that a shell runs. */
  runs: boolean;
}

/** The checkout or package that this is part of; its templates are not compiled, so they are beside the sources. */
const root = [3, 4]
  .map((up) => path.resolve(__dirname, ...Array<string>(up).fill('..')))
  .find((folder) => existsSync(path.join(folder, 'infra')));

/** What every project has a copy of: from where it is kept, to where it stands in the project. */
const copies: readonly [string, string][] = [
  ['integrations/release.mjs', 'slipway/release.mjs'],
  ['integrations/build-systems.mjs', 'slipway/build-systems.mjs'],
  ['integrations/github-action/action.yml', 'slipway/github-action/action.yml'],
  ['integrations/azure-pipelines/release.yml', 'slipway/azure-pipelines/release.yml'],
];

const templatesOf: Record<Account, readonly string[]> = {
  oidc: ['infra/target.bicep', 'infra/oidc.bicep'],
  'service-principal': ['infra/target.bicep', 'infra/service-principal.bicep'],
};

/** A template and all that it names, however deep. */
function withModules(file: string): string[] {
  const named = [...read(path.join(rootFolder(), file)).matchAll(/'([\w./-]+\.bicep)'/g)];
  return [file, ...named.flatMap(([, name = '']) => withModules(path.posix.join(path.posix.dirname(file), name)))];
}

/** Every file of a project, by path; the same project gives the same bytes. */
export function projectFiles(project: Project): ProjectFile[] {
  const templates = path.join(rootFolder(), 'src', 'cli', 'create', 'template');
  const own = filesBelow(templates).flatMap((file) => {
    const name = placeOf(file, project.account);
    return name === undefined ? [] : [{ path: name, text: filled(read(path.join(templates, file)), project) }];
  });
  const templatesUsed = [...new Set(templatesOf[project.account].flatMap(withModules))];
  const copied = [...copies, ...templatesUsed.map((file) => [file, file] as const)].map(([from, to]) => ({
    path: to,
    text: read(path.join(rootFolder(), from)),
  }));
  return [...own, ...copied].map((file) => ({ ...file, runs: file.path.endsWith('.sh') })).sort((a, b) => (a.path < b.path ? -1 : 1));
}

function rootFolder(): string {
  if (root === undefined) throw new Error('The templates of projects are missing: this Slipway is not whole.');
  return root;
}

/** What stands before the words of a command, in any folder of this machine: in a project npx knows no slipway. */
export function commandHere(): string {
  const script = path.join(rootFolder(), 'scripts', 'slipway.mjs');
  return `node ${/^[\w./:+-]+$/.test(script) ? script : `"${script}"`}`;
}

const read = (file: string): string => readFileSync(file, 'utf8').replaceAll('\r\n', '\n');

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'));

/** `access.oidc.sh` is `access.sh` of projects whose account uses OIDC; `gitignore` has its dot only there. */
function placeOf(file: string, account: Account): string | undefined {
  const [, before, variant, after] = /^(.+)\.(oidc|service-principal)(\.\w+)$/.exec(file) ?? [];
  if (variant !== undefined) return variant === account ? `${before}${after}` : undefined;
  return file === 'gitignore' ? '.gitignore' : file;
}

/** A line that ends in `#if oidc`, or the like in Markdown, is for projects of that account alone. */
const condition = /[ \t]*(?:#|<!--)if (oidc|service-principal)(?:-->)?$/;

function filled(text: string, { names, account, builder, location, subscription, approvers, team }: Project): string {
  const values: Record<string, string> = {
    LABEL: names.label,
    SPACE_LABEL: names.spaceLabel,
    APP: names.app,
    SPACE: names.space,
    FUNCTION_APP: names.functionApp,
    RESOURCE_GROUP: names.resourceGroup,
    LOCATION: location,
    SUBSCRIPTION: subscription ?? '00000000-0000-0000-0000-000000000000',
    SUBSCRIPTION_OR_EMPTY: subscription ?? '',
    BUILDER: builder,
    APPROVERS: approvers.map((one) => `'${one}'`).join(', '),
    TEAM: team.map((one) => `'${one}'`).join(', '),
  };
  return text
    .split('\n')
    .filter((line) => [undefined, account].includes(condition.exec(line)?.[1] as Account | undefined))
    .map((line) => line.replace(condition, '').replace(/\bTHE_([A-Z]+(?:_[A-Z]+)*)\b/g, (whole, name: string) => values[name] ?? whole))
    .join('\n');
}
