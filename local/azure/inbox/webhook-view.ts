import type { MessageRecord } from '../types';
import { escapeHtml } from './escape';
import type { MessageView } from './view';

/** An event as a program gets it. */
export function viewWebhook({ service, body, headers = {} }: MessageRecord): MessageView {
  const { type = '', data } = body as { type?: string; data?: { headline?: string } };
  const signed = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return {
    title: data?.headline ?? type,
    to: service === 'webhook' ? 'webhook' : 'Event Grid topic',
    style: 'pre { white-space: pre-wrap; overflow-wrap: anywhere; }',
    html: `<p><b>${escapeHtml(type)}</b></p><pre>${escapeHtml(signed.join('\n'))}</pre><pre>${escapeHtml(JSON.stringify(body, null, 2))}</pre>`,
  };
}
