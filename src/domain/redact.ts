/**
 * Takes out of a text or a JSON value what may be secret: queries, fragments and user names of URLs, values under telling names, everything under
 * `settings`, tokens. Rather too much than too little.
 */

const withheld = '[withheld]';
const tellingName = /key|token|secret|passw|pwd|sig\b|signature|authori|credential|connection|cookie|code\b|sas\b/i;
const digest = /^[0-9a-f]{64}$/i;

/** Deeper than any request is; a message made of brackets must not exhaust the stack. */
const mostLevels = 20;

export function redactJson(value: unknown, name = '', level = 0): unknown {
  if (level > mostLevels) return withheld;
  if (tellingName.test(name) && value !== null && typeof value !== 'boolean') return withheld;
  if (typeof value === 'string') return /sha256|digest/i.test(name) && digest.test(value) ? value : redactText(value);
  if (Array.isArray(value)) return value.map((one) => redactJson(one, name, level + 1));
  if (typeof value !== 'object' || value === null) return value;
  const withholdAll = /^(?:app)?settings$/i.test(name);
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      withholdAll ? key : redactText(key),
      withholdAll ? withheld : redactJson(inner, key, level + 1),
    ]),
  );
}

/** What follows `://`. */
const redactRest = (rest: string): string => rest.replace(/[?#].*$/s, `?${withheld}`).replace(/(^|:\/\/)[^/@]*@/g, `$1${withheld}@`);

/** Every pattern begins where a run of its characters begins, or is bounded: the time it takes must not grow faster than the text. */
export function redactText(text: string): string {
  return (
    text
      // Text that is no JSON does not say where the settings end.
      .replace(/(["']?(?:app)?settings["']?\s*[:=])[\s\S]*$/i, `$1 ${withheld}`)
      .replace(/([a-z][a-z0-9+.-]{0,30}:\/\/)([^\s"'<>]*)/gi, (_url, scheme: string, rest: string) => scheme + redactRest(rest))
      .replace(/\b(bearer|basic|sharedaccesssignature|sharedkey)\s+\S+/gi, `$1 ${withheld}`)
      .replace(
        /(?<![\w.-])([\w.-]*(?:key|token|secret|passw\w*|pwd|sig|signature|authorization|credential|cookie|code|sas)["']?\s*[:=]\s*)(?:"[^"]*"?|'[^']*'?|[^\s,;&"'}]+)/gi,
        `$1${withheld}`,
      )
      .replace(/(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+/g, withheld)
      .replace(/[A-Za-z0-9+/_-]{32,}={0,2}/g, (run) => (isMadeOfWords(run) ? run : withheld))
  );
}

/** Rollout ids and paths in a stack, unlike keys, fall apart into words and small numbers. */
const isMadeOfWords = (run: string): boolean =>
  run.split(/[/_-]/).every((part) => /^(?:[a-z]{0,24}|[A-Z]?[a-z]+(?:[A-Z][a-z]+)*|\d{1,6}|[0-9a-f]{8})$/.test(part) && part.length <= 24);

/** At most so many bytes of UTF-8, whole characters. */
export function cutToBytes(text: string, mostBytes: number): string {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= mostBytes) return text;
  // A cut inside a character decodes to U+FFFD, which is dropped.
  return bytes
    .subarray(0, mostBytes)
    .toString('utf8')
    .replace(/\uFFFD$/, '');
}
