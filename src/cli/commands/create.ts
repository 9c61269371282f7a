import path from 'node:path';
import { Option } from 'commander';
import {
  assumptionsOf,
  checkedFlags,
  filesOf,
  notesOf,
  understand,
  usual,
  writeProject,
  type Assumption,
  type Said,
} from '../create/make-project';
import { labelOf } from '../create/names';
import { commandHere, type Project } from '../create/project-files';
import { accounts, builders, example, type Account, type Builder } from '../create/read-prompt';
import { exitCodes, type ExitCode } from '../exit-codes';
import { CliMistake } from '../mistake';
import type { Adding } from '../program';
import type { Session } from '../world';

interface CreateOptions {
  name?: string;
  space?: string;
  account?: Account;
  builder?: Builder;
  location?: string;
  subscription?: string;
  suffix?: string;
  approver: string[];
  team: string[];
  into?: string;
  force?: true;
}

const more = `
The prompt is read by a small fixed reader: no network, no model. It says what it understood; on a terminal it asks for the rest, in a pipe it takes what is
usual and says which flag gives it. Nothing that is there is overwritten without --force.

Examples:
  slipway create '${example}'
  slipway create '${example} Make the Azure Account use OIDC.'
  slipway create --name "My Function 1" --space "My Space" --account oidc --approver ann@example.com`;

const each = (text: string, before: string[]): string[] => [...before, text];

export function addCreate({ program, act }: Adding): void {
  program
    .command('create')
    .description('make a new project: app, policy, infrastructure, runbooks, workflows')
    .argument('[prompt]', 'what it should be, in a sentence or two')
    .option('--name <name>', 'what the project is called')
    .option('--space <name>', 'what it belongs to: part of the resource group’s name, and a tag')
    .addOption(new Option('--account <kind>', 'how the builds sign in to Azure').choices(accounts))
    .addOption(new Option('--builder <name>', 'who builds; there are workflows for both').choices(builders))
    .option('--approver <mail>', 'who approves; once for each', each, [])
    .option('--team <mail>', 'who hears of starts and ends (default: the approvers); once for each', each, [])
    .option('--location <region>', 'the region in Azure, by its name or as the portal shows it')
    .option('--subscription <id>', 'the subscription in Azure')
    .option('--suffix <text>', 'what makes the function app’s name its own in all of Azure (default: six digits of a hash)')
    .option('--into <folder>', 'where it is written (default: a folder of the project’s name)')
    .option('--force', 'overwrite files of the project that are there')
    .addHelpText('after', more)
    .action(act((session, prompt: string | undefined, options: CreateOptions) => create(session, prompt, options)));
}

async function create(session: Session, prompt: string | undefined, options: CreateOptions): Promise<ExitCode> {
  const { said: understood, notUnderstood } = understand(prompt, flagsOf(options));
  if (prompt !== undefined && prompt.trim() !== '') session.say(...understoodLines(understood, notUnderstood));
  const said = session.ask && !session.json ? await askForRest(session.ask, understood) : understood;
  const { name } = said;
  if (name === undefined) throw new CliMistake('The project has no name yet.', `Say --name, or write a prompt such as: ${example}`);
  const { project, files } = filesOf({ ...said, name });
  const named = options.into ?? project.names.app;
  writeProject(path.resolve(session.workingDirectory, named), files, options.force === true);
  const assumed = assumptionsOf(said);
  const notes = notesOf({ ...said, name }, project);
  session.tell({ folder: named, ...project, assumed, notUnderstood, notes, files: files.map((file) => file.path) }, [
    ...assumedLines(assumed),
    ...(notes.length === 0 ? [] : ['Worth a second look:', ...notes.map((note) => `  ${note}`), '']),
    ...madeLines(named, project, files.length),
  ]);
  return exitCodes.done;
}

function flagsOf({ approver, team, into: _, force: __, ...rest }: CreateOptions): Said {
  const { name, space, account, builder, location, subscription, suffix } = rest;
  return {
    ...(name === undefined ? {} : { name }),
    ...(space === undefined ? {} : { space }),
    ...(account === undefined ? {} : { account }),
    ...(builder === undefined ? {} : { builder }),
    ...(location === undefined ? {} : { location }),
    ...(subscription === undefined ? {} : { subscription }),
    ...(suffix === undefined ? {} : { suffix }),
    ...(approver.length === 0 ? {} : { approvers: approver }),
    ...(team.length === 0 ? {} : { team }),
  };
}

