import { randomBytes, randomUUID } from 'node:crypto';
import type { Tokens } from '../identity/tokens';
import type { Answer, Asked } from '../servers';
import { production, type Site, type Slot } from '../sites';
import { actionOf } from './access';
import { armError, webAnswer, webError } from './errors';
import { planName, planResource, siteResource } from './site-resource';
import { findOperation, type ArmParts, type Place } from './operation';

export const apiVersion = '2025-05-01';

const audiences = ['https://management.azure.com', 'https://management.core.windows.net'];

/** The resource manager: who asks, which version, which resource; then the operation itself. */
export function armRoutes(parts: ArmParts & { tokens: Tokens }): (asked: Asked) => Promise<Answer> {
  let remainingReads = 250;
  return async (asked) => {
    const answer =
      refusedCaller(asked, parts.tokens) ?? refusedVersion(asked.url) ?? refusedAction(asked, parts) ?? (await routeWhole(asked, parts));
    const isRead = asked.method === 'GET';
    remainingReads = remainingReads > 200 ? remainingReads - 1 : 249;
    return {
      ...answer,
      headers: {
        'x-ms-request-id': randomUUID(),
        'x-ms-correlation-request-id': randomUUID(),
        [`x-ms-ratelimit-remaining-subscription-${isRead ? 'reads' : 'writes'}`]: String(isRead ? remainingReads : 199),
        'cache-control': 'no-cache',
        ...answer.headers,
      },
    };
  };
}

/** Before anything is looked for: whoever may not read a resource is not told whether it is there. The address of an operation is its own key. */
function refusedAction({ method, url, headers }: Asked, { access, tokens, locations }: ArmParts & { tokens: Tokens }): Answer | undefined {
  const asked = actionOf(method, decoded(url.pathname) ?? '');
  if (!asked || access.allows(asked.action, asked.scope) || locations.isSigned(url)) return undefined;
  const caller = tokens.check(headers.authorization, audiences);
  const id = caller.kind === 'known' ? caller.objectId : '';
  return armError(
    403,
    'AuthorizationFailed',
    `The client '${id}' with object id '${id}' does not have authorization to perform action '${asked.action}' over scope '${asked.scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  );
}

function refusedCaller(asked: Asked, tokens: Tokens): Answer | undefined {
  const caller = tokens.check(asked.headers.authorization, audiences);
  if (caller.kind === 'known') return undefined;
  const challenge = {
    'www-authenticate':
      'Bearer authorization_uri="https://login.windows.net/", error="invalid_token", error_description="The access token is missing or invalid."',
  };
  const refuse = (code: string, message: string): Answer => ({ ...armError(401, code, message), headers: challenge });
  switch (caller.why) {
    case 'missing':
      return refuse('AuthenticationFailed', "Authentication failed. The 'Authorization' header is missing.");
    case 'invalid':
      return refuse('InvalidAuthenticationToken', 'The access token is invalid.');
    case 'expired':
      return refuse(
        'ExpiredAuthenticationToken',
        `The access token expiry UTC time '${caller.expiredAt.toUTCString()}' is earlier than current UTC time '${new Date().toUTCString()}'.`,
      );
    case 'audience':
      return refuse(
        'InvalidAuthenticationTokenAudience',
        `The access token has been obtained for wrong audience or resource '${caller.audience}'. It should exactly match with one of the allowed audiences '${audiences
          .flatMap((each) => [`${each}/`, each])
          .join("','")}'.`,
      );
  }
}

function refusedVersion(url: URL): Answer | undefined {
  const asked = url.searchParams.get('api-version');
  if (asked === null)
    return armError(400, 'MissingApiVersionParameter', 'The api-version query parameter (?api-version=) is required for all requests.');
  if (asked === apiVersion) return undefined;
  return armError(400, 'InvalidApiVersionParameter', `The api-version '${asked}' is invalid. The supported versions are '${apiVersion}'.`);
}

const notFound = (message: string): Answer => armError(404, 'ResourceNotFound', message);

const webPath =
  /^\/subscriptions\/([^/]+)(?:\/resourceGroups\/([^/]+))?\/providers\/Microsoft\.Web\/(sites|serverfarms)(?:\/([^/]+))?(?:\/(.+))?$/i;

