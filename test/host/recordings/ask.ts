import http from 'node:http';
import type { Host } from '../../../local/host';
import type { Row } from './recording';

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** What of an answer is compared. */
export interface ComparedAnswer {
  status: number;
  headers: Record<string, unknown>;
  body: unknown;
}

const headerNames = ['content-type', 'location', 'retry-after', 'x-ms-continuation-token'];

export function comparedAnswer({ status, headers, body }: Answer): ComparedAnswer {
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const token = lower['x-ms-continuation-token'];
  if (token !== undefined) lower['x-ms-continuation-token'] = token === '' ? '' : 'TOKEN';
  return { status, headers: Object.fromEntries(headerNames.map((name) => [name, lower[name]])), body: parsed(body) };
}

/** JSON, or the text itself. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** One request, its path sent exactly as given. */
export function exchange(host: Host, method: string, path: string, headers: Record<string, string>, body: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = body === '' && method === 'GET' ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const request = http.request({ host: '127.0.0.1', port: host.port, method, path, headers: { ...headers, ...length } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** A recorded request to the management API or the local RPC address, sent to our management API with our key. `inOurs` puts our ids into a text. */
export function askManagement(host: Host, row: Row, inOurs: (text: string) => string): Promise<Answer> {
  const { method, path, headers, body } = row.request ?? { method: 'GET', path: '/', headers: {} };
  const key = host.keys().systemKeys['durabletask_extension'] ?? '';
  const at = `${path}?`.indexOf('?');
  const query = path.slice(at + 1);
  const keyed = /(?:^|&)code=/.test(query)
    ? query.replace(/(^|&)code=[^&]*/, `$1code=${key}`)
    : [query, `code=${key}`].filter(Boolean).join('&');
  const where = path.slice(0, at).replace(/^\/durabletask\//, '/runtime/webhooks/durabletask/');
  return exchange(host, method, inOurs(`${where}?${keyed}`), chosenHeaders(headers, body), inOurs(body ?? ''));
}

/** Those headers that the client chose. The driver's own recordings leave unsaid that a body is JSON. */
function chosenHeaders(headers: Record<string, string>, body: string | undefined): Record<string, string> {
  const chosen = Object.entries(headers).filter(([name]) => !/^(host|connection|content-length|user-agent|accept.*)$/i.test(name));
  const isSaid = Object.keys(headers).some((name) => /^(host|content-type)$/i.test(name));
  return { ...(!isSaid && body !== undefined && body !== '' && { 'content-type': 'application/json' }), ...Object.fromEntries(chosen) };
}

/** The arguments of a client's method. Those that are long or undefined are not in its row, but in the request that the client made of them. */
export function argumentsOf(row: Row, request: Row['request']): unknown {
  const sent = request?.path.includes('/orchestrators/') ? request : undefined;
  if (row.args === 'long') {
    const [name = '', id = ''] = sent?.path.split('?')[0]?.split('/').slice(-2) ?? [];
    return [name, { instanceId: decodeURIComponent(id), input: parsed(sent?.body ?? '') }];
  }
  if (!Array.isArray(row.args)) return row.args;
  const args = row.args as unknown[];
  // .NET wrote times anew in what it recorded of arguments; what was sent has them as they were given.
  if (row.op === 'startNew' && sent?.body !== undefined) {
    const [name, options] = args as [unknown, { input?: unknown }?];
    return options?.input === undefined ? args : [name, { ...options, input: parsed(sent.body) }];
  }
  return row.op === 'raiseEvent' && request?.body === '' ? args.map((one, at) => (at === 2 && one === null ? '__undefined' : one)) : args;
}
