import { notAllowed, refusalIn } from '../domain/not-allowed';
import type { PostSwapAnswer } from './app-control';

/**
 * What a failed answer to a swap's POST means. Only an answer that says in words that Azure refused is a refusal: all others leave
 * open whether the swap goes on behind them, and so are *unknown*.
 *
 * A redirect is unknown as well: nothing says that ARM did not take the request before it answered so, and following it would be a
 * second POST. Texts as recorded from the service (issues of Azure's own tools and SDK recordings).
 */
export function judgeSwapRefusal(status: number, body: string, retryAfter: string | undefined): PostSwapAnswer {
  const text = messageIn(body);
  // A swap that is under way may be ours: the answer that said so was lost.
  if (/another operation is in progress/i.test(text)) return unknown('operation-in-progress');
  if (/exclusive lock/i.test(text)) return unknown('locked');
  if (status === 408 || status >= 500 || status < 400) return unknown(`http-${status}`);
  const lacked = status === 403 ? refusalIn(text) : undefined;
  if (lacked) return { kind: 'refused', code: 'not-allowed', retryable: false, text: notAllowed(lacked).sentence };
  const refused = (code: RefusalCode, retryable: boolean): PostSwapAnswer => ({
    kind: 'refused',
    code,
    retryable,
    ...secondsOf(retryAfter),
    text: text.slice(0, 400) || `Azure answered ${status} and no words.`,
  });
  for (const [pattern, code, retryable] of refusals) if (pattern.test(text)) return refused(code, retryable);
  // These two say "not now" for many reasons; without known words they don't say that nothing was begun.
  if (status === 409 || status === 429) return unknown(`http-${status}`);
  return refused('other', false);
}

type RefusalCode = Extract<PostSwapAnswer, { kind: 'refused' }>['code'];

const refusals: [RegExp, RefusalCode, boolean][] = [
  [/did not respond to http ping/i, 'ping-failed', false],
  [/application initialization .* (?:too long|failed)/i, 'warm-up-failed', false],
  [/prepared for swap/i, 'prepared-for-swap', false],
  [/allocation of VM instances/i, 'vm-allocation', true],
  [/throttled|too ?many ?requests|exceeded the limit/i, 'quota', true],
];

const unknown = (code: string): PostSwapAnswer => ({ kind: 'unknown', code });

/** ARM says `{"error":{"code","message"}}`, the web provider `{"Code","Message"}`. */
function messageIn(body: string): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return '';
  }
  const top = fieldsOf(parsed);
  const inner = fieldsOf(top['error']);
  const said = [inner['code'] ?? top['code'] ?? top['Code'], inner['message'] ?? top['message'] ?? top['Message']];
  return said
    .filter((each) => typeof each === 'string')
    .join(': ')
    .replace(/\s+/g, ' ');
}

const fieldsOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

function secondsOf(retryAfter: string | undefined): { retryAfterSeconds?: number } {
  const seconds = Number(retryAfter);
  return retryAfter !== undefined && Number.isFinite(seconds) && seconds >= 0 ? { retryAfterSeconds: seconds } : {};
}
