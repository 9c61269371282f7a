import { randomUUID } from 'node:crypto';
import type { MessageDesk } from '../message-desk';
import { jsonObject, type Answer, type Asked } from '../servers';

const refuse = (status: number, message: string): Answer => ({ status, body: { Message: message } });

const mostCharacters = 4096;

/** An incoming webhook of Amazon Chime as it was until 20 February 2026: docs.aws.amazon.com/chime/latest/dg/webhooks.html. */
export function chimeRoute(desk: MessageDesk, token: string): (asked: Asked) => Promise<Answer> {
  return async (asked) => {
    const answer = (it: Answer): Answer => desk.noted('chime', it);
    if (asked.url.searchParams.get('token') !== token) return answer(refuse(403, 'Forbidden'));
    const fault = desk.faulty('chime', {
      tooMany: refuse(429, 'Too Many Requests'),
      down: refuse(503, 'Service Unavailable'),
      refused: refuse(410, 'Gone'),
    });
    if (fault) return answer(fault);
    const body = await jsonObject(asked);
    const content = body?.['Content'];
    if (!body || typeof content !== 'string' || content === '') return answer(refuse(400, 'Content is required'));
    if (content.length > mostCharacters) return answer(refuse(400, `Content must be at most ${mostCharacters} characters`));
    desk.accept('chime', { body });
    return answer({ status: 200, body: { MessageId: randomUUID(), RoomId: '00000000-0000-0000-0000-000000000001' } });
  };
}
