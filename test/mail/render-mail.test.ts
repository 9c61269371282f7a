import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { renderMail, type MailDetails } from '../../src/channels/mail';
import { moments, type NoticeModel } from '../../src/domain/notice';
import { buildNotice, isAlarm } from '../../src/domain/notice-model';
import { ann, iso, rollout } from './world';

const details: MailDetails = { to: ann, noticeId: '11111111-2222-5333-8444-555555555555', publicUrl: 'http://127.0.0.1:7071' };
const link = 'http://127.0.0.1:7071/api/approvals/aaa.bbb.ccc#K7QF-2M9X';
const ask = { gate: 'release', approver: ann, expiresAt: iso(3600), mailNumber: 1, proof: 'link' as const };
const waiting = buildNotice('waiting', rollout, iso(60), ask);
const failed = buildNotice(
  'failure',
  {
    ...rollout,
    ending: {
      outcome: 'failed',
      at: iso(90),
      reason: 'Check "says hello" is not healthy.',
      next: 'Mend the release.',
      serves: 'hello in production serves 1.0.0 now.',
    },
  },
  iso(91),
);

/** What a person reads: without tags, entities undone. */
const readable = (html: string): string =>
  html
    .slice(html.indexOf('<body'))
    .replace(/<[^>]*>/g, '\n')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&');

describe('the mail that asks', () => {
  const mail = renderMail(waiting, { ...details, link, code: 'K7QF-2M9X' });

  test('has one button, and before it what a phone must show', () => {
    const order = [
      'Waiting for you: hello 2.0.0 to production',
      'ada asks to take',
      'Live now',
      '1.0.0',
      'Would be',
      '2.0.0',
      '1 of 1 healthy',
      `href="${link}"`,
      '2026-01-05 10:00 UTC',
      'K7QF-2M9X</p>',
      'c0ffee1',
      '9c1e07d2ab41',
      'abcdef012345',
      'A revert would restore',
    ];
    const places = order.map((text, n) => mail.html.indexOf(text, n === 0 ? mail.html.indexOf('<h1') : 0));
    expect(places).not.toContain(-1);
    expect(places.slice(7)).toEqual([...places.slice(7)].sort((a, b) => a - b));
    expect(Math.max(...places.slice(0, 7))).toBeLessThan(places[7] ?? 0);
    expect(mail.html.match(/<a [^>]*approvals/g)).toHaveLength(1);
  });

  test('is of ordinary importance and goes to the one who is asked', () => {
    expect(mail).toMatchObject({ to: ann, subject: 'Waiting for you: hello 2.0.0 to production', headers: {} });
  });

  test('says in text what it says in HTML', () => {
    const words = [
      waiting.headline,
      waiting.sentence,
      ...waiting.did,
      ...waiting.facts.flatMap(({ name, value }) => [name, value]),
      ...waiting.checks.flatMap(({ name, seen }) => [name, seen]),
    ];
    const shown = readable(mail.html);
    for (const word of [...words, 'Look and answer', 'Opening the page decides nothing.']) {
      expect(shown).toContain(word);
      expect(mail.text).toContain(word);
    }
    expect(mail.text).toContain(link);
    expect(mail.text).toContain('    K7QF-2M9X');
    expect(mail.text).toContain('Notice 11111111-2222-5333-8444-555555555555');
    expect(mail.text).not.toMatch(/\n{3,}/);
  });

  test('under proof by code says that the page will ask for it', () => {
    const byCode = renderMail(
      { ...waiting, ask: { ...ask, proof: 'code' } },
      { ...details, link: link.replace(/#.*/, ''), code: 'K7QF-2M9X' },
    );
    expect(byCode.text).toContain('The page asks for this code.');
    expect(byCode.html).not.toContain('#K7QF');
  });
});

describe('a mail that tells', () => {
  test.each(moments.filter(isAlarm))('%s sticks out and begins with what production serves now', (moment) => {
    const mail = renderMail({ ...failed, moment }, details);
    expect(mail.headers).toEqual({ 'X-Priority': '1', Importance: 'high' });
    const body = readable(mail.html)
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean);
    expect(body.slice(2, 4)).toEqual(['hello in production serves 1.0.0 now.', 'Check "says hello" is not healthy.']);
    expect(mail.html).toContain('background:#b3261e');
    expect(mail.text.split('\n\n').slice(0, 3)).toEqual([
      'Failed: hello 2.0.0 to production',
      'hello in production serves 1.0.0 now.',
      'Check "says hello" is not healthy.',
    ]);
    expect(mail.text.indexOf('What Slipway did')).toBeLessThan(mail.text.indexOf('What is left to do'));
  });

  test('of nothing alarming begins with what happened', () => {
    const mail = renderMail(buildNotice('start', rollout, iso(1)), details);
    expect(mail.headers).toEqual({});
    expect(mail.text.split('\n\n')[1]).toBe('ada asked to take hello 2.0.0 to production, and it is on its way.');
    expect(mail.html).not.toContain('approvals');
  });

  test('leads to the page of the rollout and carries the head of the ledger', () => {
    const mail = renderMail({ ...failed, ledgerHead: 'f00d' }, details);
    expect(mail.html).toContain(`<a href="http://127.0.0.1:7071/dashboard/rollouts/${rollout.id}"`);
    expect(mail.text).toContain('Ledger head f00d');
  });

  test('that no rollout has needs neither page nor facts', () => {
    const bare: NoticeModel = {
      ...failed,
      rolloutId: '',
      statusPath: '',
      serves: '',
      facts: [],
      checks: [],
      did: [],
      next: ['Send it again.'],
      sentence: 'A message could not be understood.',
    };
    expect(renderMail(bare, details).text.split('\n\n').slice(0, 3)).toEqual([
      'Failed: hello 2.0.0 to production',
      'A message could not be understood.',
      'What is left to do\n- Send it again.',
    ]);
  });
});

describe('any mail', () => {
  const nasty = fc.string({
    unit: fc.constantFrom('<script>', '"', "'", '&', '<', '>', 'x', ' onload=', '\r\n', 'javascript:', '\u202e'),
    maxLength: 8,
  });

  test('escapes whatever a build system wrote', () => {
    fc.assert(
      fc.property(nasty, fc.constantFrom(...moments), (text, moment) => {
        const facts = [{ name: text, value: text }];
        const checks = [{ name: text, verdict: 'healthy', seen: text }];
        const asking = moment === 'waiting' ? { ask } : {};
        const model: NoticeModel = {
          ...failed,
          ...asking,
          moment,
          version: text,
          headline: text,
          sentence: text,
          serves: text,
          facts,
          checks,
          did: [text],
          next: [text],
          ledgerHead: text,
        };
        const tags = (html: string) => (html.match(/<[^>]*>/g) ?? []).map((tag) => tag.split(/[\s>]/)[0]);
        const mail = renderMail(model, { ...details, link, code: 'K7QF-2M9X' });
        expect(new Set(tags(mail.html)).has('<script')).toBe(false);
        expect(mail.html.match(/<[^>]* on\w+=/g)).toBeNull();
        expect(mail.subject).not.toMatch(/[\r\n\u202e]/);
      }),
    );
  });

  test('fetches nothing, and is the same bytes each time', () => {
    for (const moment of moments) {
      const model = { ...failed, moment };
      const mail = renderMail(model, { ...details, link, code: 'K7QF-2M9X' });
      expect(mail.html).not.toMatch(/<(img|link|script|iframe|object)|url\(|@import|src=/);
      expect(renderMail(structuredClone(model), { ...details, link, code: 'K7QF-2M9X' })).toEqual(mail);
    }
  });
});
