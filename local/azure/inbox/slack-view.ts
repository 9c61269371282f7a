import type { MessageRecord } from '../types';
import { escapeHtml } from './escape';
import type { MessageView } from './view';

interface Text {
  type?: unknown;
  text?: unknown;
}
interface Block {
  type?: unknown;
  text?: Text;
  fields?: Text[];
  elements?: Text[];
}

/** A message as the room shows it: avatar, name, the coloured bar, and the blocks. */
export function viewSlack({ body }: MessageRecord): MessageView {
  const {
    text = '',
    attachments = [],
    blocks = [],
  } = body as {
    text?: string;
    attachments?: { color?: string; blocks?: Block[] }[];
    blocks?: Block[];
  };
  const cards = attachments.map((card, n) => `<div class="card card-${n}">${(card.blocks ?? []).map(blockAsHtml).join('')}</div>`);
  const bars = attachments.map(({ color }, n) =>
    /^#[0-9a-f]{6}$/i.test(color ?? '') ? `.card-${n} { border-left-color: ${color}; }` : '',
  );
  return {
    title: unescaped(text),
    to: 'Slack',
    style: `.card { border-left: 4px solid #999; padding: 0 0 0 12px; margin: 8px 0 16px; } .fields { display: grid; grid-template-columns: 1fr 1fr; gap: 8px 16px; margin: 8px 0; overflow-wrap: anywhere; }
h2 { font-size: 18px; margin: 4px 0 8px; } .context { font-size: 12px; opacity: .75; overflow-wrap: anywhere; } ${bars.join(' ')}`,
    html: `<p><b>Slipway</b> <small>App</small><br>${mrkdwn(text)}</p>${blocks.map(blockAsHtml).join('')}${cards.join('')}`,
  };
}

function blockAsHtml({ type, text, fields = [], elements = [] }: Block): string {
  switch (type) {
    case 'header':
      return `<h2>${textAsHtml(text)}</h2>`;
    case 'section':
      return `${text ? `<p>${textAsHtml(text)}</p>` : ''}${fields.length > 0 ? `<div class="fields">${fields.map((field) => `<div>${textAsHtml(field)}</div>`).join('')}</div>` : ''}`;
    case 'context':
      return `<p class="context">${elements.map(textAsHtml).join(' ')}</p>`;
    case 'divider':
      return '<hr>';
    default:
      return '';
  }
}

const textAsHtml = (text: Text | undefined): string => {
  const said = typeof text?.text === 'string' ? text.text : '';
  return text?.type === 'mrkdwn' ? mrkdwn(said) : escapeHtml(said).replace(/\n/g, '<br>');
};

/** Bold and links of Slack's markup; all that was written by people stands there escaped, and is shown as it was written. */
function mrkdwn(text: string): string {
  return text
    .split(/(<[^<>]*>)/)
    .map((part) => {
      const [, target = '', label = ''] = /^<([^|<>]*)\|?([^<>]*)>$/.exec(part) ?? [];
      if (target === '')
        return escapeHtml(unescaped(part))
          .replace(/(^|\n)\*(.+?)\*(?=\n|$)/g, '$1<b>$2</b>')
          .replace(/\n/g, '<br>');
      const said = escapeHtml(unescaped(label || target));
      return /^https?:\/\//.test(target) ? `<a href="${escapeHtml(unescaped(target))}">${said}</a>` : `<mark>${said}</mark>`;
    })
    .join('');
}

const unescaped = (text: string): string => text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');
