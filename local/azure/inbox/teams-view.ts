import type { MessageRecord } from '../types';
import { escapeHtml } from './escape';
import type { MessageView } from './view';

interface Run {
  text?: string;
  weight?: string;
  size?: string;
  isSubtle?: boolean;
}
interface Element {
  type?: string;
  style?: string;
  spacing?: string;
  items?: Element[];
  inlines?: Run[];
}

/** An Adaptive Card as the channel shows it. */
export function viewTeams({ body }: MessageRecord): MessageView {
  const [attachment] =
    (body as { attachments?: { content?: { body?: Element[]; actions?: { title?: string; url?: string }[] } }[] }).attachments ?? [];
  const { body: elements = [], actions = [] } = attachment?.content ?? {};
  const buttons = actions.map(({ title = '', url = '' }) =>
    /^https?:/.test(url) ? `<a class="button" href="${escapeHtml(url)}">${escapeHtml(title)}</a>` : '',
  );
  const alarm = elements.some(({ style }) => style === 'attention');
  return {
    title: textOf(elements[0]),
    to: 'Microsoft Teams',
    style: `article { border: 1px solid #8888; border-radius: 6px; overflow: hidden; max-width: 44rem; } article > p { margin: 6px 16px; overflow-wrap: anywhere; } .tight { margin-top: 0 !important; }
.attention { background: #fde7e9; color: #a4262c; } .warning { background: #fff4ce; color: #5d4a00; } .good { background: #dff6dd; color: #0b6a0b; } .accent { background: #e1effa; color: #004578; } .emphasis { background: #eee; color: #333; }
.box { padding: 12px 16px; } .box p { margin: 0; } .subtle { opacity: .7; } .Large { font-size: 19px; } .Small { font-size: 12px; } .button { display: inline-block; margin: 8px 16px 14px; padding: 6px 14px; border: 1px solid #8888; border-radius: 4px; text-decoration: none; }`,
    html: `<p><b>Workflows</b> <small>Slipway</small></p><article>${elements.map(asHtml).join('')}${buttons.join('')}</article>`,
    ...(alarm ? { alarm: true as const } : {}),
  };
}

const styles = ['attention', 'warning', 'good', 'accent', 'emphasis'];

function asHtml({ type, style = '', spacing, items = [], inlines = [] }: Element): string {
  if (type === 'Container') return `<div class="box ${styles.includes(style) ? style : ''}">${items.map(asHtml).join('')}</div>`;
  if (type !== 'RichTextBlock') return '';
  const runs = inlines.map(({ text = '', weight, size = '', isSubtle }) => {
    const looks = [isSubtle ? 'subtle' : '', ['Large', 'Small'].includes(size) ? size : ''].join(' ').trim();
    const said = `<span class="${looks}">${escapeHtml(text)}</span>`;
    return weight === 'Bolder' ? `<b>${said}</b>` : said;
  });
  return `<p${spacing === 'None' ? ' class="tight"' : ''}>${runs.join('')}</p>`;
}

const textOf = (element: Element | undefined): string =>
  [...(element?.inlines ?? []), ...(element?.items ?? []).flatMap(({ inlines = [] }) => inlines)].map(({ text = '' }) => text).join('');
