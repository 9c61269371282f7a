import { isMap, isScalar, isSeq, type ErrorCode } from 'yaml';
import type * as z from 'zod';
import { nearest } from './nearest';
import { misplacedInGate } from './settings-gate-keys';
import { knownKeys } from './settings-schema';
import { at } from './unknown-value';

/** What is wrong with a value of slipway.yaml and what to write instead. Quotes names of keys, never values. */

export function yamlSentence({ code, message }: { code: ErrorCode; message: string }): string {
  if (code === 'DUPLICATE_KEY') return 'this key is there twice; keep one';
  if (code === 'TAB_AS_INDENT') return 'a tab indents this line; write spaces';
  if (code === 'TAG_RESOLVE_FAILED') return 'a tag such as !secret stands here; write the value without it';
  if (/call stack/i.test(message)) return 'this is nested too deep, and no settings are; write less of it';
  if (code === 'MULTIPLE_DOCS') return 'a second YAML document begins here; keep one';
  // The parser repeats what it found after a colon, and an escape sequence that it does not know: either may be a piece of a value.
  return `this is no YAML: ${message.replace(/(?:(?<=\w):| \\).*$/s, '')}; mend this line or the one before it`;
}

/** Of something that is missing at `path`. */
export const missing = (issue: z.core.$ZodIssue): string => {
  const what = issue.path.length === 0 ? 'the file is empty' : 'is missing';
  return `${what}; write ${wanted(issue)}`;
};

/** Of a value that is there. */
export function wrong(issue: z.core.$ZodIssue, node: unknown): string {
  if (issue.path.length === 0) return `the file is ${kindOf(node)}; write ${wanted(issue)}`;
  if (issue.code === 'invalid_type') return `is ${kindOf(node)}; write ${wanted(issue)}`;
  // A word that is known elsewhere, and why it is none here.
  if (issue.code === 'invalid_value' && isOwn(issue.message)) return `does not fit; write ${issue.message}`;
  const known = knownValues(issue);
  if (known !== undefined) {
    const meant = isScalar(node) && typeof node.value === 'string' ? nearest(node.value, known) : undefined;
    return `is not known here; write ${meant ?? oneOf(known)}`;
  }
  return `does not fit; write ${wanted(issue)}`;
}

/** `map` is what the key stands in; its `kind` is what it says of itself: a Slack channel is not told of a pager's keys. */
export function unknownKey(key: string, path: readonly PropertyKey[], map: unknown): string {
  const kind = at(map, 'kind');
  const misplaced = misplacedInGate(key, path, kind, Object.keys(map as object));
  if (misplaced !== undefined) return misplaced;
  const known = knownKeys(path, kind);
  const meant = nearest(key, known);
  return `is not known here; write ${meant === undefined ? `one of: ${known.join(', ')}` : `"${meant}"`}`;
}

const kinds = {
  string: 'a text',
  object: 'a map',
  record: 'a map',
  array: 'a list',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
} as const;

/** Where only some words are right: which. */
function knownValues(issue: z.core.$ZodIssue): string[] | undefined {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  // A map whose `kind` is none that there is.
  if (issue.code === 'invalid_union' && 'options' in issue) return issue.options.flatMap((one) => (one === undefined ? [] : [String(one)]));
  return undefined;
}

const oneOf = (known: readonly string[]): string => `one of: ${known.join(', ')}`;

function wanted(issue: z.core.$ZodIssue): string {
  const known = knownValues(issue);
  if (known !== undefined) return oneOf(known);
  if (isOwn(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return withKeys(kinds[issue.expected as keyof typeof kinds], issue.path);
    case 'too_small':
      return bound(issue.inclusive === false ? 'more than' : 'at least', issue.minimum, issue.origin);
    case 'too_big':
      return bound(issue.inclusive === false ? 'less than' : 'at most', issue.maximum, issue.origin);
    // All else has a message of its own.
    default:
      return 'what JSON can hold: a text, a number, true, false, null, a list or a map';
  }
}

/** Messages of the schema's own, unlike the library's, are what is wanted, ready to be read. */
const isOwn = (message: string): boolean => !/^(?:Invalid|Too) /.test(message);

const bound = (words: string, limit: number | bigint, origin: string): string =>
  origin === 'array' ? `${words} ${limit} ${limit === 1 ? 'entry' : 'entries'}` : `a number of ${words} ${limit}`;

/** A map or a list of maps says which keys it may have; one whose keys are names says nothing of them. */
function withKeys(kind: string, path: readonly PropertyKey[]): string {
  const keys = knownKeys(kind === kinds.array ? [...path, 0] : path);
  return keys.length === 0 ? kind : `${kind === kinds.array ? 'a list of maps' : kind} with keys out of: ${keys.join(', ')}`;
}

function kindOf(node: unknown): string {
  if (isMap(node)) return 'a map';
  if (isSeq(node)) return 'a list';
  if (!isScalar(node) || node.value === null) return 'empty';
  return kinds[typeof node.value as 'string' | 'number' | 'boolean'];
}
