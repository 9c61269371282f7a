/** Text for HTML content and quoted attributes. */
export const escapeHtml = (text: string): string =>
  plainText(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;').replace(/'/g, '&#39;');

/** Without control characters, and without those that turn the direction of a line and so make a name look like another. */
export const plainText = (text: string): string =>
  text.replace(/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (c) => (c === '\n' ? c : ''));

/** On one line: a subject, a header, a cell. */
export const oneLine = (text: string): string => plainText(text.replace(/[\r\n\t\u2028\u2029]+/g, ' ')).trim();
