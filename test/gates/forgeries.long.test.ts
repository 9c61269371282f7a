import { createHmac } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createDecide, type DecideAnswer } from '../../src/commands/decide';
import { createReadApproval } from '../../src/commands/read-approval';
import type { Keys } from '../../src/azure/ports';
import { makeLink, type ApprovalLink, type LinkSubject } from '../../src/gates/signed-link';
import { pageOf } from '../../src/triggers/approval-page';
import { ann, ben, digest, gate, iso, keys, rollout, rolloutId, subject, world, type World } from '../mail/world';

/** A hundred thousand links that are not good enough, of every kind there is: none decides, and each gets a page that says which it is. */

/** Sign synchronously, as the JWT it is: an attacker does not use our library either. */
const base64 = (json: object): string => Buffer.from(JSON.stringify(json)).toString('base64url');
const sign = (text: string, key: Uint8Array): string => createHmac('sha256', key).update(text).digest('base64url');
function tokenOf(about: LinkSubject, key = keys[0].key, header: object = { alg: 'HS256', kid: 'k2' }): string {
  const claims = { rollout: about.rolloutId, gate: about.gate, mail: about.mailNumber, digest: about.digest, until: about.expiresAt };
  const exp = Math.ceil(Date.parse(about.expiresAt) / 1000);
  const text = `${base64(header)}.${base64({ ...claims, iss: 'slipway', aud: 'approval', sub: about.approver, exp })}`;
  return `${text}.${sign(text, key)}`;
}

interface Attack {
  token: string;
  code: string;
  /** What the answer may be. */
  told: RegExp;
}

const hex = fc.stringMatching(/^[0-9a-f]{64}$/);
const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
const name = fc.stringMatching(/^[a-z0-9-]{1,30}$/);
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Attacks of somebody who knows the real link, and all of a token's claims, but no key. */
function attacks({ token, code }: ApprovalLink): fc.Arbitrary<Attack> {
  const signed = (about: Partial<LinkSubject>, told: RegExp): Attack => ({ token: tokenOf({ ...subject, ...about }), code, told });
  return fc.oneof(
    fc
      .tuple(fc.nat(token.length - 1), fc.constantFrom(...letters))
      .filter(([at, letter]) => token[at] !== letter)
      .map(([at, letter]) => ({ token: token.slice(0, at) + letter + token.slice(at + 1), code, told: /^link-refused/ })),
    fc.nat(token.length - 1).map((length) => ({ token: token.slice(0, length), code, told: /^link-refused (?:malformed|bad-signature)/ })),
    fc.string({ maxLength: 200 }).map((text) => ({ token: text, code, told: /^link-refused malformed/ })),
    key.map((forged) => ({ token: tokenOf(subject, forged), code, told: /^link-refused bad-signature/ })),
    fc.tuple(name, key).map(([kid, forged]) => ({
      token: tokenOf(subject, forged, { alg: 'HS256', kid: `${kid}x` }),
      code,
      told: /^link-refused unknown-key/,
    })),
    fc.constantFrom('none', 'None', 'HS384', 'HS512', 'RS256', 'ES256').map((alg) => {
      const [, payload = ''] = token.split('.');
      const text = `${base64({ alg, kid: 'k2' })}.${payload}`;
      return { token: `${text}.${sign(text, keys[0].key)}`, code, told: /^link-refused wrong-algorithm/ };
    }),
    // From here on truly signed, and of something else.
    fc.integer({ min: -86_400, max: 59 }).map((seconds) => signed({ expiresAt: iso(seconds) }, /^expired/)),
    name.map((other) => signed({ rolloutId: `other-${other}` }, /^not-asked/)),
    name.map((other) => signed({ gate: `other-${other}` }, /^not-asked/)),
    name.map((other) => signed({ approver: `${other}@elsewhere.example` }, /^link-refused not-an-approver/)),
    fc.integer({ min: 2, max: 1000 }).map((mailNumber) => signed({ mailNumber }, /^(?:link-refused newer-mail|wrong-code)/)),
    hex.filter((other) => other !== digest).map((other) => signed({ digest: other }, /^link-refused other-digest/)),
    // The right link, and the code of another mail, or any.
    fc
      .oneof(fc.stringMatching(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/), fc.string({ maxLength: 20 }))
      .filter((typed) => typed.toUpperCase().replace(/[^0-9A-Z]/g, '') !== code.replace('-', ''))
      .map((typed) => ({ token, code: typed, told: /^(?:wrong-code|needs-code|locked)/ })),
  );
}

