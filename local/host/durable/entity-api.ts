import { empty, json, type HttpAnswer, type HttpRequest } from '../http-message';
import type { Entities } from './entities';
import { unknownEntity } from './entity-message';
import { timestamp } from './history';
import { pageOf } from './paging';
import { parameter } from './parameter';
import { flagOf } from './status';

/** Answers `entities/…` of the management API. */
export function answerEntities(entities: Entities, request: HttpRequest, [name, key, ...more]: string[]): HttpAnswer {
  const { method } = request;
  if (more.length > 0) return empty(404);
  if (name === undefined || key === undefined) return method === 'GET' ? list(entities, request, name) : empty(404);
  switch (method) {
    case 'GET': {
      const state = entities.read(name, key);
      return state === undefined ? empty(404) : json(200, JSON.parse(state));
    }
    case 'POST':
      return signal(entities, request, name, key);
    case 'DELETE':
      // Only asks: it is up to the entity's code what "delete" does (recorded).
      return told(entities.signal(name, key, 'delete', undefined), name);
    default:
      return empty(404);
  }
}

/** A body that does not call itself JSON is a text (recorded). */
function signal(entities: Entities, request: HttpRequest, name: string, key: string): HttpAnswer {
  const operation = parameter(request.url.searchParams, 'op') ?? '';
  const body = request.body.toString('utf8');
  if (body === '') return told(entities.signal(name, key, operation, undefined), name);
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
    return told(entities.signal(name, key, operation, JSON.stringify(body)), name);
  try {
    return told(entities.signal(name, key, operation, JSON.stringify(JSON.parse(body))), name);
  } catch {
    return json(400, { Message: 'Invalid JSON content' });
  }
}

function told(result: ReturnType<Entities['signal']>, name: string): HttpAnswer {
  if (result.kind === 'accepted') return empty(202);
  return json(400, { Message: unknownEntity(name, result.known) });
}

function list(entities: Entities, request: HttpRequest, name: string | undefined): HttpAnswer {
  const query = request.url.searchParams;
  const fromMs = Date.parse(parameter(query, 'lastOperationTimeFrom') ?? '');
  const toMs = Date.parse(parameter(query, 'lastOperationTimeTo') ?? '');
  const isShown = flagOf(query)('fetchState');
  // By the name in the id, so that what another entity signalled with capitals is left out of a list by name (recorded).
  const prefix = name === undefined ? '@' : `@${name.toLowerCase()}@`;
  const found = entities
    .list()
    .filter((one) => one.id.startsWith(prefix) && !(one.lastOperationMs < fromMs) && !(one.lastOperationMs > toMs));
  return pageOf(request, found, ({ entity, lastOperationMs, state }) => ({
    entityId: entity,
    lastOperationTime: timestamp(lastOperationMs),
    state: isShown && state !== undefined ? (JSON.parse(state) as unknown) : null,
  }));
}
