import { Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import { ambientGlobals, bareYield, deterministic, races } from '../eslint-rules/orchestrators';

/** The rules that keep orchestrators deterministic, tried on what they must find and on what they must let be. */

const linter = new Linter();
const found = (code: string): string[] =>
  linter
    .verify(
      code,
      [
        {
          files: ['**/*.ts'],
          languageOptions: { parser: tseslint.parser },
          rules: {
            'no-restricted-globals': ['error', ...ambientGlobals],
            'no-restricted-syntax': ['error', ...deterministic, ...bareYield, ...races],
          },
        },
      ],
      'orchestrator.ts',
    )
    .map(({ message }) => message);

describe('in an orchestrator', () => {
  test.each([
    'export const now = () => Date.now();',
    'export const now = () => new Date();',
    'export const luck = () => Math.random();',
    "export const name = () => process.env['NAME'];",
    'export const id = () => crypto.randomUUID();',
    'export const later = (run: () => void) => setTimeout(run, 1);',
    "export const page = () => fetch('https://example.com');",
    'export const all = () => Promise.resolve(1);',
    'export async function* story() {}',
    'let turns = 0; export const turn = () => turns;',
    'export let turns = 0;',
    'export function* story(task: unknown) { yield task; }',
    'export const race = (context: any, tasks: any[]) => context.df.Task.any(tasks);',
    'export const both = (Task: any, tasks: any[]) => Task.all(tasks);',
    'export const said = (at: Date) => at.toLocaleString();',
    'export const hour = (at: Date) => at.getHours();',
  ])('%s is found', (code) => {
    expect(found(code)).not.toEqual([]);
  });

  test.each([
    'export function* story(helper: any) { const one = yield* helper(); return one; }',
    'export const at = (context: any) => context.df.currentUtcDateTime.getTime();',
    'export const due = (ms: number) => new Date(ms).toISOString();',
    'export const larger = (a: number, b: number) => Math.max(a, b);',
    'export const some = (list: number[]) => list.some((one) => one > 1);',
    'const limit = 3; export const within = (n: number) => n < limit;',
  ])('%s is let be', (code) => {
    expect(found(code)).toEqual([]);
  });
});
