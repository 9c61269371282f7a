import type { MailAddress, MailRecord, MessageRecord } from '../types';
import { escapeHtml } from './escape';
import { viewOf } from './view';

const style = `
:root { color-scheme: light dark; --ink: #1c2330; --quiet: #5b6575; --line: #dde2ea; --ground: #f6f7f9; --sheet: #fff; --accent: #1f5fbf; --alarm: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ef; --quiet: #9aa5b5; --line: #2f3744; --ground: #12161d; --sheet: #1a202a; --accent: #8ab4f8; --alarm: #ff8a80; }
}
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground); }
main { max-width: 46rem; margin: 0 auto; padding: 1.25rem 1rem 4rem; }
h1 { font-size: 1.25rem; margin: 0 0 .25rem; overflow-wrap: anywhere; }
p { margin: 0 0 1rem; }
a { color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.quiet { color: var(--quiet); }
ol { list-style: none; margin: 1rem 0; padding: 0; border: 1px solid var(--line); border-radius: 8px; background: var(--sheet); overflow: hidden; }
li + li { border-top: 1px solid var(--line); }
li a { display: grid; grid-template-columns: 1fr auto; gap: 0 1rem; padding: .75rem 1rem; color: inherit; text-decoration: none; }
li a:hover { background: var(--ground); }
.subject { font-weight: 600; overflow-wrap: anywhere; }
.from { grid-column: 1 / -1; font-size: .875rem; }
.high { color: var(--alarm); font-weight: 600; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .75rem 0 1rem; font-size: .9375rem; }
dt { color: var(--quiet); } dd { margin: 0; overflow-wrap: anywhere; }
iframe { width: 100%; height: 75vh; border: 1px solid var(--line); border-radius: 8px; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: 1rem; border: 1px solid var(--line); border-radius: 8px; background: var(--sheet); font-size: .875rem; }
summary { cursor: pointer; padding: .5rem 0; }
`;

export const frame = (title: string, body: string, nonce: string, script = ''): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style nonce="${nonce}">${style}</style>
</head>
<body>
<main>
${body}
</main>
${script && `<script nonce="${nonce}">${script}</script>`}
</body>
</html>`;

/** Asks for the list again every two seconds and changes the page only when there is something new; what has the focus keeps it. */
const refresh = `
const list = document.getElementById('list');
const state = document.getElementById('state');
let shown = '';
async function look() {
  try {
    const answer = await fetch('list');
    if (!answer.ok) throw new Error();
    const next = await answer.text();
    state.textContent = '';
    if (next === shown) return;
    const focused = document.activeElement && document.activeElement.getAttribute('href');
    list.innerHTML = shown = next;
    if (focused) list.querySelector('[href="' + CSS.escape(focused) + '"]')?.focus();
  } catch { state.textContent = 'The local Azure does not answer; this is what was here before.'; }
}
setInterval(() => { if (!document.hidden) look(); }, 2000);
document.addEventListener('visibilitychange', () => { if (!document.hidden) look(); });
look();
`;

export const inboxPage = (entries: InboxEntry[], nonce: string): string =>
  frame(
    `Inbox (${entries.length})`,
    `<h1>Inbox</h1>
<p class="quiet">What the local Communication Services, chats and other services accepted, newest first. None of it left this computer.</p>
<p id="state" class="quiet" role="status"></p>
<div id="list">${inboxList(entries)}</div>`,
    nonce,
    refresh,
  );

export function inboxList(entries: InboxEntry[]): string {
  if (entries.length === 0) return '<p>Nothing yet. This page fills itself.</p>';
  const rows = entries.map(
    ({ href, title, to, high, atMs }) => `<li><a href="${escapeHtml(href)}">
