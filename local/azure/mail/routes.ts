import { randomUUID } from 'node:crypto';
import type { FaultBoard } from '../faults';
import type { Tokens } from '../identity/tokens';
import type { MessageDesk } from '../message-desk';
import type { Pace } from '../pace';
import type { ReceiptBook } from '../receipts';
import type { Schedule } from '../schedule';
import { jsonObject, type Answer, type Asked } from '../servers';
import type { Collection } from '../store';
import type { MailRecord } from '../types';
import { sendSms, smsApiVersion } from '../sms/routes';
import { mailCaller } from './access';
import { readMessage } from './message';

export interface MailParts {
  mails: Collection<MailRecord>;
  tokens: Tokens;
  accessKey: string;
  faults: FaultBoard;
  schedule: Schedule;
  pace: Pace;
  receipts: ReceiptBook;
  endpoint(): string;
  desk: MessageDesk;
}

export const mailApiVersion = '2025-09-01';
export const maxMailBytes = 10 * 1024 * 1024;

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

const refuse = (status: number, code: string, message: string, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { 'x-ms-error-code': code, ...headers },
  body: { error: { code, message } },
});

/** Communication Services: e-mail, and texts, which the same resource sends. */
export function mailRoutes(parts: MailParts): (asked: Asked) => Promise<Answer> {
  return async (asked) => {
    const caller = await mailCaller(asked, parts.tokens, parts.accessKey);
    if (caller === undefined) return refuse(401, 'Denied', 'Denied by the resource provider.');
    const isSms = asked.url.pathname === '/sms';
    const version = asked.url.searchParams.get('api-version');
    if (version !== (isSms ? smsApiVersion : mailApiVersion))
      return refuse(
        400,
        'UnsupportedApiVersion',
        `The HTTP resource that matches the request does not support the API version '${version ?? ''}'.`,
      );
    const { method, url } = asked;
    if (isSms && method === 'POST') return sendSms(asked, parts.desk);
    if (method === 'POST' && url.pathname === '/emails:send') return send(asked, caller, parts);
    const id = /^\/emails\/operations\/([^/]+)$/.exec(url.pathname)?.[1];
    if (method === 'GET' && id !== undefined) return status(id, parts);
    return refuse(404, 'NotFound', 'Resource not found.');
  };
}

async function send(asked: Asked, sentBy: string, parts: MailParts): Promise<Answer> {
  const { mails, faults, receipts, schedule } = parts;
  const asPath = asked.headers['operation-id'];
  if (asPath !== undefined && (typeof asPath !== 'string' || !uuid.test(asPath)))
    return refuse(400, 'BadRequest', 'The Operation-Id header is not a UUID.');
  const operationId = asPath?.toLowerCase() ?? randomUUID();
  const read = readMessage(await jsonObject(asked));
  const recipients =
    read.kind === 'message' ? [...read.message.to, ...read.message.cc, ...read.message.bcc].map(({ address }) => address) : [];
  const note = (answer: Answer, repeated = false): Answer => {
    receipts.mail({ atMs: schedule.now(), answered: answer.status, operationId, recipients, repeated });
    return answer;
  };
  const throttled = faults.strike('mail-429');
  if (throttled) {
    const seconds = Math.ceil((throttled.afterMs ?? 60_000) / 1000);
    return note(
      refuse(429, 'TooManyRequests', 'The request is throttled. Please retry after the time given.', { 'retry-after': String(seconds) }),
    );
  }
  if (read.kind === 'wrong') return note(refuse(400, 'BadRequest', read.why));
  if (faults.strike('mail-refused')) return note(refuse(404, 'DomainNotLinked', 'The specified sender domain has not been linked.'));
  // The same Operation-Id again sends nothing: it works as an idempotency key, though the reference does not promise it.
  const before = mails.get(operationId);
  if (!before) mails.put(operationId, { operationId, acceptedAtMs: schedule.now(), sentBy, ...read.message });
  return note(accepted(operationId, parts), before !== undefined);
}

function accepted(id: string, { endpoint, pace }: MailParts): Answer {
  return {
    status: 202,
    headers: {
      'operation-location': `${endpoint()}/emails/operations/${id}?api-version=${mailApiVersion}`,
      'retry-after': String(Math.max(1, Math.ceil(pace.mailMs / 1000))),
    },
    body: { id, status: 'Running' },
  };
}

function status(id: string, { mails, schedule, pace }: MailParts): Answer {
  const mail = mails.get(id.toLowerCase());
  if (!mail) return refuse(404, 'NotFound', `Operation '${id}' was not found.`);
  const leftMs = mail.acceptedAtMs + pace.mailMs - schedule.now();
  if (leftMs <= 0) return { status: 200, body: { id: mail.operationId, status: 'Succeeded' } };
  return { status: 200, headers: { 'retry-after': String(Math.ceil(leftMs / 1000)) }, body: { id: mail.operationId, status: 'Running' } };
}
