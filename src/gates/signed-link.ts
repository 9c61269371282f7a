import { createHmac, timingSafeEqual } from 'node:crypto';
import { SignJWT, errors, jwtVerify } from 'jose';
import type { Keys } from '../azure/ports';
import type { Proof } from '../domain/proof';

/** What one approval mail asks: everything the token is bound to. */
export interface LinkSubject {
  rolloutId: string;
  gate: string;
  approver: string;
  /** Which mail to this approver: a locked mail's successor has the next number. */
  mailNumber: number;
  /** sha256 of the package that is asked about. */
  digest: string;
  /** ISO time. */
  expiresAt: string;
}

/** Both are derived and never stored: the same subject and key give the same bytes, so a rerun mails the same link. */
export interface ApprovalLink {
  token: string;
  /** `K7QF-2M9X`: goes into the fragment, which no server, log or referrer sees, or is typed. */
  code: string;
}

export type TokenVerdict =
  | { kind: 'ok'; subject: LinkSubject; keyId: string }
  /** Truly signed, and too late. */
  | { kind: 'expired'; subject: LinkSubject; keyId: string }
  | { kind: 'malformed' }
  | { kind: 'wrong-algorithm' }
  /** Signed with a key that is no longer kept. */
  | { kind: 'unknown-key' }
  | { kind: 'bad-signature' };

const issuer = 'slipway';
const audience = 'approval';
/** A URL this long is not ours: the longest names and addresses stay well below. */
const mostCharacters = 2000;

const keyOf = (keys: Keys, keyId: string): Uint8Array | undefined => keys.find(({ id }) => id === keyId)?.key;

/** Token and code of one mail; undefined where the key is no longer kept. */
export async function makeLink(keys: Keys, keyId: string, subject: LinkSubject): Promise<ApprovalLink | undefined> {
  const key = keyOf(keys, keyId);
  if (!key) return undefined;
  // No time of issue: the token's bytes depend on the subject alone.
  const token = await new SignJWT({
    rollout: subject.rolloutId,
    gate: subject.gate,
    mail: subject.mailNumber,
    digest: subject.digest,
    until: subject.expiresAt,
  })
    .setProtectedHeader({ alg: 'HS256', kid: keyId })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(subject.approver)
    .setExpirationTime(Math.ceil(Date.parse(subject.expiresAt) / 1000))
    .sign(key);
  return { token, code: codeOf(key, subject) };
}

/** Where the mail's button leads. The code comes along for `proof: link` alone. */
export const linkUrl = (publicUrl: string, { token, code }: ApprovalLink, proof: Proof): string =>
  `${publicUrl}/api/approvals/${token}${proof === 'link' ? `#${code}` : ''}`;

/** Reads a token that came from outside. The answer says nothing of the rows: whether the question still stands is judged on them. */
export async function readToken(keys: Keys, token: string, now: number): Promise<TokenVerdict> {
  if (!isCanonical(token)) return { kind: 'malformed' };
  const keyFor = ({ kid }: { kid?: string }): Uint8Array => {
    const key = kid === undefined ? undefined : keyOf(keys, kid);
    if (!key) throw new errors.JWKSNoMatchingKey();
    return key;
  };
  try {
    const { payload, protectedHeader } = await jwtVerify(token, keyFor, {
      algorithms: ['HS256'],
      issuer,
      audience,
      currentDate: new Date(now),
      requiredClaims: ['exp'],
    });
    return answer('ok', payload, protectedHeader.kid);
  } catch (error) {
    if (error instanceof errors.JWTExpired) return answer('expired', error.payload, keyIdOf(token));
    if (error instanceof errors.JOSEAlgNotAllowed) return { kind: 'wrong-algorithm' };
    if (error instanceof errors.JWKSNoMatchingKey) return { kind: 'unknown-key' };
    if (error instanceof errors.JWSSignatureVerificationFailed) return { kind: 'bad-signature' };
    if (error instanceof errors.JOSEError) return { kind: 'malformed' };
    throw error;
  }
}

function answer(kind: 'ok' | 'expired', payload: Record<string, unknown>, keyId: string | undefined): TokenVerdict {
  const { rollout: rolloutId, gate, sub: approver, mail: mailNumber, digest, until: expiresAt } = payload;
  if (keyId === undefined) return { kind: 'unknown-key' };
  if (typeof rolloutId !== 'string' || typeof gate !== 'string' || typeof approver !== 'string') return { kind: 'malformed' };
  if (typeof mailNumber !== 'number' || typeof digest !== 'string' || typeof expiresAt !== 'string') return { kind: 'malformed' };
  return { kind, keyId, subject: { rolloutId, gate, approver, mailNumber, digest, expiresAt } };
}

/** Three base64url parts with no spare bits set: one token has one spelling. */
function isCanonical(token: string): boolean {
  const parts = token.length > mostCharacters ? [] : token.split('.');
  return parts.length === 3 && parts.every((part) => part !== '' && Buffer.from(part, 'base64url').toString('base64url') === part);
}

/** Only for a token that was verified. */
function keyIdOf(token: string): string | undefined {
  const header: unknown = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString('utf8'));
  return typeof header === 'object' && header !== null && 'kid' in header && typeof header.kid === 'string' ? header.kid : undefined;
}

/** No I, L, O, U: nothing that is read as something else. 32 characters, so that five bits of a byte choose one evenly. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

function codeOf(key: Uint8Array, { rolloutId, gate, approver, mailNumber }: LinkSubject): string {
  // The text can't be the beginning of a token, so the two uses of the key never sign the same bytes.
  const bytes = createHmac('sha256', key)
    .update(`approval code ${JSON.stringify([rolloutId, gate, approver, mailNumber])}`, 'utf8')
    .digest();
  const characters = [...bytes.subarray(0, 8)].map((byte) => alphabet.charAt(byte & 31)).join('');
  return `${characters.slice(0, 4)}-${characters.slice(4)}`;
}

/** A code as typed: case, dashes and spaces do not count, and letters that the alphabet lacks are read as what they look like. */
export const normalCode = (typed: string): string =>
  typed
    .toUpperCase()
    .replace(/[\s\p{Pd}]/gu, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1');

/** Whether what was typed is the code of this mail. Compared in constant time. */
export function codeMatches(keys: Keys, keyId: string, subject: LinkSubject, typed: string): boolean {
  const key = keyOf(keys, keyId);
  if (!key) return false;
  const fixed = (text: string) => createHmac('sha256', key).update(text, 'utf8').digest();
  return timingSafeEqual(fixed(normalCode(codeOf(key, subject))), fixed(normalCode(typed)));
}
