import { Command } from 'commander';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { connect } from './connect';
import { addCompletion } from './commands/completion';
import { addCreate } from './commands/create';
import { addExamining } from './commands/examining';
import { addLedger } from './commands/ledger';
import { addLine } from './commands/line';
import { addMcp } from './commands/mcp';
import { addOperating } from './commands/operating';
import { addPlan } from './commands/plan';
import { addPromote } from './commands/promote';
import { addReading } from './commands/reading';
import { addRehearse } from './commands/rehearse';
import { addStart } from './commands/start';
import { addValidate } from './commands/validate';
import { tellError } from './errors';
import { exitCodes, exitCodeTable, type ExitCode } from './exit-codes';
import type { GlobalOptions, Session, World } from './world';

/** Runs a command line, without the name of the program; writes to the world alone, and answers the exit code. */
export async function run(argv: readonly string[], world: World): Promise<ExitCode> {
  let code: ExitCode = exitCodes.done;
  const program = createProgram(world, (ended) => (code = ended));
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    return tellError(error, world, argv.includes('--json'));
  }
}

/** Adds commands; `act` wraps what a command does. */
export interface Adding {
  program: Command;
  act: <A extends unknown[]>(does: (session: Session, ...args: A) => Promise<ExitCode>) => (...args: [...A, Command]) => Promise<void>;
}

/** In the order of the help. */
const everything = [
  ...[addStart, addReading, addPlan, addPromote, addOperating, addLine, addLedger],
  ...[addValidate, addExamining, addRehearse, addCreate, addMcp, addCompletion],
];

/** Every command, ready to be run. */
export function createProgram(world: World, onEnd: (code: ExitCode) => void): Command {
  const program = new Command('slipway')
    .description('Takes a new version of an Azure Function app to production.')
    .version(version(), '-V, --version', 'say which version this is')
    .option('--url <address>', 'where Slipway is (default: SLIPWAY_URL, or the one that npm start holds up here)')
    .option('--json', 'write JSON instead of text')
    .helpCommand('help [command]', 'show what a command does')
    .addHelpText('after', `\nExit codes:\n${exitCodeTable.map(([code, says]) => `  ${String(code).padEnd(4)} ${says}`).join('\n')}`)
    .configureOutput({
      writeOut: (text) => void world.out.write(text),
      writeErr: (text) => void world.err.write(text),
      getOutHelpWidth: () => 100,
      getErrHelpWidth: () => 100,
    })
    .exitOverride()
    .showSuggestionAfterError();
  const act: Adding['act'] =
    <A extends unknown[]>(does: (session: Session, ...args: A) => Promise<ExitCode>) =>
    async (...all) => {
      const command = all.at(-1) as Command;
      const args = all.slice(0, -1) as unknown[] as A;
      onEnd(await does(sessionOf(world, command.optsWithGlobals()), ...args));
    };
  for (const add of everything) add({ program, act });
  return program;
}

/** Of the package this file came with, built (dist/src/cli) or not. */
function version(): string {
  const file = [path.join(__dirname, '../../package.json'), path.join(__dirname, '../../../package.json')].find((one) => existsSync(one));
  return file === undefined ? 'unknown' : (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

function sessionOf(world: World, { url, json = false }: GlobalOptions): Session {
  const write = (lines: readonly string[]) => {
    world.out.write(`${lines.join('\n')}\n`);
  };
  return {
    ...world,
    url,
    json,
    client: () => connect({ url, ...world }),
    say: (...lines) => {
      if (!json) write(lines);
    },
    tell: (answer, lines) => write(json ? [JSON.stringify(answer, null, 2)] : lines),
  };
}
