import { anyRegion, isKnownRegion, regionOf } from './regions';

/** Reads what somebody wishes for in plain English: a small reader without a model, which says what it did not understand. Pure. */

export const accounts = ['oidc', 'service-principal'] as const;
export type Account = (typeof accounts)[number];

export const builders = ['github', 'azureDevOps'] as const;
export type Builder = (typeof builders)[number];

export interface Wishes {
  name?: string;
  space?: string;
  account?: Account;
  builder?: Builder;
  /** As Azure writes it: westeurope. */
  location?: string;
  approvers?: string[];
}

export type Reading =
  | { kind: 'read'; wishes: Wishes; notUnderstood: string[] }
  /** Nothing that could be made a project of. */
  | { kind: 'refused'; sentence: string; next: string };

export const example = 'Create an Azure Function project called "My Function 1" in space "My Space".';
const longest = 2000;

export function readPrompt(prompt: string): Reading {
  if (prompt.length > longest)
    return { kind: 'refused', sentence: `The prompt is longer than ${longest} characters.`, next: `Say it shorter, such as: ${example}` };
  // The mark of a quoted name is of the private use area, so none is left of what was written.
  const { text, quoted } = takeQuotesOut(prompt.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}]+/gu, ' '));
  const wishes: Wishes = {};
  const notUnderstood: string[] = [];
  const back = (part: string): string => part.replace(/\uE000(\d+)\uE000/g, (_, index: string) => `"${quoted[Number(index)] ?? ''}"`);
  for (const sentence of sentencesOf(text)) {
    const other = otherKind(sentence);
    if (other !== undefined)
      return {
        kind: 'refused',
        sentence: `It makes Azure Function projects, and "${back(other)}" is something else.`,
        next: `Write it such as: ${example}`,
      };
    const { wishes: found, left } = readSentence(sentence, quoted);
    if (Object.keys(found).length === 0) notUnderstood.push(back(sentence));
    else {
      Object.assign(wishes, { ...found, ...wishes });
      notUnderstood.push(...left);
    }
  }
  if (Object.keys(wishes).length > 0) return { kind: 'read', wishes, notUnderstood };
  return { kind: 'refused', sentence: 'The prompt says nothing about a project to create.', next: `Write it such as: ${example}` };
}

const quotes: readonly [string, string][] = [
  ['"', '"'],
  ['“', '”'],
  ['„', '“'],
  ['«', '»'],
  ['`', '`'],
  ['‘', '’'],
];

/** A quoted name may hold anything; in the text a mark stands for it. An apostrophe within a word is none. */
function takeQuotesOut(prompt: string): { text: string; quoted: string[] } {
  const quoted: string[] = [];
  const mark = (inner: string): string => `\uE000${quoted.push(inner.trim()) - 1}\uE000`;
  let text = prompt;
  for (const [open, close] of quotes)
    text = text.replace(new RegExp(`${open}([^${open}${close}\uE000]*)${close}`, 'gu'), (_, inner: string) => mark(inner));
  text = text.replace(/(^|\s)'([^'\uE000]+)'(?=[\s.,;!?]|$)/g, (_, before: string, inner: string) => `${before}${mark(inner)}`);
  return { text, quoted };
}

const sentencesOf = (text: string): string[] =>
  text
    .split(/[.!?;]+(?:\s+|$)/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '');

const creates = /\b(?:create|make|set up|start|generate|build|add|scaffold|new)\b/i;

/** What else somebody may want to be created; undefined where the sentence creates no project, or one that is right. */
function otherKind(sentence: string): string | undefined {
  const [, kind = ''] =
    /\b(?:create|make|set up|generate|scaffold)\s+(?:me\s+|us\s+)?an?\s+([^\uE000]{0,60}?)\s*\bproject\b/i.exec(sentence) ?? [];
  return kind === '' || /\bfunctions?\b/i.test(kind) || /^(?:new|small|simple|azure|\s)*$/i.test(kind) ? undefined : `${kind} project`;
}

