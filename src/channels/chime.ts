import { plainText } from '../domain/escape-html';
import { cutText } from '../domain/fit-text';
import type { NoticeModel } from '../domain/notice';
import { cardOf } from '../domain/notice-card';

/**
 * Body of a POST to an incoming webhook of Amazon Chime, whose support ended on 20 February 2026: docs.aws.amazon.com/chime/latest/dg/webhooks.html.
 * What settings say of it is in `settings-warnings.ts`.
 */
export interface ChimeMessage {
  Content: string;
}

const mostCharacters = 4096;

/** Plain text, and nobody is called: `@All` and `@Present` that people wrote are set apart. */
export function renderChime(model: NoticeModel, noticeId: string, publicUrl: string): ChimeMessage {
  const { glyph, title, lead, line, lists, url, foot } = cardOf(model, noticeId, publicUrl);
  const tail = `\n${url === '' ? '' : `${url}\n`}${foot}`;
  const texts = [`${glyph} ${title}`, lead, line, ...lists.flatMap((list) => [`${list.title}:`, ...list.items.map((item) => `- ${item}`)])];
  const said = plainText(texts.filter(Boolean).join('\n')).replace(/@(?=all|present)/gi, '@ ');
  return { Content: cutText(said, mostCharacters - tail.length) + tail };
}
