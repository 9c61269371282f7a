import { createHmac } from 'node:crypto';

/**
 * What a request is found by in its service, before and after anybody knows its number there. One word of letters and digits, for services that
 * find words. Nobody without the key can make a request beforehand that would be taken for ours.
 */
export function correlationOf({ key }: { key: Uint8Array }, of: { rolloutId: string; gate: string; reopened: number }): string {
  const subject = JSON.stringify(['request', of.rolloutId, of.gate, of.reopened]);
  return `slipway${createHmac('sha256', key).update(subject, 'utf8').digest('hex').slice(0, 32)}`;
}
