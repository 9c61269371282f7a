import { httpAuthLevel, httpMethods, httpRoute, isKind, type AppFunction } from './app-functions';
import { bindingData, jsonProperties, type BindingData } from './binding-data';
import { parameter } from './durable/parameter';
import { addressOf } from './durable/request-path';
import type { HttpCookie, HttpData, InvocationResponse, TypedData } from './functions-core';
import { empty, type HttpAnswer, type HttpHead, type HttpRequest } from './http-message';
import { keyOpens, type KeyRing } from './keys';
import { matchRoute, parseRoute, pathSegments, type Matched, type Route } from './routes';
import { negotiatedBody } from './negotiated-body';
import type { TriggerInvoker, TriggerWorld } from './trigger-invoker';

export interface HttpTriggerWorld extends Pick<TriggerWorld, 'log'> {
  routePrefix: string;
  keys: KeyRing;
  invoke: TriggerInvoker;
}

export interface HttpTriggers {
  /** The function that a request is for, with the values of its route. */
  find(request: HttpHead): Matched<AppFunction> | undefined;
  /** What is answered instead of calling it: 401 without the right key, 404 for a function that is disabled. */
  refuse(fn: AppFunction, request: HttpHead): HttpAnswer | undefined;
  answer(found: Matched<AppFunction>, request: HttpRequest): Promise<HttpAnswer>;
}

/** @throws Error naming the function whose route or level the real host refuses */
export function createHttpTriggers(functions: AppFunction[], world: HttpTriggerWorld): HttpTriggers {
  const ordered = functions
    .filter((fn) => isKind(fn, 'httpTrigger'))
    .sort((a, b) => (a.name.toUpperCase() < b.name.toUpperCase() ? -1 : 1));
  for (const [at, fn] of ordered.entries()) check(fn, ordered.slice(0, at));
  const routes = ordered.map((fn): Route<AppFunction> => {
    const template = world.routePrefix === '' ? httpRoute(fn) : `${world.routePrefix}/${httpRoute(fn)}`;
    return parseRoute(template, httpMethods(fn), fn, fn.name);
  });
  return {
    find: (request) => matchRoute(routes, request.method, pathSegments(request.url.pathname)),
    refuse: (fn, request) => refuse(world.keys, fn, request),
    answer: (found, request) => answer(world, found, request),
  };
}

/** What the real host finds wrong with a function's route; there the function alone is left out, here the app does not start. */
function check(fn: AppFunction, earlier: AppFunction[]): void {
  const plain = (one: AppFunction): string =>
    httpRoute(one)
      .replace(/^\/+|\/+$/g, '')
      .toLowerCase();
  const level = httpAuthLevel(fn);
  if (!['anonymous', 'function', 'admin'].includes(level))
    throw new Error(`Function "${fn.name}": the auth level "${level}" is none of anonymous, function and admin.`);
  if (/^(?:admin|runtime)/.test(plain(fn)))
    throw new Error(
      `Function "${fn.name}": the route "${httpRoute(fn)}" conflicts with the host's own, which begin with "admin" and "runtime".`,
    );
  const twin = earlier.find((one) => plain(one) === plain(fn) && httpMethods(one).some((method) => httpMethods(fn).includes(method)));
  if (twin) throw new Error(`Function "${fn.name}": its route conflicts with that of function "${twin.name}".`);
}

export function givenKey(request: HttpHead): string | undefined {
  const header = request.headers['x-functions-key'];
  return typeof header === 'string' ? header : parameter(request.url.searchParams, 'code');
}

function refuse(keys: KeyRing, fn: AppFunction, request: HttpHead): HttpAnswer | undefined {
  const level = httpAuthLevel(fn);
  const key = givenKey(request);
  if (level !== 'anonymous' && !keyOpens(keys.all(), key, level === 'admin' ? 'admin' : 'function', fn.name)) return empty(401);
  // Who has the master key may call it all the same, as there.
  return fn.isDisabled && !keyOpens(keys.all(), key, 'admin') ? empty(404) : undefined;
}

