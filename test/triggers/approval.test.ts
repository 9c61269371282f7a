import { runInNewContext } from 'node:vm';
import { HttpRequest, InvocationContext, type HttpResponseInit } from '@azure/functions';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { changeRollout } from '../../src/azure/rollout-rows';
import { stopKey, stopsPartition } from '../../src/domain/tables';
import { makeLink, type ApprovalLink, type LinkSubject } from '../../src/gates/signed-link';
import { approvalHandler } from '../../src/triggers/approval.http';
import { ann, ben, iso, keys, rollout, rolloutId, subject, world, type World } from '../mail/world';

const publicUrl = 'http://127.0.0.1:7071';
const linkOf = async (about: Partial<LinkSubject> = {}): Promise<ApprovalLink> => {
  const link = await makeLink(keys, 'k2', { ...subject, ...about });
  if (!link) throw new Error('There is a key k2.');
  return link;
};

interface Ask {
  method?: string;
  token: string;
  fields?: Record<string, string>;
  body?: string;
  headers?: Record<string, string>;
}
interface Page {
  status: number;
  headers: Record<string, string>;
  html: string | undefined;
}

const logged: unknown[][] = [];
async function visit(at: World, { method = 'POST', token, fields, body, headers }: Ask, ports: World['ports'] = at.ports): Promise<Page> {
  const text = body ?? (fields && new URLSearchParams(fields).toString());
  const request = new HttpRequest({
    method,
    url: `${publicUrl}/api/approvals/${token}`,
    params: { token },
    headers: { ...(text === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }), ...headers },
    ...(text === undefined ? {} : { body: { string: text } }),
  });
  const context = new InvocationContext({ functionName: 'approval', logHandler: (_, ...args) => logged.push(args) });
  const answer = (await approvalHandler(ports, () => at.instances)(request, context)) as HttpResponseInit;
  return { status: answer.status ?? 0, headers: answer.headers as Record<string, string>, html: answer.body as string | undefined };
}
const open = async (): Promise<{ at: World; link: ApprovalLink }> => {
  const at = world();
  await at.put();
  return { at, link: await linkOf() };
};
const titleOf = ({ html = '' }: Page): string => /<h1>(.*?)<\/h1>/.exec(html)?.[1] ?? '';

