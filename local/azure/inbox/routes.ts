import { randomBytes } from 'node:crypto';
import type { Answer, Asked } from '../servers';
import type { Collection } from '../store';
import type { MailRecord } from '../types';
import { inboxPage, mailBody, mailList, mailPage } from './page';

/** The mails as a person would see them, and the same as JSON for programs. */
export function inboxRoutes(mails: Collection<MailRecord>): (asked: Asked) => Answer {
  return ({ method, url }) => {
    if (method !== 'GET' && method !== 'HEAD') return { status: 405, headers: { allow: 'GET, HEAD' } };
    if (url.pathname === '/') return page((nonce) => inboxPage(mails.all(), nonce));
    if (url.pathname === '/list') return html(mailList(mails.all()), "default-src 'none'");
    if (url.pathname === '/api/mails') return { status: 200, headers: guarded, body: mails.all() };
    const [, id = '', part] = /^\/mails\/([^/]+)(\/html)?$/.exec(url.pathname) ?? [];
    const mail = mails.get(id);
    if (!mail) return { status: 404, headers: guarded, body: 'There is no such mail here.' };
    if (part === undefined) return page((nonce) => mailPage(mail, nonce));
    // The same sandbox as the frame's: opened on its own in a tab, the mail can do no more.
    return html(
      mailBody(mail),
      "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    );
  };
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
