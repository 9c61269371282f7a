import { Argument, type Command } from 'commander';
import { exitCodes } from '../exit-codes';
import type { Adding } from '../program';

const shells = ['bash', 'zsh'] as const;

export function addCompletion({ program, act }: Adding): void {
  program
    .command('completion')
    .description('write a script that makes a shell complete commands and options')
    .addArgument(new Argument('<shell>', 'whose').choices(shells))
    .addHelpText('after', '\nExamples:\n  source <(slipway completion bash)\n  source <(slipway completion zsh)')
    .action(
      act(async (session, shell: (typeof shells)[number]) => {
        const script = scripts[shell](wordsOf(program));
        session.tell({ shell, script }, [script]);
        return exitCodes.done;
      }),
    );
}

/** After which words which may follow: `''` for none, then `ledger`, then `ledger verify`. */
type Words = Map<string, string[]>;

function wordsOf(program: Command): Words {
  const words: Words = new Map();
  const globals = optionsOf(program);
  const visit = (command: Command, before: string) => {
    const names = command.commands.map((each) => each.name());
    words.set(before, [...names, ...(command === program ? globals : [...optionsOf(command), ...globals])]);
    for (const each of command.commands) visit(each, before === '' ? each.name() : `${before} ${each.name()}`);
  };
  visit(program, '');
  return words;
}

const optionsOf = (command: Command): string[] => command.options.flatMap(({ long }) => (long ? [long] : []));

/** As bash reads it. What says more words is tried first. */
function bash(words: Words): string {
  const wordCount = (before: string): number => (before === '' ? 0 : before.split(' ').length);
  const cases = [...words]
    .sort(([a], [b]) => wordCount(b) - wordCount(a))
    .map(
      ([before, list]) =>
        `    "${before}"${before === '' ? '' : '*'}) COMPREPLY=($(compgen -W "${list.join(' ')}" -- "\${COMP_WORDS[COMP_CWORD]}")) ;;`,
    );
  return [
    '_slipway() {',
    '  local before="" word',
    '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do case "$word" in -*) ;; *) before="$before $word" ;; esac; done',
    '  case "${before# }" in',
    ...cases,
    '  esac',
    '}',
    'complete -o default -F _slipway slipway',
  ].join('\n');
}

const scripts: Record<(typeof shells)[number], (words: Words) => string> = {
  bash,
  // zsh runs completions written for bash.
  zsh: (words) => `autoload -U +X bashcompinit && bashcompinit\n${bash(words)}`,
};
