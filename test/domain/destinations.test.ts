import { describe, expect, test } from '@jest/globals';
import { destinationsOf, findAstray, findUnresolved, ownHostsOf, type Destination } from '../../src/domain/destinations';
import { settingsSchema, type Policy } from '../../src/domain/settings';
import type { ServiceGatePolicy } from '../../src/domain/service-gate';
import type { ChannelSettings } from '../../src/domain/settings-channels';
import { change, request } from './service-gates';

const serviceNow = { kind: 'servicenow', instance: 'https://acme.service-now.com', login: 'SN_LOGIN', assignmentGroup: 'a'.repeat(32) };
const settings = settingsSchema.parse({
  azure: { subscription: 's', resourceGroup: 'g' },
  people: { team: ['team@example.com', 'room'], 'on-call': ['night'], testers: ['quiet'] },
  channels: {
    room: { kind: 'slack', url: 'SLACK_TEAM_URL' },
    night: { kind: 'pagerduty', routingKey: 'PAGER_KEY', region: 'eu' },
    quiet: { kind: 'webhook', url: 'QUIET_URL', secret: 'QUIET_SECRET' },
    spare: { kind: 'teams', url: 'TEAMS_URL' },
  },
  apps: {},
  policies: {
    careful: {
      gates: [
        { name: 'release', approvers: ['ann@example.com'] },
        { name: 'change', ...serviceNow },
      ],
      revert: { gates: [{ name: 'back', ...serviceNow }] },
      hotfix: { gates: [{ name: 'urgent', ...serviceNow, login: 'SN_URGENT' }] },
      notices: { fallback: ['spare'] },
    },
    plain: {},
  },
});
const policy = (name: string): Policy => settings.policies[name] as Policy;

test('a policy uses the channels that somebody hears over, also instead of another, and each service once', () => {
  const { channels, gates } = destinationsOf(settings, policy('careful'));
  expect(channels).toEqual(['night', 'room', 'spare']);
  expect(gates.map(({ login }) => login)).toEqual(['SN_LOGIN', 'SN_URGENT']);
  expect(destinationsOf({ ...settings, people: {} }, policy('plain'))).toEqual({ channels: [], gates: [] });
});

test('gates with one login ask once where they ask the same, by the first of them', () => {
  const here = policy('careful');
  const asked = (...gates: ServiceGatePolicy[]) => {
    const [first, ...more] = gates.map((gate, n) => ({ ...gate, name: `gate-${n}` }));
    const found = destinationsOf(settings, {
      ...here,
      gates: first ? [first] : [],
      revert: { ...here.revert, gates: more },
      hotfix: undefined,
    });
    return found.gates.map(({ name }) => name);
  };
  expect(asked(request, { ...request, requestType: '18' }, { ...request, serviceDesk: '5' })).toEqual(['gate-0', 'gate-2']);
  expect(asked(change, { ...change, type: 'emergency' }, { ...change, auth: 'oauth' })).toEqual(['gate-0', 'gate-2']);
  expect(asked(change, { ...change, login: 'ANOTHER' }, { ...change, instance: 'https://other.service-now.com' })).toHaveLength(3);
});

const slack: Destination = {
  what: 'channel room',
  kind: 'slack',
  host: 'hooks.slack.com',
  heldIn: 'the app setting SLACK_TEAM_URL',
  ownHosts: ['hooks.slack.com', 'hooks.slack-gov.com'],
  looked: { kind: 'found' },
};
const office = 'acme.webhook.office.com';
const teams = {
  ...slack,
  what: 'channel office',
  kind: 'teams' as const,
  heldIn: 'the app setting TEAMS_URL',
  ownHosts: ['*.logic.azure.com'],
};
const gate = { ...slack, what: 'gate change', kind: 'servicenow' as const, host: 'acme.service-now.com', ownHosts: [] };