describe('the approval page', () => {
  test('shows one question with two buttons and the evidence, and changes nothing', async () => {
    const { at, link } = await open();
    const before = [await at.row(), await at.gate()];
    const page = await visit(at, { method: 'GET', token: link.token });
    expect(page.status).toBe(200);
    expect(titleOf(page)).toBe('Waiting for you: hello 2.0.0 to production');
    expect(page.html?.match(/<form/g)).toHaveLength(1);
    expect(page.html?.match(/<button name="answer"/g)).toHaveLength(2);
    for (const evidence of ['c0ffee1', '9c1e07d2ab41', 'abcdef012345', '1.0.0', 'says hello', ann, '2026-01-05 10:00 UTC'])
      expect(page.html).toContain(evidence);
    expect(page.html).not.toContain(link.code);
    expect([await at.row(), await at.gate()]).toEqual(before);
  });

  test('is headers alone for HEAD', async () => {
    const { at, link } = await open();
    const page = await visit(at, { method: 'HEAD', token: link.token });
    expect([page.status, page.html]).toEqual([200, undefined]);
  });

  test('lets nothing in or out but its own form, script and style', async () => {
    const { at, link } = await open();
    const [first, second] = [await visit(at, { method: 'GET', token: link.token }), await visit(at, { method: 'GET', token: link.token })];
    const policy = first.headers['Content-Security-Policy'] ?? '';
    const nonce = /script-src 'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
    expect(policy).toBe(
      `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
    );
    expect(first.html?.match(/<(script|style)[^>]*>/g)).toEqual([`<style nonce="${nonce}">`, `<script nonce="${nonce}">`]);
    expect(first.html).not.toMatch(/ style=| on\w+=|src=|https?:\/\/(?!build\.example\.com)/);
    expect(second.headers['Content-Security-Policy']).not.toBe(policy);
    expect(first.headers).toMatchObject({
      'Referrer-Policy': 'same-origin',
      'Cache-Control': 'no-store',
      'X-Robots-Tag': 'noindex',
      'X-Content-Type-Options': 'nosniff',
    });
  });

  test('copies the code out of the fragment when a button is pressed, over nothing that was typed, and submits nothing', async () => {
    const { at, link } = await open();
    const { html = '' } = await visit(at, { method: 'GET', token: link.token });
    const source = /<script[^>]*>([\s\S]*?)<\/script>/.exec(html)?.[1] ?? '';
    const pressed: (() => void)[] = [];
    const field = { value: '' };
    const button = {
      addEventListener: (kind: string, listener: () => void) => pressed.push(kind === 'click' ? listener : () => undefined),
    };
    // Whatever else the script touched would throw here.
    runInNewContext(source, {
      document: { querySelectorAll: () => [button, button], getElementById: () => field },
      location: { hash: `#${link.code}` },
    });
    expect([pressed.length, field.value]).toEqual([2, '']);
    pressed[0]?.();
    expect(field.value).toBe(link.code);
    field.value = 'typed';
    pressed[1]?.();
    expect(field.value).toBe('typed');
  });

  test('decides by a form with the code, and tells a second one what was decided', async () => {
    const { at, link } = await open();
    const first = await visit(at, { token: link.token, fields: { code: link.code.toLowerCase(), answer: 'yes', comment: 'fine' } });
    expect([first.status, titleOf(first)]).toEqual([200, 'You said yes: hello 2.0.0 to production']);
    expect((await at.row()).ask?.decisions).toEqual([{ gate: 'release', approver: ann, answer: 'yes', comment: 'fine', at: iso(60) }]);
    expect(at.woken).toEqual([{ instanceId: rolloutId, round: 7 }]);
    const second = await visit(at, { token: link.token, fields: { code: link.code, answer: 'no' } });
    expect([second.status, titleOf(second)]).toEqual([409, 'Answered already: hello 2.0.0 to production']);
    expect(second.html).toContain(`${ann} said yes at 2026-01-05 09:01 UTC: “fine”`);
    expect((await visit(at, { method: 'GET', token: link.token })).status).toBe(200);
  });

  test('says after the last yes what holds the swap, until when and what ends that', async () => {
    const [at, link] = [world(), await linkOf()];
    await at.put({}, { needed: 2 });
    const stopped = { by: 'olga', reason: 'the database moves', at: iso(0) };
    await at.ports.rows.write([
      { kind: 'insert', partition: stopsPartition, row: stopKey('hello'), value: { v: 1, app: 'hello', number: 1, stopped } },
    ]);
    const yes = (of: ApprovalLink) => visit(at, { token: of.token, fields: { code: of.code, answer: 'yes' } });
    expect((await yes(link)).html).toContain('as soon as it has every yes that policy asks for');
    const last = await yes(await linkOf({ approver: ben }));
    const said = 'very yes is there; held: olga stopped the line of hello at 2026-01-05 09:00 UTC: the database moves. It expires in';
    expect([last.status, titleOf(last)]).toEqual([200, 'You said yes: hello 2.0.0 to production']);
    expect(last.html).toContain(`E${said} 59 min unless that ends: slipway line start hello`);
    expect(last.html).not.toContain('as soon as it has every yes');
    // Once the story has looked, its row says it to whoever comes again.
    await changeRollout(at.ports, rolloutId, (row) => ({ ...row, ask: { ...row.ask!, held: ['Frozen until noon.'] } }));
    const again = await visit(at, { method: 'GET', token: link.token });
    expect(again.html).toContain('Every yes is there; held: Frozen until noon. It expires in 59 min unless that ends.');
  });

  test('asks again, with the comment kept, when the code is missing or wrong, and locks the mail in the end', async () => {
    const { at, link } = await open();
    const missing = await visit(at, { token: link.token, fields: { answer: 'yes', comment: 'a <b>"word"' } });
    expect([missing.status, titleOf(missing)]).toEqual([400, 'The code is missing']);
    expect(missing.html).toContain('a &lt;b&gt;&quot;word&quot;</textarea>');
    const wrong = { token: link.token, fields: { answer: 'yes', code: 'AAAAAAAA' } };
    const answers: number[] = [];
    for (let n = 0; n < 10; n += 1) answers.push((await visit(at, wrong)).status);
    expect(answers).toEqual([...Array.from({ length: 9 }, () => 403), 429]);
    const locked = await visit(at, { token: link.token, fields: { answer: 'yes', code: link.code } });
    expect([locked.status, titleOf(locked)]).toEqual([410, 'A newer mail has taken the place of this one']);
    expect((await at.row()).ask?.decisions).toEqual([]);
  });

  test.each<[string, Parameters<World['put']>[0], Parameters<World['put']>[1], number, string, string]>([
    [
      'cancelled',
      { intent: { kind: 'cancel', by: 'ada', reason: 'wrong one', at: iso(9) } },
      {},
      410,
      'No longer asked',
      'ada cancelled it at 2026-01-05 09:00 UTC: wrong one',
    ],
    [
      'superseded',
      { intent: { kind: 'supersede', by: 'slipway', reason: '2.0.1 is there.', at: iso(9) } },
      {},
      410,
      'No longer asked',
      'A newer release took its place',
    ],
    [
      'ended',
      { ending: { outcome: 'failed', at: iso(9), reason: 'Staging changed.', next: 'Look.', serves: '1.0.0 is live.' } },
      {},
      410,
      'Ended',
      '1.0.0 is live.',
    ],
    ['expired', {}, { expiresAt: iso(10) }, 410, 'Expired', 'production stays as it is'],
    ['about another package', {}, { digest: 'f'.repeat(64) }, 409, 'This link asks about another package', 'newest mail'],
    ['for somebody who is no approver now', {}, { approvers: [] }, 403, 'You are no longer asked', 'not among those'],
  ])('of a rollout that is %s says what happened instead', async (_, row, gateRow, status, title, text) => {
    const at = world();
    await at.put(row, gateRow);
    const { token, code } = await linkOf();
    const page = await visit(at, { token, fields: { code, answer: 'yes' } });
    expect([page.status, titleOf(page)]).toEqual([status, expect.stringContaining(title)]);
    expect(page.html).toContain(text);
    expect((await at.row()).ask?.decisions).toEqual([]);
  });

  test('of nothing known, damaged, forged or of a key that is gone says so', async () => {
    const { at, link } = await open();
    const see = async (token: string) => (await visit(at, { method: 'GET', token })).status;
    const foreign = await makeLink([{ id: 'k9', key: new Uint8Array(32) }], 'k9', subject);
    expect(await see((await linkOf({ rolloutId: 'other' })).token)).toBe(404);
    expect(await see(link.token.slice(0, -5))).toBe(400);
    expect(await see('')).toBe(400);
    expect(await see(link.token.replace(/.{4}$/, 'AAAA'))).toBe(403);
    expect(await see(foreign?.token ?? '')).toBe(403);
  });
});

