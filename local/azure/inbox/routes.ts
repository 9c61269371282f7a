import { randomBytes } from 'node:crypto';
import { itsmPeople } from '../itsm/open';
import { actOn, requestViews, type RequestAct, type RequestView } from '../itsm/views';
import type { Platform } from '../platform';
import type { Answer, Asked } from '../servers';
import type { MailRecord, MessageRecord } from '../types';
import { entriesOf, inboxList, inboxPage, mailBody, mailPage, messagePage } from './page';
import { requestEntries, requestPage } from './request-page';
import { viewDocument, viewOf } from './view';

/** What was sent as a person would see it, and the same as JSON for programs. */
export function inboxRoutes(platform: Platform): (asked: Asked) => Answer | Promise<Answer> {
  const { mails, messages } = platform;
  const entries = () => entriesOf(mails.all(), messages.all(), requestEntries(requestViews(platform)));
  return (asked) => {
    const { method, url } = asked;
    const request = requestViews(platform).find(({ href }) => `/${href}` === url.pathname);
    if (request && method === 'POST') return answerRequest(platform, request, asked);
    if (request && method === 'GET') return page((nonce) => requestPage(request, nonce), "'self'");
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

/** What a person did on a request's page: the service's own rules hold for it as well. */
async function answerRequest(platform: Platform, request: RequestView, asked: Asked): Promise<Answer> {
  const form = new URLSearchParams((await asked.body()).toString('utf8'));
  const act = (['approve', 'decline', 'cancel'] as const).find((one) => one === form.get('act'));
  if (!act) return { status: 400, headers: guarded, body: 'act is approve, decline or cancel.' };
  const said: RequestAct = { act, by: form.get('by') ?? '', comment: form.get('comment')?.trim() ?? '' };
  try {
    actOn(itsmPeople(platform), request, said);
  } catch (error) {
    const mistake = error instanceof Error ? error.message : String(error);
    return { ...page((nonce) => requestPage(request, nonce, mistake), "'self'"), status: 409 };
  }
  return { status: 303, headers: { ...guarded, location: `/${request.href}` } };
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

function page(draw: (nonce: string) => string, formsGo = "'none'"): Answer {
  const nonce = randomBytes(16).toString('base64');
  const policy = [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    `script-src 'nonce-${nonce}'`,
    "connect-src 'self'",
    "frame-src 'self'",
    "base-uri 'none'",
    `form-action ${formsGo}`,
    "frame-ancestors 'none'",
  ];
  return html(draw(nonce), policy.join('; '));
}

const html = (body: string, policy: string): Answer => ({
  status: 200,
  headers: { ...guarded, 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy },
  body,
});
