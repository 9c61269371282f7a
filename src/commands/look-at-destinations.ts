import type { ChannelAccess } from '../azure/channel-access';
import type { Purpose } from '../azure/outgoing';
import type { Ports } from '../azure/ports';
import { destinationsOf, findAstray, findUnresolved, ownHostsOf, type Destination } from '../domain/destinations';
import { addressOf, type ServiceGatePolicy } from '../domain/service-gate';
import type { Policy } from '../domain/settings';
import type { ChannelSettings } from '../domain/settings-channels';
import type { Finding } from '../domain/traps';

type Needed = Pick<Ports, 'settings' | 'channels' | 'services' | 'outgoing'>;

/** The channels and services that a policy uses, looked at without a word to any of them. */
export async function lookAtDestinations(ports: Needed, policy: Policy): Promise<Finding[]> {
  const { channels, gates } = destinationsOf(ports.settings, policy);
  const looks = [
    ...channels.map((name) => lookAtChannel(ports, name, ports.settings.channels[name], ports.channels[name])),
    ...gates.map((gate) => lookAtGate(ports, gate)),
  ];
  const found = (await Promise.all(looks)).filter((each) => each !== undefined);
  const logins = gates.map(({ name, login }) => ({ gate: name, setting: login, value: ports.services.logins[login] ?? '' }));
  return [...findAstray(found), ...findUnresolved(logins)];
}

async function lookAtChannel(
  ports: Needed,
  name: string,
  channel: ChannelSettings | undefined,
  access: ChannelAccess | undefined,
): Promise<Destination | undefined> {
  // Texts go over the resource that mail goes over.
  if (!channel || !access || channel.kind === 'sms' || access.kind === 'sms') return undefined;
  const heldIn = `the app setting ${channel.kind === 'pagerduty' ? 'SLIPWAY_PAGERDUTY_ENDPOINT' : channel.url}`;
  const address = access.kind === 'pagerduty' ? access.endpoint : access.url;
  const what = { what: `channel ${name}`, kind: channel.kind, heldIn, ownHosts: ownHostsOf(channel) };
  return { ...what, ...(await look(ports, address, 'channel')) };
}

async function lookAtGate(ports: Needed, gate: ServiceGatePolicy): Promise<Destination> {
  const address = ports.services.endpoints[gate.kind] ?? addressOf(gate);
  const what = {
    what: `gate ${gate.name}`,
    kind: gate.kind,
    heldIn: `${gate.kind === 'jira' ? 'site' : 'instance'} of gate ${gate.name} in slipway.yaml`,
    ownHosts: [],
  };
  return { ...what, ...(await look(ports, address, 'gate')) };
}

async function look({ outgoing }: Needed, address: string, purpose: Purpose): Promise<Pick<Destination, 'host' | 'looked'>> {
  if (!URL.canParse(address)) return { host: undefined, looked: { kind: 'nowhere' } };
  const url = new URL(address);
  return { host: url.hostname, looked: await outgoing.look(url, purpose) };
}
