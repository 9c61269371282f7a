import { ManagedIdentityCredential, DefaultAzureCredential, type TokenCredential } from '@azure/identity';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { armAppControl } from './azure/app-control-arm';
import { accessTo } from './azure/channel-access';
import { systemClock } from './azure/clock';
import { communicationMail } from './azure/mail';
import { createOutgoing } from './azure/outgoing';
import { scmPackagePush } from './azure/package-push-scm';
import { blobPackages } from './azure/packages-blob';
import type { Keys, Ports } from './azure/ports';
import { tableRows } from './azure/rows-tables';
import { loadSettings } from './azure/settings-file';
import { servicesOf } from './azure/service-access';
import { communicationSms } from './azure/sms';
import { storageConnection } from './azure/storage-connection';
import { otlpHeaders, otlpTelemetry } from './azure/telemetry';
import { mailBudgetOf } from './domain/mail-budget';

type Environment = Record<string, string | undefined>;

/**
 * Makes every adapter, once, from the app's settings. Throws one error that names every setting that is missing or wrong.
 * `swapAnswerWithinMs`: after how long the answer to a swap is lost, where that is not what Azure's gateway makes of it.
 */
export function composePorts(environment: Environment, limits: { swapAnswerWithinMs?: number } = {}): Ports {
  const { need, mistakes } = needs(environment);
  const publicUrl = need(
    'SLIPWAY_PUBLIC_URL',
    /^https?:\/\/[^\s]+$/,
    'the address people reach Slipway at, such as https://slipway.example.com',
  ).replace(/\/+$/, '');
  const mailEndpoint = need('SLIPWAY_MAIL_ENDPOINT', /^https:\/\/[^\s]+$/, 'the https endpoint of the Communication Services resource');
  const mailSender = need('SLIPWAY_MAIL_SENDER', /^[^\s@]+@[^\s@]+$/, 'the sender address of a mail domain connected to it');
  const linkKeys = keysOf(need('SLIPWAY_LINK_KEYS', keysForm, keysHint));
  const ledgerKeys = keysOf(need('SLIPWAY_LEDGER_KEYS', keysForm, keysHint));
  const collector = collectorOf(environment, need, mistakes);
  const loaded = loadSettings(environment['SLIPWAY_CONFIG'] ?? path.join(process.cwd(), 'slipway.yaml'));
  if (loaded.kind === 'mistakes') mistakes.push(...loaded.sentences);
  const channels = loaded.kind === 'settings' ? accessTo(loaded.settings.channels, need, environment['SLIPWAY_PAGERDUTY_ENDPOINT']) : {};
  const endpoints = servicesElsewhere(environment, mistakes);
  const services = loaded.kind === 'settings' ? servicesOf(loaded.settings, need, endpoints) : { logins: {}, endpoints };
  if (mistakes.length > 0 || loaded.kind === 'mistakes' || !linkKeys || !ledgerKeys)
    throw new Error(`Slipway can't start:\n- ${mistakes.join('\n- ')}`);

  for (const sentence of loaded.warnings) process.emitWarning(sentence);

  const caFile = environment['SLIPWAY_CA_FILE'];
  const credential = credentialOf(environment);
  const access = {
    credential,
    armEndpoint: environment['SLIPWAY_ARM_ENDPOINT'] ?? 'https://management.azure.com',
    ...(caFile ? { ca: readFileSync(caFile, 'utf8') } : {}),
  };
  const storage = storageConnection(environment, credential);
  const packagePush = scmPackagePush(access);
  const outgoing = createOutgoing(loaded.settings.outgoing);
  const packages = blobPackages(storage, outgoing);
  return {
    settings: loaded.settings,
    clock: systemClock,
    rows: tableRows(storage),
    appControl: armAppControl({ ...access, ...limits, contentOf: packagePush.contentOf, digestAt: packages.digestAt }),
    packagePush,
    packages,
    outgoing,
    mail: communicationMail({ endpoint: mailEndpoint, sender: mailSender, credential, ...(caFile ? { caFile } : {}) }),
    mailBudget: mailBudgetOf(loaded.settings.mail, mailSender),
    sms: communicationSms({ endpoint: mailEndpoint, credential, ...(caFile ? { caFile } : {}) }),
    channels,
    ...(collector ? { telemetry: otlpTelemetry(outgoing, collector.endpoint, collector.headers) } : {}),
    services,
    linkKeys,
    ledgerKeys,
    publicUrl,
  };
}

/** Where services are reached that are not at the address that slipway.yaml names: on a laptop alone, as logins go there. */
function servicesElsewhere(environment: Environment, mistakes: string[]): Ports['services']['endpoints'] {
  const named = { servicenow: 'SLIPWAY_SERVICENOW_ENDPOINT', jira: 'SLIPWAY_JIRA_ENDPOINT' };
  const there = Object.entries(named).flatMap(([kind, name]) => {
    const value = environment[name];
    return value === undefined ? [] : [{ kind, name, value }];
  });
  if (environment['WEBSITE_SITE_NAME'])
    mistakes.push(
      ...there.map(
        ({ name }) =>
          `Setting ${name} is for laptops alone: in Azure the login would go to where it leads. Take it away; slipway.yaml names the address.`,
      ),
    );
  return Object.fromEntries(there.map(({ kind, value }) => [kind, value]));
}

const keysForm = /^[A-Za-z0-9_-]{1,40}:[A-Za-z0-9_-]{43}(?:,[A-Za-z0-9_-]{1,40}:[A-Za-z0-9_-]{43})*$/;
const keysHint = '<key id>:<32 bytes in base64url>, newest first, separated by commas';

type Need = (name: string, form: RegExp, what: string) => string;

function needs(environment: Environment): { need: Need; mistakes: string[] } {
  const mistakes: string[] = [];
  const need: Need = (name, form, what) => {
    const value = environment[name] ?? '';
    // The value itself may be a secret: it is never repeated.
    if (!form.test(value)) mistakes.push(`Setting ${name} is ${value === '' ? 'missing' : 'not of its form'}: it holds ${what}.`);
    return value;
  };
  return { need, mistakes };
}

/** The collector of telemetry, where one is named. */
function collectorOf(
  environment: Environment,
  need: Need,
  mistakes: string[],
): { endpoint: string; headers: Record<string, string> } | undefined {
  if (!environment['OTEL_EXPORTER_OTLP_ENDPOINT']) return undefined;
  const endpoint = need('OTEL_EXPORTER_OTLP_ENDPOINT', /^https?:\/\/[^\s]+$/, 'the address of a collector that takes OTLP over HTTP');
  const headers = otlpHeaders(environment['OTEL_EXPORTER_OTLP_HEADERS'] ?? '');
  if (headers) return { endpoint, headers };
  mistakes.push(
    'Setting OTEL_EXPORTER_OTLP_HEADERS is not of its form: it holds name=value pairs, separated by commas, values percent-encoded.',
  );
  return undefined;
}

function keysOf(text: string): Keys | undefined {
  if (!keysForm.test(text)) return undefined;
  const [first, ...older] = text.split(',').map((one) => {
    const [id = '', key = ''] = one.split(':');
    return { id, key: new Uint8Array(Buffer.from(key, 'base64url')) };
  });
  return first && [first, ...older];
}

/** The app's managed identity where the platform offers one; elsewhere whoever is signed in. */
function credentialOf(environment: Environment): TokenCredential {
  const clientId = environment['AZURE_CLIENT_ID'];
  if (!environment['IDENTITY_ENDPOINT']) return new DefaultAzureCredential();
  return clientId ? new ManagedIdentityCredential({ clientId }) : new ManagedIdentityCredential();
}