const sayAccount = { oidc: 'signs in by OIDC, without any secret', 'service-principal': 'a service principal with a secret' };
const sayBuilder = { github: 'GitHub Actions', azureDevOps: 'Azure Pipelines' };
const row = (what: string, text: string): string => `  ${what.padEnd(14)} ${text}`;

function understoodLines({ name, space, account, builder, location, approvers }: Said, notUnderstood: string[]): string[] {
  return [
    'Understood:',
    ...(name === undefined ? [] : [row('project', labelOf(name))]),
    ...(space === undefined ? [] : [row('space', labelOf(space))]),
    ...(account === undefined ? [] : [row('Azure account', sayAccount[account])]),
    ...(builder === undefined ? [] : [row('builds', sayBuilder[builder])]),
    ...(approvers === undefined ? [] : [row('approval', approvers.join(', '))]),
    ...(location === undefined ? [] : [row('region', location)]),
    ...notUnderstood.map((sentence) => row('not understood', labelOf(sentence))),
    '',
  ];
}

const questions: Record<Assumption['what'] | 'name', string> = {
  name: 'What is the project called?',
  space: 'Which space does it belong to?',
  account: `How do builds sign in to Azure, ${accounts.join(' or ')}?`,
  approvers: 'Who approves? Mail addresses, with commas between.',
  location: 'Which region?',
  builder: `Who builds, ${builders.join(' or ')}?`,
  subscription: 'Which subscription? Its id, or nothing yet.',
};

/** Asks for each thing that nobody said; nothing typed takes what is usual, and what does not fit is asked for again. */
async function askForRest(ask: (question: string) => Promise<string>, understood: Said): Promise<Said> {
  let said = understood;
  const open: { what: keyof typeof questions; taken: string }[] = [
    ...(said.name === undefined ? [{ what: 'name' as const, taken: '' }] : []),
    ...assumptionsOf(said),
  ];
  for (const { what, taken } of open) {
    let trouble = '';
    for (;;) {
      const typed = (await ask(`${trouble}${questions[what]}${taken === '' ? '' : ` [${taken}]`} `)).trim();
      if (typed === '' && taken !== '') break;
      try {
        said = { ...said, ...checkedFlags({ [what]: what === 'approvers' ? typed.split(/[\s,]+/).filter((one) => one !== '') : typed }) };
        break;
      } catch (error) {
        if (!(error instanceof CliMistake)) throw error;
        trouble = `${error.sentence.replace(/^--(\w+)/, 'That')} ${error.next}\n`;
      }
    }
  }
  return said;
}

const sayAssumed: Record<Assumption['what'], string> = {
  space: 'space',
  account: 'Azure account',
  builder: 'builds',
  location: 'region',
  approvers: 'approval',
  subscription: 'subscription',
};

function assumedLines(assumed: readonly Assumption[]): string[] {
  if (assumed.length === 0) return [];
  const text = ({ what, taken }: Assumption): string =>
    what === 'account' ? sayAccount[usual.account] : what === 'builder' ? sayBuilder.github : taken;
  return [
    'Not said, and taken as is usual:',
    ...assumed.map((one) => row(sayAssumed[one.what], `${text(one)}; ${one.flag} says otherwise`)),
    '',
  ];
}

function madeLines(folder: string, { names }: Project, count: number): string[] {
  return [
    `${folder} holds the project: ${count} files.`,
    row('function app', `${names.functionApp}, which must be its own in all of Azure; --suffix gives another`),
    row('resource group', names.resourceGroup),
    row('policy', 'slipway.yaml: start notice, staging slot, smoke test, approval, swap, success notice, failure notice'),
    row('runbooks', 'runbooks/create-infrastructure.md, runbooks/remove-infrastructure.md'),
    '',
    `See it on this machine, in ${folder}:`,
    '  npm install && npm run build -- --version 1.0.0',
    `  ${commandHere()} rehearse --package dist/${names.app}.zip --release 1.0.0`,
  ];
}
