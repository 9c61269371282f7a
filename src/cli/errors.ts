import { CommanderError } from 'commander';
import { SlipwayProblem, SlipwayUnreachable } from '../client/problem';
import { findRunning } from './connect';
import { exitCodes, type ExitCode } from './exit-codes';
import { CliMistake } from './mistake';
import { NotSignedIn } from './sign-in';
import type { World } from './world';

/** Says on stderr what a command came to grief on, as the API says it, and answers the exit code. What nobody foresaw is thrown on. */
export function tellError(error: unknown, { err, signal, workingDirectory }: World, json: boolean): ExitCode {
  // Commander has written what was wrong already; help and version are no mistake.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.mistake;
  if (signal.aborted) return exitCodes.interrupted;
  const known = described(error, workingDirectory);
  if (!known) throw error;
  const { code, ...told } = known;
  err.write(json ? `${JSON.stringify(told)}\n` : lines(told));
  return code;
}

interface Told {
  title?: string;
  detail: string;
  next?: string;
  errors?: readonly { pointer: string; detail: string }[];
}

function described(error: unknown, workingDirectory: string): (Told & { code: ExitCode }) | undefined {
  if (error instanceof SlipwayProblem) {
    const { title, detail, next, errors, status } = error;
    const code = status === 401 ? exitCodes.unreachable : exitCodes.refused;
    return { code, title, detail, ...(next === '' ? {} : { next }), ...(errors.length > 0 ? { errors } : {}) };
  }
  if (error instanceof CliMistake) return { code: exitCodes.mistake, detail: error.sentence, next: error.next };
  if (error instanceof SlipwayUnreachable)
    return { code: exitCodes.unreachable, detail: error.message, next: whereElse(error, workingDirectory) };
  return error instanceof NotSignedIn ? { code: exitCodes.unreachable, detail: error.message, next: error.next } : undefined;
}

function whereElse({ baseUrl }: SlipwayUnreachable, workingDirectory: string): string {
  return startedAt(workingDirectory) === baseUrl
    ? 'That is where an npm start ran that has ended: npm start in another terminal first.'
    : 'See that it runs and that the address is right.';
}

function startedAt(workingDirectory: string): string | undefined {
  try {
    return findRunning(workingDirectory)?.slipwayUrl;
  } catch {
    // What is wrong with that file is nothing to whoever named an address.
    return undefined;
  }
}

/** The API names its own routes and fields; whoever types commands is told the command. */
const commands: readonly [route: RegExp, command: string][] = [
  [/POST \/api\/rollouts\/(\S+)\/roll-back\b/g, 'slipway roll-back $1'],
  [/GET \/api\/rollouts\?outcome=(\w+)/g, 'slipway list --outcome $1'],
  [/GET \/api\/rollouts\/(\S+)/g, 'slipway status $1'],
  [/GET \/api\/rollouts\b/g, 'slipway list'],
  [/GET \/api\/doctor\b/g, 'slipway doctor'],
  [/Say in "environment" where/g, 'Say with --to where'],
  [/Look at GET \/api\/lanes\b/g, 'Look into slipway.yaml'],
];

const inCommands = (next: string): string => commands.reduce((text, [route, command]) => text.replace(route, command), next);

const lines = ({ title, detail, next, errors = [] }: Told): string =>
  [
    title === undefined ? detail : `${title}: ${detail}`,
    ...errors.map(({ pointer, detail: what }) => `  ${pointer === '' ? '/' : pointer} ${what}`),
    ...(next === undefined ? [] : [inCommands(next)]),
    '',
  ].join('\n');
