import type { MessageDesk } from '../message-desk';
import { jsonObject, type Answer, type Asked } from '../servers';
import type { MessageRecord } from '../types';

export const maxEventBytes = 512 * 1024;

const invalid = (...errors: string[]): Answer => ({
  status: 400,
  body: { status: 'invalid event', message: 'Event object is invalid', errors },
});

/** What is kept of an alert: the event that opened it, and what came since. */
interface Alert {
  dedup_key: string;
  state: 'triggered' | 'acknowledged' | 'resolved';
  event: Record<string, unknown>;
  log: { atMs: number; action: string; summary: string }[];
}

/**
 * PagerDuty's Events API v2: github.com/PagerDuty/developer-docs, docs/events-API-v2 (01-Overview.md, 02-Trigger-Events.md, 03-Send-Change-Events.md). An open alert
 * takes further events of its key; after it was resolved the key opens a new one; what acknowledges or resolves nothing is dropped.
 */
export function pagerRoutes(desk: MessageDesk, routingKey: string): (asked: Asked) => Promise<Answer> {
  return async (asked) => {
    const answer = (it: Answer, repeated = false): Answer => desk.noted('pagerduty', it, repeated);
    const isChange = asked.url.pathname === '/v2/change/enqueue';
    if (asked.method !== 'POST' || !(isChange || asked.url.pathname === '/v2/enqueue')) return answer({ status: 404, body: 'Not Found' });
    const fault = desk.faulty('pagerduty', {
      tooMany: { status: 429, body: { status: 'throttle exceeded', message: 'Requests for this service are arriving too quickly.' } },
      down: { status: 503, body: { message: 'Service Unavailable' } },
      refused: invalid('Invalid routing key'),
    });
    if (fault) return answer(fault);
    const event = await jsonObject(asked);
    if (!event)
      return answer({
        status: 400,
        body: { status: 'invalid event', message: 'Event object format is unrecognized', errors: ['JSON parse error'] },
      });
    const wrong = isChange ? wrongInChange(event, routingKey) : wrongInEvent(event, routingKey);
    if (wrong.length > 0) return answer(invalid(...wrong));
    if (isChange) {
      desk.accept('pagerduty', { body: { change: withoutKey(event) } });
      return answer({ status: 202, body: { status: 'success', message: 'Change event processed' } });
    }
    const { key, repeated } = takeEvent(desk, event);
    return answer({ status: 202, body: { status: 'success', message: 'Event processed', dedup_key: key } }, repeated);
  };
}

function takeEvent(desk: MessageDesk, event: Record<string, unknown>): { key: string; repeated: boolean } {
  const action = String(event['event_action']);
  const key = typeof event['dedup_key'] === 'string' ? event['dedup_key'] : `made-here-${desk.now()}`;
  const { record, number } = latest(desk, key);
  const alert = record && (record.body as unknown as Alert);
  const summary = String((event['payload'] as { summary?: unknown } | undefined)?.summary ?? '');
  const entry = { atMs: desk.now(), action, summary };
  if (record && alert && alert.state !== 'resolved') {
    const state = action === 'resolve' ? 'resolved' : action === 'acknowledge' ? 'acknowledged' : alert.state;
    desk.change({ ...record, body: { ...alert, state, log: [...alert.log, entry] } });
    return { key, repeated: action === 'trigger' };
  }
  if (action !== 'trigger') return { key, repeated: false };
  const opened: Alert = { dedup_key: key, state: 'triggered', event: withoutKey(event), log: [entry] };
  desk.accept('pagerduty', { body: { ...opened } }, `${key}-${number + 1}`);
  return { key, repeated: false };
}

function latest(desk: MessageDesk, key: string): { record: MessageRecord | undefined; number: number } {
  let number = 0;
  while (desk.find('pagerduty', `${key}-${number + 1}`)) number += 1;
  return { record: desk.find('pagerduty', `${key}-${number}`), number };
}

const withoutKey = ({ routing_key: _key, ...event }: Record<string, unknown>): Record<string, unknown> => event;

const isText = (value: unknown, most = Infinity): boolean => typeof value === 'string' && value !== '' && value.length <= most;

function wrongKey(event: Record<string, unknown>, routingKey: string): string[] {
  const { routing_key: key } = event;
  if (typeof key !== 'string' || key.length !== 32) return ["Length of 'routing_key' is incorrect (should be 32 characters)"];
  return key === routingKey ? [] : ['Invalid routing key'];
}

function wrongInEvent(event: Record<string, unknown>, routingKey: string): string[] {
  const { event_action: action, dedup_key: key, payload, links } = event;
  const { summary, source, severity } = (payload ?? {}) as Record<string, unknown>;
  const isTrigger = action === 'trigger';
  return [
    ...wrongKey(event, routingKey),
    ...(['trigger', 'acknowledge', 'resolve'].includes(String(action))
      ? []
      : ["'event_action' is invalid (must be one of: trigger, acknowledge, resolve)"]),
    ...(key === undefined || isText(key, 255) ? [] : ["'dedup_key' is too long (maximum is 255 characters)"]),
    ...(isTrigger || key !== undefined ? [] : ["'dedup_key' is missing or blank"]),
    ...(isTrigger && !isText(summary, 1024) ? ["'payload.summary' is missing or blank, or too long (maximum is 1024 characters)"] : []),
    ...(isTrigger && !isText(source) ? ["'payload.source' is missing or blank"] : []),
    ...(isTrigger && !['critical', 'error', 'warning', 'info'].includes(String(severity))
      ? ["'payload.severity' is invalid (must be one of: critical, warning, error, info)"]
      : []),
    ...wrongLinks(links),
  ];
}

function wrongInChange(event: Record<string, unknown>, routingKey: string): string[] {
  const { summary } = (event['payload'] ?? {}) as Record<string, unknown>;
  return [
    ...wrongKey(event, routingKey),
    ...(isText(summary, 1024) ? [] : ["'payload.summary' is missing or blank, or too long (maximum is 1024 characters)"]),
    ...wrongLinks(event['links']),
  ];
}

function wrongLinks(links: unknown): string[] {
  if (links === undefined) return [];
  const isLink = (link: { href?: unknown } | null): boolean => typeof link?.href === 'string' && URL.canParse(link.href);
  return Array.isArray(links) && links.every(isLink) ? [] : ["'links' is invalid (each must have an href)"];
}
