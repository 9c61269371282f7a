export type KeyPurpose = 'link' | 'ledger';

const dayMs = 24 * 60 * 60 * 1000;
/** A gate stays open for 30 days at most, and its links must be verified until then; twice that, to be safe against clocks and late restarts. */
const linkKeyDays = 60;

/**
 * The text of a secret after a rotation: `<id>:<key>`, newest first. A key's id says the day it was made. The ledger keeps every key, because
 * entries are verified for ever; links keep those that may still have signed an open ask, and the newest before.
 */
export function nextKeys(purpose: KeyPurpose, current: string, now: Date, makeKey: () => string): string {
  const before = current.split(',').filter((one) => one !== '');
  const day = now.toISOString().slice(0, 10).replaceAll('-', '');
  const sameDay = before.filter((one) => new RegExp(`^k${day}(?:-\\d+)?:`).test(one)).length;
  const id = `k${day}${sameDay === 0 ? '' : `-${sameDay + 1}`}`;
  const kept = purpose === 'ledger' ? before : before.filter((one, n) => n === 0 || ageDays(one, now) <= linkKeyDays);
  return [`${id}:${makeKey()}`, ...kept].join(',');
}

/** Keys with ids of another kind were made by hand, at a time that nobody knows: they are kept. */
function ageDays(key: string, now: Date): number {
  const [, year, month, day] = /^k(\d{4})(\d{2})(\d{2})(?:-\d+)?:/.exec(key) ?? [];
  return year === undefined ? 0 : (now.getTime() - Date.parse(`${year}-${month ?? ''}-${day ?? ''}T00:00:00Z`)) / dayMs;
}
