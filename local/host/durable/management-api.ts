import { empty, json, type HttpAnswer, type HttpRequest } from '../http-message';
import { managementUrls, type DurableUrls } from './client-payload';
import type { Entities } from './entities';
import { answerEntities } from './entity-api';
import type { Management, Told } from './management';
import { pageOf, wentWrong } from './paging';
import { parameter } from './parameter';
import { DoubleEvent, flagOf, statusBody } from './status';
import { isFinished, type Instance, type Store } from './store';

export interface ManagementApi {
  /** Answers a request below `/runtime/webhooks/durabletask/` or below the local RPC address. `path` is what follows, still percent-encoded. */
  (request: HttpRequest, path: string): Promise<HttpAnswer>;
}

export interface ApiWorld {
  store: Store;
  management: Management;
  entities: Entities;
  urls(request: HttpRequest): DurableUrls;
  now(): number;
  sleep(ms: number): Promise<void>;
}

const notFound = empty(404);

export function createManagementApi(world: ApiWorld): ManagementApi {
  return async (request, path) => {
    const parts = segments(path);
    if (!parts) return notFound;
    const [kind, ...rest] = parts;
    const hub = parameter(request.url.searchParams, 'taskHub');
    if (hub !== undefined && hub !== '' && hub.toLowerCase() !== world.urls(request).taskHub.toLowerCase()) return notFound;
    const connection = parameter(request.url.searchParams, 'connection');
    if (connection && !['storage', 'azurewebjobsstorage'].includes(connection.toLowerCase()))
      return wentWrong(`Unable to resolve the Azure Storage connection named '${connection}'.`);
    switch (kind?.toLowerCase()) {
      case 'orchestrators':
        return request.method === 'POST' ? start(world, request, rest) : notFound;
      case 'instances':
        return instances(world, request, rest);
      case 'entities':
        return answerEntities(world.entities, request, rest);
      default:
        return notFound;
    }
  };
}

/** A name or id is one segment: an encoded slash is no part of it. It is decoded twice, so that an encoded plus sign is a space too (recorded). */
function segments(path: string): string[] | undefined {
  const parts = path.split('/').map((part) => decoded(part).replaceAll('+', ' '));
  while (parts.at(-1) === '') parts.pop();
  return parts.some((part) => part.includes('/')) ? undefined : parts;
}

