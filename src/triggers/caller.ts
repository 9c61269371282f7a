import type { HttpRequest } from '@azure/functions';
import * as z from 'zod';
import type { SignIn } from '../domain/judge-claim';
import { problem, type InputProblem } from '../domain/problems';
import type { Requester } from '../domain/rollout';

/**
 * Who calls, and what they may do.
 *
 * Every route is `anonymous` to the host but two: a role is asked for here, because the host knows only keys, and a key on each route
 * would have to be carried by people. App Service authentication stands before the host, signs people in with Entra and says who they are in
 * X-MS-CLIENT-PRINCIPAL (it takes the header away from what callers send, so it is worth something only where it is on). The host
 * does not tell a function whether a key came along and does not look at one on an `anonymous` route; so build systems that hold a function key start
 * rollouts on a route of their own with level `function`. Reaching that handler is the proof, and starting is all it does. A service that a gate is
 * answered in has another, which starts nothing: each function has a key of its own.
 */

export type Role = 'Slipway.Start' | 'Slipway.Operate' | 'Slipway.Read';
const everyRole: readonly Role[] = ['Slipway.Start', 'Slipway.Operate', 'Slipway.Read'];

export interface Caller {
  name: string;
  verified: boolean;
  roles: readonly Role[];
  /** Addresses that the platform vouches for; where there are several they are one person's. */
  addresses: readonly string[];
  /** Object ids of Entra groups, where the sign-in carries them (`groups` claim of the app registration). */
  groups: readonly string[];
}

export type Identified = { kind: 'caller'; caller: Caller } | { kind: 'refused'; problem: InputProblem };

/** What App Service authentication writes: base64 of JSON. */
const principalSchema = z.object({
  auth_typ: z.literal('aad'),
  role_typ: z.string().optional(),
  claims: z.array(z.object({ typ: z.string(), val: z.string() })).max(2000),
});

const addressClaims = ['preferred_username', 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn', 'upn'];
/** A tenant's administrator can write any address into these: they prove one only together with `xms_edov` (the domain's owner was verified). */
const emailClaims = ['http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress', 'email'];
const nameClaims = [
  ...addressClaims,
  ...emailClaims,
  // A program signed in as itself has no user name.
  'appid',
  'azp',
  'http://schemas.microsoft.com/identity/claims/objectidentifier',
  'oid',
];
const groupClaims = ['groups', 'http://schemas.microsoft.com/ws/2008/06/identity/claims/groups'];
const roleClaims = ['roles', 'http://schemas.microsoft.com/ws/2008/06/identity/claims/role'];

/** Names the caller. Reads app settings anew at each call: they are the platform's word, and tests change them. */
export function identify(request: HttpRequest, settings: NodeJS.ProcessEnv = process.env): Identified {
  // Signed in by cookie, a browser would carry the person's identity into whatever a foreign page makes it post.
  const site = request.headers.get('sec-fetch-site');
  if (request.method !== 'GET' && site !== null && site !== 'same-origin' && site !== 'none') return refused(problem('foreign-page'));
  const header = request.headers.get('x-ms-client-principal');
  if (header !== null) return isSignInOn(settings) ? readPrincipal(header) : refused(problem('principal-not-believed'));
  const operator = settings['SLIPWAY_LOCAL_OPERATOR'];
  // Left over in an app that runs in Azure, the laptop's operator would let everybody in.
  const isInAzure = Boolean(settings['WEBSITE_INSTANCE_ID'] ?? settings['WEBSITE_SITE_NAME']);
  if (operator && !isInAzure)
    return { kind: 'caller', caller: { name: operator, verified: true, roles: everyRole, addresses: [operator], groups: [] } };
  return refused(problem('not-signed-in'));
}

/** The caller, if they have the role. Whoever has any role may read. */
export function identifyWithRole(request: HttpRequest, role: Role, settings: NodeJS.ProcessEnv = process.env): Identified {
  const identified = identify(request, settings);
  if (identified.kind === 'refused') return identified;
  const { roles } = identified.caller;
  const may = role === 'Slipway.Read' ? roles.length > 0 : roles.includes(role);
  return may ? identified : refused(problem('not-allowed', role));
}

/** Whoever the host let in with a function key: may start, is nobody in particular. */
export function identifyKeyHolder(request: HttpRequest): Identified {
  if (request.headers.has('x-ms-client-principal')) return identifyWithRole(request, 'Slipway.Start');
  return { kind: 'caller', caller: { name: 'function key', verified: false, roles: ['Slipway.Start'], addresses: [], groups: [] } };
}

export const signInOf = ({ addresses, groups }: Caller): SignIn => ({ signedInAs: addresses, groups });

export const requesterOf = ({ name, verified }: Caller): Requester => ({ name, verified, via: 'http' });

const refused = (told: InputProblem): Identified => ({ kind: 'refused', problem: told });

/** The platform says so itself; a caller can't. */
export const isSignInOn = (settings: NodeJS.ProcessEnv): boolean => /^(?:true|1)$/i.test(settings['WEBSITE_AUTH_ENABLED'] ?? '');

function readPrincipal(header: string): Identified {
  const read = principalSchema.safeParse(parseJson(Buffer.from(header, 'base64').toString('utf8')));
  if (!read.success) return refused(problem('bad-principal'));
  const { claims, role_typ } = read.data;
  const valuesOf = (type: string) => claims.filter((claim) => claim.typ === type).map((claim) => claim.val);
  const name = nameClaims.flatMap(valuesOf).find((value) => value.trim() !== '');
  if (name === undefined) return refused(problem('bad-principal'));
  const given = new Set([...roleClaims, ...(role_typ === undefined ? [] : [role_typ])].flatMap(valuesOf));
  const isEmailVerified = valuesOf('xms_edov').some((value) => /^(?:1|true)$/i.test(value));
  const addresses = [...addressClaims, ...(isEmailVerified ? emailClaims : [])].flatMap(valuesOf);
  return {
    kind: 'caller',
    caller: { name, verified: true, roles: everyRole.filter((role) => given.has(role)), addresses, groups: groupClaims.flatMap(valuesOf) },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
