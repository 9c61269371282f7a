import * as z from 'zod';
import { address, name, settingName, text, wholeNumber } from './settings-words';

/** Ways to reach people besides mail, who hears of what, and over which of them. */

export const audiences = ['team', 'testers', 'stakeholders', 'on-call'] as const;
export const audience = z.enum(audiences);
export type Audience = z.output<typeof audience>;

const kinds = ['slack', 'teams', 'sms', 'pagerduty', 'webhook', 'eventgrid', 'chime'] as const;

const phone = text(/^\+[1-9]\d{6,14}$/, 'a phone number such as "+4915112345678", in quotes');

const channel = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('slack'), url: settingName('SLACK_TEAM_URL') }),
    z.strictObject({ kind: z.literal('teams'), url: settingName('TEAMS_URL') }),
    /** Over the Communication Services resource that mail goes over, from a number or name of it. */
    z.strictObject({
      kind: z.literal('sms'),
      from: text(
        /^(?:\+[1-9]\d{6,14}|\d{5,6}|[A-Za-z0-9 ]{1,11})$/,
        'a number of yours such as "+18005551234", or a name of at most 11 letters',
      ),
      to: z.array(phone).min(1).max(20),
    }),
    z.strictObject({
      kind: z.literal('pagerduty'),
      routingKey: settingName('PAGERDUTY_ROUTING_KEY'),
      region: z.enum(['us', 'eu']).default('us'),
    }),
    /** Its service ended on 20 February 2026: settings-warnings.ts. */
    z.strictObject({ kind: z.literal('chime'), url: settingName('CHIME_URL') }),
    /** `secret` is the key that signs, in the form `whsec_<base64>`. */
    z.strictObject({ kind: z.literal('webhook'), url: settingName('EVENTS_URL'), secret: settingName('EVENTS_SECRET') }),
    /** A custom topic of Event Grid whose input schema is CloudEventSchemaV1_0, and one of its access keys. */
    z.strictObject({ kind: z.literal('eventgrid'), url: settingName('TOPIC_URL'), key: settingName('TOPIC_KEY') }),
  ],
  `a map whose kind is one of: ${kinds.join(', ')}`,
);
export type ChannelSettings = z.output<typeof channel>;

export const channels = z.record(name('a channel name'), channel, 'a map of channels, each under its name').default({});

/** An entry of an audience: somebody's address, or a channel. */
export const heard = z.union([address, name('a channel name')], 'an e-mail address, or the name of a channel');

/** Mails are counted: mail-budget.ts. */
export const mail = z.strictObject({
  perHour: wholeNumber(1, 1000).optional(),
  keptForFailures: wholeNumber(0, 999).optional(),
});

const heardBy = z.array(audience, `a list of audiences: ${audiences.join(', ')}`).max(4);

/** How urgent an incident is, in PagerDuty's words. */
const severity = z.enum(['critical', 'error', 'warning', 'info']);

/** Which audiences hear of which moment. Who has to answer is asked by mail in any case. */
export const policyNotices = z.strictObject({
  start: heardBy.default(['team']),
  /** That somebody is asked, and reminded: for those who only want to know. */
  waiting: heardBy.default([]),
  reminder: heardBy.default([]),
  success: heardBy.default(['team']),
  /** Production was not touched: nobody has to be woken. */
  failure: heardBy.default(['team']),
  'rolled-back': heardBy.default(['team', 'on-call']),
  'needs-attention': heardBy.default(['team', 'on-call']),
  ended: heardBy.default(['team']),
  /** Audiences or channels that hear instead, where a notice can't be brought to its own recipient. */
  fallback: z.array(name('an audience or a channel')).max(4).default([]),
  severity: z
    .strictObject({
      failure: severity.default('warning'),
      'rolled-back': severity.default('error'),
      'needs-attention': severity.default('critical'),
    })
    .prefault({}),
});