describe('where policy asks for a sign-in', () => {
  const principalOf = (...claims: [string, string][]): string =>
    Buffer.from(JSON.stringify({ auth_typ: 'aad', claims: claims.map(([typ, val]) => ({ typ, val })) })).toString('base64');
  const answering = async (principal?: string, isSignInOn = true) => {
    const at = world();
    await at.put({}, { proof: 'entra' });
    const link = await linkOf();
    const before = process.env['WEBSITE_AUTH_ENABLED'];
    process.env['WEBSITE_AUTH_ENABLED'] = String(isSignInOn);
    try {
      const headers = principal === undefined ? {} : { 'x-ms-client-principal': principal };
      const page = await visit(at, { token: link.token, fields: { code: link.code, answer: 'yes' }, headers });
      return { page, decisions: (await at.row()).ask?.decisions ?? [] };
    } finally {
      if (before === undefined) delete process.env['WEBSITE_AUTH_ENABLED'];
      else process.env['WEBSITE_AUTH_ENABLED'] = before;
    }
  };

  test('the approver who is signed in decides, however the address is written', async () => {
    const { page, decisions } = await answering(principalOf(['preferred_username', 'Ann@Example.com']));
    expect([page.status, titleOf(page)]).toEqual([200, 'You said yes: hello 2.0.0 to production']);
    expect(decisions).toMatchObject([{ approver: ann, answer: 'yes' }]);
    const verified = await answering(principalOf(['oid', '1'], ['email', ann], ['xms_edov', '1']));
    expect(verified.decisions).toHaveLength(1);
  });

  test.each<[string, string | undefined, boolean, string]>([
    ['nobody, with the whole link and its code', undefined, true, 'Nobody is signed in'],
    ['somebody else', principalOf(['preferred_username', 'eve@example.com']), true, 'Somebody else is signed in'],
    ['an address that no one verified', principalOf(['oid', '1'], ['email', ann]), true, 'Nobody is signed in'],
    ['a header that the platform does not vouch for', principalOf(['preferred_username', ann]), false, 'Nobody is signed in'],
  ])('%s decides nothing and is told how to sign in', async (_who, principal, isSignInOn, title) => {
    const { page, decisions } = await answering(principal, isSignInOn);
    expect([page.status, titleOf(page), decisions]).toEqual([401, title, []]);
    expect(page.html).toContain(`/.auth/login/aad?post_login_redirect_uri=%2Fapi%2Fapprovals%2F`);
  });

  test('the page has neither code nor script, and leads back after the sign-in', async () => {
    const at = world();
    await at.put({}, { proof: 'entra' });
    const { token } = await linkOf();
    const { html = '' } = await visit(at, { method: 'GET', token });
    expect(html).not.toMatch(/<script|name="code"/);
    expect(html).toContain(`post_login_redirect_uri=${encodeURIComponent(`/api/approvals/${token}`)}`);
    expect(html).toContain(`signed in as ${ann}`);
  });
});

