import { randomBytes } from 'node:crypto';
import { empty, text, type HttpAnswer, type HttpHead, type HttpRequest } from './http-message';
import type { Answers } from './server';

/** Somebody who can sign in here, and the app roles that a registration in Entra would give them. */
export interface Person {
  address: string;
  roles: readonly string[];
}

/**
 * App Service authentication, as far as a browser and the app behind it see it: a sign-in under /.auth, a session in a cookie, and headers that say who it is, which
 * are taken away from whatever callers send (https://learn.microsoft.com/azure/app-service/configure-authentication-user-identities). Unauthenticated
 * requests pass, as with "Allow unauthenticated access". Instead of Entra a form asks who one is: whoever sits at this computer may be any of `people`.
 * Sessions last as long as the host.
 */
export function signInBefore(answers: Answers, people: readonly Person[]): Answers {
  const sessions = new Map<string, Person>();
  const admit = (head: HttpHead): void => {
    for (const name of Object.keys(head.headers)) if (name.startsWith('x-ms-client-principal')) delete head.headers[name];
    const person = sessions.get(sessionIn(head));
    if (person) Object.assign(head.headers, headersOf(person));
  };
  return {
    stream(head) {
      admit(head);
      return isOurs(head) ? undefined : answers.stream(head);
    },
    answer(request) {
      admit(request);
      return isOurs(request) ? Promise.resolve(answerSignIn(request, people, sessions)) : answers.answer(request);
    },
  };
}

const isOurs = ({ url: { pathname } }: HttpHead): boolean => /^\/\.auth(?:\/|$)/.test(pathname);

const cookieName = 'AppServiceAuthSession';
const sessionIn = ({ headers: { cookie = '' } }: HttpHead): string =>
  cookie
    .split(/; */)
    .find((pair) => pair.startsWith(`${cookieName}=`))
    ?.slice(cookieName.length + 1) ?? '';
const cookieOf = (value: string, more = ''): string => `${cookieName}=${value}; Path=/; HttpOnly; SameSite=Lax${more}`;

const nameClaim = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name';
const roleClaim = 'http://schemas.microsoft.com/ws/2008/06/identity/claims/role';

function headersOf({ address, roles }: Person): Record<string, string> {
  const claims = [
    { typ: 'preferred_username', val: address },
    { typ: nameClaim, val: address },
    ...roles.map((role) => ({ typ: 'roles', val: role })),
  ];
  const principal = JSON.stringify({ auth_typ: 'aad', claims, name_typ: nameClaim, role_typ: roleClaim });
  return {
    'x-ms-client-principal': Buffer.from(principal).toString('base64'),
    'x-ms-client-principal-name': address,
    'x-ms-client-principal-idp': 'aad',
  };
}

function answerSignIn(request: HttpRequest, people: readonly Person[], sessions: Map<string, Person>): HttpAnswer {
  const { method, url } = request;
  const reads = method === 'GET' || method === 'HEAD';
  if (url.pathname === '/.auth/logout' && reads) {
    sessions.delete(sessionIn(request));
    return goTo(pathIn(url.searchParams.get('post_logout_redirect_uri')), cookieOf('', '; Max-Age=0'));
  }
  if (url.pathname !== '/.auth/login/aad') return empty(404);
  if (reads) return form(people, pathIn(url.searchParams.get('post_login_redirect_uri')));
  if (method !== 'POST') return empty(405);
  const fields = new URLSearchParams(request.body.toString('utf8'));
  const person = people.find(({ address }) => address === fields.get('person'));
  if (!person) return text(400, 'Nobody of that name can sign in here.');
  const id = randomBytes(24).toString('base64url');
  sessions.set(id, person);
  return goTo(pathIn(fields.get('to')), cookieOf(id));
}

const goTo = (path: string, cookie: string): HttpAnswer =>
  empty(302, { Location: path, 'Set-Cookie': cookie, 'Cache-Control': 'no-store' });

/** Only a path of this very app; anything else leads to its root. */
const pathIn = (to: string | null): string => (to !== null && /^\/(?![/\\])[\x21-\x7e]*$/.test(to) && !to.includes('\\') ? to : '/');

const escape = (value: string): string => value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

function form(people: readonly Person[], to: string): HttpAnswer {
  const nonce = randomBytes(16).toString('base64');
  const buttons = people.map(
    ({ address, roles }) =>
      `<p><button name="person" value="${escape(address)}">${escape(address)}</button> ${escape(roles.join(', ') || 'no role')}</p>`,
  );
  const body = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Sign in on this laptop</title>
<style nonce="${nonce}">:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem}button{font:inherit;padding:.5rem 1rem;min-height:2.75rem}</style>
<main><h1>Sign in on this laptop</h1>
<p>In Azure, Microsoft Entra asks who you are. Here you say it: whoever sits at this computer can be any of these people.</p>
<form method="post" action="/.auth/login/aad"><input type="hidden" name="to" value="${escape(to)}">
${buttons.join('\n')}</form></main></html>`;
  return {
    status: 200,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-store',
      'Content-Security-Policy': `default-src 'none'; style-src 'nonce-${nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
      'Referrer-Policy': 'same-origin',
      'X-Content-Type-Options': 'nosniff',
    },
    body,
  };
}
