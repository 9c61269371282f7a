import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomUUID,
  sign,
  verify,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import type { Store } from '../store';

export interface Tokens {
  /** A signed access token for a resource, as the platform's identity endpoint hands out. */
  issue(resource: string): { token: string; expiresOnSeconds: number };
  check(authorization: string | undefined, audiences: readonly string[]): Caller;
}

export type Caller =
  | { kind: 'known'; objectId: string }
  | { kind: 'refused'; why: 'missing' | 'invalid' }
  | { kind: 'refused'; why: 'expired'; expiredAt: Date }
  | { kind: 'refused'; why: 'audience'; audience: string };

interface Claims {
  iss: string;
  aud: string;
  oid: string;
  exp: number;
  nbf: number;
}

interface Identity {
  tenantId: string;
  objectId: string;
  clientId: string;
}

/**
 * Two local Azures made in one process (by tests) are one identity with one key: the SDK keeps one cache of tokens for the whole
 * process, and would bring the second the tokens of the first.
 */
const madeIdentity: Identity = { tenantId: randomUUID(), objectId: randomUUID(), clientId: randomUUID() };
let madeKey: KeyObject | undefined;

const lifeSeconds = 24 * 60 * 60;
const algorithm = 'RSA-SHA256';

/** Tokens live on the computer's own time, not on the scenario's clock: the SDK's cache judges `expires_on` by that. */
export function openTokens(store: Store): Tokens {
  const key = signingKey(store);
  const publicKey = createPublicKey(key);
  const identities = store.collection<Identity>('identity');
  const own = identities.get('own') ?? madeIdentity;
  identities.put('own', own);
  const issuer = `https://sts.windows.net/${own.tenantId}/`;
  return {
    issue(resource) {
      const nowSeconds = Math.floor(Date.now() / 1000);
      const expiresOnSeconds = nowSeconds + lifeSeconds;
      const claims = {
        aud: resource,
        iss: issuer,
        iat: nowSeconds,
        nbf: nowSeconds,
        exp: expiresOnSeconds,
        appid: own.clientId,
        idtyp: 'app',
        oid: own.objectId,
        sub: own.objectId,
        tid: own.tenantId,
        ver: '1.0',
      };
      const head = `${encode({ alg: 'RS256', typ: 'JWT', kid: 'local' })}.${encode(claims)}`;
      return { token: `${head}.${sign(algorithm, Buffer.from(head), key).toString('base64url')}`, expiresOnSeconds };
    },
    check(authorization, audiences) {
      const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
      if (token === undefined) return { kind: 'refused', why: 'missing' };
      const claims = read(token, publicKey);
      if (!claims || claims.iss !== issuer || claims.nbf > Date.now() / 1000 + 60) return { kind: 'refused', why: 'invalid' };
      if (claims.exp * 1000 <= Date.now()) return { kind: 'refused', why: 'expired', expiredAt: new Date(claims.exp * 1000) };
      if (!audiences.map(bare).includes(bare(claims.aud))) return { kind: 'refused', why: 'audience', audience: claims.aud };
      return { kind: 'known', objectId: claims.oid };
    },
  };
}

const bare = (audience: string): string => audience.replace(/\/$/, '');

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Only what this key signed is ever parsed, so the claims have the shape that `issue` gave them; the header is not asked which algorithm to believe. */
function read(token: string, publicKey: KeyObject): Claims | undefined {
  const [header, claims, signature, ...more] = token.split('.');
  if (header === undefined || claims === undefined || signature === undefined || more.length > 0) return undefined;
  if (!verify(algorithm, Buffer.from(`${header}.${claims}`), publicKey, Buffer.from(signature, 'base64url'))) return undefined;
  return JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')) as Claims;
}

function signingKey(store: Store): KeyObject {
  const keys = store.collection<JsonWebKey>('signing-key');
  const kept = keys.get('identity');
  if (kept) return createPrivateKey({ key: kept, format: 'jwk' });
  madeKey ??= generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  keys.put('identity', madeKey.export({ format: 'jwk' }));
  return madeKey;
}
