/** What came of handing a notice to a service. */
export type SendAnswer =
  | { kind: 'sent' }
  /** 429 and passing faults: again after so many seconds (the service's own figure where it gave one). */
  | { kind: 'later'; afterSeconds: number; code: string }
  /** Will not be accepted however often. */
  | { kind: 'refused'; code: string; text: string };

/** Where a service names no time of its own. */
const laterSeconds = { tooMany: 60, passing: 10 };

/**
 * What an HTTP answer to a posted notice means. `retryAfter`: the header as it came. `said`: the service's own words, if any, without secrets.
 * `patientSeconds`: the least pause that the service asks for between tries.
 */
export function judgeDelivery(
  { status, retryAfter, said }: { status: number; retryAfter: string | undefined; said: string },
  nowMs: number,
  patientSeconds = 0,
): SendAnswer {
  if (status >= 200 && status < 300) return { kind: 'sent' };
  const code = said === '' ? String(status) : `${status} ${said}`;
  const isLater = status === 429 || status === 408 || status === 425 || status >= 500;
  if (isLater) {
    const usual = status === 429 ? laterSeconds.tooMany : laterSeconds.passing;
    return { kind: 'later', afterSeconds: retryAfterSeconds(retryAfter, nowMs) ?? Math.max(patientSeconds, usual), code };
  }
  if (status >= 300 && status < 400)
    return { kind: 'refused', code, text: 'the address answers with a redirect, which is not followed; name the new address' };
  return { kind: 'refused', code, text: said === '' ? 'the service does not take it' : said };
}

/** Seconds, or a date (RFC 9110, 10.2.3); a text that is neither says nothing. */
export function retryAfterSeconds(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return seconds < 0 ? undefined : Math.ceil(seconds);
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? undefined : Math.max(0, Math.ceil((atMs - nowMs) / 1000));
}
