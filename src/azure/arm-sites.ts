import type { Site } from '@azure/arm-appservice';
import { createWebSiteManagement, type WebSiteManagementContext } from '@azure/arm-appservice/api';
import { get, getSlot } from '@azure/arm-appservice/api/webApps';
import { isRestError } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import { rootCertificates } from 'node:tls';
import { notAllowed, refusalIn, type Refusal } from '../domain/not-allowed';
import type { Target } from '../domain/settings';

/** How the resource manager is reached. */
export interface ArmAccess {
  credential: TokenCredential;
  /** `https://management.azure.com`, or a local one. */
  armEndpoint: string;
  /** PEM of a certificate authority to trust besides the usual ones. */
  ca?: string;
}

export type SlotName = 'production' | 'staging';

/** An activity has minutes; a 429 whose Retry-After is longer than this is left to the activity's own retry. */
const readWithinMs = 90_000;

/** Options of every call but the swap: the SDK tries again (Retry-After honoured), all tries together stay within a bound. */
export const bounded = () => ({ abortSignal: AbortSignal.timeout(readWithinMs) });

/** One client a subscription: a client holds connections and a token. */
export function armClients(
  { credential, armEndpoint, ca }: ArmAccess,
  noRetries = false,
): (subscription: string) => WebSiteManagementContext {
  const clients = new Map<string, WebSiteManagementContext>();
  return (subscription) => {
    const known = clients.get(subscription);
    if (known) return known;
    const client = createWebSiteManagement(credential, subscription, {
      endpoint: armEndpoint,
      // A sovereign cloud's or local ARM still expects tokens of this audience.
      credentials: { scopes: ['https://management.azure.com/.default'] },
      ...(ca === undefined ? {} : { tlsOptions: trusting(ca) }),
      ...(noRetries ? { retryOptions: { maxRetries: 0 }, redirectOptions: { maxRetries: 0 } } : {}),
    });
    clients.set(subscription, client);
    return client;
  };
}

export const trusting = (ca: string) => ({ ca: [...rootCertificates, ca] });

/** The site resource of production or of the target's slot; undefined where there is none. */
export async function readSite(client: WebSiteManagementContext, target: Target, slot: SlotName): Promise<Site | undefined> {
  const { resourceGroup, functionApp } = target;
  return unlessMissing(() =>
    slot === 'production'
      ? get(client, resourceGroup, functionApp, bounded())
      : getSlot(client, resourceGroup, functionApp, target.slot, bounded()),
  );
}

/** As readSite, but throws a sentence where the site is missing. */
export async function needSite(client: WebSiteManagementContext, target: Target, slot: SlotName): Promise<Site> {
  const site = await telling(`read ${nameOfSlot(target, slot)}`, () => readSite(client, target, slot));
  if (site) return site;
  throw new TargetUnreadable(
    `Azure knows no ${nameOfSlot(target, slot)} in resource group "${target.resourceGroup}", or Slipway's identity may not see it. Correct the names, create it, or grant the identity the role of infra/modules/target-role.bicep.`,
  );
}

export const nameOfSlot = (target: Target, slot: SlotName): string =>
  slot === 'production' ? `function app "${target.functionApp}"` : `slot "${target.slot}" of "${target.functionApp}"`;

/** Address of a site's SCM: host names are read, never built. Undefined where the site has none (Linux Consumption). */
export function scmUrlOf(site: Site): string | undefined {
  const host = site.hostNameSslStates?.find(({ hostType }) => hostType === 'Repository')?.name;
  return host === undefined ? undefined : `https://${host}`;
}

/** Undefined instead of a 404. */
export async function unlessMissing<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (isRestError(error) && error.statusCode === 404) return undefined;
    throw error;
  }
}

/** Something of a target could not be read. Its message is a whole sentence that may be shown. */
export class TargetUnreadable extends Error {}

/** Azure refused it to Slipway's identity: expected, and told to people with the action that is missing. Its message is a whole sentence. */
export class NotAllowed extends Error {
  constructor(readonly refusal: Refusal) {
    super(notAllowed(refusal).sentence);
  }
}

/**
 * Runs a call of ARM and turns its error into a sentence. `quiet` leaves out what Azure says in words: its answer to a write of
 * settings may quote a value. The SDK's own error is not kept as the cause, because it holds the request.
 */
export async function telling<T>(what: string, call: () => Promise<T>, quiet = false): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof NotAllowed) throw error;
    const refusal = isRestError(error) && error.statusCode === 403 ? refusalIn(error.message) : undefined;
    if (refusal) throw new NotAllowed(refusal);
    if (error instanceof TargetUnreadable) throw error;
    throw new TargetUnreadable(`Slipway could not ${what}: ${saidBy(error, quiet)}`);
  }
}

/** As telling, for a list that comes in pages: there the SDK's error does not hold what Azure said, so the last answer is kept at hand. */
export async function tellingList<T>(what: string, list: (options: ListOptions) => AsyncIterable<T>): Promise<T[]> {
  let said = '';
  return telling(what, async () => {
    try {
      const found: T[] = [];
      for await (const each of list({ ...bounded(), onResponse: ({ bodyAsText }) => void (said = bodyAsText ?? '') })) found.push(each);
      return found;
    } catch (error) {
      const refusal = isRestError(error) && error.statusCode === 403 ? refusalIn(said) : undefined;
      throw refusal ? new NotAllowed(refusal) : error;
    }
  });
}

type ListOptions = ReturnType<typeof bounded> & { onResponse: (response: { bodyAsText?: string | null }) => void };

function saidBy(error: unknown, quiet: boolean): string {
  if (!(error instanceof Error)) return 'no reason was given.';
  if (isRestError(error) && error.statusCode !== undefined) {
    const text = quiet ? '' : ` ${firstSentences(error.message)}`;
    return `Azure answered ${error.statusCode}${error.code ? ` ${error.code}` : ''}.${text}`;
  }
  if (error.name === 'AbortError') return `no answer within ${readWithinMs / 1000} s, tries again included.`;
  if (isRestError(error)) return `no answer (${error.code ?? 'connection failed'}).`;
  return quiet ? `${error.name}.` : firstSentences(error.message);
}

const firstSentences = (text: string): string => text.replace(/\s+/g, ' ').slice(0, 400);
