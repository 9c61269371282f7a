import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import { currently, type Effect, type Warden } from './effects';
import { callName, type Places } from './name-call';

type Request = typeof http.request;
type Given = Parameters<Request>;

/**
 * From here on each HTTP request that a watched process (or a watched host in this process) makes is held until its warden lets it go, and its
 * answer is shown to the warden before anybody else sees it. Other ways out (fetch, a raw socket, a child process's) are strange: they fail the run.
 */
export function watchCalls(places: () => Places): void {
  for (const module of [http, https]) {
    const scheme = module === https ? 'https:' : 'http:';
    const original: Request = module.request.bind(module);
    const request = (...given: unknown[]): http.ClientRequest => {
      const now = currently();
      if (!now) return original(...(given as Given));
      if (now.warden.isDead()) return unheard(scheme);
      const { held, connect } = withoutConnection(given, module.globalAgent);
      return watched(original(...(held as Given)), { scheme, now, places: places(), connect });
    };
    Object.assign(module, {
      request,
      get: (...given: unknown[]) => {
        const made = request(...given);
        made.end();
        return made;
      },
    });
  }
  refuseOtherWays();
}

/**
 * The same request, that asks its agent for a connection when `connect` says so. One that took a kept connection at once and then waited for its turn would
 * lose it after five real seconds, when the server hangs up on the idle, and whoever asked would ask again: on a slow machine only.
 */
function withoutConnection(given: unknown[], usual: http.Agent): { held: unknown[]; connect: () => void } {
  const [first, second, ...others] = given;
  const isAddress = typeof first === 'string' || first instanceof URL;
  const options = ((isAddress ? (typeof second === 'object' ? second : {}) : first) ?? {}) as http.RequestOptions;
  const agent = (options.agent === false ? new (usual.constructor as new () => http.Agent)() : (options.agent ?? usual)) as Connecting;
  let connect = (): void => undefined;
  const addRequest: Connecting['addRequest'] = (...parts) => void (connect = () => agent.addRequest(...parts));
  const held = { ...options, agent: Object.assign(Object.create(agent) as Connecting, { addRequest }) };
  const rest = [...(isAddress && typeof second === 'object' ? [] : [second]), ...others].filter((one) => one !== undefined);
  return { held: isAddress ? [first, held, ...rest] : [held, ...rest], connect: () => connect() };
}

/** How Node's own requests ask for a connection. */
interface Connecting extends http.Agent {
  addRequest(request: http.ClientRequest, options: unknown): void;
}

/** A request that is never sent and never answered. */
function unheard(scheme: string): http.ClientRequest {
  const nowhere = Object.assign(new http.Agent(), { addRequest: () => undefined, protocol: scheme });
  return new http.ClientRequest({ protocol: scheme, host: '127.0.0.1', port: 9, agent: nowhere });
}

interface Now {
  warden: Warden;
  by: string;
  subject: string;
}

interface Watched {
  scheme: string;
  now: Now;
  places: Places;
  connect: () => void;
}

