import type { IncomingMessage } from 'node:http';

/** Status 421 or 403, and why. */
export interface Refusal {
  status: number;
  reason: string;
}

/**
 * Refuses what a page in this computer's browser could send to one of its ports: under a name that resolves to 127.0.0.1 (a foreign Host), or
 * across origins. `Origin: null` comes from a page without a referrer, and passes only when the browser says that it is of the same origin.
 * Of what another site's page loads (an image, a script, a frame) only a link that a person follows passes.
 */
export function refuseForeign(
  { method, headers }: Pick<IncomingMessage, 'method' | 'headers'>,
  port: number,
  scheme: 'http' | 'https' = 'http',
): Refusal | undefined {
  const { host, origin, 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': destination } = headers;
  const ours = ['127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}:${port}`);
  if (host === undefined || !ours.includes(host.toLowerCase()))
    return { status: 421, reason: 'This server answers only to its own address on this computer.' };
  const isOurs = origin === 'null' ? site === 'same-origin' : ours.some((one) => `${scheme}://${one}` === origin?.toLowerCase());
  if (origin !== undefined && !isOurs) return { status: 403, reason: 'This server does not answer pages of another origin.' };
  const isFollowed = method === 'GET' && mode === 'navigate' && destination === 'document';
  if ((site === 'cross-site' || site === 'same-site') && !isFollowed)
    return { status: 403, reason: 'This server does not answer pages of another site.' };
  return undefined;
}
