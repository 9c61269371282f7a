import type { ChannelAccess } from '../azure/channel-access';
import type { Purpose } from '../azure/outgoing';
import type { Ports } from '../azure/ports';
import { destinationsOf, findAstray, findUnresolved, isUnresolved, ownHostsOf, type Destination } from '../domain/destinations';
import { findBadLogins, type LoginSight } from '../domain/logins';
import { addressOf, loginPattern, type ServiceGatePolicy } from '../domain/service-gate';
import type { Policy } from '../domain/settings';
import type { ChannelSettings } from '../domain/settings-channels';
import type { Finding } from '../domain/traps';
import { serviceOf } from '../gates/service';
import { rememberRefusals } from './remember-refusals';

type Needed = Pick<Ports, 'settings' | 'clock' | 'channels' | 'services' | 'outgoing'>;

/** Of all calls to one service together: somebody waits for the answer. */
const triedWithinMs = 10_000;

/** The channels and services that a policy uses: channels are looked at without a word to any of them, services are asked with the login that a gate has. */
export function createLookAtDestinations(ports: Needed): (policy: Policy) => Promise<Finding[]> {
  const unlessRefused = rememberRefusals(ports);
  return (policy) => lookAtDestinations(ports, policy, unlessRefused);
}

type UnlessRefused = ReturnType<typeof rememberRefusals>;

async function lookAtDestinations(ports: Needed, policy: Policy, unlessRefused: UnlessRefused): Promise<Finding[]> {
  const { channels, gates } = destinationsOf(ports.settings, policy);
  const [there, answered] = await Promise.all([
    Promise.all(channels.map((name) => lookAtChannel(ports, name, ports.settings.channels[name], ports.channels[name]))),
    Promise.all(gates.map((gate) => lookAtGate(ports, gate, unlessRefused))),
  ]);
  const found = [...there.filter((each) => each !== undefined), ...answered.map(({ destination }) => destination)];
  const logins = gates.map((gate) => ({ gate: gate.name, setting: gate.login, value: loginOf(ports, gate) }));
  const tried = answered.flatMap(({ gate, sight }) => (sight ? [{ gate, sight }] : []));
  return [...findAstray(found), ...findUnresolved(logins), ...findBadLogins(policy, tried)];
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

async function lookAtGate(
  ports: Needed,
  gate: ServiceGatePolicy,
  unlessRefused: UnlessRefused,
): Promise<{ gate: ServiceGatePolicy; destination: Destination; sight: LoginSight | undefined }> {
  const address = ports.services.endpoints[gate.kind] ?? addressOf(gate);
  const what = {
    what: `gate ${gate.name}`,
    kind: gate.kind,
    heldIn: `${gate.kind === 'jira' ? 'site' : 'instance'} of gate ${gate.name} in slipway.yaml`,
    ownHosts: [],
  };
  const destination = { ...what, ...(await look(ports, address, 'gate')) };
  return { gate, destination, sight: destination.looked.kind === 'found' ? await tryLogin(ports, gate, unlessRefused) : undefined };
}

/** Undefined where there is nothing to try: that is told already. */
async function tryLogin(ports: Needed, gate: ServiceGatePolicy, unlessRefused: UnlessRefused): Promise<LoginSight | undefined> {
  const login = loginOf(ports, gate);
  if (isUnresolved(login)) return undefined;
  if (login === '') return { kind: 'missing' };
  if (!loginPattern.test(login)) return { kind: 'malformed' };
  // Its time begins when it is asked, which may be after another.
  return unlessRefused(gate, login, async () => (await serviceOf(ports, gate, triedWithinMs)?.tryLogin()) ?? { kind: 'missing' });
}

const loginOf = ({ services }: Needed, { login }: ServiceGatePolicy): string => services.logins[login] ?? '';

async function look({ outgoing }: Needed, address: string, purpose: Purpose): Promise<Pick<Destination, 'host' | 'looked'>> {
  if (!URL.canParse(address)) return { host: undefined, looked: { kind: 'nowhere' } };
  const url = new URL(address);
  return { host: url.hostname, looked: await outgoing.look(url, purpose) };
}
