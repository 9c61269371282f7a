import { sameText } from '../../host/same-text';
import type { Answer, Asked } from '../servers';
import type { Tokens } from './tokens';

const known = [
  'https://management.azure.com',
  'https://management.core.windows.net',
  'https://communication.azure.com',
  'https://storage.azure.com',
  'https://vault.azure.net',
];

/** App Service's managed identity endpoint, protocol 2019-08-01: plain http, guarded by a header that only the app knows. */
export function identityRoutes(tokens: Tokens, header: string): (asked: Asked) => Answer {
  const refuse = (status: number, message: string): Answer => ({ status, body: { statusCode: status, message } });
  return ({ method, url, headers }) => {
    if (url.pathname !== '/msi/token') return { status: 404 };
    if (method !== 'GET') return { status: 405 };
    const given = headers['x-identity-header'];
    if (typeof given !== 'string' || !sameText(given, header)) return refuse(401, 'The X-IDENTITY-HEADER header is missing or wrong.');
    if (url.searchParams.get('api-version') !== '2019-08-01') return refuse(400, "The api-version parameter must be '2019-08-01'.");
    if (['client_id', 'principal_id', 'object_id', 'mi_res_id'].some((name) => url.searchParams.has(name))) {
      return refuse(400, 'No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.');
    }
    const resource = url.searchParams.get('resource') ?? '';
    if (!known.includes(resource.replace(/\/$/, ''))) {
      return refuse(
        400,
        `AADSTS500011: The resource principal named ${resource} was not found in the tenant. This can happen if the application has not been installed by the administrator of the tenant.`,
      );
    }
    const { token, expiresOnSeconds } = tokens.issue(resource);
    return { status: 200, body: { access_token: token, expires_on: String(expiresOnSeconds), resource, token_type: 'Bearer' } };
  };
}
