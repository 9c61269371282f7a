import { createHmac } from 'node:crypto';
import { sameText } from '../../host/same-text';
import type { MessageDesk } from '../message-desk';
import { jsonObject, type Answer, type Asked } from '../servers';

const refuse = (status: number, error: string): Answer => ({ status, body: { error } });

/** As the specification's own libraries allow. */
const toleranceSeconds = 5 * 60;

/**
 * Somebody's receiver of webhooks, as github.com/standard-webhooks/standard-webhooks (spec/standard-webhooks.md, Verifying webhook authenticity) asks for:
 * it believes nothing that is not signed with its secret, is older than five minutes, or is no CloudEvent; an id it has seen it takes once.
 */
export function webhookRoutes(desk: MessageDesk, secret: string): (asked: Asked) => Promise<Answer> {
  return async (asked) => {
    const answer = (it: Answer, repeated = false): Answer => desk.noted('webhook', it, repeated);
    if (asked.method !== 'POST' || asked.url.pathname !== '/hooks/slipway') return answer(refuse(404, 'There is no receiver here.'));
    const fault = desk.faulty('webhook', {
      tooMany: refuse(429, 'Too many requests.'),
      down: refuse(503, 'The receiver is being restarted.'),
      refused: refuse(410, 'This receiver was taken down.'),
    });
    if (fault) return answer(fault);
    const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = asked.headers;
    if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signature !== 'string')
      return answer(refuse(400, 'Missing required headers'));
    const seconds = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) : NaN;
    if (!(Math.abs(seconds - desk.now() / 1000) <= toleranceSeconds)) return answer(refuse(401, 'Message timestamp is out of tolerance'));
    const bytes = await asked.body();
    const wanted = createHmac('sha256', Buffer.from(secret.replace(/^whsec_/, ''), 'base64'))
      .update(`${id}.${timestamp}.`)
      .update(bytes)
      .digest('base64');
    const isSigned = signature.split(' ').some((one) => one.startsWith('v1,') && sameText(one.slice(3), wanted));
    if (!isSigned) return answer(refuse(401, 'No matching signature found'));
    const event = await jsonObject(asked);
    if (!event || !isCloudEvent(event, asked.headers['content-type'] ?? '')) return answer(refuse(400, 'This is no CloudEvent.'));
    const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature };
    const { repeated } = desk.accept('webhook', { body: event, headers }, id);
    return answer({ status: 204 }, repeated);
  };
}

/** Required attributes of CloudEvents 1.0 in structured mode; those that are there are no empty text. */
function isCloudEvent(event: Record<string, unknown>, contentType: string): boolean {
  const isSaid = (value: unknown): boolean => typeof value === 'string' && value !== '';
  const required = ['id', 'source', 'type'].every((name) => isSaid(event[name]));
  const optional = ['subject', 'time', 'datacontenttype'].every((name) => event[name] === undefined || isSaid(event[name]));
  return contentType.startsWith('application/cloudevents+json') && event['specversion'] === '1.0' && required && optional;
}
