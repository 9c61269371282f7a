import type { ChannelSettings } from '../domain/settings-channels';

/** A channel as it can be reached: what slipway.yaml says of it, and the secrets that app settings hold for it. */
export type ChannelAccess =
  | { kind: 'slack' | 'teams' | 'chime'; url: string }
  | { kind: 'sms'; from: string }
  | { kind: 'pagerduty'; endpoint: string; routingKey: string }
  | { kind: 'webhook'; url: string; secret: string }
  | { kind: 'eventgrid'; url: string; key: string };

export type Channels = Readonly<Record<string, ChannelAccess>>;

type Need = (name: string, form: RegExp, what: string) => string;

/** `pagerEndpoint`: where PagerDuty's events go instead of to its own addresses. `need` answers an app setting's value and notes where it is missing or not of its form. */
export function accessTo(channels: Record<string, ChannelSettings>, need: Need, pagerEndpoint?: string): Channels {
  return Object.fromEntries(Object.entries(channels).map(([name, channel]) => [name, accessOf(name, channel, need, pagerEndpoint)]));
}

const webAddress = /^https?:\/\/[^\s]+$/;

function accessOf(name: string, channel: ChannelSettings, need: Need, pagerEndpoint: string | undefined): ChannelAccess {
  const of = `of channel ${name}`;
  switch (channel.kind) {
    case 'slack':
    case 'teams':
    case 'chime':
      return { kind: channel.kind, url: need(channel.url, webAddress, `the incoming webhook's address ${of}`) };
    case 'sms':
      return { kind: 'sms', from: channel.from };
    case 'pagerduty': {
      const endpoint = pagerEndpoint ?? `https://events.${channel.region === 'eu' ? 'eu.' : ''}pagerduty.com`;
      return {
        kind: 'pagerduty',
        endpoint,
        routingKey: need(channel.routingKey, /^[A-Za-z0-9]{32}$/, `the routing key ${of}, 32 letters and digits`),
      };
    }
    case 'webhook':
      return {
        kind: 'webhook',
        url: need(channel.url, webAddress, `the address ${of}`),
        secret: need(channel.secret, /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/, `the signing key ${of}, as whsec_<24 to 64 bytes in base64>`),
      };
    case 'eventgrid':
      return {
        kind: 'eventgrid',
        url: need(channel.url, webAddress, `the topic's endpoint ${of}, which ends in /api/events`),
        key: need(channel.key, /^[A-Za-z0-9+/=]{20,200}$/, `the access key of the topic ${of}, as az eventgrid topic key list prints it`),
      };
  }
}
