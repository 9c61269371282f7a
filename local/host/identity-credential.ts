import type { TokenCredential } from '@azure/identity';

/**
 * The identity of a connection without a key, from its settings `credential` ("managedidentity"), `clientId`, `tenantId`, `clientSecret`; without any,
 * whoever is signed in. Loaded when the first token is asked for: few apps need it, and it is large.
 * @throws Error for a kind of credential that is not known
 */
export function identityCredential(part: (key: string) => string | undefined, connection: string): TokenCredential {
  const kind = part('credential')?.toLowerCase();
  if (kind !== undefined && kind !== 'managedidentity')
    throw new Error(
      `The app setting "${connection}__credential" is "${part('credential') ?? ''}"; the embedded host knows "managedidentity" alone.`,
    );
  let made: Promise<TokenCredential> | undefined;
  const make = async (): Promise<TokenCredential> => {
    const identity = await import('@azure/identity');
    const clientId = part('clientId');
    const tenantId = part('tenantId');
    const secret = part('clientSecret');
    if (kind === 'managedidentity') return new identity.ManagedIdentityCredential(clientId === undefined ? {} : { clientId });
    if (clientId !== undefined && tenantId !== undefined && secret !== undefined)
      return new identity.ClientSecretCredential(tenantId, clientId, secret);
    return new identity.DefaultAzureCredential();
  };
  return { getToken: async (scopes, options) => (await (made ??= make())).getToken(scopes, options) };
}
