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
    const found = readSentence(sentence, quoted);
    if (Object.keys(found).length === 0) notUnderstood.push(back(sentence));
    else Object.assign(wishes, { ...found, ...wishes });
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

const value = '(?:\uE000(\\d+)\uE000|([\\p{L}\\p{N}][\\p{L}\\p{N}._-]*))';
const named = new RegExp(`\\b(?:called|named|titled|(?:with|by|of) the name(?: of)?)\\s+${value}`, 'iu');
const functionNamed = new RegExp(`\\bfunctions?(?: app)?(?: project)?\\s+\uE000(\\d+)\uE000()`, 'iu');
const inSpace = new RegExp(
  `\\b(?:in|into|inside|for|to|within)\\s+(?:the\\s+|a\\s+|my\\s+)?space\\s+(?:called\\s+|named\\s+)?${value}`,
  'iu',
);
const inNamedSpace = new RegExp(`\\b(?:in|into|inside|for|to|within)\\s+(?:the\\s+)?${value}\\s+space\\b`, 'iu');
const region = /\b(?:region|location)\s+(?:is\s+|to\s+|be\s+|of\s+)?(?:\uE000(\d+)\uE000|([a-z]+(?: [a-z]+)?(?: ?\d)?))/iu;
const openId = /\b(?:oidc|openid connect|open id connect|federated|workload identity)\b/i;
const principal = /\b(?:service principal|client secret|password)\b/i;
const negated = /\b(?:no|not|without|never|don['’]?t|doesn['’]?t)\b/i;
const address = /[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}/g;

function readSentence(sentence: string, quoted: readonly string[]): Wishes {
  const pick = (found: RegExpExecArray | null): string | undefined => {
    if (!found) return undefined;
    const text = found[1] === undefined ? found[2] : quoted[Number(found[1])];
    return text === undefined || text === '' ? undefined : text;
  };
  const space = pick(inSpace.exec(sentence)) ?? pick(inNamedSpace.exec(sentence));
  // What comes after "space" is the space's name, also where that is called something.
  const name = pick(named.exec(sentence.replace(inSpace, ' '))) ?? pick(functionNamed.exec(sentence));
  const isProject = creates.test(sentence) || /\b(?:project|function)\b/i.test(sentence);
  const account = accountIn(sentence);
  const builder = builderIn(sentence);
  const location = /\b(?:approv|mail)/i.test(sentence) ? undefined : pick(region.exec(sentence));
  const written = quoted.reduce((text, each, index) => text.replaceAll(`\uE000${index}\uE000`, () => each), sentence);
  const approvers = /\b(?:approv|ask|decide|answers?\b|say)/i.test(sentence) ? (written.match(address) ?? []) : [];
  return {
    ...(isProject && name !== undefined ? { name } : {}),
    ...(space === undefined ? {} : { space }),
    ...(account === undefined ? {} : { account }),
    ...(builder === undefined ? {} : { builder }),
    ...(location === undefined ? {} : { location: location.toLowerCase().replace(/\s+/g, '') }),
    ...(approvers.length === 0 ? {} : { approvers: [...new Set(approvers)].slice(0, 10) }),
  };
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
