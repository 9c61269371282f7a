import { plainText } from '../domain/escape-html';
import { cutText } from '../domain/fit-text';
import type { NoticeModel } from '../domain/notice';
import { cardOf } from '../domain/notice-card';
import { isAlarm } from '../domain/notice-model';

/** An event of PagerDuty's Events API v2 and where it is posted: github.com/PagerDuty/developer-docs, docs/events-API-v2. */
export interface PagerPost {
  path: '/v2/enqueue' | '/v2/change/enqueue';
  body: Record<string, unknown>;
}

/** A summary has at most 1024 characters; an event 512 KB, which these leave far away. */
const most = { summary: 1024, detail: 1000, details: 60 };

export interface PagerDetails {
  noticeId: string;
  publicUrl: string;
  routingKey: string;
  /** The rollout whose incident this notice resolves. */
  resolves?: string;
}

/** One incident a rollout, by its id as the dedup key: what fails opens it, `resolves` closes it; a good end is a change event, which wakes nobody. */
export function renderPagerduty(model: NoticeModel, { noticeId, publicUrl, routingKey, resolves }: PagerDetails): PagerPost {
  if (resolves !== undefined)
    return { path: '/v2/enqueue', body: { routing_key: routingKey, event_action: 'resolve', dedup_key: resolves } };
  const card = cardOf(model, noticeId, publicUrl);
  const short = (text: string): string => cutText(plainText(text), most.detail);
  const common = {
    summary: cutText(plainText(`${model.headline}. ${card.lead}`), most.summary),
    source: `${model.app}.${model.environment}`,
    timestamp: model.at,
    custom_details: {
      sentence: short(model.sentence),
      serves: short(model.serves),
      ...Object.fromEntries(card.facts.slice(0, most.details).map(({ name, value }) => [short(name), short(value)])),
      did: model.did.slice(0, most.details).map(short),
      next: model.next.slice(0, most.details).map(short),
      notice: card.foot,
    },
  };
  const links = card.url === '' ? [] : [{ href: card.url, text: 'Everything about it' }];
  if (!isAlarm(model.moment)) return { path: '/v2/change/enqueue', body: { routing_key: routingKey, payload: common, links } };
  return {
    path: '/v2/enqueue',
    body: {
      routing_key: routingKey,
      event_action: 'trigger',
      dedup_key: model.rolloutId === '' ? noticeId : model.rolloutId,
      payload: { ...common, severity: model.severity ?? 'error', component: model.app, group: model.environment, class: model.moment },
      links,
      client: 'Slipway',
      client_url: publicUrl,
    },
  };
}
