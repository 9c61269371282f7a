import { empty, json, type HttpAnswer } from '../http-message';
import { bodyText, isJson, notFound, pageOf } from './api-answers';
import { momentOf } from './dotnet-moment';
import { timestamp } from './history';
import { rewritten } from './json-text';
import type { Asked, Route } from './management-api';
import { booleanOf } from './query';

/** `entities/…` of the management API. */
export function entityRoute(method: string, name: string | undefined, key: string | undefined): Route | undefined {
  switch (method) {
    case 'GET':
      return name === undefined || key === undefined ? (asked) => list(asked, name) : (asked) => read(asked, name, key);
    case 'POST':
      return (asked) => signal(asked, name, key ?? '', asked.query.value('op') ?? '');
    case 'DELETE':
      // Only asks: it is up to the entity's code what "delete" does (recorded).
      return (asked) => signal(asked, name, key ?? '', 'delete');
    default:
      return undefined;
  }
}

/** `$` stands for the empty key. */
function read({ world }: Asked, name: string, key: string): HttpAnswer {
  const state = world.entities.read(name, key === '$' ? '' : key);
  return state === undefined ? notFound : json(200, JSON.parse(state));
}

function signal({ world, request }: Asked, name: string | undefined, key: string, operation: string): HttpAnswer {
  if (name === undefined)
    return json(400, { Message: "Invalid entity id: entity name must not be a null or empty string. (Parameter 'entityName')" });
  const input = inputOf(request);
  if (typeof input === 'object') return input;
  const told = world.entities.signal(name, key, operation, input);
  return told.kind === 'accepted' ? empty(202) : json(400, { Message: told.reason });
}

/** A body that does not call itself JSON is a text (recorded). JSON text, or a refusal. */
function inputOf(request: Asked['request']): string | undefined | HttpAnswer {
  if (request.body.length === 0) return undefined;
  const text = bodyText(request);
  if (!isJson(request)) return JSON.stringify(text);
  const input = rewritten(text);
  return input.kind === 'text' ? input.text : json(400, { Message: `Could not parse JSON content: ${input.message}` });
}

/** A page is cut from all that have the name, and shows of them those that exist, with `fetchState` those that have a state. */
function list(asked: Asked, name: string | undefined): HttpAnswer {
  const { world, query } = asked;
  const fromMs = momentOf(query.value('lastOperationTimeFrom')) ?? -Infinity;
  const toMs = momentOf(query.value('lastOperationTimeTo')) ?? Infinity;
  const isShown = booleanOf(query.value('fetchState')) ?? false;
  // By the name in the id, so that what another entity signalled with capitals is left out of a list by name (recorded).
  const prefix = name === undefined ? '@' : `@${name.toLowerCase()}@`;
  const found = world.entities
    .list()
    .filter((one) => one.id.startsWith(prefix) && one.lastOperationMs >= fromMs && one.lastOperationMs <= toMs);
  const shown = ({ entity, exists, lastOperationMs, state }: (typeof found)[number]): object | undefined =>
    exists && (!isShown || state !== undefined)
      ? {
          entityId: entity,
          lastOperationTime: timestamp(lastOperationMs),
          state: isShown ? (JSON.parse(state ?? 'null') as unknown) : null,
        }
      : undefined;
  return pageOf(asked, found, shown, true);
}