const mark = '\uE000(\\d+)\uE000';
const word = '[\\p{L}\\p{N}][\\p{L}\\p{N}._-]*';
const begins = `(?=\uE000\\d|[\\p{L}\\p{N}])`;
const beforeName = new RegExp(`\\b(?:called|named|titled|(?:with|by|of) the name(?: of)?)\\s+${begins}`, 'iu');
const functionNamed = new RegExp(`\\bfunctions?(?: app)?(?: project)?\\s+${mark}()`, 'iu');
const beforeSpace = new RegExp(
  `\\b(?:in|into|inside|for|to|within)\\s+(?:the\\s+|a\\s+|my\\s+)?space\\s+(?:called\\s+|named\\s+)?${begins}`,
  'iu',
);
const inNamedSpace = new RegExp(`\\b(?:in|into|inside|for|to|within)\\s+(?:the\\s+)?(?:${mark}|(${word}))\\s+space\\b`, 'iu');
/** Before what is a region whatever it is called, and before what is one only if it is known. */
const beforeRegion = `\\b(?:region|location)\\s+(?:(?:is|to|be|of|called)\\s+)?`;
const perhapsRegion = `\\b(?:in|into|to|at|is|be|use|using)\\s+(?:the\\s+)?`;
const end = '(?![\\p{L}\\p{N}_-])';
const quotedRegion = new RegExp(`(?:${beforeRegion}${mark})|(?:${perhapsRegion}${mark}\\s+(?:region|location)\\b)`, 'iu');
const perhapsQuotedRegion = new RegExp(`${perhapsRegion}${mark}`, 'iu');
const knownRegion = new RegExp(`(?:${beforeRegion}|${perhapsRegion})(${anyRegion})${end}(?:\\s+(?:region|location)\\b)?`, 'iu');
const unknownRegion = new RegExp(`${beforeRegion}${begins}`, 'iu');
const openId = /\b(?:oidc|openid connect|open id connect|federated|workload identity)\b/i;
const principal = /\b(?:service principal|client secret|password)\b/i;
const negated = /\b(?:no|not|without|never|don['’]?t|doesn['’]?t)\b/i;
const address = /[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}/g;

/** What is wished for, and which words it could make nothing of. */
function readSentence(sentence: string, quoted: readonly string[]): { wishes: Wishes; left: string[] } {
  const pick = (found: RegExpExecArray | null): string | undefined => {
    if (!found) return undefined;
    const text = found[1] === undefined ? found[2] : quoted[Number(found[1])];
    return text === undefined || text === '' ? undefined : text;
  };
  const place = readRegion(sentence, quoted);
  // What comes after "space" is the space's name, also where that is called something.
  const space = valueAfter(beforeSpace, place.rest, quoted);
  const spaceNamed = space.value ?? pick(inNamedSpace.exec(place.rest));
  const called = valueAfter(beforeName, space.rest, quoted);
  const name = called.value ?? pick(functionNamed.exec(place.rest));
  const isProject = creates.test(sentence) || /\b(?:project|function)\b/i.test(sentence);
  const account = accountIn(sentence);
  const builder = builderIn(sentence);
  const written = quoted.reduce((text, each, index) => text.replaceAll(`\uE000${index}\uE000`, () => each), sentence);
  const approvers = /\b(?:approv|ask|decide|answers?\b|say)/i.test(sentence) ? (written.match(address) ?? []) : [];
  const wishes = {
    ...(isProject && name !== undefined ? { name } : {}),
    ...(spaceNamed === undefined ? {} : { space: spaceNamed }),
    ...(account === undefined ? {} : { account }),
    ...(builder === undefined ? {} : { builder }),
    ...(place.location === undefined ? {} : { location: place.location }),
    ...(approvers.length === 0 ? {} : { approvers: [...new Set(approvers)].slice(0, 10) }),
  };
  return { wishes, left: [...(isProject ? called.left : []), ...space.left, ...place.left] };
}

/** What a name never goes on with, and what it does only where that is written as names are. */
const links = /^(?:and|but|by|for|from|in|inside|into|on|or|so|that|to|under|using|via|where|which|who|whose|with|within|without)$/i;
const verbs =
  /^(?:an?|approve[ds]?|are|as|asks?|at|be|built|can|deployed|do|has|having|hosted|is|its?|let|location|made|make|must|no|not|of|over|owned|please|region|running|should|space|the|then|through|uses?|will|written)$/;
