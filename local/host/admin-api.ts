import { answerKeys } from './admin-keys';
import { describe, type AppFunction } from './app-functions';
import { empty, json, type HttpAnswer, type HttpRequest } from './http-message';
import { givenKey } from './http-trigger';
import { keyOpens, type KeyRing } from './keys';

export interface AdminWorld {
  keys: KeyRing;
  hostId: string;
  routePrefix: string;
  startedAtMs: number;
  now(): number;
  functions: AppFunction[];
  state(): 'Running' | 'Stopping';
  /** Runs the warm-up function, the first time that it is asked for. */
  warmUp(): Promise<HttpAnswer>;
}

/** `/admin/…`: what a smoke test or a deployment asks of a host. Undefined when it is no path of this API. */
export async function answerAdmin(world: AdminWorld, request: HttpRequest): Promise<HttpAnswer | undefined> {
  const path = request.url.pathname.toLowerCase().replace(/\/$/, '');
  if (!path.startsWith('/admin')) return undefined;
  // Says nothing but that somebody listens, and so needs no key.
  if (path === '/admin/host/ping' && ['GET', 'POST', 'HEAD'].includes(request.method)) return empty(200);
  // Needs none either: Azure calls it on a new instance.
  if (path === '/admin/warmup') return world.warmUp();
  if (!keyOpens(world.keys.all(), givenKey(request), 'admin')) return empty(401);
  const { pathname } = request.url;
  const names = world.functions.map((fn) => fn.name);
  const aboutKeys = answerKeys(world.keys, names, pathname.replace(/\/$/, ''), request);
  if (aboutKeys) return aboutKeys;
  if (request.method !== 'GET') return empty(404);
  if (path === '/admin/host/status') return json(200, status(world));
  if (path === '/admin/functions')
    return json(
      200,
      world.functions.map((fn) => details(world, request, fn)),
    );
  const name = /^\/admin\/functions\/([^/]+)$/.exec(path)?.[1];
  const found = world.functions.find((fn) => fn.name.toLowerCase() === name);
  return found ? json(200, details(world, request, found)) : empty(404);
}

function status(world: AdminWorld): Record<string, unknown> {
  return {
    id: world.hostId,
    state: world.state(),
    version: '4.1000.0.0',
    versionDetails: '4.1000.0+embedded',
    instanceId: world.hostId,
    processUptime: Math.max(0, world.now() - world.startedAtMs),
  };
}

function details(world: AdminWorld, request: HttpRequest, fn: AppFunction): Record<string, unknown> {
  const { route } = describe(fn);
  const prefix = world.routePrefix === '' ? '' : `/${world.routePrefix}`;
  return {
    name: fn.name,
    href: `${request.url.origin}/admin/functions/${fn.name}`,
    ...(route !== undefined && { invoke_url_template: `${request.url.origin}${prefix}/${route}` }),
    language: 'node',
    isDisabled: fn.isDisabled,
    isDirect: false,
    config: {
      name: fn.name,
      language: 'node',
      bindings: Object.entries(fn.registered.metadata.bindings).map(([name, binding]) => ({ ...binding, name })),
    },
  };
}
