import { hash, timingSafeEqual } from 'node:crypto';

/** Whether two secrets are the same, in a time that says nothing of them; their hashes are of one length whatever was sent. */
export function sameText(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => hash('sha256', text, 'buffer');
  return timingSafeEqual(digest(given), digest(wanted));
}
