import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describeMistakes, readSettings, type SettingsMistake } from '../../domain/read-settings';
import { exitCodes } from '../exit-codes';
import { CliMistake } from '../mistake';
import type { Adding } from '../program';

export function addValidate({ program, act }: Adding): void {
  program
    .command('validate')
    .description('check slipway.yaml: every mistake with its line, and what is worth a second look')
    .argument('[file]', 'the file', 'slipway.yaml')
    .addHelpText('after', '\nExamples:\n  slipway validate\n  slipway validate infra/slipway.yaml --json')
    .action(
      act(async (session, file: string) => {
        const read = readSettings(textOf(path.resolve(session.workingDirectory, file), file));
        const [mistakes, warnings] = read.kind === 'mistakes' ? [read.mistakes, []] : [[], read.warnings];
        session.tell({ file, mistakes, warnings }, [
          ...describeMistakes(file, mistakes),
          ...describeMistakes(file, warnings).map((line) => line.replace(/^(\S+) /, '$1 worth a look: ')),
          verdict(file, mistakes, warnings),
        ]);
        return mistakes.length > 0 ? exitCodes.notGood : exitCodes.done;
      }),
    );
}

function textOf(file: string, named: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new CliMistake(`There is no file ${named} to be read.`, 'Name the slipway.yaml that Slipway runs with.');
  }
}

function verdict(file: string, mistakes: SettingsMistake[], warnings: SettingsMistake[]): string {
  const count = (list: unknown[], one: string, more: string) => `${list.length} ${list.length === 1 ? one : more}`;
  if (mistakes.length > 0) return `${file}: ${count(mistakes, 'mistake', 'mistakes')}.`;
  return warnings.length > 0 ? `${file} is valid; ${count(warnings, 'thing is', 'things are')} worth a second look.` : `${file} is valid.`;
}