function watched(request: http.ClientRequest, { scheme, now, places, connect }: Watched): http.ClientRequest {
  const { warden } = now;
  const parts: Buffer[] = [];
  const keep = (part: unknown, encoding?: unknown): void => {
    if (typeof part === 'string') parts.push(Buffer.from(part, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8'));
    else if (part instanceof Uint8Array) parts.push(Buffer.from(part));
  };
  const end = request.end.bind(request) as (body?: Buffer) => http.ClientRequest;
  let effect: Effect | undefined;
  let isSent = false;
  let isOver = false;
  const over = (): void => {
    if (isSent && !isOver && effect) warden.callOver(effect);
    isOver = true;
  };

  // The headers leave with the first part of the body: all of it waits for the end.
  request.write = ((part: unknown, encoding?: unknown, done?: unknown) => {
    keep(part, encoding);
    const call = typeof encoding === 'function' ? encoding : done;
    if (typeof call === 'function') process.nextTick(call);
    return true;
  }) as typeof request.write;
  request.end = ((part?: unknown, encoding?: unknown) => {
    keep(part, encoding);
    const body = Buffer.concat(parts);
    const asked = effectOf(request, scheme, body, now, places);
    effect = asked;
    void Promise.resolve(warden.beforeCall(asked)).then((goes) => {
      if (!goes) {
        request.destroy();
        return;
      }
      connect();
      // Whoever asked has given up while it waited.
      if (request.destroyed) {
        warden.callOver(asked);
        return;
      }
      isSent = true;
      end(body.length === 0 ? undefined : body);
    });
    return request;
  }) as typeof request.end;

  const emit = request.emit.bind(request) as (name: string | symbol, ...given: unknown[]) => boolean;
  request.emit = ((name: string | symbol, ...given: unknown[]) => {
    if (name === 'error' && effect && !isOver && !warden.isDead()) warden.failed(effect, given[0] as Error);
    if (name === 'close' || name === 'error') over();
    if (warden.isDead()) return discard(name, given);
    if (name !== 'response' || !effect) return emit(name, ...given);
    return hear(effect, warden, over, given[0] as http.IncomingMessage, () => void emit(name, ...given));
  }) as typeof request.emit;
  return request;
}

/** A process without power hears nothing, but the connection must come to its end. */
function discard(name: string | symbol, given: unknown[]): boolean {
  if (name === 'response') (given[0] as http.IncomingMessage).resume();
  return true;
}

/** The answer's head has come: what was asked for is done. Whether a queue had a message is only told by its first bytes. */
function hear(effect: Effect, warden: Warden, over: () => void, answer: http.IncomingMessage, go: () => void): boolean {
  answer.once('close', over);
  const decide = (isEmpty: boolean): void => {
    if (warden.afterCall(effect, { isEmpty })) go();
    else answer.resume();
  };
  if (!effect.point.endsWith(': queue take')) decide(false);
  else
    answer.once('readable', () => {
      const part = answer.read() as Buffer | null;
      if (part) answer.unshift(part);
      if (!part?.includes('<QueueMessage>')) decide(true);
      else void Promise.resolve(warden.arrives(effect)).then((goes) => (goes ? decide(false) : answer.resume()));
    });
  return true;
}

function effectOf(request: http.ClientRequest, scheme: string, body: Buffer, { warden, by, subject }: Now, places: Places): Effect {
  const { port } = new URL(`${scheme}//${String(request.getHeader('host') ?? '')}`);
  const named = callName(places, {
    method: request.method,
    port: Number(port || (scheme === 'https:' ? 443 : 80)),
    path: request.path,
    body,
  });
  if (named === undefined)
    warden.strange(`a call ${request.method} ${scheme}//${request.host}:${port}${request.path.replace(/\?.*/, '')} of ${by}`);
  const { what, isRead } = named ?? { what: 'unknown call', isRead: false };
  // Whoever needs a token or the table first gets it for all.
  return { kind: 'call', point: what === 'identity token' || what === 'make table' ? what : `${by}: ${what}`, also: [], subject, isRead };
}

function refuseOtherWays(): void {
  const strange = (what: string): void => currently()?.warden.strange(`${what}, which no fault point watches`);
  const refuse = (holder: object, name: string, what: string, isOurs: (given: unknown[]) => boolean = () => false): void => {
    const original = (holder as Record<string, (...given: unknown[]) => unknown>)[name];
    if (!original) throw new Error(`There is no ${name} to be watched.`);
    Object.assign(holder, {
      [name]: function (this: unknown, ...given: unknown[]) {
        if (!isOurs(given)) strange(what);
        return original.apply(this, given);
      },
    });
  };
  refuse(globalThis, 'fetch', 'a call by fetch');
  refuse(net, 'connect', 'a raw connection');
  refuse(net, 'createConnection', 'a raw connection');
  // The agent for https connects by this very function, and says so.
  refuse(tls, 'connect', 'a raw TLS connection', ([options]) => typeof options === 'object' && options !== null && '_agentKey' in options);
}
