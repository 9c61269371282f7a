import type { Moment } from './notice';
import { isAlarm } from './notice-model';
import type { Policy } from './settings';
import type { Audience, ChannelSettings } from './settings-channels';

/** One whom a notice goes to: `channel` is `mail` or a channel's name, `recipient` an address or number, or the channel's name again. */
export interface Recipient {
  channel: string;
  recipient: string;
}

/** No channel may be called so. */
export const mailChannel = 'mail';

/** The request that a gate is answered in hears how it ended, like a recipient. No channel's name has a colon. */
const gatePrefix = 'gate:';
export const channelOfGate = (gate: string): string => `${gatePrefix}${gate}`;
export const gateOfChannel = (channel: string): string | undefined =>
  channel.startsWith(gatePrefix) ? channel.slice(gatePrefix.length) : undefined;

interface Heard {
  people: Partial<Record<Audience, readonly string[]>>;
  channels: Record<string, ChannelSettings>;
}

/** Whom audiences (and channels, by name) stand for at a moment, each once, however they are written. A channel that settings no longer have is nobody. */
export function recipientsOf({ people, channels }: Heard, audiences: readonly string[], moment: Moment): Recipient[] {
  const found = audiences
    .flatMap((name) => own(people, name) ?? [name])
    .flatMap((entry): Recipient[] => {
      if (entry.includes('@')) return [{ channel: mailChannel, recipient: entry }];
      const channel = Object.hasOwn(channels, entry) ? channels[entry] : undefined;
      if (!channel || !hears(channel.kind, moment)) return [];
      return channel.kind === 'sms'
        ? channel.to.map((number) => ({ channel: entry, recipient: number }))
        : [{ channel: entry, recipient: entry }];
    });
  return [...new Map(found.map((one) => [`${one.channel} ${one.recipient.toLowerCase()}`, one])).values()];
}

/** An incident service is told of what opens or explains an incident, and of nothing else. */
export const hears = (kind: unknown, moment: Moment): boolean => kind !== 'pagerduty' || isAlarm(moment) || moment === 'success';

/** A name that is no audience with somebody in it may be a channel's. */
const own = (people: Heard['people'], name: string): readonly string[] | undefined =>
  Object.hasOwn(people, name) ? people[name as Audience] : undefined;

/** What one rollout that goes well mails: who is asked, and who hears that it began and how it ended. Reminders come on top. */
export function mailsOfRollout(heard: Heard, { gates, notices }: Pick<Policy, 'gates' | 'notices'>): number {
  const told = (['start', 'waiting', 'success'] as const).flatMap((moment) => recipientsOf(heard, notices[moment], moment));
  const asked = gates.flatMap((gate) => (gate.kind === 'signed-link' ? gate.approvers : []));
  return asked.length + told.filter(({ channel }) => channel === mailChannel).length;
}
