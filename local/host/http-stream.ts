import { randomUUID } from 'node:crypto';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { AppFunction } from './app-functions';
import type { TypedData } from './functions-core';
import { send, empty, type HttpHead } from './http-message';
import { httpBindingData, plainHeaders } from './http-trigger';
import type { Matched } from './routes';
import type { TriggerWorld } from './trigger-invoker';

export interface StreamWorld extends Pick<TriggerWorld, 'invoke' | 'log'> {
  /** Where the package's own server listens. */
  proxyPort: number;
}

/** How long the real host's forwarder waits for a function that never answers. */
const patienceMs = 240_000;

/**
 * Calls a function whose request and response stream: the request is forwarded to the package's server under the call's id while the function is called,
 * and what comes back there is the answer, piece by piece.
 */
export async function streamCall(
  world: StreamWorld,
  { target: fn, parameters }: Matched<AppFunction>,
  head: HttpHead,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const invocationId = randomUUID();
  const forwarded = forward(world.proxyPort, head, incoming, invocationId);
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) forwarded.request.destroy();
  });
  const answered = forwarded.response.then((response) => passOn(response, outgoing));
  // Looked at below; until then it is nobody's.
  answered.catch(() => {});
  const called = world.invoke(fn, {
    data: { http: {} },
    metadata: metadataOf(head, parameters),
    bindingData: httpBindingData(head, parameters),
    invocationId,
    isSingle: true,
  });
  try {
    await called;
    await answerComes(forwarded, world, fn);
    await answered;
  } catch {
    // What was thrown stands in the log. An answer that has begun can only be cut off.
    forwarded.request.destroy();
    if (outgoing.headersSent) outgoing.destroy();
    else send(outgoing, head.method, empty(500));
  }
}

/** Every value that the real host gives as metadata: query and route as text, which the package takes for route parameters, and the headers. */
function metadataOf(head: HttpHead, parameters: Record<string, string>): Record<string, TypedData> {
  const query = Object.fromEntries(head.url.searchParams);
  const named = Object.entries(query).filter(([name]) => name.toLowerCase() !== 'code');
  return {
    ...Object.fromEntries([...named, ...Object.entries(parameters)].map(([name, value]) => [name, { string: value }])),
    Query: { json: JSON.stringify(query) },
    Headers: { json: JSON.stringify(plainHeaders(head)) },
  };
}

function forward(port: number, head: HttpHead, incoming: IncomingMessage, invocationId: string) {
  const { connection: _connection, ...headers } = head.headers;
  const request = http.request({
    host: '127.0.0.1',
    port,
    method: head.method,
    path: `${head.url.pathname}${head.url.search}`,
    headers: { ...headers, 'x-forwarded-host': head.url.host, 'x-forwarded-proto': 'http', 'x-ms-invocation-id': invocationId },
    // One connection a call: none is left open behind it.
    agent: false,
  });
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve);
    request.once('error', reject);
  });
  response.catch(() => {});
  incoming.pipe(request);
  incoming.once('error', () => request.destroy());
  return { request, response };
}

async function passOn(response: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  outgoing.statusCode = response.statusCode ?? 200;
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined && !['connection', 'keep-alive', 'transfer-encoding'].includes(name)) outgoing.setHeader(name, value);
  }
  outgoing.flushHeaders();
  await pipeline(response, outgoing);
}

/** A function that returns nothing never answers its stream: the real host waits for four minutes, and so does this one, aloud. */
async function answerComes({ request, response }: ReturnType<typeof forward>, { log }: StreamWorld, fn: AppFunction): Promise<void> {
  const said = 'The function returned, but no answer has come: with HTTP streams a handler must return a response, even an empty one.';
  const warning = setTimeout(() => log('warn', said, fn.name), 1000);
  const end = setTimeout(() => request.destroy(new Error('The function never answered.')), patienceMs);
  try {
    await response;
  } finally {
    clearTimeout(warning);
    clearTimeout(end);
  }
}
