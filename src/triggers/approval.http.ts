import { randomBytes } from 'node:crypto';
import type { HttpHandler, HttpRequest, HttpResponseInit } from '@azure/functions';
import { instancesOf } from '../azure/durable-instances';
import type { Ports } from '../azure/ports';
import { createDecide } from '../commands/decide';
import type { SignIn } from '../domain/judge-claim';
import { createReadApproval } from '../commands/read-approval';
import { mostCommentCharacters } from '../domain/rollout';
import { pageOf, renderApprovalPage, type ApprovalPage } from './approval-page';
import { identify, signInOf } from './caller';
import { logFault } from './problem-json';

type Needs = Pick<Ports, 'rows' | 'clock' | 'linkKeys' | 'settings' | 'publicUrl'>;

/** Room for the longest comment, percent-encoded, and the rest. */
const mostBodyBytes = 16 * 1024;

/** GET, HEAD and POST /api/approvals/{token}. GET and HEAD show and change nothing; a form POST with the code decides. Always a page. */
export const approvalHandler = (ports: Needs, instances = instancesOf): HttpHandler => {
  const read = createReadApproval(ports);
  const decide = createDecide(ports);
  return async (request, context) => {
    try {
      const token = request.params['token'] ?? '';
      if (request.method === 'GET' || request.method === 'HEAD')
        return show(pageOf(await read(token), false), '', request.method === 'HEAD');
      if (request.method !== 'POST') return show(said(405, 'This page is opened and answered, nothing else', 'Open it in a browser.'));
      if (isForeign(request, ports.publicUrl))
        return show(said(403, 'Another site sent this answer', 'Nothing was decided. Open the link in the mail and answer there.'));
      const form = await readForm(request);
      if (form.kind === 'refused') return show(form.page);
      const answer = await decide({ token, ...form, ...signIn(request) }, instances(context));
      const again = ['needs-code', 'needs-comment', 'wrong-code', 'needs-sign-in'].includes(answer.kind) ? await read(token) : undefined;
      return show(pageOf(answer, true, again?.kind === 'question' ? again : undefined), form.comment);
    } catch (error) {
      logFault(context, error);
      return show(
        said(
          500,
          'Slipway could not do this',
          'One of its own parts failed. Open the link again in a minute: it shows whether your answer arrived.',
        ),
      );
    }
  };
};

const said = (status: number, title: string, ...sentences: string[]): ApprovalPage => ({ status, title, sentences });

function show(page: ApprovalPage, comment = '', isHead = false): HttpResponseInit {
  const nonce = randomBytes(16).toString('base64');
  return {
    status: page.status,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
      // Not no-referrer: a form then posts with `Origin: null`, which looks like a stranger's.
      'Referrer-Policy': 'same-origin',
      'Cache-Control': 'no-store',
      'X-Robots-Tag': 'noindex',
      'X-Content-Type-Options': 'nosniff',
      ...(page.status === 405 ? { Allow: 'GET, HEAD, POST' } : {}),
    },
    ...(isHead ? {} : { body: renderApprovalPage(page, nonce, comment) }),
  };
}

/** Nobody, where the platform does not vouch for the sign-in: only a gate with `proof: entra` asks for one. */
function signIn(request: HttpRequest): SignIn {
  const identified = identify(request);
  return identified.kind === 'caller' ? signInOf(identified.caller) : { signedInAs: [], groups: [] };
}

/** A page of another origin posts here. Programs that send no Origin are no browsers, and need token and code like everybody. */
function isForeign(request: HttpRequest, publicUrl: string): boolean {
  const site = request.headers.get('sec-fetch-site');
  const origin = request.headers.get('origin');
  if (site === 'cross-site') return true;
  return origin !== null && site !== 'same-origin' && origin !== new URL(publicUrl).origin;
}

type Form = { kind: 'form'; code: string; answer: 'yes' | 'no'; comment: string } | { kind: 'refused'; page: ApprovalPage };

async function readForm(request: HttpRequest): Promise<Form> {
  const refused = (status: number, title: string, what: string): Form => ({
    kind: 'refused',
    page: said(status, title, `Nothing was decided. ${what}`),
  });
  if (!/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(request.headers.get('content-type') ?? ''))
    return refused(415, 'This is not the form', 'Open the link in the mail and answer on its page.');
  const text = await readLimited(request);
  if (text === undefined) return refused(413, 'That is too much', 'Open the link in the mail again and write a shorter comment.');
  const fields = new URLSearchParams(text);
  const answer = fields.get('answer');
  const comment = (fields.get('comment') ?? '').replace(/\r\n/g, '\n');
  if (answer !== 'yes' && answer !== 'no')
    return refused(400, 'No answer was given', 'Open the link in the mail again and press yes or no.');
  if (comment.length > mostCommentCharacters)
    return refused(
      400,
      'The comment is too long',
      `It may have ${mostCommentCharacters} characters and has ${comment.length}. Open the link in the mail again and write a shorter one.`,
    );
  return { kind: 'form', code: fields.get('code') ?? '', answer, comment };
}

/** Undefined for more than a form of ours holds; what comes after the limit is not read. */
async function readLimited(request: HttpRequest): Promise<string | undefined> {
  if (Number(request.headers.get('content-length') ?? 0) > mostBodyBytes) return undefined;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > mostBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
