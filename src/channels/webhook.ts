import { createHmac } from 'node:crypto';
import { plainText } from '../domain/escape-html';
import { cutText, richestThatFits } from '../domain/fit-text';
import type { NoticeModel } from '../domain/notice';

/**
 * Body of a webhook: a CloudEvents 1.0 event in structured JSON mode (github.com/cloudevents/spec, cloudevents/formats/json-format.md). `id` is
 * the notice's, so a receiver that has seen it knows the event again.
 */
export interface WebhookEvent {
  specversion: '1.0';
  id: string;
  source: string;
  type: string;
  time: string;
  subject?: string;
  datacontenttype: 'application/json';
  data: Omit<NoticeModel, 'ask' | 'at' | 'moment'> & { moment: NoticeModel['moment']; url: string };
}

/** "Usually smaller than 20kb": github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md, Payload size. */
const mostBytes = 20_000;

export function renderWebhook(model: NoticeModel, noticeId: string, publicUrl: string): WebhookEvent {
  return richestThatFits(mostBytes, (longest, most) => {
    const short = (text: string): string => cutText(plainText(text), longest);
    const { moment, rolloutId, app, environment, version, statusPath, ledgerHead, at } = model;
    return {
      specversion: '1.0',
      id: noticeId,
      source: publicUrl,
      type: `slipway.rollout.${moment}`,
      time: at,
      // An event of no rollout has no subject: CloudEvents refuses an empty one.
      ...(rolloutId === '' ? {} : { subject: rolloutId }),
      datacontenttype: 'application/json',
      data: {
        moment,
        rolloutId,
        app,
        environment,
        version: short(version),
        url: statusPath === '' ? '' : `${publicUrl}${statusPath}`,
        statusPath,
        headline: short(model.headline),
        sentence: short(model.sentence),
        serves: short(model.serves),
        facts: model.facts.slice(0, most).map(({ name, value }) => ({ name: short(name), value: short(value) })),
        checks: model.checks.slice(0, most).map(({ name, verdict, seen }) => ({ name: short(name), verdict, seen: short(seen) })),
        did: model.did.slice(0, most).map(short),
        next: model.next.slice(0, most).map(short),
        ...(ledgerHead === undefined ? {} : { ledgerHead }),
      },
    };
  });
}

/**
 * The headers that a receiver checks (Standard Webhooks 1.0.0): the id stays the same however often it is sent, the time is that of this try,
 * the signature is over both and the body.
 */
export function signWebhook(secret: string, id: string, body: string, nowMs: number): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1000));
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`, 'utf8').digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
