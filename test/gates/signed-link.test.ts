import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SignJWT } from 'jose';
import type { Keys } from '../../src/azure/ports';
import { codeMatches, linkUrl, makeLink, normalCode, readToken, type LinkSubject } from '../../src/gates/signed-link';
import { iso, keys, opened, subject } from '../mail/world';

const now = opened + 1000;
const linkOf = async (about: LinkSubject, keyId = 'k2', of: Keys = keys) => {
  const link = await makeLink(of, keyId, about);
  if (!link) throw new Error(`There is a key ${keyId}.`);
  return link;
};
const subjects = fc.record({
  rolloutId: fc.stringMatching(/^[a-z0-9-]{1,60}$/),
  gate: fc.stringMatching(/^[a-z0-9-]{1,40}$/),
  approver: fc.emailAddress(),
  mailNumber: fc.integer({ min: 1, max: 1000 }),
  digest: fc.stringMatching(/^[0-9a-f]{64}$/),
  expiresAt: fc.integer({ min: 1, max: 30 * 86_400 }).map((seconds) => iso(seconds + 1)),
});

describe('a token', () => {
  test('brings back exactly what it was made for, with the same bytes each time', () =>
    fc.assert(
      fc.asyncProperty(subjects, fc.constantFrom('k1', 'k2'), async (about, keyId) => {
        const link = await linkOf(about, keyId);
        expect(await linkOf({ ...about }, keyId)).toEqual(link);
        expect(await readToken(keys, link.token, opened)).toEqual({ kind: 'ok', subject: about, keyId });
        expect(linkUrl('https://slipway.example.com', link, 'link').length).toBeLessThan(1500);
      }),
      { numRuns: 50 },
    ));

  test('with any character changed, added or taken away is refused', async () => {
    const { token } = await linkOf(subject);
    const characters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ %'];
    await fc.assert(
      fc.asyncProperty(
        fc.nat(token.length - 1),
        fc.constantFrom(...characters),
        fc.constantFrom('change', 'add', 'take'),
        async (at, character, how) => {
          fc.pre(how !== 'change' || token[at] !== character);
          const middle = how === 'change' ? character : how === 'add' ? character + (token[at] ?? '') : '';
          const changed = token.slice(0, at) + middle + token.slice(at + 1);
          fc.pre(changed !== token);
          expect((await readToken(keys, changed, now)).kind).not.toMatch(/^(ok|expired)$/);
        },
      ),
      { numRuns: 600 },
    );
  });

  test('in its last character has one spelling only, though base64url would read four', async () => {
    const { token } = await linkOf(subject);
    for (const last of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_') {
      const { kind } = await readToken(keys, token.slice(0, -1) + last, now);
      expect([last, kind === 'ok']).toEqual([last, token.endsWith(last)]);
    }
  });

  test('is not one of ours: no text at all passes', () =>
    fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string(), fc.stringMatching(/^[\w-]*\.[\w-]*\.[\w-]*$/), fc.string({ minLength: 2001, maxLength: 2100 })),
        async (text) => {
          expect((await readToken(keys, text, now)).kind).not.toMatch(/^(ok|expired)$/);
        },
      ),
    ));

  test('signed with another key under a known name is a bad signature', async () => {
    const forged = await linkOf(subject, 'k2', [{ id: 'k2', key: new Uint8Array(32).fill(9) }]);
    expect(await readToken(keys, forged.token, now)).toEqual({ kind: 'bad-signature' });
  });

  test('whose key was rotated away is told so; one whose key is kept still counts', async () => {
    const older = await linkOf(subject, 'k1');
    const rotated: Keys = [{ id: 'k3', key: new Uint8Array(32).fill(3) }, keys[0]];
    expect((await readToken(rotated, (await linkOf(subject)).token, now)).kind).toBe('ok');
    expect(await readToken(rotated, older.token, now)).toEqual({ kind: 'unknown-key' });
    expect(await makeLink(rotated, 'k1', subject)).toBeUndefined();
  });

  test.each([
    ['none', { alg: 'none', kid: 'k2' }, () => ''],
    ['HS512', { alg: 'HS512', kid: 'k2' }, (text: string) => createHmac('sha512', keys[0].key).update(text).digest('base64url')],
    [
      'HS256 in lower case',
      { alg: 'hs256', kid: 'k2' },
      (text: string) => createHmac('sha256', keys[0].key).update(text).digest('base64url'),
    ],
  ])('of algorithm %s is refused though all else is right', async (_, header, sign) => {
    const payload = (await linkOf(subject)).token.split('.')[1] ?? '';
    const text = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${payload}`;
    expect((await readToken(keys, `${text}.${sign(text)}`, now)).kind).toMatch(/^(wrong-algorithm|malformed)$/);
    expect((await readToken(keys, `${text}.${sign(text) || 'AA'}`, now)).kind).toBe('wrong-algorithm');
  });

  test('rightly signed for another use is refused', async () => {
    const until = new Date(opened + 3_600_000);
    const whole = { rollout: 'r', gate: 'g', mail: 1, digest: 'd', until: iso(3600), sub: 'a' };
    const made = (claims: object, header = {}) =>
      new SignJWT({ ...claims }).setProtectedHeader({ alg: 'HS256', kid: 'k2', ...header }).setIssuer('slipway');
    const other = await made(whole).setAudience('something').setExpirationTime(until).sign(keys[0].key);
    const endless = await made(whole).setAudience('approval').sign(keys[0].key);
    const partial = await made({ rollout: 'r' }).setAudience('approval').setExpirationTime(until).sign(keys[0].key);
    const mistyped = await made({ ...whole, mail: '1' })
      .setAudience('approval')
      .setExpirationTime(until)
      .sign(keys[0].key);
    const nameless = await made(whole, { kid: undefined }).setAudience('approval').setExpirationTime(until).sign(keys[0].key);
    expect(await readToken(keys, mistyped, now)).toEqual({ kind: 'malformed' });
    expect(await readToken(keys, other, now)).toEqual({ kind: 'malformed' });
    expect(await readToken(keys, endless, now)).toEqual({ kind: 'malformed' });
    expect(await readToken(keys, partial, now)).toEqual({ kind: 'malformed' });
    expect(await readToken(keys, nameless, now)).toEqual({ kind: 'unknown-key' });
  });

  test('is good until its expiry and says afterwards what it was about', async () => {
    const { token } = await linkOf(subject);
    expect((await readToken(keys, token, opened + 3_599_999)).kind).toBe('ok');
    expect(await readToken(keys, token, opened + 3_600_000)).toEqual({ kind: 'expired', subject, keyId: 'k2' });
  });
});

describe('a code', () => {
  test('belongs to one rollout, gate, approver, mail and key', () =>
    fc.assert(
      fc.asyncProperty(subjects, fc.constantFrom('rolloutId', 'gate', 'approver', 'mailNumber'), async (about, part) => {
        const other = { ...about, [part]: part === 'mailNumber' ? about.mailNumber + 1 : `${about[part]}x` };
        const { code } = await linkOf(about);
        expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
        expect(codeMatches(keys, 'k2', about, code)).toBe(true);
        expect(codeMatches(keys, 'k2', other, code)).toBe(false);
        expect(codeMatches(keys, 'k1', about, code)).toBe(false);
        expect(codeMatches(keys, 'gone', about, code)).toBe(false);
      }),
      { numRuns: 50 },
    ));

  test('counts however it is typed', async () => {
    const { code } = await linkOf(subject);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('', ' ', '-', '–', '\t'), { minLength: 9, maxLength: 9 }),
        fc.boolean(),
        async (between, isLow) => {
          const typed = [...code.replace('-', '')].map((character, n) => character + (between[n] ?? '')).join('');
          expect(codeMatches(keys, 'k2', subject, isLow ? typed.toLowerCase() : typed)).toBe(true);
          await Promise.resolve();
        },
      ),
    );
    expect(normalCode(' o-il–0 ')).toBe('0110');
  });

  test('is not met by another text', async () => {
    const { code } = await linkOf(subject);
    fc.assert(
      fc.property(fc.string(), (typed) => {
        fc.pre(normalCode(typed) !== normalCode(code));
        expect(codeMatches(keys, 'k2', subject, typed)).toBe(false);
      }),
    );
  });

  test('goes into the fragment, and not even there under proof by code', async () => {
    const link = await linkOf(subject);
    expect(linkUrl('https://s.example.com', link, 'link')).toBe(`https://s.example.com/api/approvals/${link.token}#${link.code}`);
    expect(linkUrl('https://s.example.com', link, 'code')).toBe(`https://s.example.com/api/approvals/${link.token}`);
  });
});