const saidBy = (answer: DecideAnswer): string => (answer.kind === 'link-refused' ? `${answer.kind} ${answer.why}` : answer.kind);

async function openGate(): Promise<{ at: World; decide: ReturnType<typeof createDecide>; link: ApprovalLink }> {
  const at = world();
  await at.put();
  const link = await makeLink(keys, 'k2', subject);
  if (!link) throw new Error('There is a key k2.');
  return { at, decide: createDecide(at.ports), link };
}

test('none of 100,000 forged, tampered, expired or misdirected links or codes decides', async () => {
  const { link } = await openGate();
  expect(tokenOf(subject).split('.').length).toBe(link.token.split('.').length);
  const seen = new Set<string>();
  let opened = await openGate();
  const tried = async ({ token, code, told }: Attack): Promise<void> => {
    const said = await opened.decide({ token, code, answer: 'yes', comment: '', signedInAs: [], groups: [] }, opened.at.instances);
    const words = saidBy(said);
    // Ten wrong codes lock the mail: whoever comes with it after that is told so first.
    const isOvertaken = words === 'link-refused newer-mail' && (await opened.at.gate()).approvers[0]?.mailNumber !== 1;
    if (!told.test(words) && !isOvertaken) throw new Error(`It was answered ${words}, which is not ${told.source}.`);
    seen.add(words);
    const page = pageOf(said, true);
    if (page.status < 400 || page.title === '' || page.sentences.length === 0) throw new Error(`No page says what ${words} is.`);
  };
  // At once, because most of the time goes by in threads that check signatures.
  const together = 25;
  await fc.assert(
    fc.asyncProperty(fc.array(attacks(link), { minLength: together, maxLength: together, size: 'max' }), async (all) => {
      await Promise.all(all.map(tried));
      if ((await opened.at.gate()).approvers[0]?.mailNumber === 1) return;
      // A mail that was locked by wrong codes has a successor; the next attackers begin with the mail that everybody knows.
      if ((await opened.at.row()).ask?.decisions.length !== 0) throw new Error('Something was decided.');
      opened = await openGate();
    }),
    { numRuns: 100_000 / together, endOnFailure: true },
  );
  expect((await opened.at.row()).ask?.decisions).toEqual([]);
  expect(await opened.at.ports.rows.list(rolloutId, 'decision-')).toEqual([]);
  for (const kind of ['wrong-code', 'locked', 'expired', 'not-asked', 'link-refused bad-signature', 'link-refused unknown-key'])
    expect([...seen].join()).toContain(kind);
}, 120_000);

test('a link that was used is told what it decided, however often it is tried again', async () => {
  const { at, decide, link } = await openGate();
  expect((await decide({ ...link, answer: 'yes', comment: '', signedInAs: [], groups: [] }, at.instances)).kind).toBe('decided');
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('yes' as const, 'no' as const), fc.string(), async (answer, comment) => {
      expect((await decide({ ...link, answer, comment, signedInAs: [], groups: [] }, at.instances)).kind).toBe('already-decided');
    }),
  );
  expect((await at.row()).ask?.decisions).toMatchObject([{ approver: ann, answer: 'yes' }]);
});

test('a link whose key was rotated away says so; its gate asks on, and the other approver can answer', async () => {
  const { at, link } = await openGate();
  const rotated: Keys = [{ id: 'k3', key: new Uint8Array(32).fill(3) }];
  const decide = createDecide({ ...at.ports, linkKeys: rotated });
  expect(await decide({ ...link, answer: 'yes', comment: '', signedInAs: [], groups: [] }, at.instances)).toEqual({
    kind: 'link-refused',
    why: 'unknown-key',
  });
  expect(await createReadApproval({ ...at.ports, linkKeys: rotated })(link.token)).toEqual({ kind: 'link-refused', why: 'unknown-key' });
  const bens = await makeLink(keys, 'k2', { ...subject, approver: ben });
  expect(
    (
      await createDecide(at.ports)(
        { token: bens?.token ?? '', code: bens?.code ?? '', answer: 'yes', comment: '', signedInAs: [], groups: [] },
        at.instances,
      )
    ).kind,
  ).toBe('decided');
  expect([gate.keyId, rollout.id]).toEqual(['k2', rolloutId]);
});
