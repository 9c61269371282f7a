import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { SmsClient } from '@azure/communication-sms';
import { isRestError, type PipelinePolicy } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import { judgeDelivery, type SendAnswer } from '../domain/judge-delivery';

/** One text to one phone. */
export interface SmsText {
  /** A number or name of the Communication Services resource. */
  from: string;
  to: string;
  text: string;
}

/** Communication Services texts. `repeatabilityId` (a UUID) and the time of the first try are the service's idempotency key. */
export interface SmsSender {
  send(text: SmsText, repeatabilityId: string, firstSentMs: number): Promise<SendAnswer>;
}

const timeoutMs = 30_000;

/** `sent` means that the service took the text. The client retries nothing by itself; whoever calls does, under the same id. */
export function communicationSms({
  endpoint,
  credential,
  caFile,
}: {
  endpoint: string;
  credential: TokenCredential;
  caFile?: string;
}): SmsSender {
  const tls = caFile === undefined ? {} : { tlsOptions: { ca: [...rootCertificates, readFileSync(caFile, 'utf8')] } };
  return {
    async send({ from, to, text }, repeatabilityId, firstSentMs) {
      const sameAgain = asTheSame(repeatabilityId, firstSentMs);
      const client = new SmsClient(endpoint, credential, {
        retryOptions: { maxRetries: 0 },
        additionalPolicies: [{ policy: sameAgain, position: 'perCall' }],
        ...tls,
      });
      try {
        const [result] = await client.send({ from, to: [to], message: text }, { abortSignal: AbortSignal.timeout(timeoutMs) });
        const status = result?.httpStatusCode ?? 502;
        return judgeDelivery({ status, retryAfter: undefined, said: '' }, Date.now());
      } catch (error) {
        return answerOf(error);
      }
    },
  };
}

/** The client makes up a new repeatability id for each call: a text that is sent again would come twice. */
const asTheSame = (repeatabilityRequestId: string, firstSentMs: number): PipelinePolicy => ({
  name: 'asTheSame',
  sendRequest(request, next) {
    const body = JSON.parse(String(request.body)) as { smsRecipients: object[] };
    const repeatabilityFirstSent = new Date(firstSentMs).toUTCString();
    const smsRecipients = body.smsRecipients.map((one) => ({ ...one, repeatabilityRequestId, repeatabilityFirstSent }));
    request.body = JSON.stringify({ ...body, smsRecipients });
    return next(request);
  },
});

function answerOf(error: unknown): SendAnswer {
  if (isRestError(error)) {
    // A role takes minutes to work, and an answer that never came is no refusal.
    const status = error.statusCode === 403 ? 503 : (error.statusCode ?? 503);
    return judgeDelivery({ status, retryAfter: error.response?.headers.get('retry-after'), said: error.code ?? '' }, Date.now());
  }
  const { name } = error as { name?: string };
  if (/^(Authentication|CredentialUnavailable|AggregateAuthentication|Abort)/.test(name ?? ''))
    return { kind: 'later', afterSeconds: 10, code: name ?? '' };
  throw error;
}
