/** Where App Service gives tokens of the app's identity: its settings IDENTITY_ENDPOINT and IDENTITY_HEADER. */
export interface IdentityEndpoint {
  url: string;
  header: string;
}

/** No token could be had. */
export class NoIdentity extends Error {}

export function identityEndpointOf(settings: NodeJS.ProcessEnv): IdentityEndpoint | undefined {
  const { IDENTITY_ENDPOINT: url, IDENTITY_HEADER: header } = settings;
  return url && header ? { url, header } : undefined;
}

/**
 * A token for `callHttp`'s token source, from the App Service identity endpoint alone (api-version 2019-08-01): the real extension also tries what else a
 * developer may be signed in to.
 * @throws NoIdentity in a sentence
 */
export async function fetchToken(endpoint: IdentityEndpoint | undefined, source: { kind?: string; resource?: string }): Promise<string> {
  if (source.kind !== 'AzureManagedIdentity' || !source.resource)
    throw new NoIdentity(`The token source "${source.kind ?? ''}" is not known. Use new ManagedIdentityTokenSource(resource).`);
  if (!endpoint)
    throw new NoIdentity(
      `There is no managed identity to get a token for ${source.resource} from: the embedded host asks the App Service identity endpoint alone. ` +
        'Set IDENTITY_ENDPOINT and IDENTITY_HEADER.',
    );
  const url = new URL(endpoint.url);
  url.searchParams.set('api-version', '2019-08-01');
  url.searchParams.set('resource', source.resource);
  const response = await fetch(url, { headers: { 'X-IDENTITY-HEADER': endpoint.header } }).catch(() => undefined);
  const body = response?.ok ? ((await response.json()) as { access_token?: string }) : undefined;
  if (!body?.access_token)
    throw new NoIdentity(
      `The identity endpoint gave no token for ${source.resource} (status ${response?.status ?? 'none: it could not be reached'}).`,
    );
  return body.access_token;
}
