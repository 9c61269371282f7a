import { expect, test } from '@jest/globals';
import { findAilments, type OwnFacts } from '../../src/domain/ailments';
import { mailsOfRollout } from '../../src/domain/recipients';
import { settingsSchema, type Policy } from '../../src/domain/settings';

const settings = settingsSchema.parse({
  azure: { subscription: 's', resourceGroup: 'g' },
  people: { team: ['team@example.com'], 'on-call': ['night@example.com'] },
  apps: { hello: { environments: { production: { functionApp: 'hello', policy: 'careful' } } } },
  policies: {
    careful: { gates: [{ name: 'release', kind: 'signed-link', approvers: ['ann@example.com', 'ben@example.com'], needed: 1 }] },
  },
});
const policy = settings.policies['careful'] as Policy;
const well: OwnFacts = {
  inAzure: true,
  signInOn: true,
  publicUrl: 'https://slipway.example.com',
  mailSender: 'slipway@mail.example.com',
  clockAheadMs: 900,
  settings,
  policy,
};
const codes = (changes: Partial<OwnFacts>): string[] => findAilments({ ...well, ...changes }).map(({ code }) => code);

test('nothing is wrong with a Slipway that is well, also where Azure did not tell its time', () => {
  expect(codes({})).toEqual([]);
  expect(codes({ clockAheadMs: undefined })).toEqual([]);
});

test.each<[string, Partial<OwnFacts>]>([
  ['sign-in-off', { signInOn: false }],
  ['public-url-plain', { publicUrl: 'http://slipway.example.com' }],
  ['mail-domain-managed', { mailSender: 'DoNotReply@0a1b.azurecomm.net' }],
  ['clock-off', { clockAheadMs: 120_000 }],
  ['clock-off', { clockAheadMs: -120_000 }],
  ['nobody-hears', { settings: { ...settings, people: { team: ['team@example.com'] } } }],
  ['outgoing-loopback', { settings: { ...settings, outgoing: { ...settings.outgoing, loopback: true } } }],
  ['outgoing-private', { settings: { ...settings, outgoing: { ...settings.outgoing, private: ['build.internal'] } } }],
])('%s is found, and nothing else, and says what is wrong, why that matters and what to do', (code, changes) => {
  const said = expect.stringMatching(/^\S.* .*\.$/);
  expect(findAilments({ ...well, ...changes })).toEqual([{ code, weight: 'warns', sentence: said, why: said, next: said }]);
});

test('a clock is off by more than a minute, and which way is said', () => {
  expect([codes({ clockAheadMs: 60_000 }), codes({ clockAheadMs: -60_000 })]).toEqual([[], []]);
  const sentence = (clockAheadMs: number) => findAilments({ ...well, clockAheadMs })[0]?.sentence;
  expect(sentence(61_000)).toBe("This machine's clock is 61 s ahead of Azure's.");
  expect(sentence(-90_400)).toBe("This machine's clock is 90 s behind Azure's.");
});

test('private addresses are all named, and a domain that only looks like one of Azure is none', () => {
  const outgoing = { ...settings.outgoing, private: ['build.internal', '10.0.0.4'] };
  expect(findAilments({ ...well, settings: { ...settings, outgoing } })[0]?.sentence).toContain('build.internal, 10.0.0.4');
  expect(codes({ mailSender: 'slipway@0a1b.azurecomm.net.example.com' })).toEqual([]);
});

test('on a laptop neither sign-in nor https nor its own addresses are missed', () => {
  const laptop = { ...settings, outgoing: { ...settings.outgoing, loopback: true } };
  expect(codes({ inAzure: false, signInOn: false, publicUrl: 'http://127.0.0.1:7071', settings: laptop })).toEqual([]);
});

test('the budget counts whoever hears of the start and of the end once, and each approver', () => {
  expect(mailsOfRollout(settings, policy)).toBe(4);
  expect(mailsOfRollout({ ...settings, people: {} }, policy)).toBe(2);
  const [told] = findAilments({ ...well, mailSender: 'DoNotReply@0a1b.azurecomm.net' });
  expect(told?.sentence).toContain('sends 4');
});

test('audiences that policy names and nobody is in are named', () => {
  const [told] = findAilments({ ...well, settings: { ...settings, people: {} } });
  expect(told?.sentence).toContain('on-call, team');
});
