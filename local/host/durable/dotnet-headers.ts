/** .NET keeps these with an answer's content, and `callHttp` hands over only the others (recorded). */
const ofContent = new Set(
  'Allow Content-Disposition Content-Encoding Content-Language Content-Length Content-Location Content-MD5 Content-Range Content-Type Expires Last-Modified'
    .toLowerCase()
    .split(' '),
);

/** Names that .NET writes in its own way, however the server did (System.Net.Http's known headers; recorded for Location and Retry-After). */
const known = new Map(
  (
    'Accept-Patch Accept-Ranges Access-Control-Allow-Credentials Access-Control-Allow-Headers Access-Control-Allow-Methods Access-Control-Allow-Origin ' +
    'Access-Control-Expose-Headers Access-Control-Max-Age Age Alt-Svc Cache-Control Connection Content-Security-Policy Date ETag Expect-CT Keep-Alive Link ' +
    'Location P3P Pragma Proxy-Authenticate Referrer-Policy Retry-After Server Server-Timing Set-Cookie Strict-Transport-Security Trailer Transfer-Encoding ' +
    'Upgrade Vary Via Warning WWW-Authenticate X-AspNet-Version X-Cache X-Content-Duration X-Content-Type-Options X-Frame-Options X-MSEdge-Ref X-Powered-By ' +
    'X-Request-ID X-UA-Compatible X-XSS-Protection'
  )
    .split(' ')
    .map((name) => [name.toLowerCase(), name]),
);

/**
 * An answer's headers as `callHttp` hands them over: without those of the content, in order; a header that came more than once is an array.
 * @param raw name, value, name, value …, as they came
 */
export function dotnetHeaders(raw: string[]): Record<string, string | string[]> {
  const found = new Map<string, { name: string; values: string[] }>();
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? '';
    const key = name.toLowerCase();
    if (ofContent.has(key)) continue;
    const one = found.get(key) ?? { name: known.get(key) ?? name, values: [] };
    one.values.push(raw[at + 1] ?? '');
    found.set(key, one);
  }
  return Object.fromEntries([...found.values()].map(({ name, values }) => [name, values.length === 1 ? (values[0] ?? '') : values]));
}