test.each<[string, string, Destination]>([
  ['channel-ended', 'Channel old is Amazon Chime, which ended on 20 February 2026.', { ...slack, what: 'channel old', kind: 'chime' }],
  [
    'address-unreadable',
    'No address can be read from the app setting SLACK_TEAM_URL, which channel room needs.',
    { ...slack, host: undefined, looked: { kind: 'nowhere' } },
  ],
  [
    'channel-retired',
    `Channel office leads to ${office}, a connector of Office 365, which Microsoft has retired.`,
    { ...teams, host: office },
  ],
  [
    'channel-foreign-host',
    'Channel room leads to hooks.slack.com.example.com, and the service is reached at hooks.slack.com or hooks.slack-gov.com.',
    { ...slack, host: 'hooks.slack.com.example.com' },
  ],
  [
    'address-refused',
    'acme.service-now.com, where gate change leads, is not asked: its address is a private one.',
    { ...gate, looked: { kind: 'refused', why: 'its address is a private one' } },
  ],
  ['address-nowhere', 'The name acme.service-now.com, where gate change leads, has no address.', { ...gate, looked: { kind: 'nowhere' } }],
  [
    'address-untold',
    'Whether hooks.slack.com, where channel room leads, has an address could not be told (EAI_AGAIN).',
    { ...slack, looked: { kind: 'untold', code: 'EAI_AGAIN' } },
  ],
])('%s warns: %s', (code, sentence, destination) => {
  const said = expect.stringMatching(/^\S.* .*\.$/);
  expect(findAstray([destination])).toEqual([{ code, weight: 'warns', sentence, why: said, next: said }]);
});

test('what is as it should be is not spoken of; nor is a stand-in on this machine foreign', () => {
  expect(findAstray([slack, gate, { ...teams, host: 'prod-1.westeurope.logic.azure.com' }])).toEqual([]);
  for (const host of ['127.0.0.1', 'localhost', '[::1]']) expect(findAstray([{ ...slack, host }])).toEqual([]);
  expect(findAstray([{ ...slack, host: 'localhost.example.com' }])).toHaveLength(1);
});

test('a foreign name that leads nowhere is both', () => {
  const codes = findAstray([{ ...slack, host: 'hooks.slack.comm', looked: { kind: 'nowhere' } }]).map(({ code }) => code);
  expect(codes).toEqual(['channel-foreign-host', 'address-nowhere']);
});

describe('hosts', () => {
  const pager = (region: 'us' | 'eu'): ChannelSettings => ({ kind: 'pagerduty', routingKey: 'K', region });
  test.each<[ChannelSettings, readonly string[]]>([
    [{ kind: 'slack', url: 'U' }, ['hooks.slack.com', 'hooks.slack-gov.com']],
    [{ kind: 'teams', url: 'U' }, ['*.api.powerplatform.com', '*.logic.azure.com']],
    [pager('us'), ['events.pagerduty.com']],
    [pager('eu'), ['events.eu.pagerduty.com']],
    [{ kind: 'eventgrid', url: 'U', key: 'K' }, ['*.eventgrid.azure.net']],
    [{ kind: 'webhook', url: 'U', secret: 'S' }, []],
    [{ kind: 'sms', from: 'Slipway', to: ['+4915112345678'] }, []],
    [{ kind: 'chime', url: 'U' }, []],
  ])('%j is reached at', (channel, hosts) => {
    expect(ownHostsOf(channel)).toEqual(hosts);
  });
});

test('a login that is still a reference to Key Vault is told by name alone', () => {
  const value = '@Microsoft.KeyVault(SecretUri=https://kv-slipway.vault.azure.net/secrets/sn)';
  const found = findUnresolved([
    { gate: 'change', setting: 'SN_LOGIN', value },
    { gate: 'urgent', setting: 'SN_URGENT', value: 'slipway:secret' },
  ]);
  expect(found.map(({ code, weight, sentence }) => ({ code, weight, sentence }))).toEqual([
    {
      code: 'login-unresolved',
      weight: 'warns',
      sentence: 'The app setting SN_LOGIN, the login of gate change, holds a reference to Key Vault that was not resolved.',
    },
  ]);
  expect(JSON.stringify(found)).not.toContain('vault.azure.net');
});
