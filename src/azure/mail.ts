import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { EmailClient } from '@azure/communication-email';
import { createHttpHeaders, isRestError, type PipelinePolicy, type RestError } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import { retryAfterSeconds, type SendAnswer } from '../domain/judge-delivery';

export interface MailMessage {
  to: string;
  subject: string;
  html: string;
  text: string;
  headers: Record<string, string>;
}

/** Communication Services mail. `operationId` (a UUID) is the service's idempotency key. */
export interface MailSender {
  send(message: MailMessage, operationId: string): Promise<SendAnswer>;
}

export interface CommunicationMailOptions {
  /** https endpoint of the Communication Services resource. */
  endpoint: string;
  sender: string;
  credential: TokenCredential;
  /** PEM file of an authority to trust besides the system's. */
  caFile?: string;
}

/** By a signal: the client's own time-out keeps the process alive after a lost connection. */
const timeoutMs = 30_000;
/** Where the service names no time of its own. */
const laterSeconds = { tooMany: 60, notAllowed: 30, passing: 10 };

/**
 * Mail through Azure Communication Services. `sent` means that the service took the message: whether it arrives is never polled, since a
 * look at a send's state spends a quota (10 a minute and 20 an hour on a domain managed by Azure) that is smaller than the one for sends.
 * The client retries nothing by itself; whoever calls does, under the same operation id.
 */
export function communicationMail({ endpoint, sender, credential, caFile }: CommunicationMailOptions): MailSender {
  const client = new EmailClient(endpoint, credential, {
    retryOptions: { maxRetries: 0 },
    additionalPolicies: [{ policy: neverPoll, position: 'perRetry' }],
    ...(caFile === undefined ? {} : { tlsOptions: { ca: [...rootCertificates, readFileSync(caFile, 'utf8')] } }),
  });
  return {
    async send({ to, subject, html, text, headers }, operationId) {
      const message = {
        senderAddress: sender,
        recipients: { to: [{ address: to }] },
        content: { subject, html, plainText: text },
        // Tracking rewrites links and adds a remote image.
        disableUserEngagementTracking: true,
        ...(Object.keys(headers).length === 0 ? {} : { headers }),
      };
      try {
        await client.beginSend(message, { operationId, abortSignal: AbortSignal.timeout(timeoutMs) });
        return { kind: 'sent' };
      } catch (error) {
        return answerOf(error);
      }
    },
  };
}

/** The client looks at the state of a send once before it gives the poller back; that look is answered here and never leaves. */
const neverPoll: PipelinePolicy = {
  name: 'neverPoll',
  sendRequest: (request, next) =>
    request.method === 'GET'
      ? Promise.resolve({
          request,
          status: 200,
          headers: createHttpHeaders({ 'content-type': 'application/json' }),
          bodyAsText: '{"id":"","status":"Running"}',
        })
      : next(request),
};

function answerOf(error: unknown): SendAnswer {
  if (!isRestError(error)) {
    // No token to be had (identity not up yet), or no answer in time: both pass.
    if (error instanceof Error && /^(Authentication|CredentialUnavailable|AggregateAuthentication|Abort)/.test(error.name))
      return { kind: 'later', afterSeconds: laterSeconds.passing, code: error.name };
    throw error;
  }
  const { statusCode } = error;
  const code = `${statusCode ?? 'no answer'} ${error.code ?? ''}`.trim();
  if (statusCode === 429) return { kind: 'later', afterSeconds: waitOf(error) ?? laterSeconds.tooMany, code };
  // Communication Services at times blames the clock with a 401 that the same request does not get again; and a role takes minutes to work.
  if (statusCode === 401 || statusCode === 403) return { kind: 'later', afterSeconds: laterSeconds.notAllowed, code };
  if (statusCode === undefined || statusCode >= 500 || statusCode === 408 || statusCode === 409)
    return { kind: 'later', afterSeconds: waitOf(error) ?? laterSeconds.passing, code };
  return { kind: 'refused', code, text: firstLine(error.message) };
}

const waitOf = (error: RestError): number | undefined => retryAfterSeconds(error.response?.headers.get('retry-after'), Date.now());

const firstLine = (text: string): string => (text.split('\n')[0] ?? '').slice(0, 300);
