import { randomBytes } from 'node:crypto';
import type { Answer, Asked } from '../servers';
import type { Collection } from '../store';
import type { MailRecord, MessageRecord } from '../types';
import { entriesOf, inboxList, inboxPage, mailBody, mailPage, messagePage } from './page';
import { viewDocument, viewOf } from './view';

/** What was sent as a person would see it, and the same as JSON for programs. */
export function inboxRoutes(mails: Collection<MailRecord>, messages: Collection<MessageRecord>): (asked: Asked) => Answer {
  const entries = () => entriesOf(mails.all(), messages.all());
  return ({ method, url }) => {
    if (method !== 'GET' && method !== 'HEAD') return { status: 405, headers: { allow: 'GET, HEAD' } };
    if (url.pathname === '/') return page((nonce) => inboxPage(entries(), nonce));
    if (url.pathname === '/list') return html(inboxList(entries()), "default-src 'none'");
    if (url.pathname === '/api/mails') return { status: 200, headers: guarded, body: mails.all() };
    if (url.pathname === '/api/messages') return { status: 200, headers: guarded, body: messages.all() };
    const [, kind = '', id = '', part] = /^\/(mails|messages)\/([^/]+)(\/html|\/view)?$/.exec(url.pathname) ?? [];
    const answer = kind === 'messages' ? oneMessage(messages.get(id), part) : oneMail(mails.get(id), part);
    return answer ?? { status: 404, headers: guarded, body: 'There is nothing of that name here.' };
  };
}

/** The same sandbox as the frame's: opened on its own in a tab, what was sent can do no more. */
const sandboxed = (styles: string): string =>
  `sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src ${styles}; img-src data:`;

function oneMail(mail: MailRecord | undefined, part: string | undefined): Answer | undefined {
  if (!mail || part === '/view') return undefined;
  return part === undefined ? page((nonce) => mailPage(mail, nonce)) : html(mailBody(mail), sandboxed("'unsafe-inline'"));
}

function oneMessage(message: MessageRecord | undefined, part: string | undefined): Answer | undefined {
  if (!message || part === '/html') return undefined;
  if (part === undefined) return page((nonce) => messagePage(message, nonce));
  const nonce = randomBytes(16).toString('base64');
  return html(viewDocument(viewOf(message), nonce), sandboxed(`'nonce-${nonce}'`));
}

const guarded = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

function page(draw: (nonce: string) => string): Answer {
  const nonce = randomBytes(16).toString('base64');
  const policy = [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    `script-src 'nonce-${nonce}'`,
    "connect-src 'self'",
    "frame-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return html(draw(nonce), policy.join('; '));
}

const html = (body: string, policy: string): Answer => ({
  status: 200,
  headers: { ...guarded, 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy },
  body,
});