<span class="subject">${escapeHtml(title)}</span>${time(atMs)}
<span class="from quiet">${high ? `<span class="high">! ${high}</span> ` : ''}to ${escapeHtml(to)}</span></a></li>`,
  );
  return `<ol>${rows.join('\n')}</ol>`;
}

/** One line of the inbox. `high`: why it sticks out, '' where it does not. */
export interface InboxEntry {
  href: string;
  title: string;
  to: string;
  high: string;
  atMs: number;
}

/** Newest first. */
export function entriesOf(mails: MailRecord[], messages: MessageRecord[], requests: InboxEntry[]): InboxEntry[] {
  const fromMails = mails.map((mail) => ({
    href: `mails/${mail.operationId}`,
    title: mail.subject,
    to: named(mail.to),
    high: isHigh(mail) ? 'high importance' : '',
    atMs: mail.acceptedAtMs,
  }));
  const fromMessages = messages.map((message) => {
    const { title, to, alarm } = viewOf(message);
    return { href: `messages/${message.id}`, title, to, high: alarm ? 'incident' : '', atMs: message.acceptedAtMs };
  });
  // Both are in the order of their coming; of one moment the later one of each is the newer.
  return [...fromMails, ...fromMessages, ...requests].reverse().sort((a, b) => b.atMs - a.atMs);
}

export function messagePage(message: MessageRecord, nonce: string): string {
  const { title, to } = viewOf(message);
  return frame(
    title,
    `<p><a href="..">Inbox</a></p>
<h1>${escapeHtml(title)}</h1>
<p class="quiet">To ${escapeHtml(to)}, ${time(message.acceptedAtMs)}</p>
<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" referrerpolicy="no-referrer" src="${escapeHtml(message.id)}/view" title="As its reader sees it"></iframe>
<details><summary>As it was posted</summary><pre>${escapeHtml(JSON.stringify(message.body, null, 2))}</pre></details>`,
    nonce,
  );
}

export function mailPage(mail: MailRecord, nonce: string): string {
  const line = (name: string, value: string): string => (value === '' ? '' : `<dt>${name}</dt><dd>${value}</dd>`);
  const headers = Object.entries(mail.headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');
  // Only the two permissions that a mail's links need: no script, no form, no origin of its own to speak from.
  const html =
    mail.html === undefined
      ? ''
      : `<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" referrerpolicy="no-referrer" src="${escapeHtml(mail.operationId)}/html" title="The mail as HTML"></iframe>`;
  const text =
    mail.plainText === undefined
      ? ''
      : `<details${mail.html === undefined ? ' open' : ''}><summary>Text part</summary><pre>${escapeHtml(mail.plainText)}</pre></details>`;
  return frame(
    mail.subject,
    `<p><a href="..">Inbox</a></p>
<h1>${escapeHtml(mail.subject)}</h1>
<dl>
${line('Importance', isHigh(mail) ? '<span class="high">! high</span>' : '')}
${line('From', escapeHtml(mail.sender))}
${line('To', people(mail.to))}
${line('Copy', people(mail.cc))}
${line('Blind copy', people(mail.bcc))}
${line('Reply to', people(mail.replyTo))}
${line('Sent', time(mail.acceptedAtMs))}
${line('Attached', mail.attachments.map(({ name, sizeBytes }) => `${escapeHtml(name)} (${sizeBytes} bytes)`).join(', '))}
</dl>
${html}
${text}
<details><summary>Headers</summary><pre>${escapeHtml(headers)}${headers && '\n'}Operation-Id: ${escapeHtml(mail.operationId)}</pre></details>`,
    nonce,
  );
}

/** The mail's own HTML, whose links open in a new tab. */
export const mailBody = (mail: MailRecord): string => {
  const base = '<base target="_blank">';
  const html = mail.html ?? '';
  return /<head[^>]*>/i.test(html) ? html.replace(/<head[^>]*>/i, (head) => head + base) : base + html;
};

function isHigh({ headers }: MailRecord): boolean {
  const value = (wanted: string): string =>
    Object.entries(headers)
      .find(([name]) => name.toLowerCase() === wanted)?.[1]
      .trim()
      .toLowerCase() ?? '';
  return value('importance') === 'high' || /^[12]\b/.test(value('x-priority'));
}

const people = (addresses: MailAddress[]): string => escapeHtml(named(addresses));

const named = (addresses: MailAddress[]): string =>
  addresses.map(({ address, displayName }) => (displayName ? `${displayName} <${address}>` : address)).join(', ');

const time = (ms: number): string => {
  const iso = new Date(ms).toISOString();
  const local = new Date(ms).toLocaleTimeString('en-GB');
  return `<time datetime="${iso}" title="${iso}">${local}</time>`;
};
