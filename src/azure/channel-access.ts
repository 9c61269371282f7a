import type { ChannelSettings } from '../domain/settings-channels';

/** A channel as it can be reached: what slipway.yaml says of it, and the secrets that app settings hold for it. */
export type ChannelAccess = { kind: 'slack'; url: string } | { kind: 'webhook'; url: string; secret: string };

export type Channels = Readonly<Record<string, ChannelAccess>>;

type Need = (name: string, form: RegExp, what: string) => string;

/** `need` answers an app setting's value and notes where it is missing or not of its form. */
export function accessTo(channels: Record<string, ChannelSettings>, need: Need): Channels {
  return Object.fromEntries(Object.entries(channels).map(([name, channel]) => [name, accessOf(name, channel, need)]));
}

const webAddress = /^https?:\/\/[^\s]+$/;

function accessOf(name: string, channel: ChannelSettings, need: Need): ChannelAccess {
  const of = `of channel ${name}`;
  switch (channel.kind) {
    case 'slack':
      return { kind: 'slack', url: need(channel.url, webAddress, `the incoming webhook's address ${of}`) };
    case 'webhook':
      return {
        kind: 'webhook',
        url: need(channel.url, webAddress, `the address ${of}`),
        secret: need(channel.secret, /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/, `the signing key ${of}, as whsec_<24 to 64 bytes in base64>`),
      };
  }
}
