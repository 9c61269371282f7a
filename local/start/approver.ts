/** Plays the approver with nothing but what an approver has: the mail in the inbox, the page behind its link, and the form on it. */

interface Mail {
  subject: string;
  plainText?: string;
  html?: string;
  to: { address: string }[];
}

export interface Invitation {
  subject: string;
  approver: string;
  link: string;
  code: string;
}

/** The newest mail that asks about this version; undefined while there is none. */
export async function findInvitation(inboxUrl: string, version: string): Promise<Invitation | undefined> {
  const base = inboxUrl.endsWith('/') ? inboxUrl : `${inboxUrl}/`;
  const response = await fetch(new URL('api/mails', base), { signal: AbortSignal.timeout(5000) });
  if (!response.ok) return undefined;
  const answer = (await response.json()) as Mail[] | { mails: Mail[] };
  const mails = Array.isArray(answer) ? answer : answer.mails;
  return invitationsIn(mails, version).at(-1);
}

/** Those that ask about this version, in the order of the mails. */
export const invitationsIn = (mails: readonly Mail[], version: string): Invitation[] =>
  mails.flatMap((mail) => invitationIn(mail, version) ?? []);

/** The link and the code as they stand in the mail's text. The code is the link's fragment, which no server sees. */
export function invitationIn(mail: Mail, version: string): Invitation | undefined {
  if (!mail.subject.split(' ').includes(version)) return undefined;
  const found = /(https?:\/\/[^\s"'<>#]+\/api\/approvals\/[^\s"'<>#]+)#([^\s"'<>]+)/.exec(mail.plainText ?? mail.html ?? '');
  if (!found?.[1] || !found[2]) return undefined;
  return { subject: mail.subject, approver: mail.to[0]?.address ?? 'the approver', link: found[1], code: decodeURIComponent(found[2]) };
}

/** Opens the page and presses "yes". */
export const approve = (invitation: Invitation): Promise<void> => decide(invitation, 'yes');

/** Opens the page and presses a button. Throws a sentence when the page or its answer is not what an approver would need. */
export async function decide({ link, code }: Invitation, answer: 'yes' | 'no', comment = ''): Promise<void> {
  const page = await fetch(link, { signal: AbortSignal.timeout(10_000) });
  const html = await page.text();
  if (!page.ok || !/<form[^>]*method="?post/i.test(html))
    throw new Error(`The approval page answered ${page.status} without a form to approve with.`);
  const response = await fetch(link, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ code, answer, comment }).toString(),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`The answer was not taken: the page answered ${response.status}.`);
}
