import { isMap, isScalar, LineCounter, parseDocument, visit, type Document, type Node, type Pair, type YAMLMap } from 'yaml';
import type * as z from 'zod';
import { inWords } from './broken-rule';
import { settingsShape, type Settings } from './settings';
import { brokenRules } from './settings-rules';
import { missing, unknownKey, wrong, yamlSentence } from './settings-sentences';
import { settingsWarnings } from './settings-warnings';
import { placeholderWarnings } from './placeholder-warnings';
import { policyWarnings } from './policy-warnings';

/** One mistake in slipway.yaml, or one thing worth a second look. Line and column count from 1; `path` is empty where the file as a whole is meant. */
export interface SettingsMistake {
  line: number;
  column: number;
  /** Such as `policies.production.gates[0].needed`. */
  path: string;
  /** What is wrong and what to write instead. Quotes names of keys, never values. */
  sentence: string;
}

export type ReadSettings =
  { kind: 'settings'; settings: Settings; warnings: SettingsMistake[] } | { kind: 'mistakes'; mistakes: SettingsMistake[] };

/** The parser's time grows with the square of a map's keys. */
const mostCharacters = 250_000;
/** Nobody reads more at once, and a file that is something else altogether has one in every line. */
const mostMistakes = 100;

/** Judges the text of slipway.yaml; every mistake at once, in the order of the file. */
export function readSettings(text: string): ReadSettings {
  if (text.length > mostCharacters) return whole('the file has more than 250,000 characters, and no settings have; name the right file');
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, merge: false });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const broken = [...document.errors, ...document.warnings].slice(0, mostMistakes).map((error) => ({
    ...place(error.pos[0]),
    path: '',
    sentence: yamlSentence(error),
  }));
  // What does not parse, or would have to be expanded first, is not looked at further: all else would be guesses.
  const unsafe =
    broken.length > 0 ? broken : unsafeNodes(document).map(({ offset, sentence }) => ({ ...place(offset), path: '', sentence }));
  if (unsafe.length > 0) return { kind: 'mistakes', mistakes: unsafe };

  const written: unknown = document.toJS();
  const shape = settingsShape.safeParse(written);
  const rules = brokenRules(shape.success ? shape.data : written);
  if (shape.success && rules.length === 0) {
    const warned = [settingsWarnings, policyWarnings, placeholderWarnings].flatMap((warningsOf) => warningsOf(shape.data));
    const warnings = warned.map(({ path, message }) => ({
      ...place(find(document, path).value),
      path: inWords(path),
      sentence: message,
    }));
    return { kind: 'settings', settings: shape.data, warnings: inOrder(warnings) };
  }
  const misshapen = issuesIn(shape.error).flatMap((issue) => explain(document, issue));
  // What has no shape is told once.
  const told = new Set(misshapen.map(({ path }) => inWords(path)));
  const explained = [
    ...misshapen,
    ...rules
      .filter(({ path }) => !told.has(inWords(path)))
      .map(({ path, message }) => ({ path, offset: find(document, path).value, sentence: message })),
  ];
  const mistakes = explained.map(({ path, offset, sentence }) => ({ ...place(offset), path: inWords(path), sentence }));
  return { kind: 'mistakes', mistakes: inOrder(mistakes).slice(0, mostMistakes) };
}

/** How long a thing of another kind is says nothing: that of a text that stands where a list belongs is judged all the same. */
function issuesIn(error: z.ZodError | undefined): z.core.$ZodIssue[] {
  const issues = error?.issues ?? [];
  const placeOf = ({ path }: z.core.$ZodIssue): string => inWords(path);
  const mistyped = new Set(issues.filter(({ code }) => code === 'invalid_type').map(placeOf));
  return issues.filter((issue) => (issue.code !== 'too_big' && issue.code !== 'too_small') || !mistyped.has(placeOf(issue)));
}

const inOrder = (found: SettingsMistake[]): SettingsMistake[] => found.sort((a, b) => a.line - b.line || a.column - b.column);

/** One line a mistake, as compilers write them, so that editors and terminals make links of them. */
export const describeMistakes = (file: string, mistakes: readonly SettingsMistake[]): string[] =>
  mistakes.map(({ line, column, path, sentence }) => `${file}:${line}:${column} ${path}${path ? ' ' : ''}${sentence}.`);

/** A mistake of the file as a whole. */
export const whole = (sentence: string): ReadSettings & { kind: 'mistakes' } => ({
  kind: 'mistakes',
  mistakes: [{ line: 1, column: 1, path: '', sentence }],
});

/** Aliases can make a small file huge, and hide a value from whoever reads it; a policy is shared by its name instead. */
function unsafeNodes(document: Document): { offset: number; sentence: string }[] {
  const found: { offset: number; sentence: string }[] = [];
  visit(document, {
    Alias: (_key, node) =>
      void found.push({
        offset: startOf(node),
        sentence: 'an alias stands here; write the value out, or share a policy by its name',
      }),
    Pair: (_key, pair) => {
      if (!isScalar(pair.key))
        found.push({ offset: startOf(pair.key), sentence: 'a list or map stands where a name belongs; write a name' });
      else if (pair.key.value === '__proto__')
        found.push({ offset: startOf(pair.key), sentence: 'this name is not taken; choose another' });
    },
  });
  return found;
}

interface Explained {
  path: PropertyKey[];
  offset: number;
  sentence: string;
}

function explain(document: Document, issue: z.core.$ZodIssue): Explained[] {
  const { path } = issue;
  const found = find(document, path);
  if (issue.code === 'unrecognized_keys') {
    const map: unknown = (found.node as YAMLMap).toJS(document);
    return issue.keys.slice(0, mostMistakes).map((key) => ({
      path: [...path, key],
      offset: find(document, [...path, key]).key,
      sentence: unknownKey(key, path, map),
    }));
  }
  if (issue.code === 'invalid_key')
    return [
      { path, offset: found.key, sentence: `is not a name that fits; write ${issue.issues.map(({ message }) => message).join('; ')}` },
    ];
  return [{ path, offset: found.value, sentence: found.isThere ? wrong(issue, found.node) : missing(issue) }];
}

/** Where a path leads: offsets of key and value, or of the last part that is there. */
function find(document: Document, path: readonly PropertyKey[]): { key: number; value: number; isThere: boolean; node: unknown } {
  let node: unknown = document.contents;
  let [key, value] = [startOf(node), startOf(node)];
  for (const [n, part] of path.entries()) {
    if (isMap(node)) {
      const pair: Pair | undefined = node.items.find((one) => isScalar(one.key) && String(one.key.value) === String(part));
      if (!pair) return { key, value: key, isThere: false, node: undefined };
      [key, node] = [startOf(pair.key), pair.value];
      value = isEmpty(node) ? key : startOf(node);
    } else {
      node = document.getIn(path.slice(0, n + 1), true);
      [key, value] = [startOf(node), startOf(node)];
    }
  }
  return { key, value, isThere: node !== null && node !== undefined, node };
}

const isEmpty = (node: unknown): boolean => node === null || node === undefined || (isScalar(node) && node.value === null);
const startOf = (node: unknown): number => (node as Node | null | undefined)?.range?.[0] ?? 0;
