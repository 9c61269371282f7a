/** Texts that have to fit: cut with "…", never inside a character. */

/** At most so many UTF-16 units, as most services count. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  const whole = text.slice(0, Math.max(0, most - 1)).replace(/[\uD800-\uDBFF]$/, '');
  return `${whole.trimEnd()}…`;
}

/**
 * The richest of ever plainer drafts whose JSON has at most so many bytes; the plainest where none has. `draft` gets how long a text may be and
 * how many entries a list may have.
 */
export function richestThatFits<T>(mostBytes: number, draft: (longest: number, most: number) => T): T {
  for (const [longest, most] of [
    [2000, 60],
    [600, 30],
    [200, 15],
    [80, 8],
  ] as const) {
    const drafted = draft(longest, most);
    if (Buffer.byteLength(JSON.stringify(drafted), 'utf8') <= mostBytes) return drafted;
  }
  return draft(40, 3);
}