/** What is not a percent-encoding stays as it is, as in .NET. */
function decoded(part: string): string {
  return part.replace(/(?:%[0-9a-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });
}

function parseJson(body: Buffer): { json: string } | undefined {
  try {
    return { json: JSON.stringify(JSON.parse(body.toString('utf8'))) };
  } catch {
    return undefined;
  }
}

const invalidJson = (isEmpty: boolean): HttpAnswer =>
  json(400, {
    Message: 'Invalid JSON content',
    ExceptionMessage: isEmpty ? "Error reading JToken from JsonReader. Path '', line 0, position 0." : 'The body is not JSON.',
    ExceptionType: 'Newtonsoft.Json.JsonReaderException',
    StackTrace: '',
  });

const badArgument = (message: string, exceptionMessage: string): HttpAnswer =>
  json(400, { Message: message, ExceptionMessage: exceptionMessage, ExceptionType: 'System.ArgumentException', StackTrace: '' });

/** Json.NET takes an object that begins with `$ref` for a reference, and finds more in it than a reference may have. */
function brokenReference(inputJson: string | null): HttpAnswer | undefined {
  const input = inputJson === null ? null : (JSON.parse(inputJson) as unknown);
  const keys = typeof input === 'object' && input !== null ? Object.keys(input) : [];
  if (keys[0] !== '$ref' || keys.length < 2) return undefined;
  const position = `Path '${keys[1]}', line 1, position ${(inputJson?.indexOf(`"${keys[1]}":`) ?? 0) + (keys[1]?.length ?? 0) + 3}`;
  const text = 'Additional content found in JSON reference object. A JSON reference object should only have a $ref property.';
  return wentWrong(`${text} ${position}.`, 'Newtonsoft.Json.JsonSerializationException');
}

async function start(world: ApiWorld, request: HttpRequest, [name, id, ...more]: string[]): Promise<HttpAnswer> {
  if (!name || more.length > 0) return notFound;
  const input = request.body.length === 0 ? { json: null } : parseJson(request.body);
  if (!input) return invalidJson(false);
  const broken = brokenReference(input.json);
  if (broken) return broken;
  const version = parameter(request.url.searchParams, 'version');
  const started = await world.management.start({ name, inputJson: input.json, ...(id && { id }), ...(version && { version }) });
  if (started.kind === 'refused') return json(400, { Message: started.reason });
  if (started.kind === 'running')
    return json(409, { Message: `An Orchestration instance with the status ${started.status} already exists.` });
  const timeoutSeconds = Number(parameter(request.url.searchParams, 'timeout'));
  if (timeoutSeconds > 0) return waitFor(world, request, started.id, timeoutSeconds);
  return checkStatus(world, request, started.id);
}

function checkStatus(world: ApiWorld, request: HttpRequest, id: string): HttpAnswer {
  const urls = managementUrls(world.urls(request), id, false);
  return json(202, urls, { Location: urls.statusQueryGetUri, 'Retry-After': '10' });
}

async function waitFor(world: ApiWorld, request: HttpRequest, id: string, timeoutSeconds: number): Promise<HttpAnswer> {
  const intervalMs = 1000 * (Number(parameter(request.url.searchParams, 'pollingInterval')) || 1);
  const untilMs = world.now() + timeoutSeconds * 1000;
  for (;;) {
    const instance = world.store.instance(id);
    if (instance && isFinished(instance.status)) {
      const whole = statusBody(world.store, instance, new URLSearchParams());
      return json(200, instance.status === 'Completed' ? whole['output'] : whole);
    }
    const leftMs = untilMs - world.now();
    if (leftMs <= 0) return checkStatus(world, request, id);
    await world.sleep(Math.min(intervalMs, leftMs));
  }
}

async function instances(world: ApiWorld, request: HttpRequest, [id, verb, eventName, ...more]: string[]): Promise<HttpAnswer> {
  const { method } = request;
  if (id === undefined) return method === 'GET' ? list(world, request) : method === 'DELETE' ? purgeMany(world, request) : notFound;
  if (more.length > 0) return notFound;
  if (verb === undefined) return method === 'GET' ? show(world, request, id) : method === 'DELETE' ? purge(world, id) : notFound;
  if (method !== 'POST') return notFound;
  const word = verb.toLowerCase();
  if (word === 'raiseevent') return eventName === undefined ? notFound : raise(world, request, id, eventName);
  if (eventName !== undefined) return notFound;
  const reason = parameter(request.url.searchParams, 'reason') ?? null;
  switch (word) {
    case 'terminate':
      return told(await world.management.terminate(id, reason), id, word);
    case 'suspend':
      return told(await world.management.suspend(id, reason), id, word);
    case 'resume':
      return told(await world.management.resume(id, reason), id, word);
    case 'restart':
      return restart(world, request, id);
    case 'rewind':
      return rewound(world, id, reason);
    default:
      return notFound;
  }
}

function told(result: Told, id: string, verb: string): HttpAnswer {
  switch (result.kind) {
    case 'accepted':
      return empty(202);
    case 'unknown':
      return notFound;
    case 'finished':
      return empty(410);
    case 'wrongState':
      return wentWrong(`Cannot ${verb} the orchestration instance ${id} because instance is in the ${result.status} state.`);
  }
}

async function rewound(world: ApiWorld, id: string, reason: string | null): Promise<HttpAnswer> {
  const result = await world.management.rewind(id, reason);
  switch (result.kind) {
    case 'accepted':
      return empty(202);
    case 'unknown':
      // The dollar sign is the extension's own (recorded).
      return json(404, `No orchestration with instance ID "$${id}" found.`);
    case 'wrongState':
      return json(412, `This orchestration has status ${result.status}, but only orchestrations in the "Failed" state can be rewound.`);
  }
}

async function raise(world: ApiWorld, request: HttpRequest, id: string, eventName: string): Promise<HttpAnswer> {
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
    return json(400, { Message: 'Only application/json request content is supported' });
  const input = parseJson(request.body);
  return input ? told(await world.management.raise(id, eventName, input.json), id, 'raiseEvent') : invalidJson(request.body.length === 0);
}

async function restart(world: ApiWorld, request: HttpRequest, id: string): Promise<HttpAnswer> {
  const again = await world.management.restart(id, flagOf(request.url.searchParams)('restartWithNewInstanceId', true));
  if (again.kind === 'unknown')
    return badArgument(
      'InstanceId does not match a valid orchestration instance.',
      `No instance with ID '${id}' was found. (Parameter 'instanceId')`,
    );
  if (again.kind === 'running') return json(409, { Message: `An Orchestration instance with the status ${again.status} already exists.` });
  return checkStatus(world, request, again.id);
}

function show(world: ApiWorld, request: HttpRequest, id: string): HttpAnswer {
  const instance = world.store.instance(id);
  if (!instance) return notFound;
  const query = request.url.searchParams;
  const body = bodyOf(world, instance, query);
  if (body instanceof DoubleEvent) return badArgument('One or more of the arguments submitted is incorrect', body.message);
  if (!isFinished(instance.status)) return json(202, body, { Location: request.url.href, 'Retry-After': '5' });
  return json(instance.status === 'Failed' && flagOf(query)('returnInternalServerErrorOnFailure') ? 500 : 200, body);
}

function bodyOf(world: ApiWorld, instance: Instance, query: URLSearchParams): Record<string, unknown> | DoubleEvent {
  try {
    return statusBody(world.store, instance, query);
  } catch (error) {
    if (error instanceof DoubleEvent) return error;
    throw error;
  }
}

async function purge(world: ApiWorld, id: string): Promise<HttpAnswer> {
  const result = await world.management.purge(id);
  if (result.kind === 'unknown') return notFound;
  if (result.kind === 'purged') return json(200, { instancesDeleted: 1 });
  return json(
    412,
    `Only orchestrations in a terminal state can be purged, but the orchestration with instance ID ${id} has status ${result.status}`,
  );
}

/** Filters of list and purge. A value that cannot be read is ignored (recorded). */
function matching(world: ApiWorld, query: URLSearchParams): Instance[] {
  const time = (name: string): number => Date.parse(parameter(query, name) ?? '');
  const fromMs = time('createdTimeFrom');
  const toMs = time('createdTimeTo');
  const prefix = parameter(query, 'instanceIdPrefix') ?? '';
  const known = ['pending', 'running', 'suspended', 'completed', 'failed', 'terminated', 'canceled', 'continuedasnew'];
  const statuses = [...query]
    .filter(([key]) => key.toLowerCase() === 'runtimestatus')
    .flatMap(([, value]) => value.split(','))
    .map((value) => value.trim().toLowerCase())
    .filter((value) => known.includes(value));
  return world.store
    .instances()
    .filter(
      (one) =>
        !(one.createdMs < fromMs) &&
        !(one.createdMs > toMs) &&
        one.id.startsWith(prefix) &&
        (statuses.length === 0 || statuses.includes(one.status.toLowerCase())),
    );
}

async function purgeMany(world: ApiWorld, request: HttpRequest): Promise<HttpAnswer> {
  const query = request.url.searchParams;
  if (Number.isNaN(Date.parse(parameter(query, 'createdTimeFrom') ?? ''))) {
    return json(400, "Please provide value for 'createdTimeFrom' parameter.");
  }
  const results = await Promise.all(matching(world, query).map((one) => world.management.purge(one.id)));
  const purged = results.filter((one) => one.kind === 'purged').length;
  return purged === 0 ? notFound : json(200, { instancesDeleted: purged });
}

/** A list never shows histories, whatever is asked. */
function list(world: ApiWorld, request: HttpRequest): HttpAnswer {
  const query = new URLSearchParams([...request.url.searchParams].filter(([name]) => name.toLowerCase() !== 'showhistory'));
  return pageOf(request, matching(world, query), (one) => statusBody(world.store, one, query));
}
