import type { KnownBlock, MrkdwnElement } from '@slack/types';
import { plainText } from '../domain/escape-html';
import { cutText } from '../domain/fit-text';
import type { NoticeModel } from '../domain/notice';
import { cardOf, type Tone } from '../domain/notice-card';

/** Body of a POST to an incoming webhook. */
export interface SlackMessage {
  /** What a notification shows, and a reader that shows no blocks. */
  text: string;
  /** The one kind of message that has a colour. */
  attachments: { color: string; fallback: string; blocks: KnownBlock[] }[];
}

/** Units of UTF-16, as documented at docs.slack.dev/reference/block-kit/blocks: header 150, section text 3000, a field 2000, 10 fields a section. */
const most = { text: 3000, header: 150, section: 3000, field: 2000, fields: 10, context: 2000, facts: 60 };

const colours: Record<Tone, string> = { red: '#b3261e', amber: '#f2b84b', green: '#1e7a46', blue: '#1a56b0', grey: '#5c6370' };

/** A notice as Slack shows it. What people wrote is never markup: `&`, `<` and `>` are escaped, so that nobody can be called by a commit message. */
export function renderSlack(model: NoticeModel, noticeId: string, publicUrl: string): SlackMessage {
  const card = cardOf(model, noticeId, publicUrl);
  const headline = `${card.glyph} ${plainText(card.title)}`;
  const fields = card.facts.slice(0, most.facts).map(({ name, value }) => pair(name, value));
  // A text of which nothing is left is no text to Slack, and refused.
  const [lead, line] = [escapeToFit(card.lead, most.section - 2), escapeToFit(card.line, most.section)];
  const blocks: KnownBlock[] = [
    { type: 'header', text: { type: 'plain_text', text: cutText(headline, most.header) } },
    ...(lead === '' ? [] : [section(`*${lead}*`)]),
    ...(line === '' ? [] : [section(line)]),
    ...chunks(fields, most.fields).map((some): KnownBlock => ({ type: 'section', fields: some })),
    ...card.lists.map(({ title, items }) => {
      const head = `*${title}*\n`;
      return section(head + escapeToFit(items.map((item) => `• ${item}`).join('\n'), most.section - head.length));
    }),
    ...(card.url === '' ? [] : [section(`<${escape(card.url)}|Everything about it>`)]),
    { type: 'context', elements: [mrkdwn(escapeToFit(card.foot, most.context))] },
  ];
  const text = escapeToFit(`${headline}. ${card.lead}`, most.text);
  return { text, attachments: [{ color: colours[card.tone], fallback: text, blocks }] };
}

/** `verbatim`: names and addresses in it become no links and call nobody. */
const mrkdwn = (text: string): MrkdwnElement => ({ type: 'mrkdwn', text, verbatim: true });
const section = (text: string): KnownBlock => ({ type: 'section', text: mrkdwn(text) });

function pair(name: string, value: string): MrkdwnElement {
  const head = `*${escapeToFit(name, 200)}*\n`;
  return mrkdwn(head + escapeToFit(value, most.field - head.length));
}

const escape = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

/** Escaped, and still not longer: an escape is never cut in two. */
function escapeToFit(text: string, longest: number): string {
  const plain = plainText(text);
  const whole = escape(plain);
  if (whole.length <= longest) return whole;
  let fitting = '';
  for (const sign of plain) {
    const next = fitting + escape(sign);
    if (next.length > longest - 1) break;
    fitting = next;
  }
  return `${fitting.trimEnd()}…`;
}

function chunks<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, n) => list.slice(n * size, (n + 1) * size));
}
