import type { MessageDesk } from '../message-desk';
import { jsonObject, type Answer, type Asked } from '../servers';
import { areBlocks } from './block-kit';

/** Slack answers in one word of plain text. */
const word = (status: number, text: string): Answer => ({ status, headers: { 'content-type': 'text/html' }, body: text });

const mostAttachments = 100;
const mostText = 40_000;

/**
 * An incoming webhook of Slack. Statuses and words: api.slack.com/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks and
 * docs.slack.dev/messaging/sending-messages-using-incoming-webhooks (handling errors).
 */
export function slackRoute(desk: MessageDesk, path: string): (asked: Asked) => Promise<Answer> {
  return async (asked) => {
    const answer = (it: Answer): Answer => desk.noted('slack', it);
    if (asked.url.pathname !== path) return answer(word(404, 'no_service'));
    const fault = desk.faulty('slack', {
      tooMany: word(429, 'rate_limited'),
      down: word(503, 'service_unavailable'),
      refused: word(410, 'channel_is_archived'),
    });
    if (fault) return answer(fault);
    const body = asked.method === 'POST' ? await jsonObject(asked) : undefined;
    const why = body ? refusalOf(body) : 'invalid_payload';
    if (body === undefined || why !== undefined) return answer(word(400, why ?? 'invalid_payload'));
    desk.accept('slack', { body });
    return answer(word(200, 'ok'));
  };
}

function refusalOf({ text, blocks, attachments }: Record<string, unknown>): string | undefined {
  if (text !== undefined && (typeof text !== 'string' || text.length > mostText)) return 'invalid_payload';
  if (blocks !== undefined && !areBlocks(blocks)) return 'invalid_blocks';
  if (attachments !== undefined) {
    if (!Array.isArray(attachments)) return 'invalid_attachments';
    if (attachments.length > mostAttachments) return 'too_many_attachments';
    for (const attachment of attachments as ({ blocks?: unknown } | null)[])
      if (attachment?.blocks !== undefined && !areBlocks(attachment.blocks)) return 'invalid_blocks';
  }
  const isEmpty = (text ?? '') === '' && !hasEntries(blocks) && !hasEntries(attachments);
  return isEmpty ? 'no_text' : undefined;
}

const hasEntries = (value: unknown): boolean => Array.isArray(value) && value.length > 0;
