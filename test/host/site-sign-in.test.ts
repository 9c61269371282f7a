import { app, type HttpRequest } from '@azure/functions';
import { expect, test } from '@jest/globals';
import { benches } from './bench';

const host = benches();
const people = [
  { address: 'ann@example.com', roles: ['Reader', 'Operator'] },
  { address: '<b>@example.com', roles: [] },
];

function register(): void {
  app.http('who', {
    methods: ['GET'],
    handler: (request: HttpRequest) => ({
      jsonBody: {
        principal: request.headers.get('x-ms-client-principal'),
        name: request.headers.get('x-ms-client-principal-name'),
      },
    }),
  });
}

const forged = Buffer.from('{"auth_typ":"aad","claims":[]}').toString('base64');

async function signedIn(url: string, person: string, to = '/api/who'): Promise<Response> {
  return fetch(`${url}/.auth/login/aad`, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ person, to }) });
}
const cookieOf = (response: Response): string => response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
const who = async (url: string, headers: Record<string, string> = {}) =>
  (await (await fetch(`${url}/api/who`, { headers })).json()) as { principal: string | null; name: string | null };

test('whoever signs in is named to the app, in the form of App Service, until they sign out', async () => {
  const { url } = (await host(register, { people })).host;
  const response = await signedIn(url, 'ann@example.com');
  expect([response.status, response.headers.get('location')]).toEqual([302, '/api/who']);
  expect(response.headers.getSetCookie()[0]).toMatch(/^AppServiceAuthSession=[\w-]{32}; Path=\/; HttpOnly; SameSite=Lax$/);
  const cookie = cookieOf(response);
  const { principal, name } = await who(url, { cookie: `theme=dark; ${cookie}` });
  expect(name).toBe('ann@example.com');
  expect(JSON.parse(Buffer.from(principal ?? '', 'base64').toString())).toEqual({
    auth_typ: 'aad',
    claims: [
      { typ: 'preferred_username', val: 'ann@example.com' },
      { typ: 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name', val: 'ann@example.com' },
      { typ: 'roles', val: 'Reader' },
      { typ: 'roles', val: 'Operator' },
    ],
    name_typ: 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name',
    role_typ: 'http://schemas.microsoft.com/ws/2008/06/identity/claims/role',
  });
  const out = await fetch(`${url}/.auth/logout?post_logout_redirect_uri=/`, { headers: { cookie }, redirect: 'manual' });
  expect([out.status, out.headers.get('location'), cookieOf(out)]).toEqual([302, '/', 'AppServiceAuthSession=']);
  expect(await who(url, { cookie })).toEqual({ principal: null, name: null });
});

test('what callers say of themselves is taken away, where sign-in is on; where it is off nothing is', async () => {
  const headers = { 'x-ms-client-principal': forged, 'X-MS-CLIENT-PRINCIPAL-NAME': 'ann@example.com' };
  const on = await host(register, { people });
  expect(await who(on.host.url, headers)).toEqual({ principal: null, name: null });
  expect(await who(on.host.url, { ...headers, cookie: 'AppServiceAuthSession=guessed' })).toEqual({ principal: null, name: null });
  const off = await host(register);
  expect(await who(off.host.url, headers)).toEqual({ principal: forged, name: 'ann@example.com' });
  expect((await fetch(`${off.host.url}/.auth/login/aad`)).status).toBe(404);
});

test('the form names everybody, holds no script, and leads nowhere else', async () => {
  const { url } = (await host(register, { people })).host;
  const form = await fetch(`${url}/.auth/login/aad?post_login_redirect_uri=${encodeURIComponent('/dashboard/"><script>')}`);
  const html = await form.text();
  expect(html).toContain('value="ann@example.com"');
  expect(html).toContain('&#60;b&#62;@example.com</button> no role');
  expect(html).not.toMatch(/<script|<b>/);
  expect(form.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'nonce-/);
  for (const elsewhere of ['https://evil.example', '//evil.example', '/\\evil.example', 'evil', '/a b', ''])
    expect((await signedIn(url, 'ann@example.com', elsewhere)).headers.get('location')).toBe('/');
  expect((await signedIn(url, 'nobody@example.com')).status).toBe(400);
  expect((await fetch(`${url}/.auth/me`)).status).toBe(404);
  expect((await fetch(`${url}/.auth/login/aad`, { method: 'PUT' })).status).toBe(405);
  const foreign = await fetch(`${url}/.auth/login/aad`, { method: 'POST', headers: { origin: 'https://evil.example' }, body: 'person=x' });
  expect(foreign.status).toBe(403);
});
