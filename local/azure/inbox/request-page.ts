import type { RequestView } from '../itsm/views';
import { escapeHtml } from './escape';
import { frame, type InboxEntry } from './page';

/** One line of the inbox for each request that waits for somebody, or did. */
export const requestEntries = (views: RequestView[]): InboxEntry[] =>
  views.map(({ href, service, number, title, state, atMs }) => ({
    href,
    title: `${number}: ${title}`,
    to: `${service}, ${state}`,
    high: '',
    atMs,
  }));

/** A request as its approver sees it, with what that person can do. `mistake`: why what was just done was not taken. */
export function requestPage(view: RequestView, nonce: string, mistake = ''): string {
  const { service, number, title, state, facts, text, notes, asked, mayCancel } = view;
  const line = ([name, value]: [string, string]): string =>
    value === '' ? '' : `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`;
  const people = asked.map(({ id, name }) => `<option value="${escapeHtml(id)}">${escapeHtml(name)}</option>`).join('');
  const answer =
    asked.length === 0
      ? '<p class="quiet">Nobody is asked now.</p>'
      : `<p><label>You are <select name="by">${people}</select></label></p>
<p><button name="act" value="approve">Approve</button> <button name="act" value="decline">${service === 'ServiceNow' ? 'Reject' : 'Decline'}</button></p>`;
  const cancel = mayCancel ? '<p><button name="act" value="cancel">Cancel the request</button></p>' : '';
  return frame(
    `${number}: ${title}`,
    `<p><a href="/">Inbox</a></p>
<h1>${escapeHtml(number)}: ${escapeHtml(title)}</h1>
<p class="quiet">${escapeHtml(service)}, as whoever approves there sees it.</p>
${mistake && `<p class="high" role="alert">${escapeHtml(mistake)}</p>`}
<dl>${line(['State', state])}${facts.map(line).join('')}</dl>
<form method="post">
<p><label>Comment<br><textarea name="comment" rows="2" cols="50"></textarea></label></p>
${answer}${cancel}
</form>
<pre>${escapeHtml(text)}</pre>
${notes.length === 0 ? '' : `<h2>Notes</h2>${notes.map((note) => `<pre>${escapeHtml(note)}</pre>`).join('')}`}`,
    nonce,
  );
}
