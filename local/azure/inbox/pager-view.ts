import type { MessageRecord } from '../types';
import { escapeHtml } from './escape';
import type { MessageView } from './view';

interface Payload {
  summary?: string;
  source?: string;
  severity?: string;
  custom_details?: Record<string, unknown>;
}
interface Kept {
  dedup_key?: string;
  state?: string;
  event?: { payload?: Payload };
  change?: { payload?: Payload };
  log?: { atMs: number; action: string; summary: string }[];
}

/** An incident as whoever is on call sees it, or a change event. */
export function viewPager({ body }: MessageRecord): MessageView {
  const { dedup_key: key = '', state = '', event, change, log = [] } = body as Kept;
  const payload = event?.payload ?? change?.payload ?? {};
  const details = Object.entries(payload.custom_details ?? {}).map(
    ([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(Array.isArray(value) ? value.join('\n') : String(value))}</dd>`,
  );
  const entries = log.map(
    ({ atMs, action, summary }) => `<li>${new Date(atMs).toISOString().slice(11, 19)} ${escapeHtml(action)} ${escapeHtml(summary)}</li>`,
  );
  const badge = change ? 'change' : `${state}${payload.severity ? `, ${payload.severity}` : ''}`;
  const head = `<p><span class="badge ${state === 'resolved' || change ? 'calm' : 'loud'}">${escapeHtml(badge)}</span> ${escapeHtml(payload.source ?? '')}</p>`;
  return {
    title: `${change ? '' : `${state}: `}${payload.summary ?? key}`,
    to: change ? 'PagerDuty, as a change' : 'PagerDuty, whoever is on call',
    style: `.badge { display: inline-block; padding: 2px 8px; border-radius: 4px; color: #fff; } .loud { background: #b3261e; } .calm { background: #1e7a46; } h1 { font-size: 18px; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 12px; } dt { opacity: .7; } dd { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }`,
    html: `${head}<h1>${escapeHtml(payload.summary ?? '')}</h1>${change ? '' : `<p>Key ${escapeHtml(key)}</p><ol>${entries.join('')}</ol>`}<dl>${details.join('')}</dl>`,
    ...(state === 'triggered' ? { alarm: true as const } : {}),
  };
}