async function answer(world: HttpTriggerWorld, { target: fn, parameters }: Matched<AppFunction>, given: HttpRequest): Promise<HttpAnswer> {
  let request = given;
  if (given.body.length > 0 && given.headers['content-length'] === undefined) {
    const said = 'A request without Content-Length (Transfer-Encoding: chunked) reaches a function without its body, as on the real host.';
    world.log('warn', `${said} Send a length, or use app.setup({ enableHttpStream: true }).`, fn.name);
    request = { ...given, body: Buffer.alloc(0) };
  }
  try {
    const data = { http: httpData(request, parameters) };
    return answerOf(
      request,
      await world.invoke(fn, { data, bindingData: httpBindingData(request, parameters, request.body.toString('utf8')) }),
    );
  } catch {
    // What was thrown stands in the log; an answer tells nothing of it.
    return empty(500);
  }
}

/** Names for binding expressions: the body's JSON properties, the query without `code`, the route's values, `Query` and `Headers`. */
export function httpBindingData(request: HttpHead, parameters: Record<string, string>, body?: string): BindingData {
  const query = Object.fromEntries(request.url.searchParams);
  const named = Object.entries(query).filter(([name]) => name.toLowerCase() !== 'code');
  return bindingData({ Query: query, Headers: plainHeaders(request) }, jsonProperties(body), Object.fromEntries(named), parameters);
}

export function plainHeaders(request: HttpHead): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value] as const],
    ),
  );
}

function httpData(request: HttpRequest, parameters: Record<string, string>): HttpData {
  const nullable = (from: Record<string, string>): Record<string, { value: string }> =>
    Object.fromEntries(Object.entries(from).map(([name, value]) => [name, { value }]));
  return {
    method: request.method,
    url: addressOf(request.url),
    nullableHeaders: nullable(plainHeaders(request)),
    nullableParams: nullable(parameters),
    ...(request.body.length > 0 && { body: { bytes: request.body } }),
  };
}

function answerOf(request: HttpHead, response: InvocationResponse): HttpAnswer {
  const data = response.returnValue?.http;
  // A handler that returns nothing gives 204.
  if (!data) return empty(204);
  const headers: Record<string, string | string[]> = { ...data.headers };
  const cookies = (data.cookies ?? []).map(cookieText);
  if (cookies.length > 0) headers['set-cookie'] = [...[headers['set-cookie'] ?? []].flat(), ...cookies];
  const status = Number(data.statusCode ?? 200);
  if (data.enableContentNegotiation !== true) return { status, headers, body: bodyOf(data.body) };
  // Cookies are left out of such an answer there.
  const said = Object.entries(data.headers ?? {});
  const given = said.find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  const body = negotiatedBody(data.body?.bytes ?? new Uint8Array(), given, request.headers.accept);
  if (!body) return { status: 406, headers: Object.fromEntries(said) };
  const others = said.filter(([name]) => name.toLowerCase() !== 'content-type');
  return { status, headers: { ...Object.fromEntries(others), 'content-type': body.contentType }, body: body.text };
}

function bodyOf(body: TypedData | null | undefined): Uint8Array | string {
  return body?.bytes ?? body?.string ?? body?.json ?? '';
}

function cookieText(cookie: HttpCookie): string {
  const escaped = encodeURIComponent(cookie.value ?? '').replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  const parts = [`${cookie.name ?? ''}=${escaped}`];
  const add = (name: string, value: unknown): void => {
    if (value !== null && value !== undefined && value !== '') parts.push(`${name}=${String(value)}`);
  };
  const expires = cookie.expires?.value;
  if (typeof expires === 'object' && expires) add('expires', new Date((expires.seconds ?? 0) * 1000).toUTCString());
  add('max-age', cookie.maxAge?.value);
  add('domain', cookie.domain?.value);
  add('path', cookie.path?.value ?? '/');
  if (cookie.secure?.value) parts.push('secure');
  const sameSite: Record<string, string> = { lax: 'lax', strict: 'strict', explicitNone: 'none' };
  add('samesite', sameSite[cookie.sameSite ?? '']);
  if (cookie.httpOnly?.value) parts.push('httponly');
  return parts.join('; ');
}
