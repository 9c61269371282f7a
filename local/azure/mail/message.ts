import type { MailAddress, MailRecord } from '../types';

export type Message = Omit<MailRecord, 'operationId' | 'acceptedAtMs' | 'sentBy'>;

const maxRecipients = 50;
const address = /^[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+$/;

/** A message as the service takes it, or why it does not. */
export function readMessage(
  body: Record<string, unknown> | undefined,
): { kind: 'message'; message: Message } | { kind: 'wrong'; why: string } {
  const wrong = (why: string): { kind: 'wrong'; why: string } => ({ kind: 'wrong', why });
  if (!body) return wrong('Request body validation error. The body is not a JSON object.');
  const { senderAddress } = body;
  const content = record(body['content']);
  const recipients = record(body['recipients']);
  if (typeof senderAddress !== 'string' || !address.test(senderAddress))
    return wrong('Request body validation error. See property: senderAddress');
  if (!content || typeof content['subject'] !== 'string' || content['subject'] === '')
    return wrong('Request body validation error. See property: content.subject');
  const { plainText, html } = content;
  if (typeof plainText !== 'string' && typeof html !== 'string') return wrong('Request body validation error. See property: content');
  const [to, cc, bcc, replyTo] = [recipients?.['to'], recipients?.['cc'], recipients?.['bcc'], body['replyTo']].map(addresses);
  if (!to || !cc || !bcc || !replyTo || !recipients) return wrong('Request body validation error. See property: recipients');
  if (to.length + cc.length + bcc.length === 0) return wrong('Request body validation error. See property: recipients');
  if (to.length + cc.length + bcc.length > maxRecipients) return wrong(`The number of recipients exceeds the limit of ${maxRecipients}.`);
  const headers = record(body['headers']) ?? {};
  if (Object.values(headers).some((value) => typeof value !== 'string'))
    return wrong('Request body validation error. See property: headers');
  const attachments = readAttachments(body['attachments']);
  if (!attachments) return wrong('Request body validation error. See property: attachments');
  return {
    kind: 'message',
    message: {
      sender: senderAddress,
      to,
      cc,
      bcc,
      replyTo,
      subject: content['subject'],
      ...(typeof plainText === 'string' ? { plainText } : {}),
      ...(typeof html === 'string' ? { html } : {}),
      headers: headers as Record<string, string>,
      trackingDisabled: body['userEngagementTrackingDisabled'] === true,
      attachments,
    },
  };
}

const record = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;

function addresses(value: unknown): MailAddress[] | undefined {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return undefined;
  const read = value.map(record).map((each) => {
    const given = each?.['address'];
    const name = each?.['displayName'];
    if (typeof given !== 'string' || !address.test(given)) return undefined;
    return { address: given, ...(typeof name === 'string' && name !== '' ? { displayName: name } : {}) };
  });
  return read.every((each) => each !== undefined) ? read : undefined;
}

function readAttachments(value: unknown): MailRecord['attachments'] | undefined {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return undefined;
  const read = value.map(record).map((each) => {
    const [name, contentType, content] = [each?.['name'], each?.['contentType'], each?.['contentInBase64']];
    if (typeof name !== 'string' || typeof contentType !== 'string' || typeof content !== 'string') return undefined;
    return { name, contentType, sizeBytes: Buffer.from(content, 'base64').length };
  });
  return read.every((each) => each !== undefined) ? read : undefined;
}
