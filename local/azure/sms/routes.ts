import type { MessageDesk } from '../message-desk';
import { jsonObject, type Answer, type Asked } from '../servers';

export const smsApiVersion = '2021-03-07';

const mostBytes = 2048;
const mostRecipients = 100;
const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** As ASP.NET says what does not validate. */
const invalid = (field: string, message: string): Answer => ({
  status: 400,
  body: {
    type: 'https://tools.ietf.org/html/rfc7231#section-6.5.1',
    title: 'One or more validation errors occurred.',
    status: 400,
    errors: { [field]: [message] },
  },
});

interface Recipient {
  to?: unknown;
  repeatabilityRequestId?: unknown;
  repeatabilityFirstSent?: unknown;
}

/** Communication Services, text part: Azure/azure-rest-api-specs, specification/communication/data-plane/Sms/stable/2021-03-07. The caller is known. */
export async function sendSms(asked: Asked, desk: MessageDesk): Promise<Answer> {
  const answer = (it: Answer, repeated = false): Answer => desk.noted('sms', it, repeated);
  const fault = desk.faulty('sms', {
    tooMany: { status: 429, body: { error: { code: 'TooManyRequests', message: 'Too many requests.' } } },
    down: { status: 503, body: { error: { code: 'ServiceUnavailable', message: 'Service unavailable.' } } },
    refused: { status: 401, body: { type: 'about:blank', title: 'The sender number does not belong to this resource.', status: 401 } },
  });
  if (fault) return answer(fault);
  const { from, message, smsRecipients } = (await jsonObject(asked)) ?? {};
  if (typeof from !== 'string' || !/^(?:\+[1-9]\d{6,14}|\d{5,6}|[A-Za-z0-9 ]{1,11})$/.test(from))
    return answer(invalid('From', 'Invalid From phone number format'));
  if (typeof message !== 'string' || message === '') return answer(invalid('Message', 'The Message field is required.'));
  if (Buffer.byteLength(message, 'utf8') > mostBytes) return answer(invalid('Message', `The message is longer than ${mostBytes} bytes.`));
  if (!Array.isArray(smsRecipients) || smsRecipients.length === 0 || smsRecipients.length > mostRecipients)
    return answer(invalid('SmsRecipients', 'The SmsRecipients field is required.'));
  const results = (smsRecipients as Recipient[]).map((recipient) => deliver(desk, from, message, recipient));
  return answer(
    { status: 202, body: { value: results.map(({ result }) => result) } },
    results.every(({ repeated }) => repeated),
  );
}

/** The same repeatability id again sends nothing and answers as before. */
function deliver(desk: MessageDesk, from: string, message: string, recipient: Recipient): { result: object; repeated: boolean } {
  const { to, repeatabilityRequestId: id, repeatabilityFirstSent: first } = recipient;
  if (typeof to !== 'string' || !/^\+[1-9]\d{6,14}$/.test(to))
    return {
      result: { to: String(to), httpStatusCode: 400, successful: false, errorMessage: 'Invalid To phone number format.' },
      repeated: false,
    };
  const isRepeatable = typeof id === 'string' && uuid.test(id) && typeof first === 'string' && !Number.isNaN(Date.parse(first));
  const { record, repeated } = desk.accept('sms', { body: { from, to, message } }, isRepeatable ? `${id}-${to.slice(1)}` : undefined);
  return {
    result: { to, messageId: `Outgoing_${record.id}`, httpStatusCode: 202, repeatabilityResult: 'accepted', successful: true },
    repeated,
  };
}
