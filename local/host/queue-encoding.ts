export type MessageEncoding = 'none' | 'base64';

/** The text of a message; undefined if it is not in the encoding that host.json names: such a message goes to the poison queue at once. */
export function decodeMessage(raw: string, encoding: MessageEncoding): string | undefined {
  if (encoding === 'none') return raw;
  const packed = raw.replace(/\s/g, '');
  if (packed.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(packed)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(packed, 'base64'));
  } catch {
    return undefined;
  }
}

export function encodeMessage(text: string | Uint8Array, encoding: MessageEncoding): string {
  const bytes = Buffer.from(text as Uint8Array);
  return encoding === 'base64' ? bytes.toString('base64') : bytes.toString('utf8');
}
