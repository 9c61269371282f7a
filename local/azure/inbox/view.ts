import type { MessageRecord } from '../types';
import { viewPager } from './pager-view';
import { viewChime, viewSms } from './phone-view';
import { viewSlack } from './slack-view';
import { viewTeams } from './teams-view';
import { viewWebhook } from './webhook-view';

/** A message as its reader sees it. `html` and `style` are safe: everything that was sent is escaped in them. */
export interface MessageView {
  title: string;
  /** The service, as people call it, and whom it reaches there. */
  to: string;
  style: string;
  html: string;
  alarm?: true;
}

export function viewOf(message: MessageRecord): MessageView {
  switch (message.service) {
    case 'slack':
      return viewSlack(message);
    case 'teams':
      return viewTeams(message);
    case 'chime':
      return viewChime(message);
    case 'sms':
      return viewSms(message);
    case 'pagerduty':
      return viewPager(message);
    case 'webhook':
    case 'eventgrid':
      return viewWebhook(message);
  }
}

/** The document inside the frame: no script, no picture, nothing from elsewhere. */
export const viewDocument = ({ style, html }: MessageView, nonce: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<base target="_blank">
<style nonce="${nonce}">:root { color-scheme: light dark; } body { margin: 12px; font: 15px/1.45 system-ui, sans-serif; } ${style}</style>
</head>
<body>${html}</body>
</html>`;
