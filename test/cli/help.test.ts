import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { cliDocument } from '../../src/cli/document';
import { exitCodes, exitCodeTable } from '../../src/cli/exit-codes';
import { slipway } from './command-line';

const root = path.join(__dirname, '../..');

test('docs/cli.md is what the commands say (npm run cli-docs writes it anew)', () => {
  const file = path.join(root, 'docs/cli.md');
  // The formatter pads tables.
  const plain = (text: string) =>
    text
      .replace(/[ -]*\|[ -]*/g, '|')
      .replace(/\n{2,}/g, '\n\n')
      .trim();
  expect(plain(readFileSync(file, 'utf8'))).toBe(plain(cliDocument()));
});

test('every exit code is explained', () => {
  expect(exitCodeTable.map(([code]) => code)).toEqual(Object.values(exitCodes));
});

test('every command shows in its help how it is used', () => {
  const chapters = cliDocument().split('\n## ').slice(1);
  expect(chapters.length).toBeGreaterThan(15);
  for (const chapter of chapters) expect(chapter).toMatch(/\nExamples?(?::|, )/);
});

test('help goes to stdout and ends with 0', async () => {
  const { code, out, err } = await slipway('ledger verify --help');
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(
    /^Usage: slipway ledger verify \[options\] <app> <environment>\n[^]*Examples:\n {2}slipway ledger verify hello production\n/,
  );
  expect((await slipway('help list')).out).toBe((await slipway('list --help')).out);
});

test('the version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync(path.join(__dirname, '../../package.json'), 'utf8')) as { version: string };
  expect(await slipway('--version')).toEqual({ code: 0, out: `${version}\n`, err: '' });
});

describe('completion', () => {
  const complete = async (...words: string[]) => {
    const { out: script } = await slipway('completion bash');
    const typed = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _slipway; echo "\${COMPREPLY[@]}"`;
    const { stdout, stderr, error } = spawnSync('bash', ['-c', `${script}\n${typed}`], { encoding: 'utf8' });
    if (error) throw error;
    return (stdout + stderr).trim().split(' ');
  };

  it('knows commands and their options', async () => {
    expect(await complete('slipway', 'c')).toEqual(['cancel', 'create', 'completion']);
    expect(await complete('slipway', 'ledger', '')).toEqual(expect.arrayContaining(['verify']));
    expect(await complete('slipway', 'ledger', 'verify', '--h')).toEqual(['--head']);
    expect(await complete('slipway', 'list', '--o')).toEqual(['--outcome']);
  });

  it('is for zsh what it is for bash', async () => {
    expect((await slipway('completion zsh')).out).toBe(
      `autoload -U +X bashcompinit && bashcompinit\n${(await slipway('completion bash')).out}`,
    );
    expect((await slipway('completion cmd')).code).toBe(2);
  });
});
