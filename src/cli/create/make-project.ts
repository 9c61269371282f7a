import { lstatSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CliMistake } from '../mistake';
import { changedNames, labelOf, namesOf, slugOf } from './names';
import { projectFiles, type Project, type ProjectFile } from './project-files';
import { accounts, builders, readPrompt, type Wishes } from './read-prompt';
import { isKnownRegion, listedIn, regionOf, regionsLike } from './regions';

/** What can be said beside the prompt; it goes before what the prompt says. */
export interface Said extends Wishes {
  team?: string[];
  subscription?: string;
  suffix?: string;
}

/** What nobody said, and what is taken for it. */
export interface Assumption {
  what: 'space' | 'account' | 'builder' | 'location' | 'approvers' | 'subscription';
  taken: string;
  flag: string;
}

export const usual = { space: 'Default', account: 'service-principal', location: 'westeurope', approver: 'approver@example.com' } as const;

/** What the flags and the prompt say together. Throws a sentence for a prompt that says nothing, unless a flag names the project. */
export function understand(prompt: string | undefined, flags: Said): { said: Said; notUnderstood: string[] } {
  const checked = checkedFlags(flags);
  if (prompt === undefined || prompt.trim() === '') return { said: checked, notUnderstood: [] };
  const reading = readPrompt(prompt);
  if (reading.kind === 'refused') throw new CliMistake(reading.sentence, reading.next);
  const said = { ...reading.wishes, ...checked };
  if (said.location !== undefined) checkLocation(said.location, 'The region is not written as Azure does.');
  checkNames(said);
  return { said, notUnderstood: reading.notUnderstood };
}

/** What is still open, in the order in which it is asked for. */
export function assumptionsOf(said: Said): Assumption[] {
  const all: [Assumption['what'], unknown, string, string][] = [
    ['space', said.space, usual.space, '--space'],
    ['account', said.account, usual.account, '--account'],
    ['approvers', said.approvers, usual.approver, '--approver'],
    ['location', said.location, usual.location, '--location'],
    ['builder', said.builder, 'github', '--builder'],
    ['subscription', said.subscription, 'none yet', '--subscription'],
  ];
  return all.flatMap(([what, given, taken, flag]) => (given === undefined ? [{ what, taken, flag }] : []));
}

export function projectOf(said: Said & { name: string }): Project {
  const names = namesOf(said.name, said.space ?? usual.space, said.suffix);
  const approvers = said.approvers ?? [usual.approver];
  return {
    names,
    account: said.account ?? usual.account,
    builder: said.builder ?? 'github',
    location: said.location ?? usual.location,
    subscription: said.subscription,
    approvers,
    team: said.team ?? approvers,
  };
}

/** What is made all the same, and is worth a second look. */
export function notesOf({ name, space }: Said & { name: string }, { names, location }: Project): string[] {
  return [...changedNames({ name, space: space ?? usual.space }, names), ...(isKnownRegion(location) ? [] : [unknownRegion(location)])];
}

function unknownRegion(location: string): string {
  const like = regionsLike(location);
  const others = like.length === 0 ? '' : `; ${like.join(' and ')} ${like.length === 1 ? 'is' : 'are'}`;
  return `${location} is none of Azure's public regions as of ${listedIn}${others}. If it is no newer one, take another: az account list-locations -o table lists them.`;
}

const forms: readonly [keyof Said, RegExp, string, string][] = [
  [
    'approvers',
    /^[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}$/,
    '--approver names no mail address.',
    'Write one such as ann@example.com.',
  ],
  [
    'team',
    /^[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}$/,
    '--team names no mail address.',
    'Write one such as team@example.com.',
  ],
  [
    'subscription',
    /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
    '--subscription is no id of a subscription.',
    'az account show --query id prints it.',
  ],
  ['suffix', /^[a-z0-9]{1,6}$/, '--suffix is not of its form.', 'Write 1 to 6 lower-case letters and digits.'],
];

/** Whatever does not fit is said before anything is written. */
export function checkedFlags(given: Said): Said {
  const flags = given.location === undefined ? given : { ...given, location: regionOf(given.location) };
  for (const [key, form, sentence, next] of forms) {
    const values = [flags[key] ?? []].flat();
    if (values.some((one) => !form.test(one))) throw new CliMistake(sentence, next);
  }
  if (flags.location !== undefined) checkLocation(flags.location, '--location is not written as Azure writes a region.');
  checkNames(flags);
  if (flags.account !== undefined && !accounts.includes(flags.account))
    throw new CliMistake('--account is neither of the two there are.', `Write ${accounts.join(' or ')}.`);
  if (flags.builder !== undefined && !builders.includes(flags.builder))
    throw new CliMistake('--builder is neither of the two there are.', `Write ${builders.join(' or ')}.`);
  return flags;
}

/** What Azure knows them by is made of them; where nothing is left, every such project would be called the same. */
function checkNames({ name, space }: Pick<Said, 'name' | 'space'>): void {
  for (const [what, text, word] of [
    ['project', name, 'orders'],
    ['space', space, 'shop'],
  ] as const)
    if (text !== undefined && slugOf(labelOf(text), 1) === '')
      throw new CliMistake(
        `The name of the ${what} holds no letter from a to z and no digit, and names in Azure are made of these.`,
        `Write some into it, such as "${`${word} ${labelOf(text)}`.trim()}": people read it whole, and Azure gets what it takes.`,
      );
}

function checkLocation(text: string, sentence: string): void {
  if (!/^[a-z]{3,30}\d?$/.test(text))
    throw new CliMistake(sentence, 'Write one such as westeurope: az account list-locations -o table lists them.');
}

/** Writes them all, or none: without `force` nothing that is there is overwritten. */
export function writeProject(folder: string, files: readonly ProjectFile[], force: boolean): void {
  try {
    const there = force ? [] : files.filter((file) => lstatSync(path.join(folder, file.path), { throwIfNoEntry: false }));
    refuseToOverwrite(folder, there);
    for (const file of files) {
      const at = path.join(folder, file.path);
      makeFolder(path.dirname(at));
      writeFileSync(at, file.text, { flag: force ? 'w' : 'wx', mode: file.runs ? 0o755 : 0o644 });
    }
  } catch (error) {
    if (error instanceof CliMistake) throw error;
    const why = (error as NodeJS.ErrnoException).code ?? 'no reason given';
    throw new CliMistake(`The project could not be written to ${folder} (${why}).`, 'Name a folder that you may write to with --into.');
  }
}

function refuseToOverwrite(folder: string, [first, ...more]: readonly ProjectFile[]): void {
  if (first)
    throw new CliMistake(
      `${first.path}${more.length > 0 ? ` and ${more.length} more` : ''} would be overwritten in ${folder}.`,
      'Name another folder with --into, or say --force to overwrite what the project is made of and nothing else.',
    );
}

/** With those above it, each tried once: `recursive` tries one again for ever that the system denies although all above it are there, as below /proc. */
function makeFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  const above = path.dirname(folder);
  if (above !== folder) makeFolder(above);
  mkdirSync(folder);
}

export const filesOf = (said: Said & { name: string }): { project: Project; files: ProjectFile[] } => {
  const project = projectOf(said);
  return { project, files: projectFiles(project) };
};