/** Looked at when it has come as a whole: what may be done can change while a body is on its way. */
async function routeWhole(asked: Asked, parts: ArmParts): Promise<Answer> {
  await asked.body();
  return route(asked, parts);
}

function decoded(pathname: string): string | undefined {
  try {
    return decodeURI(pathname).replace(/\/$/, '');
  } catch {
    return undefined;
  }
}

async function route(asked: Asked, parts: ArmParts): Promise<Answer> {
  const path = decoded(asked.url.pathname);
  const match = path === undefined ? null : webPath.exec(path);
  if (path === undefined || !match)
    return armError(404, 'InvalidResourceType', 'The resource type could not be found in the registered namespaces.');
  const [, subscription = '', group, type = '', name, rest] = match;
  const subscribed = parts.sites.sites.all().filter((site) => same(site.subscriptionId, subscription));
  if (subscribed.length === 0) return armError(404, 'SubscriptionNotFound', `The subscription '${subscription}' could not be found.`);
  const inReach = subscribed.filter((site) => group === undefined || same(site.resourceGroup, group));
  if (inReach.length === 0) return armError(404, 'ResourceGroupNotFound', `Resource group '${group}' could not be found.`);
  if (same(type, 'serverfarms')) return plans(asked, inReach, name, rest, group);
  if (name === undefined)
    return asked.method === 'GET' ? list(inReach.map((site) => slotBody(parts, site, production))) : noOperation(path);
  const site = inReach.find((each) => same(each.name, name));
  if (!site || group === undefined) return notFound(missing(`sites/${name}`, group));
  return siteRoute(asked, parts, site, rest ?? '', group, path);
}

async function siteRoute(asked: Asked, parts: ArmParts, site: Site, rest: string, group: string, path: string): Promise<Answer> {
  if (asked.method === 'GET' && same(rest, 'slots')) {
    const names = parts.sites.slotsOf(site.name).filter((slot) => slot.name !== production);
    return list(names.map((slot) => slotBody(parts, site, slot.name)));
  }
  const inSlot = /^slots\/([^/]+)(?:\/(.+))?$/i.exec(rest);
  const slotName = inSlot?.[1] ?? production;
  const slot = parts.sites.slot(site.name, slotName);
  if (!slot || (inSlot && same(slotName, production))) return notFound(missing(`sites/${site.name}/slots/${slotName}`, group));
  const found = findOperation(asked.method, inSlot ? (inSlot[2] ?? '') : rest, slot.name === production);
  if (!found) return noOperation(path);
  const place: Place = { site, slot, hosts: parts.hosts(site.name, slot.name) };
  if (found.changesSite) {
    const refusal = busy(parts, site, slot);
    if (refusal) return refusal;
  }
  const answer = await found.run(asked, place, parts);
  return { ...answer, headers: { etag: `"${randomBytes(7).toString('hex').toUpperCase()}"`, ...answer.headers } };
}

/** While a swap runs nobody else may change the site. */
function busy(parts: ArmParts, site: Site, slot: Slot): Answer | undefined {
  const running = parts.swaps.running(site.name);
  if (!running) return undefined;
  return webAnswer(webError.otherOperation(running.id, running.createdMs, slot.name === production ? running.source : slot.name));
}

function plans(asked: Asked, sites: Site[], name: string | undefined, rest: string | undefined, group: string | undefined): Answer {
  if (asked.method !== 'GET' || rest !== undefined) return noOperation(asked.url.pathname);
  if (name === undefined) return list(sites.map((site) => planResource(site, 1)));
  const site = sites.find((each) => same(planName(each), name));
  return site ? { status: 200, body: planResource(site, 1) } : notFound(missing(`serverfarms/${name}`, group));
}

function slotBody(parts: ArmParts, site: Site, name: string): Record<string, unknown> {
  const slot = parts.sites.slot(site.name, name);
  return slot ? siteResource(site, slot, parts.hosts(site.name, slot.name)) : {};
}

const list = (value: unknown[]): Answer => ({ status: 200, body: { value, nextLink: null, id: null } });

const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

const missing = (resource: string, group: string | undefined): string =>
  `The Resource 'Microsoft.Web/${resource}' under resource group '${group ?? '<null>'}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`;

const noOperation = (path: string): Answer => notFound(`No operation of this method was found at '${path}'.`);
