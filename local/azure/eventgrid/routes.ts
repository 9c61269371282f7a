import { sameText } from '../../host/same-text';
import type { MessageDesk } from '../message-desk';
import { jsonObject, type Answer, type Asked } from '../servers';

/** "Array or event exceeds size limits": 1 MB, https://learn.microsoft.com/azure/event-grid/post-to-custom-topic */
export const maxTopicBytes = 1024 * 1024;

const refuse = (status: number, code: string, message: string): Answer => ({
  status,
  body: { error: { code, message, details: [{ code, message }] } },
});

/**
 * A custom topic of Event Grid whose input schema is CloudEventSchemaV1_0, with an access key: https://learn.microsoft.com/azure/event-grid/post-to-custom-topic and
 * https://learn.microsoft.com/azure/event-grid/cloud-event-schema. It knows no event again: what is posted twice is there twice.
 */
export function topicRoutes(desk: MessageDesk, key: string): (asked: Asked) => Promise<Answer> {
  return async (asked) => {
    const answer = (it: Answer): Answer => desk.noted('eventgrid', it);
    if (asked.method !== 'POST' || asked.url.pathname !== '/api/events') return answer(refuse(404, 'NotFound', 'There is no topic here.'));
    const fault = desk.faulty('eventgrid', {
      tooMany: refuse(429, 'TooManyRequests', 'The topic takes no more events just now.'),
      down: refuse(503, 'ServiceUnavailable', 'The service is busy.'),
      refused: refuse(404, 'NotFound', 'The topic was deleted.'),
    });
    if (fault) return answer(fault);
    const given = asked.headers['aeg-sas-key'];
    if (typeof given !== 'string' || !sameText(given, key))
      return answer(refuse(401, 'Unauthorized', 'The request did not contain a valid authorization header or key.'));
    const type = asked.headers['content-type'] ?? '';
    if (!/^application\/cloudevents\+json(?: *;|$)/i.test(type))
      return answer(
        refuse(
          400,
          'BadRequest',
          "This resource is configured to receive event in 'CloudEventV10' schema. The JSON received does not conform to it.",
        ),
      );
    const event = await jsonObject(asked);
    const missing = event === undefined ? ['event'] : missingIn(event);
    if (event === undefined || missing.length > 0)
      return answer(refuse(400, 'BadRequest', `The event does not conform to CloudEventV10: ${missing.join(', ')}.`));
    desk.accept('eventgrid', { body: event, headers: { 'content-type': type } });
    return answer({ status: 200 });
  };
}

/** Required attributes of CloudEvents 1.0; an optional one that is there says something. */
function missingIn(event: Record<string, unknown>): string[] {
  const isSaid = (value: unknown): boolean => typeof value === 'string' && value !== '';
  return [
    ...['id', 'source', 'type'].filter((name) => !isSaid(event[name])),
    ...(event['specversion'] === '1.0' ? [] : ['specversion']),
    ...['subject', 'time', 'datacontenttype'].filter((name) => event[name] !== undefined && !isSaid(event[name])),
  ];
}
