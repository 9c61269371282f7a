import { createHash, createHmac, randomBytes } from 'node:crypto';
import { sameText } from '../../host/same-text';

export interface Locations {
  /** A new signed address of a running operation: about 4 KB, other at each call, valid on its own. */
  sign(base: string): string;
  isSigned(url: URL): boolean;
}

/**
 * Addresses of operation results as of 2025: `t`, `c` (a certificate), `s` (signature) and `h` (hash). Whoever rebuilds one from its
 * parts instead of following it finds nothing.
 */
export function openLocations(secret: string): Locations {
  const signature = (pathname: string, t: string, c: string): string =>
    createHmac('sha512', secret).update(`${pathname}\n${t}\n${c}`).digest('base64url').repeat(4).slice(0, 342);
  let last = 0;
  return {
    sign(base) {
      const url = new URL(base);
      last = Math.max(last + 1, Date.now() * 10_000);
      const t = String(last);
      const c = randomBytes(2600).toString('base64url');
      const s = signature(url.pathname, t, c);
      url.searchParams.set('t', t);
      url.searchParams.set('c', c);
      url.searchParams.set('s', s);
      url.searchParams.set('h', createHash('sha256').update(s).digest('base64url'));
      return url.toString();
    },
    isSigned(url) {
      const [t, c, s, h] = ['t', 'c', 's', 'h'].map((name) => url.searchParams.get(name) ?? '');
      const wanted = signature(url.pathname, t ?? '', c ?? '');
      const equal = s !== undefined && sameText(s, wanted);
      return equal && h === createHash('sha256').update(wanted).digest('base64url');
    },
  };
}
