import type { HostKeys } from './contract';
import { empty, json, type HttpAnswer, type HttpRequest } from './http-message';
import { makeKey, type KeyRing } from './keys';

type Named = Record<string, string>;

/** Where a set of keys lies, and how it is put back. */
interface Shelf {
  read(keys: HostKeys): Named;
  write(keys: HostKeys, named: Named): HostKeys;
}

/**
 * `/admin/functions/{function}/keys[/{key}]` and `/admin/host/{keys|functionkeys|systemkeys}[/{key}]`: list, read, make, replace and remove keys, as the
 * real host's KeysController. Undefined when it is no path of these.
 */
export function answerKeys(ring: KeyRing, functionNames: string[], path: string, request: HttpRequest): HttpAnswer | undefined {
  const [, owner, ofFunction] = /^\/admin\/functions\/([^/]+)\/keys(?:\/([^/]+))?$/i.exec(path) ?? [];
  const [, scope, ofHost] = /^\/admin\/host\/(keys|functionkeys|systemkeys)(?:\/([^/]+))?$/i.exec(path) ?? [];
  if (owner !== undefined) {
    if (!functionNames.some((name) => name.toLowerCase() === owner.toLowerCase())) return empty(404);
    return answer(ring, functionShelf(owner.toLowerCase()), decodeName(ofFunction), request);
  }
  if (scope === undefined) return undefined;
  const name = decodeName(ofHost);
  const isSystem = scope.toLowerCase() === 'systemkeys';
  if (name?.toLowerCase() === '_master') return answerMaster(ring, isSystem, request);
  return answer(ring, isSystem ? systemShelf : hostShelf, name, request);
}

const decodeName = (name: string | undefined): string | undefined => {
  try {
    return name === undefined ? undefined : decodeURIComponent(name);
  } catch {
    return name;
  }
};

const hostShelf: Shelf = { read: (keys) => keys.functionKeys, write: (keys, functionKeys) => ({ ...keys, functionKeys }) };
const systemShelf: Shelf = { read: (keys) => keys.systemKeys, write: (keys, systemKeys) => ({ ...keys, systemKeys }) };
const functionShelf = (owner: string): Shelf => ({
  read: (keys) => keys.ofFunctions[owner] ?? {},
  write: (keys, named) => ({ ...keys, ofFunctions: { ...keys.ofFunctions, [owner]: named } }),
});

/** The master key is read with the system keys, replaced under either name, and never removed. */
function answerMaster(ring: KeyRing, isSystem: boolean, request: HttpRequest): HttpAnswer {
  const keys = ring.all();
  if (request.method === 'GET') return isSystem ? json(200, { name: '_master', value: keys.masterKey }) : empty(404);
  if (request.method === 'DELETE') return empty(400);
  const value = newValue(request);
  if (value === undefined) return empty(request.method === 'PUT' ? 400 : 404);
  ring.keep({ ...keys, masterKey: value });
  return json(200, { name: '_master', value });
}

function answer(ring: KeyRing, shelf: Shelf, name: string | undefined, request: HttpRequest): HttpAnswer {
  const keys = ring.all();
  const named = shelf.read(keys);
  if (request.method === 'GET' && name === undefined)
    return json(200, { keys: Object.entries(named).map(([key, value]) => ({ name: key, value })) });
  if (name === undefined) return empty(404);
  const known = named[name];
  if (request.method === 'GET') return known === undefined ? empty(404) : json(200, { name, value: known });
  if (request.method === 'DELETE') {
    if (known === undefined) return empty(404);
    const { [name]: _gone, ...left } = named;
    ring.keep(shelf.write(keys, left));
    return empty(204);
  }
  const value = newValue(request);
  if (value === undefined) return empty(request.method === 'PUT' ? 400 : 404);
  ring.keep(shelf.write(keys, { ...named, [name]: value }));
  return json(known === undefined ? 201 : 200, { name, value });
}

/** POST makes one up, PUT takes the one in its body. */
function newValue(request: HttpRequest): string | undefined {
  if (request.method === 'POST') return makeKey();
  if (request.method !== 'PUT') return undefined;
  try {
    const { value } = JSON.parse(request.body.toString('utf8')) as { value?: unknown };
    return typeof value === 'string' && value !== '' ? value : undefined;
  } catch {
    return undefined;
  }
}
