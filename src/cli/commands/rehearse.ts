import { spawn } from 'node:child_process';
import path from 'node:path';
import { exitCodes, type ExitCode } from '../exit-codes';
import type { Adding } from '../program';
import type { Session } from '../world';

/** Compiled beside the command line; a process of its own, as it brings the local Azure with it. */
const script = path.resolve(__dirname, '../../../local/start/rehearse.js');

interface RehearseOptions {
  package: string;
  to: string;
  config: string;
  release?: string;
  before?: string;
  fault?: string;
}

const more = `
Nothing in Azure is touched: a local Azure is made for it, with the function app as slipway.yaml names it, and is gone after it. Every approver is played.
Long times are shortened, and it is said which.

Faults: swap-answer-lost, swap-answer-lost-not-happened, swap-reverts-itself, deployment-fails, scm-waking, zero-functions, production-503, mail-429.

Examples:
  slipway rehearse --package hello-2.0.0.zip --release 2.0.0
  slipway rehearse hello --to test --package hello-2.0.0.zip --release 2.0.0 --before hello-1.0.0.zip
  slipway rehearse --package hello-2.0.0.zip --release 2.0.0 --fault swap-answer-lost`;

export function addRehearse({ program, act }: Adding): void {
  program
    .command('rehearse')
    .description('roll your package out by your slipway.yaml, against a local Azure')
    .argument('[app]', 'its name in slipway.yaml, where that has several')
    .requiredOption('--package <file>', 'the zip that is to be rolled out')
    .option('--to <environment>', 'where it goes', 'production')
    .option('--config <file>', 'the slipway.yaml', 'slipway.yaml')
    .option('--release <version>', 'the version that the package was built as; a check that asks for it wants it (default: rehearsal)')
    .option('--before <file>', 'the zip that production serves before it (default: the same)')
    .option('--fault <name>', 'what is to go wrong')
    .addHelpText('after', more)
    .action(act(async (session, app: string | undefined, options: RehearseOptions) => runRehearsal(session, app, options)));
}

function runRehearsal(session: Session, app: string | undefined, options: RehearseOptions): Promise<ExitCode> {
  const { release, ...rest } = options;
  const given: Record<string, string | undefined> = { version: release, ...rest };
  const flags = ['package', 'to', 'config', 'version', 'before', 'fault'].flatMap((name) => {
    const value = given[name];
    return value === undefined ? [] : [`--${name}`, value];
  });
  const child = spawn(process.execPath, [script, ...(app === undefined ? [] : [app]), ...flags, ...(session.json ? ['--json'] : [])], {
    cwd: session.workingDirectory,
    stdio: 'inherit',
    windowsHide: true,
  });
  return new Promise((resolve) => {
    child.once('error', () => resolve(exitCodes.notGood));
    child.once('exit', (code) => resolve(codes.find((known) => known === code) ?? exitCodes.interrupted));
  });
}

const codes = [exitCodes.done, exitCodes.notGood, exitCodes.mistake];