const goesOn = (word: string): boolean => links.test(word) || verbs.test(word);

/**
 * What follows: a quoted text, or a word. A name of several words needs no quotes where each begins as names do, with a capital or a digit; other
 * words after it are left over.
 */
function valueAfter(before: RegExp, sentence: string, quoted: readonly string[]): { value?: string; rest: string; left: string[] } {
  const found = before.exec(sentence);
  if (!found) return { rest: sentence, left: [] };
  const from = found.index + found[0].length;
  // What stood on both sides belongs not together.
  const without = (to: number): string => `${sentence.slice(0, found.index)} , ${sentence.slice(to)}`;
  const inQuotes = new RegExp(mark, 'uy');
  inQuotes.lastIndex = from;
  const [whole, index] = inQuotes.exec(sentence) ?? [];
  if (whole !== undefined) {
    const value = quoted[Number(index)];
    return { ...(value === undefined || value === '' ? {} : { value }), rest: without(from + whole.length), left: [] };
  }
  const run = new RegExp(`${word}(?:\\s+${word})*`, 'uy');
  run.lastIndex = from;
  const all = run.exec(sentence)?.[0] ?? '';
  const [first = '', ...more] = all.split(/\s+/);
  const ends = more.findIndex((each) => goesOn(each));
  const following = ends < 0 ? more : more.slice(0, ends);
  const isName = (each: string): boolean => /^[\p{Lu}\p{N}]/u.test(each);
  const strange = following.findIndex((each) => !isName(each));
  const own = !isName(first) ? 0 : strange < 0 ? following.length : strange;
  const left = following.slice(own).join(' ');
  const taken = new RegExp(`^\\S+(?:\\s+\\S+){${following.length}}`, 'u').exec(all)?.[0] ?? all;
  return { value: [first, ...following.slice(0, own)].join(' '), rest: without(from + taken.length), left: left === '' ? [] : [left] };
}

/** By its name or the one that the portal shows; in quotes after "region" it may be one that nobody here knows. */
function readRegion(sentence: string, quoted: readonly string[]): { location?: string; rest: string; left: string[] } {
  const without = ([whole]: RegExpExecArray): string => sentence.replace(whole, ' , ');
  const said = quotedRegion.exec(sentence) ?? perhapsQuotedRegion.exec(sentence);
  if (said) {
    const location = regionOf(quoted[Number(said[1] ?? said[2])] ?? '');
    if (location !== '' && (isKnownRegion(location) || quotedRegion.test(sentence))) return { location, rest: without(said), left: [] };
  }
  const known = knownRegion.exec(sentence);
  if (known) return { location: regionOf(known[1] ?? ''), rest: without(known), left: [] };
  const { value, left, rest } = valueAfter(unknownRegion, sentence, quoted);
  return value === undefined || goesOn(value) ? { rest: sentence, left: [] } : { rest, left: [['region', value, ...left].join(' ')] };
}

function accountIn(sentence: string): Account | undefined {
  const [wantsOpenId, wantsPrincipal] = [openId.test(sentence), principal.test(sentence)];
  if (wantsOpenId && !wantsPrincipal) return negated.test(sentence) ? 'service-principal' : 'oidc';
  if (wantsPrincipal && !wantsOpenId) return negated.test(sentence) ? 'oidc' : 'service-principal';
  // Both: the one that is not denied, such as "OIDC and no client secret".
  return wantsOpenId && wantsPrincipal
    ? /\b(?:no|not|without)\b[^,]*\b(?:oidc|federated)\b/i.test(sentence)
      ? 'service-principal'
      : 'oidc'
    : undefined;
}

function builderIn(sentence: string): Builder | undefined {
  if (/\bgithub\b/i.test(sentence)) return 'github';
  return /\bazure (?:pipelines?|devops)\b/i.test(sentence) ? 'azureDevOps' : undefined;
}
