import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { dotnetHeaders } from './dotnet-headers';
import { contentTypeOf, isForm } from './http-refusal';

/** The extension's own activity that sends what `callHttp` asks for. */
export const httpActivity = 'BuiltIn::HttpActivity';

/** That activity's input. */
export interface HttpAsk {
  $type: string;
  method: string;
  uri: string;
  headers: Record<string, string>;
  content: string | null;
  tokenSource: { kind?: string; resource?: string } | null;
  asynchronousPatternEnabled: boolean;
  retryOptions: null;
  timeout: null;
}

/** That activity's result. */
export interface HttpReply {
  statusCode: number;
  headers: Record<string, string | string[]>;
  content: string;
}

const userAgent = 'Microsoft.Azure.WebJobs.Extensions.DurableTask/3.15.2';
/** .NET's own limit. */
const mostRedirects = 50;

/**
 * Sends one request as the extension's HTTP client does: redirects are followed, every status is a result.
 * @throws the socket's error when no answer came
 */
export async function sendHttp(ask: HttpAsk, token: string | undefined): Promise<HttpReply> {
  let url = new URL(ask.uri);
  let method = ask.method.toUpperCase();
  let content = ask.content;
  let bearer = token;
  for (let redirects = 0; ; redirects += 1) {
    const response = await request(url, method, headersOf(ask, content, bearer), content);
    const next = redirects < mostRedirects ? redirectOf(response, url) : undefined;
    if (!next) return replyOf(response);
    response.resume();
    if (changesToGet(response.statusCode ?? 0, method)) {
      method = 'GET';
      content = null;
    }
    // .NET takes the Authorization that it was given for one address to no other.
    bearer = undefined;
    url = next;
  }
}

function headersOf(ask: HttpAsk, content: string | null, bearer: string | undefined): Record<string, string | number> {
  const own = Object.entries(ask.headers).filter(([name]) => name.toLowerCase() !== 'content-type');
  const given = contentTypeOf(ask.headers);
  const contentType = isForm(given) ? `${given}; charset=utf-8` : given || 'text/plain';
  return {
    ...Object.fromEntries(own),
    ...(bearer !== undefined && { Authorization: `Bearer ${bearer}` }),
    'User-Agent': userAgent,
    ...(content !== null && { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(content) }),
  };
}

function request(url: URL, method: string, headers: Record<string, string | number>, content: string | null): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? https.request : http.request;
    const one = send(url, { method, headers, agent: false }, resolve);
    // .NET sends none, and lets the server keep the connection; this one is closed all the same.
    one.removeHeader('Connection');
    one.on('error', reject);
    if (content === null) one.end();
    else one.end(content);
  });
}

function redirectOf(response: IncomingMessage, from: URL): URL | undefined {
  const { location } = response.headers;
  if (location === undefined || ![300, 301, 302, 303, 307, 308].includes(response.statusCode ?? 0)) return undefined;
  if (!URL.canParse(location, from.href)) return undefined;
  const to = new URL(location, from);
  // Never from https to http.
  return from.protocol === 'https:' && to.protocol !== 'https:' ? undefined : to;
}

const changesToGet = (status: number, method: string): boolean =>
  (status === 303 && method !== 'GET' && method !== 'HEAD') || ([300, 301, 302].includes(status) && method === 'POST');

async function replyOf(response: IncomingMessage): Promise<HttpReply> {
  const parts: Buffer[] = [];
  for await (const part of response as AsyncIterable<Buffer>) parts.push(part);
  const isLatin = /charset="?(iso-8859-1|latin1|us-ascii)/i.test(response.headers['content-type'] ?? '');
  return {
    statusCode: response.statusCode ?? 0,
    headers: dotnetHeaders(response.rawHeaders),
    content: Buffer.concat(parts).toString(isLatin ? 'latin1' : 'utf8'),
  };
}
