import { httpAuthLevel, httpMethods, httpRoute, isKind, type AppFunction } from './app-functions';
import type { HostKeys } from './contract';
import type { HttpCookie, HttpData, InvocationResponse, TypedData } from './functions-core';
import { empty, type HttpAnswer, type HttpRequest } from './http-message';
import { keyOpens } from './keys';
import { parameter } from './durable/parameter';
import { matchRoute, parseRoute } from './routes';

export interface HttpTriggers {
  /** Undefined when no function has this route. */
  answer(request: HttpRequest): Promise<HttpAnswer> | undefined;
}

export interface HttpTriggerWorld {
  routePrefix: string;
  keys: HostKeys;
  invoke(fn: AppFunction, inputs: { name: string; data: TypedData }[]): Promise<InvocationResponse>;
}

export function createHttpTriggers(functions: AppFunction[], world: HttpTriggerWorld): HttpTriggers {
  const routes = functions
    .filter((fn) => isKind(fn, 'httpTrigger') && !fn.isDisabled)
    .map((fn) => parseRoute(`${world.routePrefix}/${httpRoute(fn)}`, httpMethods(fn), fn, fn.name));

  return {
    answer(request) {
      const segments = decodedSegments(request.url.pathname);
      const found = segments && matchRoute(routes, request.method, segments);
      return found && answerOne(world, found.target, request, found.parameters);
    },
  };
}

/** An encoded slash stays encoded, so that it never becomes one of the path. */
function decodedSegments(pathname: string): string[] | undefined {
  try {
    return pathname
      .split('/')
      .filter((part) => part !== '')
      .map((part) => decodeURIComponent(part.replace(/%2f/gi, '%252F')));
  } catch {
    return undefined;
  }
}

export function givenKey(request: HttpRequest): string | undefined {
  const header = request.headers['x-functions-key'];
  return typeof header === 'string' && header !== '' ? header : parameter(request.url.searchParams, 'code');
}

async function answerOne(
  world: HttpTriggerWorld,
  fn: AppFunction,
  request: HttpRequest,
  parameters: Record<string, string>,
): Promise<HttpAnswer> {
  const level = httpAuthLevel(fn);
  if (level !== 'anonymous' && !keyOpens(world.keys, givenKey(request), level === 'admin' ? 'admin' : 'function')) return empty(401);
  try {
    const response = await world.invoke(fn, [{ name: fn.trigger.name, data: { http: httpData(request, parameters) } }]);
    return answerOf(response);
  } catch {
    // What was thrown stands in the log; an answer tells nothing of it.
    return empty(500);
  }
}

function httpData(request: HttpRequest, parameters: Record<string, string>): HttpData {
  const nullable = (from: Record<string, string>): Record<string, { value: string }> =>
    Object.fromEntries(Object.entries(from).map(([name, value]) => [name, { value }]));
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return {
    method: request.method,
    url: request.url.href,
    nullableHeaders: nullable(headers),
    nullableParams: nullable(parameters),
    ...(request.body.length > 0 && { body: { bytes: request.body } }),
  };
}

function answerOf(response: InvocationResponse): HttpAnswer {
  const data = response.returnValue?.http;
  // A handler that returns nothing gives 204.
  if (!data) return empty(204);
  const headers: Record<string, string | string[]> = { ...data.headers };
  const cookies = (data.cookies ?? []).map(cookieText);
  if (cookies.length > 0) headers['set-cookie'] = [...[headers['set-cookie'] ?? []].flat(), ...cookies];
  return { status: Number(data.statusCode ?? 200), headers, body: bodyOf(data.body) };
}

function bodyOf(body: TypedData | null | undefined): Uint8Array | string {
  return body?.bytes ?? body?.string ?? body?.json ?? '';
}

function cookieText(cookie: HttpCookie): string {
  const parts = [`${cookie.name ?? ''}=${encodeURIComponent(cookie.value ?? '')}`];
  const add = (name: string, value: unknown): void => {
    if (value !== null && value !== undefined && value !== '') parts.push(`${name}=${String(value)}`);
  };
  const expires = cookie.expires?.value;
  if (typeof expires === 'object' && expires) add('expires', new Date((expires.seconds ?? 0) * 1000).toUTCString());
  add('max-age', cookie.maxAge?.value);
  add('domain', cookie.domain?.value);
  add('path', cookie.path?.value);
  if (cookie.secure?.value) parts.push('secure');
  if (cookie.httpOnly?.value) parts.push('httponly');
  const sameSite: Record<string, string> = { lax: 'lax', strict: 'strict', explicitNone: 'none' };
  add('samesite', sameSite[cookie.sameSite ?? '']);
  return parts.join('; ');
}
