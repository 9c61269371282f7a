import { problemOf, SlipwayUnreachable } from './problem';

export interface ClientOptions {
  /** Where Slipway is, without `/api`; '' for a page that Slipway serves itself. */
  baseUrl: string;
  /** A token to send along; undefined where none is needed. */
  token?: () => Promise<string | undefined>;
  /** After so long without an answer there is none. */
  patienceMs?: number;
  fetch?: typeof fetch;
}

export interface Call {
  method?: 'GET' | 'POST';
  /** Below /api, each part encoded. */
  path: string;
  query?: Record<string, string | number | undefined>;
  headers?: Record<string, string>;
  body?: object;
  signal?: AbortSignal;
}

export type Transport = <T>(call: Call) => Promise<T>;

const usualPatienceMs = 30_000;

/** Sends calls and reads answers. Throws SlipwayProblem for a refusal and SlipwayUnreachable where nobody answers; what `signal` is aborted with passes through. */
export function createTransport(options: ClientOptions): Transport {
  const { baseUrl, token, patienceMs = usualPatienceMs, fetch: send = fetch } = options;
  return async <T>(call: Call): Promise<T> => {
    const { method = 'GET', body, headers = {}, signal } = call;
    const bearer = await token?.();
    const patience = AbortSignal.timeout(patienceMs);
    let response: Response;
    let text: string;
    try {
      response = await send(`${baseUrl.replace(/\/+$/, '')}/api/${call.path}${searchOf(call.query)}`, {
        method,
        headers: {
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        // A sign-in page is no answer; where the token goes is not for an answer to say.
        redirect: 'error',
        signal: signal === undefined ? patience : AbortSignal.any([signal, patience]),
      });
      text = await response.text();
    } catch (error) {
      signal?.throwIfAborted();
      throw new SlipwayUnreachable(`Slipway at ${originOf(baseUrl)} does not answer (${whyOf(error)}).`, baseUrl, { cause: error });
    }
    const answer = parsed(text);
    if (!response.ok) throw problemOf(response.status, answer);
    if (answer === undefined)
      throw new SlipwayUnreachable(`What answers at ${originOf(baseUrl)} is not Slipway: it sent no JSON.`, baseUrl);
    return answer as T;
  };
}

function searchOf(query: Call['query'] = {}): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)] as [string, string]]));
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}

/** The address without what may be secret in it. */
const originOf = (baseUrl: string): string => (URL.canParse(baseUrl) ? new URL(baseUrl).origin : 'this address');

function whyOf(error: unknown): string {
  const { name, cause } = error as { name?: string; cause?: { code?: string; message?: string } };
  if (name === 'TimeoutError') return 'it took too long';
  return cause?.code ?? cause?.message ?? 'no connection';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
