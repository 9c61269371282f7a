import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { RefusedAddress, type Outgoing } from '../azure/outgoing';
import { oneLine } from '../domain/escape-html';
import { cutText } from '../domain/fit-text';

/** What a service is reached with. */
export interface Reach {
  outgoing: Outgoing;
  login: string;
  endpoint: string;
  /** Ends whatever still goes on: an activity may not take longer than all its calls together, however slowly each is answered. */
  within: AbortSignal;
}

/** One call to a service that a gate is answered in. */
export interface ServiceCall {
  method: 'GET' | 'POST' | 'PATCH' | 'PUT';
  url: URL;
  authorization: string;
  /** The login that it is made with, where that is not what `authorization` carries. */
  login?: string;
  /** Sent as JSON, or as a form where it is text already. */
  body?: object | string;
  /** Where something else waits for it. */
  isHurried?: boolean;
  within: AbortSignal;
}

export type Called =
  | { kind: 'done'; json: unknown }
  /**
   * The service answered that it will not, and did nothing. `why` is the end of a sentence, in the service's own words where it has some; `isOfLogin`:
   * these say that it does not take the login, where its status does not.
   */
  | { kind: 'refused'; status: number; why: string; isOfLogin?: true }
  /** No answer, or one that says nothing of what was asked: whether it was done can't be told. */
  | { kind: 'unknown'; why: string; afterSeconds?: number };

const timeoutMs = { usual: 30_000, hurried: 5_000 };
/** No answer that is asked for here comes near it. */
const mostAnswerBytes = 1024 * 1024;

/**
 * `wordsIn`: the service's own words in the JSON of an answer that is no success. `whyNot`: why one that looks like a success is none, from its headers, as
 * the end of a sentence.
 */
export async function callService(
  outgoing: Outgoing,
  { method, url, authorization, login = '', body, isHurried = false, within }: ServiceCall,
  wordsIn: (json: unknown) => string,
  whyNot: (headers: IncomingHttpHeaders) => string | undefined = () => undefined,
): Promise<Called> {
  const refusal = outgoing.refusalOf(url, 'gate');
  if (refusal !== undefined) return { kind: 'refused', status: 0, why: `its address is not asked: ${refusal}` };
  const form = typeof body === 'string';
  const sent = body === undefined ? {} : { body: form ? body : JSON.stringify(body) };
  const type = body === undefined ? {} : { 'content-type': form ? 'application/x-www-form-urlencoded' : 'application/json' };
  try {
    const answer = await outgoing.open(url, {
      method,
      headers: { accept: 'application/json', ...(authorization === '' ? {} : { authorization }), ...type },
      ...sent,
      signal: AbortSignal.any([within, AbortSignal.timeout(isHurried ? timeoutMs.hurried : timeoutMs.usual)]),
    });
    const judged = judge(answer, await readJson(answer), (json) =>
      withhold(wordsIn(json), [...secretsIn(authorization), ...partsOf(login)]),
    );
    const why = judged.kind === 'done' ? whyNot(answer.headers) : undefined;
    return why === undefined ? judged : { kind: 'refused', status: answer.statusCode ?? 0, why: `answers ${answer.statusCode} ${why}` };
  } catch (error) {
    if (error instanceof RefusedAddress) return { kind: 'refused', status: 0, why: `its address is not asked: ${error.message}` };
    return { kind: 'unknown', why: `gives no answer (${codeOf(error)})` };
  }
}

function judge({ statusCode = 0, headers }: IncomingMessage, json: unknown, wordsIn: (json: unknown) => string): Called {
  if (statusCode >= 200 && statusCode < 300)
    return json === undefined ? { kind: 'unknown', why: `answers ${statusCode} with what is no JSON` } : { kind: 'done', json };
  const words = cutText(oneLine(wordsIn(json)), 300);
  const said = `answers ${statusCode}${words === '' ? '' : `: ${words}`}`;
  if (statusCode >= 300 && statusCode < 400)
    return { kind: 'refused', status: statusCode, why: `${said}, which leads elsewhere and is not followed` };
  const isLater = statusCode === 429 || statusCode === 408 || statusCode === 425 || statusCode >= 500;
  if (!isLater) return { kind: 'refused', status: statusCode, why: said };
  const seconds = Number(headers['retry-after']);
  return { kind: 'unknown', why: said, ...(seconds > 0 ? { afterSeconds: Math.ceil(seconds) } : {}) };
}

/** Undefined where there is none. */
async function readJson(answer: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer) {
    size += (chunk as Buffer).length;
    if (size > mostAnswerBytes) {
      answer.destroy();
      return undefined;
    }
    chunks.push(chunk as Buffer);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Its message may hold the address. */
const codeOf = (error: unknown): string => {
  const { code, name } = error as { code?: unknown; name?: unknown };
  return [code, name, 'unknown'].find((one) => typeof one === 'string' && /^\w+$/.test(one)) as string;
};

function secretsIn(authorization: string): string[] {
  const [scheme, value = ''] = authorization.split(' ');
  return [value, ...(scheme === 'Basic' ? partsOf(Buffer.from(value, 'base64').toString('utf8')) : [])];
}

/** A login that has no colon may be a secret alone. */
const partsOf = (login: string): string[] => [login, login.slice(login.indexOf(':') + 1)];

/** A service, or what stands before it, may repeat what it was sent, also as it stood in a form or an address. The longest goes first: it may hold another. */
function withhold(words: string, secrets: readonly string[]): string {
  const encoded = secrets.flatMap((one) => [encodeURIComponent(one), new URLSearchParams([['', one]]).toString().slice(1)]);
  const lower = encoded.map((one) => one.replace(/%../g, (hex) => hex.toLowerCase()));
  const forms = [...secrets, ...encoded, ...lower].filter((one) => one !== '').toSorted((a, b) => b.length - a.length);
  return forms.reduce((text, form) => text.replaceAll(form, '[withheld]'), words);
}

export const basic = (login: string): string => `Basic ${Buffer.from(login, 'utf8').toString('base64')}`;
