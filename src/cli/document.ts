import type { Command } from 'commander';
import { exitCodeTable } from './exit-codes';
import { createProgram } from './program';

/** docs/cli.md: what the help says of each command, and the exit codes. */
export function cliDocument(): string {
  const out = { text: '', write: (text: string) => (out.text += text), on: () => undefined };
  const program = createProgram(
    {
      out,
      err: out,
      environment: {},
      workingDirectory: '/',
      nowMs: () => 0,
      sleep: () => Promise.resolve(),
      signal: new AbortController().signal,
    },
    () => undefined,
  );
  const help = (command: Command): string => {
    out.text = '';
    command.outputHelp();
    return out.text.trimEnd();
  };
  const chapters = leaves(program).map((command) => `## slipway ${nameOf(command)}\n\n\`\`\`text\n${help(command)}\n\`\`\`\n`);
  return [
    '# The command line',
    'In a checkout, after `npm ci` and `npm run build`, it is `npx slipway`. Written from the commands themselves by `npm run cli-docs`.',
    'It finds Slipway by `--url`, else by `SLIPWAY_URL`, else by the `.slipway/running.json` that `npm start` keeps in this folder or one above. In Azure it signs in as whoever `az login` signed in, or as the managed identity or workflow it runs under (`@azure/identity`); `SLIPWAY_AUDIENCE` is then the application id URI of Slipway’s app registration. On the laptop nobody has to sign in.',
    'Every command takes `--json`. What was asked for goes to stdout; what went wrong, in the words of the API, to stderr. `NO_COLOR` is honoured.',
    '| exit code | says |\n| --- | --- |\n' + exitCodeTable.map(([code, says]) => `| ${code} | ${says} |`).join('\n'),
    ...chapters,
  ].join('\n\n');
}

const leaves = (command: Command): Command[] => (command.commands.length === 0 ? [command] : command.commands.flatMap(leaves));

const nameOf = (command: Command): string => (command.parent?.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name());