describe('a POST that is not the form', () => {
  const bad: [string, Partial<Ask>, number][] = [
    ['of JSON', { body: '{"answer":"yes"}', headers: { 'content-type': 'application/json' } }, 415],
    ['without a type', { body: 'answer=yes', headers: { 'content-type': '' } }, 415],
    ['without an answer', { fields: { comment: 'x' } }, 400],
    ['with an answer of its own', { fields: { answer: 'maybe' } }, 400],
    ['with a long comment', { fields: { answer: 'yes', comment: 'x'.repeat(1001) } }, 400],
    ['that is huge', { fields: { answer: 'yes', comment: 'x'.repeat(20_000) } }, 413],
    ['that says it is huge', { fields: { answer: 'yes' }, headers: { 'content-length': '999999' } }, 413],
    ['from another site', { fields: { answer: 'yes' }, headers: { 'sec-fetch-site': 'cross-site' } }, 403],
    ['from another origin', { fields: { answer: 'yes' }, headers: { origin: 'http://127.0.0.1:7100' } }, 403],
    ['from no origin that it names', { fields: { answer: 'yes' }, headers: { origin: 'null' } }, 403],
    ['of another method', { method: 'PUT', fields: { answer: 'yes' } }, 405],
  ];
  test.each(bad)('%s is answered with a page and decides nothing', async (_, ask, status) => {
    const { at, link } = await open();
    const body = ask.fields && { fields: { code: link.code, ...ask.fields } };
    const page = await visit(at, { token: link.token, ...ask, ...body });
    expect(page.status).toBe(status);
    expect(page.html).toContain('<h1>');
    expect((await at.row()).ask?.decisions).toEqual([]);
  });

  test('is our own where the browser says so, and the longest comment is taken', async () => {
    const { at, link } = await open();
    const comment = '漢'.repeat(1000);
    const page = await visit(at, {
      token: link.token,
      fields: { code: link.code, answer: 'no', comment },
      headers: { origin: publicUrl, 'sec-fetch-site': 'same-origin' },
    });
    expect([page.status, titleOf(page)]).toEqual([200, 'You said no: hello 2.0.0 to production']);
    expect((await at.row()).ask?.decisions[0]?.comment).toBe(comment);
  });

  test('never crashes, and without the code never decides', async () => {
    const { at, link } = await open();
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('%', '&', '=', '+', 'answer', 'yes', '\u0000', 'ü') })),
        async (body) => {
          const page = await visit(at, { token: link.token, body });
          expect(page.status).toBeLessThan(500);
        },
      ),
    );
    expect((await at.row()).ask?.decisions).toEqual([]);
  });
});

test('a fault of ours is a page too, and names nothing', async () => {
  const { at, link } = await open();
  const rows = { ...at.ports.rows, read: () => Promise.reject(new Error('the table is not reachable')) };
  const page = await visit(at, { token: link.token, fields: { code: link.code, answer: 'yes' } }, { ...at.ports, rows });
  expect([page.status, titleOf(page)]).toEqual([500, 'Slipway could not do this']);
  expect(page.html).not.toContain('not reachable');
  expect(JSON.stringify(logged)).toContain('the table is not reachable');
  expect(JSON.stringify(logged)).not.toContain(link.code);
  expect(JSON.stringify(logged)).not.toContain(link.token);
});

test('whatever a build system or an approver wrote stays text', async () => {
  const nasty = '"><img src=x onerror=alert(1)>\u202e';
  const at = world();
  await at.put({
    app: nasty,
    release: { ...rollout.release, version: nasty, commit: nasty },
    requester: { name: nasty, verified: false, via: 'queue' },
  });
  const { token, code } = await linkOf();
  const shown = await visit(at, { method: 'GET', token });
  await visit(at, { token, fields: { code, answer: 'no', comment: nasty } });
  const late = await visit(at, { method: 'GET', token });
  for (const { html } of [shown, late]) {
    expect(html).toContain('&lt;img');
    expect(html).not.toMatch(/<img|\u202e/);
  }
});
