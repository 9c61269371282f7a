import type { Audience, ChannelSettings } from './settings-channels';

/** One whom a notice goes to: `channel` is `mail` or a channel's name, `recipient` an address, or the channel's name again. */
export interface Recipient {
  channel: string;
  recipient: string;
}

/** No channel may be called so. */
export const mailChannel = 'mail';

interface Heard {
  people: Partial<Record<Audience, readonly string[]>>;
  channels: Record<string, ChannelSettings>;
}

/** Whom audiences stand for, each once, however they are written. A channel that settings no longer have is nobody. */
export function recipientsOf({ people, channels }: Heard, audiences: readonly Audience[]): Recipient[] {
  const found = audiences
    .flatMap((audience) => people[audience] ?? [])
    .flatMap((entry): Recipient[] => {
      if (entry.includes('@')) return [{ channel: mailChannel, recipient: entry }];
      return Object.hasOwn(channels, entry) ? [{ channel: entry, recipient: entry }] : [];
    });
  return [...new Map(found.map((one) => [`${one.channel} ${one.recipient.toLowerCase()}`, one])).values()];
}
