import type { MessageRecord } from '../types';
import { escapeHtml } from './escape';
import type { MessageView } from './view';

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** A text as a bubble on a phone. */
export function viewSms({ body }: MessageRecord): MessageView {
  const { from, to, message } = body;
  const said = escapeHtml(text(message)).replace(/https?:\/\/[^\s<]+/g, (address) => `<a href="${address}">${address}</a>`);
  return {
    title: text(message).slice(0, 120),
    to: text(to),
    style:
      '.phone { max-width: 22rem; border: 1px solid #8888; border-radius: 24px; padding: 16px; } .from { text-align: center; font-size: 13px; opacity: .7; } .bubble { background: #e9e9eb; color: #111; border-radius: 18px; padding: 10px 14px; overflow-wrap: anywhere; } .bubble a { color: inherit; }',
    html: `<div class="phone"><p class="from">${escapeHtml(text(from))}</p><div class="bubble">${said}</div></div>`,
  };
}

/** A message in a room of Amazon Chime. */
export function viewChime({ body }: MessageRecord): MessageView {
  const content = text(body['Content']);
  return {
    title: content.split('\n')[0] ?? '',
    to: 'Amazon Chime',
    style: '.said { white-space: pre-wrap; overflow-wrap: anywhere; border-left: 3px solid #5a30b5; padding-left: 12px; }',
    html: `<p><b>Slipway</b> <small>webhook</small></p><div class="said">${escapeHtml(content)}</div>`,
  };
}
