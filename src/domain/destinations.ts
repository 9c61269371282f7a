import { fitsHost } from './host-pattern';
import { moments } from './notice';
import { mailChannel, recipientsOf } from './recipients';
import { isServiceGate, trialOf, type ServiceGatePolicy, type ServiceKind } from './service-gate';
import type { Policy, Settings } from './settings';
import type { ChannelSettings } from './settings-channels';
import type { Finding } from './traps';

/** What one look at an address told, without a request to it. */
export type Looked =
  | { kind: 'found' }
  /** Not asked by the rules of `outgoing`; `why` is the end of a sentence. */
  | { kind: 'refused'; why: string }
  /** Its name has no address. */
  | { kind: 'nowhere' }
  | { kind: 'untold'; code: string };

/** Where a policy has Slipway send to besides mail. Of an address, which may be secret, its host alone is told. */
export interface Destination {
  /** As in the middle of a sentence: `channel office`. */
  what: string;
  kind: ChannelSettings['kind'] | ServiceKind;
  /** Undefined where what should hold an address holds none that can be read. */
  host: string | undefined;
  /** What holds the address: `the app setting TEAMS_URL`. */
  heldIn: string;
  /** Hosts that the service is reached at; any will do where there are none. */
  ownHosts: readonly string[];
  looked: Looked;
}

/**
 * Channels that anybody hears over by this policy, also in the place of others, and gates that services answer: of those that ask a service the same with
 * the same login, the first.
 */
export function destinationsOf(
  heard: Pick<Settings, 'people' | 'channels'>,
  { notices, gates, revert, hotfix }: Pick<Policy, 'notices' | 'gates' | 'revert' | 'hotfix'>,
): { channels: string[]; gates: ServiceGatePolicy[] } {
  const told = moments.flatMap((moment) => recipientsOf(heard, [...notices[moment], ...notices.fallback], moment));
  const channels = new Set(told.map(({ channel }) => channel).filter((channel) => channel !== mailChannel));
  const services = [...gates, ...revert.gates, ...(hotfix?.gates ?? [])].filter(isServiceGate);
  const asked = services.map(trialOf);
  return { channels: [...channels].sort(), gates: services.filter((gate, n) => asked.indexOf(trialOf(gate)) === n) };
}

const pagerHost = { us: 'events.pagerduty.com', eu: 'events.eu.pagerduty.com' };

/**
 * Slack: docs.slack.dev/messaging/sending-messages-using-incoming-webhooks, and docs.slack.dev/govslack. Teams: the hosts of flows and of Logic Apps
 * (both quoted in github.com/swisscom/backman/issues/102). Event Grid: learn.microsoft.com/azure/event-grid/post-to-custom-topic.
 */
export function ownHostsOf(channel: ChannelSettings): readonly string[] {
  switch (channel.kind) {
    case 'slack':
      return ['hooks.slack.com', 'hooks.slack-gov.com'];
    case 'teams':
      return ['*.api.powerplatform.com', '*.logic.azure.com'];
    case 'pagerduty':
      return [pagerHost[channel.region]];
    case 'eventgrid':
      return ['*.eventgrid.azure.net'];
    case 'chime':
    case 'sms':
    case 'webhook':
      return [];
  }
}

/** Connectors of Office 365: devblogs.microsoft.com/microsoft365dev/retirement-of-office-365-connectors-within-microsoft-teams. */
const retiredHosts = ['*.webhook.office.com', 'outlook.office.com', 'outlook.office365.com'];

const ownMachine = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** What is wrong with the ways to people and services, as far as it can be told without sending anything there. */
export const findAstray = (destinations: readonly Destination[]): Finding[] =>
  destinations.flatMap((each) => [...judgeHost(each), ...judgeLook(each)]);

const told = (code: string, sentence: string, why: string, next: string): Finding[] => [{ code, weight: 'warns', sentence, why, next }];

/** Nothing more is to be told of an address that is none, or whose service is gone. */
const isDead = ({ kind, host }: Destination): boolean =>
  kind === 'chime' || host === undefined || (kind === 'teams' && fitsHost(host, retiredHosts));

function judgeHost(destination: Destination): Finding[] {
  const { what, kind, host, heldIn, ownHosts } = destination;
  const subject = what.charAt(0).toUpperCase() + what.slice(1);
  const lost = 'Nothing that is sent there arrives.';
  if (kind === 'chime')
    return told(
      'channel-ended',
      `${subject} is Amazon Chime, which ended on 20 February 2026.`,
      lost,
      'Write another channel under channels in slipway.yaml.',
    );
  if (host === undefined)
    return told(
      'address-unreadable',
      `No address can be read from ${heldIn}, which ${what} needs.`,
      'Nothing can be sent there.',
      `Copy the address into ${heldIn} anew.`,
    );
  if (isDead(destination))
    return told(
      'channel-retired',
      `${subject} leads to ${host}, a connector of Office 365, which Microsoft has retired.`,
      lost,
      `Make a flow in Teams with Workflows ("When a Teams webhook request is received"), and put its address into ${heldIn}.`,
    );
  if (ownHosts.length === 0 || fitsHost(host, ownHosts) || ownMachine.test(host)) return [];
  return told(
    'channel-foreign-host',
    `${subject} leads to ${host}, and the service is reached at ${ownHosts.join(' or ')}.`,
    'What is sent elsewhere comes to the service only if something there passes it on.',
    `Copy the address into ${heldIn} anew; leave it if a relay of yours, or another cloud, is meant.`,
  );
}

function judgeLook(destination: Destination): Finding[] {
  const { what, host, heldIn, looked } = destination;
  if (isDead(destination) || looked.kind === 'found') return [];
  const where = `${host}, where ${what} leads,`;
  switch (looked.kind) {
    case 'refused':
      return told(
        'address-refused',
        `${where} is not asked: ${looked.why}.`,
        'Nothing is sent to an address that outgoing in slipway.yaml does not allow.',
        `Put an https address into ${heldIn}; or, if a private one is meant, name its host under outgoing.private.`,
      );
    case 'nowhere':
      return told(
        'address-nowhere',
        `The name ${where} has no address.`,
        'Nothing that is sent there arrives.',
        `Correct it in ${heldIn}; if it is right, look at the DNS of the network that Slipway runs in.`,
      );
    case 'untold':
      return told(
        'address-untold',
        `Whether ${where} has an address could not be told (${looked.code}).`,
        'If it has none, that would show only when something is to be sent.',
        'Examine it again; if it stays so, look at the DNS of the network that Slipway runs in.',
      );
  }
}

/**
 * A login that is the text of a reference: where Key Vault could not be read, the setting holds that instead of the secret
 * (learn.microsoft.com/azure/app-service/app-service-key-vault-references), and of all secrets a login alone may look so.
 */
export const isUnresolved = (value: string): boolean => value.startsWith('@Microsoft.KeyVault(');

export const findUnresolved = (logins: readonly { gate: string; setting: string; value: string }[]): Finding[] =>
  logins
    .filter(({ value }) => isUnresolved(value))
    .flatMap(({ gate, setting }) =>
      told(
        'login-unresolved',
        `The app setting ${setting}, the login of gate ${gate}, holds a reference to Key Vault that was not resolved.`,
        'The service would be asked with the reference instead of the secret, and refuses it.',
        'Look at the setting in the portal, which says why, and at the identity’s role on the vault.',
      ),
    );
