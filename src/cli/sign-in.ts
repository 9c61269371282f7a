import type { TokenCredential } from '@azure/identity';

/** No credential of this machine gives a token, or Entra turns it away. */
export class NotSignedIn extends Error {
  readonly next: string;

  constructor(cause: unknown, scope?: string) {
    // Entra's own number is all that is told of its answer: https://learn.microsoft.com/entra/identity-platform/reference-error-codes
    const [code] = /AADSTS\d+/.exec(messagesIn(cause)) ?? [];
    super(
      code === undefined
        ? 'Nobody is signed in to Azure on this machine.'
        : `Entra gives no token${scope === undefined ? '' : ` for ${scope.replace(/\/\.default$/, '')}`} (${code}).`,
      { cause },
    );
    this.next =
      code === undefined
        ? 'Run az login, then try again.'
        : 'Look the number up; SLIPWAY_AUDIENCE may name no app registration, or az login may be due.';
  }
}

/** An aggregate has one for each credential that was tried. */
const messagesIn = (cause: unknown): string => {
  const { message, errors = [] } = cause as { message?: string; errors?: { message?: string }[] };
  return [message, ...errors.map((each) => each.message)].join('\n');
};

/** What `@azure/identity` throws where no credential is to be had, and where one is turned away. */
const refusals = new Set([
  'CredentialUnavailableError',
  'AggregateAuthenticationError',
  'AuthenticationError',
  'AuthenticationRequiredError',
]);
export const isSignInRefused = (error: unknown): boolean => refusals.has((error as { name?: string }).name ?? '');

/** Whoever is signed in: az login, a managed identity, a workflow's OIDC. Loaded only where it is needed: it is large. */
export async function credentialHere(): Promise<TokenCredential> {
  const { DefaultAzureCredential } = await import('@azure/identity');
  return new DefaultAzureCredential();
}

const renewBeforeMs = 5 * 60_000;

/** Tokens for a scope, such as `api://slipway/.default`; one is kept as long as it is good, since az takes a second to give another. */
export function signIn(scope: string, nowMs: () => number = Date.now): () => Promise<string> {
  let kept: { token: string; expiresOnTimestamp: number } | undefined;
  return async () => {
    if (kept !== undefined && kept.expiresOnTimestamp - renewBeforeMs > nowMs()) return kept.token;
    try {
      const credential = await credentialHere();
      kept = (await credential.getToken(scope)) ?? undefined;
    } catch (error) {
      throw isSignInRefused(error) ? new NotSignedIn(error, scope) : error;
    }
    if (kept === undefined) throw new NotSignedIn(new Error('the credential has no token'), scope);
    return kept.token;
  };
}
