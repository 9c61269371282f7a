import { empty, type HttpAnswer, type HttpRequest } from '../http-message';
import { notFound, wentWrong } from './api-answers';
import type { DurableUrls } from './client-payload';
import type { Entities } from './entities';
import { entityRoute } from './entity-api';
import { listInstances, purge, purgeMany, raiseEvent, restart, rewind, show, start, tell } from './instance-api';
import type { Management } from './management';
import { queryOf, type Query } from './query';
import { segmentsOf } from './request-path';
import type { Store } from './store';
import { nowhere } from './other-hub';

export interface ManagementApi {
  /** Answers a request below `/runtime/webhooks/durabletask/` or below the local RPC address. `path` is what follows, still percent-encoded. */
  (request: HttpRequest, path: string): Promise<HttpAnswer>;
}

/** What a task hub shows of itself. */
export interface Hub {
  store: Pick<Store, 'instance' | 'instances' | 'history'>;
  management: Management;
  entities: Entities;
}

export interface ApiWorld extends Hub {
  urls(request: HttpRequest): DurableUrls;
  now(): number;
  sleep(ms: number): Promise<void>;
}

/** One request, and the hub that it asks. */
export interface Asked {
  world: ApiWorld;
  request: HttpRequest;
  query: Query;
  /** As the links of the answer name hub and connection: in the words of the request. */
  urls: DurableUrls;
}

/** Answers what was asked once the hub is found. */
export type Route = (asked: Asked) => HttpAnswer | Promise<HttpAnswer>;

export function createManagementApi(world: ApiWorld): ManagementApi {
  return async (request, path) => {
    const route = routeOf(request.method, segmentsOf(path) ?? []);
    if (!route) return notFound;
    const query = queryOf(request.url);
    const asked = askedOf(world, request, query);
    return 'status' in asked ? asked : route(asked);
  };
}

const connections = ['storage', 'azurewebjobsstorage'];

function askedOf(world: ApiWorld, request: HttpRequest, query: Query): Asked | HttpAnswer {
  const given = (name: string): string | undefined => (query.value(name)?.trim() ? query.value(name) : undefined);
  const connection = given('connection');
  if (connection !== undefined && !connections.includes(connection.toLowerCase()))
    return wentWrong(`Unable to resolve the Azure Storage connection named '${connection}'.`);
  const urls = world.urls(request);
  const hub = given('taskHub') ?? urls.taskHub;
  const isHere = hub.toLowerCase() === urls.taskHub.toLowerCase();
  return {
    world: isHere ? world : { ...world, ...nowhere(hub) },
    request,
    query,
    urls: { ...urls, taskHub: hub, ...(connection !== undefined && { connection }) },
  };
}

/** Words of routes are taken whatever their case. Undefined where there is none. */
function routeOf(method: string, [controller, ...rest]: string[]): Route | undefined {
  const [first, second, third] = rest;
  switch (controller?.toLowerCase()) {
    case 'orchestrators':
      return method === 'POST' && first !== undefined && rest.length <= 2 ? (asked) => start(asked, first, second) : undefined;
    case 'entities':
      return rest.length <= 2 ? entityRoute(method, first, second) : undefined;
    case 'instances':
      if (rest.length <= 2) return instanceRoute(method, first, second);
      return method === 'POST' && rest.length === 3 && second?.toLowerCase() === 'raiseevent'
        ? (asked) => raiseEvent(asked, first ?? '', third ?? '')
        : undefined;
    case 'makeprimary':
      // There are no other hosts that it would have to be made the first of.
      return rest.length === 0 ? () => empty(200) : undefined;
    default:
      return undefined;
  }
}

function instanceRoute(method: string, id: string | undefined, verb: string | undefined): Route | undefined {
  if (id === undefined) return method === 'GET' ? listInstances : method === 'DELETE' ? purgeMany : undefined;
  if (verb === undefined)
    return method === 'GET' ? (asked) => show(asked, id) : method === 'DELETE' ? (asked) => purge(asked, id) : undefined;
  if (method !== 'POST') return undefined;
  const word = verb.toLowerCase();
  switch (word) {
    case 'terminate':
    case 'suspend':
    case 'resume':
      return (asked) => tell(asked, id, word);
    case 'restart':
      return (asked) => restart(asked, id);
    case 'rewind':
      return (asked) => rewind(asked, id);
    default:
      return undefined;
  }
}
