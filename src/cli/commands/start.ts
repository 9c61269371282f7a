import { readFileSync } from 'node:fs';
import path from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import type { RequestToStart } from '../../client/starting';
import { saySize } from '../../domain/say';
import { exitCodes, type ExitCode } from '../exit-codes';
import { followRollout } from '../follow-rollout';
import { CliMistake } from '../mistake';
import type { Adding } from '../program';
import { uploadPackage } from '../upload-package';
import type { Session } from '../world';

export interface StartOptions {
  file?: string;
  environment?: string;
  package?: string;
  sha256?: string;
  uploadTo?: string;
  commit?: string;
  buildUrl?: string;
  actor?: string;
  function: RequestToStart['functions'];
  setting: string[];
  key?: string;
  wait: 'none' | 'asked' | 'end';
}

const examples = `
Examples:
  slipway start hello 2.0.0 --package hello-2.0.0.zip --function hello:http --function greet:queue
  slipway start hello 2.0.0 --to test --package https://builds.example.com/hello.zip --sha256 9c1e… --wait end
  slipway start --file request.json --key build-4711`;

export function addStart({ program, act }: Adding): void {
  program
    .command('start')
    .description('start a rollout')
    .argument('[app]', 'its name in slipway.yaml')
    .argument('[version]', 'the version, as people know it')
    .option('--to <environment>', 'where it goes', 'production')
    .option('--package <file or URL>', 'the zip; a file is uploaded first, and its sha256 computed')
    .option('--sha256 <digest>', 'of the package, where it is named by URL')
    .option('--upload-to <container URL>', 'where a file is uploaded to (default: the storage of npm start)')
    .addOption(
      new Option('--function <name:trigger>', 'a function that the package holds; once for each').argParser(functionIn).default([]),
    )
    .option(
      '--setting <NAME=value>',
      'an app setting that the release brings; once for each',
      (text, before: string[]) => [...before, text],
      [],
    )
    .option('--commit <id>', 'what it was built from')
    .option('--build-url <URL>', 'the page of the build')
    .option('--actor <name>', 'who started the build')
    .option('--file <request.json>', 'the whole request as a file, as POST /api/rollouts takes it')
    .option('--key <key>', 'makes the command safe to repeat: the same key gives the same rollout')
    .addOption(new Option('--wait <until>', 'what to wait for').choices(['none', 'asked', 'end']).default('none'))
    .addHelpText('after', examples)
    .action(
      act(async (session, app: string | undefined, version: string | undefined, { to, ...options }: StartOptions & { to: string }) => {
        const request = await requestOf(session, app, version, { ...options, environment: to });
        const started = await session.client().start(request, options.key);
        const what = `${request.app} ${request.version} to ${request.environment}`;
        const line = `Rollout ${started.id} ${started.already ? 'was on its way already' : 'is on its way'}: ${what}.`;
        if (options.wait === 'none') session.tell(started, [line, `Watch it: slipway status ${started.id} --watch`]);
        else session.say(line, '');
        return options.wait === 'none' ? exitCodes.done : waitFor(session, started.id, options.wait);
      }),
    );
}

const waitFor = (session: Session, id: string, until: 'asked' | 'end'): Promise<ExitCode> =>
  followRollout(session, id, until === 'end' ? undefined : (view) => view.ask?.state === 'open');

function functionIn(text: string, before: { name: string; trigger: string }[]): { name: string; trigger: string }[] {
  const [name, trigger, ...more] = text.split(':');
  if (!name || !trigger || more.length > 0) throw new InvalidArgumentError('Write a name and its trigger, such as hello:http.');
  return [...before, { name, trigger }];
}

/** Read here and not by the parser of options, whose message would repeat the text: it may be a secret. */
function settingsIn(texts: readonly string[]): Record<string, string> {
  if (texts.some((text) => text.indexOf('=') < 1))
    throw new CliMistake('A --setting is not of its form.', 'Write NAME=value, once for each setting.');
  return Object.fromEntries(texts.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]));
}

async function requestOf(
  session: Session,
  app: string | undefined,
  version: string | undefined,
  options: StartOptions,
): Promise<RequestToStart> {
  if (options.file !== undefined) return readRequest(session, options.file);
  if (app === undefined || version === undefined || options.package === undefined || options.environment === undefined)
    throw new CliMistake(
      'App, version and --package are needed, or the whole request as --file.',
      'See slipway start --help for how each is written.',
    );
  const { commit, buildUrl, actor } = options;
  return {
    app,
    environment: options.environment,
    version,
    package: await packageOf(session, options.package, options),
    ...(options.function && options.function.length > 0 ? { functions: options.function } : {}),
    ...(options.setting.length > 0 ? { settings: settingsIn(options.setting) } : {}),
    ...(commit === undefined ? {} : { commit }),
    ...(buildUrl === undefined ? {} : { buildUrl }),
    ...(actor === undefined ? {} : { actor }),
  };
}

async function packageOf(session: Session, named: string, { sha256, uploadTo }: StartOptions): Promise<RequestToStart['package']> {
  if (/^https?:/.test(named)) {
    if (sha256 !== undefined) return { url: named, sha256 };
    throw new CliMistake('A package that is named by its URL needs --sha256.', 'Write the digest that the build computed.');
  }
  const uploaded = await uploadPackage(session, named, uploadTo);
  if (sha256 !== undefined && sha256.toLowerCase() !== uploaded.sha256)
    throw new CliMistake(`The file has the sha256 ${uploaded.sha256}, which --sha256 does not name.`, 'Mend one of the two.');
  session.say(`${path.basename(named)} (${saySize(uploaded.sizeBytes)}, sha256 ${uploaded.sha256.slice(0, 12)}) is uploaded.`);
  return { url: uploaded.url, sha256: uploaded.sha256 };
}

function readRequest({ workingDirectory }: Session, named: string): RequestToStart {
  const file = path.resolve(workingDirectory, named);
  try {
    // What it says is the API's to judge.
    return JSON.parse(readFileSync(file, 'utf8')) as RequestToStart;
  } catch (error) {
    const why = error instanceof SyntaxError ? 'it holds no JSON' : 'it can’t be read';
    throw new CliMistake(`${named} is no request: ${why}.`, 'Name a file with one JSON object, as POST /api/rollouts takes it.');
  }
}
