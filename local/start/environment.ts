import type { ItsmAddresses, MessageAddresses } from '../azure';
import type { LocalKeys } from './keys';
import type { LocalPorts } from './ports';

/** The local storage account's name. */
const account = 'slipwaylaptop';

export const azuriteAccounts = (keys: LocalKeys): string => `${account}:${keys.storageKey}`;

export function storageConnectionString(keys: LocalKeys, ports: LocalPorts): string {
  const endpoint = (port: number) => `http://127.0.0.1:${port}/${account}`;
  return [
    'DefaultEndpointsProtocol=http',
    `AccountName=${account}`,
    `AccountKey=${keys.storageKey}`,
    `BlobEndpoint=${endpoint(ports.blob)}`,
    `QueueEndpoint=${endpoint(ports.queue)}`,
    `TableEndpoint=${endpoint(ports.table)}`,
    '',
  ].join(';');
}

/**
 * What a child inherits of this process's environment: nothing that would make it act on a real Azure account or reach 127.0.0.1 through a
 * proxy.
 */
export function childEnvironment(own: NodeJS.ProcessEnv, settings: Record<string, string>): NodeJS.ProcessEnv {
  const foreign = /^(?:AZURE_|AzureWebJobs|IDENTITY_|MSI_|WEBSITE_|SLIPWAY_|FUNCTIONS_|NODE_OPTIONS$|https?_proxy$|all_proxy$|no_proxy$)/i;
  const kept = Object.fromEntries(Object.entries(own).filter(([name]) => !foreign.test(name)));
  return { ...kept, ...settings };
}

/** App settings of Slipway's own function app on the laptop. */
export function slipwaySettings(from: {
  storage: string;
  keys: Pick<LocalKeys, 'linkKeys' | 'ledgerKeys'>;
  publicUrl: string;
  settingsFile: string;
  operator: string;
  azure: {
    armUrl: string;
    caFile: string;
    identity: { endpoint: string; header: string };
    mail: { endpoint: string };
    messaging: MessageAddresses;
    itsm: ItsmAddresses;
  };
  /** App settings that gates of slipway.yaml name for their logins. */
  logins?: Record<string, string>;
}): Record<string, string> {
  return {
    AzureWebJobsStorage: from.storage,
    TASK_HUB_NAME: 'SlipwayLaptop',
    SLIPWAY_CONFIG: from.settingsFile,
    SLIPWAY_PUBLIC_URL: from.publicUrl,
    SLIPWAY_ARM_ENDPOINT: from.azure.armUrl,
    SLIPWAY_CA_FILE: from.azure.caFile,
    SLIPWAY_MAIL_ENDPOINT: from.azure.mail.endpoint,
    SLIPWAY_MAIL_SENDER: 'slipway@laptop.example.com',
    SLIPWAY_PAGERDUTY_ENDPOINT: from.azure.messaging.pagerduty.endpoint,
    SLIPWAY_SERVICENOW_ENDPOINT: from.azure.itsm.servicenow.url,
    SLIPWAY_JIRA_ENDPOINT: from.azure.itsm.jira.url,
    ...from.logins,
    // As examples/slipway.yaml and examples/tour.yaml name them.
    SLACK_TEAM_URL: from.azure.messaging.slackUrl,
    TEAMS_URL: from.azure.messaging.teamsUrl,
    CHIME_URL: from.azure.messaging.chimeUrl,
    PAGERDUTY_ROUTING_KEY: from.azure.messaging.pagerduty.routingKey,
    EVENTS_URL: from.azure.messaging.webhook.url,
    EVENTS_SECRET: from.azure.messaging.webhook.secret,
    SLIPWAY_LINK_KEYS: from.keys.linkKeys,
    SLIPWAY_LEDGER_KEYS: from.keys.ledgerKeys,
    SLIPWAY_LOCAL_OPERATOR: from.operator,
    IDENTITY_ENDPOINT: from.azure.identity.endpoint,
    IDENTITY_HEADER: from.azure.identity.header,
  };
}
