/**
 * Mails are counted, because Communication Services counts them: 10 sends an hour on a domain managed by Azure, 100 on one of your own, until support
 * raises that (learn.microsoft.com/azure/communication-services/concepts/service-limits).
 */
export interface MailBudget {
  perHour: number;
  /** Part of `perHour` that only mails about failures may use. */
  keptForFailures: number;
}

/** The mails of the last hour, oldest first: the beginning of the notice's id, and when, in seconds. */
export interface MailHour {
  v: 1;
  sends: [string, number][];
}

const hourSeconds = 3600;

/** What slipway.yaml says, and else what the sender's domain allows; three tenths are kept for failures. */
export function mailBudgetOf(written: { perHour?: number | undefined; keptForFailures?: number | undefined }, sender: string): MailBudget {
  const perHour = written.perHour ?? (/\.azurecomm\.net$/i.test(sender) ? 10 : 100);
  return { perHour, keptForFailures: Math.min(perHour - 1, written.keptForFailures ?? Math.floor((perHour * 3) / 10)) };
}

/** Whether a mail may go now. One that was counted already, and has to be tried again, is not counted twice. */
export function takeMailTurn(
  hour: MailHour,
  { perHour, keptForFailures }: MailBudget,
  { id, isFailure }: { id: string; isFailure: boolean },
  nowMs: number,
): { kind: 'go'; hour: MailHour } | { kind: 'later'; afterSeconds: number } {
  const now = Math.floor(nowMs / 1000);
  const sends = hour.sends.filter(([, at]) => at > now - hourSeconds);
  const key = id.slice(0, 13);
  if (sends.some(([one]) => one === key)) return { kind: 'go', hour: { v: 1, sends } };
  const room = isFailure ? perHour : perHour - keptForFailures;
  // As many have to leave the hour as there are beyond the last place.
  const [, leavesAt] = sends[sends.length - room] ?? ['', 0];
  if (sends.length >= room) return { kind: 'later', afterSeconds: Math.max(1, leavesAt + hourSeconds - now) };
  return { kind: 'go', hour: { v: 1, sends: [...sends, [key, now]] } };
}
