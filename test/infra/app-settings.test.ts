import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';

/** What the code reads of its app settings is set in Bicep, and what Bicep sets somebody reads. */
const repository = path.join(__dirname, '../..');
const read = (...names: string[]): string => readFileSync(path.join(repository, ...names), 'utf8');

/** The platform gives these itself. */
const ofPlatform = ['IDENTITY_ENDPOINT', 'WEBSITE_AUTH_ENABLED', 'WEBSITE_INSTANCE_ID', 'WEBSITE_SITE_NAME'];
/** A laptop, a test or another cloud sets these; in Azure they stay unset. */
const elsewhere = [
  'AzureWebJobsStorage',
  'AzureWebJobsStorage__blobServiceUri',
  'AzureWebJobsStorage__tableServiceUri',
  'SLIPWAY_CA_FILE',
  'SLIPWAY_LOCAL_OPERATOR',
  'SLIPWAY_PAGERDUTY_ENDPOINT',
];
/** Read by the Functions host, its extensions and the platform, not by our code. */
const ofHost =
  /^(?:AzureWebJobsStorage__(?:credential|clientId)|APPLICATIONINSIGHTS_\w+|AzureWebJobsDisableHomepage|OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID|AzureFunctionsJobHost__\w+|DURABLE_TASK_SCHEDULER_CONNECTION_STRING)$/;

const sources = readdirSync(path.join(repository, 'src'), { recursive: true, encoding: 'utf8' })
  // Settings of a target, and what the command line reads where a person runs it, are not those of Slipway's own app.
  .filter((file) => file.endsWith('.ts') && !file.endsWith('target-facts.ts') && !/^(?:cli|dashboard)[\\/]/.test(file))
  .map((file) => read('src', file))
  .join('\n');
const readByCode = new Set([
  ...[...sources.matchAll(/\b(?:environment|settings|env)\['(\w+)'\]|\bneed\(\s*'(\w+)'/g)].map(
    ([, direct, needed]) => direct ?? needed ?? '',
  ),
  ...[...read('host.json').matchAll(/%(\w+)%/g)].map(([, name]) => name ?? ''),
]);

/** What slipway.yaml names for its channels and gates is set from the vault, by `settingsFromVault`, or with a topic of Event Grid. */
const named = (file: string): string[] => [...read('docs', file).matchAll(/\b[A-Z]+(?:_[A-Z]+)+\b/g)].map(([name]) => name);
const ofSettings = new Set([...named('channels.md'), ...named('gates.md')]);

const setBy = (snapshot: string): string[] => {
  const { predictedResources } = JSON.parse(read('infra', 'parameters', `${snapshot}.snapshot.json`)) as {
    predictedResources: { id: string; type: string; properties: Record<string, unknown> }[];
  };
  const found = predictedResources.find(({ type, id }) => type === 'Microsoft.Web/sites/config' && id.endsWith('/appsettings'));
  return Object.keys(found?.properties ?? {});
};

test.each(['slipway', 'slipway-scheduler'])('%s sets what the code reads, and nothing that nobody reads', (snapshot) => {
  const set = setBy(snapshot);
  expect([...readByCode].filter((name) => !set.includes(name) && !ofPlatform.includes(name)).sort()).toEqual([...elsewhere].sort());
  expect(set.filter((name) => !readByCode.has(name) && !ofHost.test(name) && !ofSettings.has(name))).toEqual([]);
});

test('the logins of gates come from the vault', () => {
  const { predictedResources } = JSON.parse(read('infra', 'parameters', 'slipway-scheduler.snapshot.json')) as {
    predictedResources: { id: string; properties?: Record<string, unknown> }[];
  };
  const settings = predictedResources.find(({ id }) => id.endsWith('/config/appsettings'))?.properties;
  for (const [setting, secret] of [
    ['JIRA_LOGIN', 'jira-login'],
    ['SERVICENOW_LOGIN', 'servicenow-login'],
  ] as const)
    expect(settings?.[setting]).toMatch(new RegExp(`^@Microsoft.KeyVault\\(VaultName=\\S+;SecretName=${secret}\\)$`));
});

test('the example for Core Tools names settings that somebody reads, and all that a start needs', () => {
  const { Values } = JSON.parse(read('local.settings.example.json')) as { Values: Record<string, string> };
  const given = Object.keys(Values);
  expect(given.filter((name) => !readByCode.has(name) && name !== 'FUNCTIONS_WORKER_RUNTIME')).toEqual([]);
  const needed = [...read('src', 'compose.ts').matchAll(/need\(\s*'(SLIPWAY_\w+)'/g)].map(([, name = '']) => name);
  expect(needed.length).toBeGreaterThan(3);
  expect(needed.filter((name) => !given.includes(name))).toEqual([]);
});

test('the package and the templates name Node 22', () => {
  expect(read('infra', 'modules', 'app.bicep')).toContain("runtime: { name: 'node', version: '22' }");
  expect(read('infra', 'target.bicep')).toContain("'NODE|22'");
  expect(read('infra', 'target.bicep')).toContain("WEBSITE_NODE_DEFAULT_VERSION: '~22'");
  expect(read('scripts', 'build-package.mjs')).toContain("engines: { node: '>=22' }");
});
