const json = /^(?:application|text)\/json$|^application\/[^;]+\+json$/;
const xml = /^(?:application|text)\/xml$|^application\/[^;]+\+xml$/;

/** What the real host makes of a body whose answer asks for content negotiation; undefined: 406. */
export interface NegotiatedBody {
  contentType: string;
  text: string;
}

/**
 * The package hands over bytes, which the formatters of ASP.NET write as base64: as a JSON text, or in XML. What the answer itself says goes before what the request
 * accepts, and one that accepts everything, or nothing that there is, gets JSON.
 */
export function negotiatedBody(bytes: Uint8Array, contentType: string | undefined, accept: string | undefined): NegotiatedBody | undefined {
  if (contentType !== undefined) return written(bytes, mediaType(contentType));
  const accepted = (accept ?? '')
    .split(',')
    .map((one) => ({ type: mediaType(one), quality: Number(/;\s*q=([\d.]+)/i.exec(one)?.[1] ?? 1) }))
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality);
  const isAnything = accepted.some(({ type }) => type === '*/*');
  const chosen = isAnything
    ? undefined
    : accepted.map(({ type }) => written(bytes, type.replace(/^(application|text)\/\*$/, '$1/json'))).find(Boolean);
  return chosen ?? written(bytes, 'application/json');
}

const mediaType = (text: string): string => (text.split(';')[0] ?? '').trim().toLowerCase();

function written(bytes: Uint8Array, type: string): NegotiatedBody | undefined {
  const base64 = Buffer.from(bytes).toString('base64');
  const contentType = `${type}; charset=utf-8`;
  if (json.test(type)) return { contentType, text: JSON.stringify(base64) };
  const name = 'base64Binary xmlns="http://schemas.microsoft.com/2003/10/Serialization/"';
  return xml.test(type) ? { contentType, text: `<${name}>${base64}</base64Binary>` } : undefined;
}
