/**
 * A number as Json.NET reads and writes it anew: a whole one keeps its digits, any other is a double, which always shows that it is none.
 * Undefined for what it takes for no number. A leading zero makes it octal.
 */
export function dotnetNumber(text: string): string | undefined {
  if (/^(?:-\d+|0|[1-9]\d*)$/.test(text)) return String(BigInt(text));
  if (/^0x[0-9a-f]{1,16}$/i.test(text)) return String(BigInt.asIntN(64, BigInt(text)));
  if (/^0[0-7]+$/.test(text)) return String(BigInt(`0o${text}`));
  if (/^0[^.eE]/.test(text) || !/^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(text)) return undefined;
  return dotnetDouble(Number(text));
}

/** Of more than 15 digits before the point, or four zeros after it, it is written with an exponent. What is infinite is a word. */
function dotnetDouble(number: number): string {
  if (!Number.isFinite(number)) return JSON.stringify(String(number));
  const [, digits = '', exponentText = '0'] = /^(.*)e(.*)$/.exec(number.toExponential()) ?? [];
  const exponent = Number(exponentText);
  if (exponent < 15 && exponent > -5) return withPoint(plain(number));
  return `${digits}E${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

const plain = (number: number): string => (Object.is(number, -0) ? '-0' : String(number));

const withPoint = (text: string): string => (text.includes('.') ? text : `${text}.0`);
