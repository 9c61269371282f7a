import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import yazl from 'yazl';
import { startLocalAzure, type LocalAzure } from '../../local/azure';
import type { Clock } from '../../local/host';
import { rolloutsPoisonQueue, rolloutsQueue } from '../../src/domain/queue-message';
import { startAzurite, type Account, type Azurite } from '../azurite';
import { newKeys, ownAppSettings } from '../own-app';
import type { Service } from './name-call';
import { people, policies, type Pace } from './policies';

export const subscription = '00000000-0000-0000-0000-000000000001';
const resourceGroup = 'faults';
/** Each rollout has a storage account of its own, so that a host that comes up reads the rows of one rollout and not of thousands. */
const accountKey = 'aGVsbG8=';
const accounts = Array.from({ length: 3000 }, (_, n): Account => ({ name: `a${n}`, key: accountKey }));

export interface Ground {
  azure: LocalAzure;
  directory: string;
  /** What the nth rollout has for itself, always in the same state: so one is the same whatever was played before it. */
  plot(n: number, app: string): Promise<Plot>;
  stop(): Promise<void>;
}

export interface Plot {
  azure: LocalAzure;
  azureDirectory: string;
  /** Its function app, in production with 1.0.0, which a stranger put there. */
  site: string;
  storage: string;
  ledgerKeys: string;
  /** App settings of Slipway, when it listens on that port. */
  settings(port: number): Record<string, string>;
  places(slipwayPort: number): Map<number, Service>;
}

/** One Azurite for all rollouts of a run: it is never cut off, since it acknowledges before it writes. */
export const startStorage = (): Promise<Azurite> => startAzurite(accounts as [Account, ...Account[]]);

/** The local Azure. `clock` absent: in real time. */
export async function layGround(azurite: Azurite, pace: Pace, clock?: Clock): Promise<Ground> {
  const directory = mkdtempSync(path.join(tmpdir(), 'slipway-faults-'));
  const quick = {
    deploymentMs: 120,
    swapApplyMs: 80,
    swapWarmUpMs: 80,
    swapRouteMs: 80,
    swapFinishMs: 80,
    restartMs: 30,
    scmWakesMs: 0,
    mailMs: 50,
  };
  const azureDirectory = path.join(directory, 'azure');
  const azure = await startLocalAzure({
    directory: azureDirectory,
    runSlot: 'none',
    pace: pace === 'real' ? quick : { scmWakesMs: 0 },
    storage: (url) => azurite.connectionStringOf({ name: new URL(url).pathname.split('/')[1] ?? '', key: accountKey }),
    ...(clock && { clock }),
  });
  const keys = newKeys();
  return {
    azure,
    directory,
    async plot(n, app) {
      const storage = azurite.connectionStringOf(accounts[n % accounts.length] ?? { name: 'a0', key: '' });
      const site = `site-${n}`;
      const config = path.join(directory, `slipway-${n}.yaml`);
      writeFileSync(config, JSON.stringify(configOf(pace, app, site), null, 2));
      await createSite(azure, site, storage, app === 'by-url');
      await createQueues(storage);
      return {
        azure,
        azureDirectory,
        site,
        storage,
        ledgerKeys: keys.ledgerKeys,
        settings: (port) => ownAppSettings({ storage, azure, port, config, keys, taskHub: 'Faults' }),
        places: (slipwayPort) => placesOf(azure, site, storage, slipwayPort),
      };
    },
    async stop() {
      await azure.stop();
      rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

const configOf = (pace: Pace, app: string, functionApp: string): object => ({
  azure: { subscription, resourceGroup },
  outgoing: { loopback: true },
  people,
  apps: { [app]: { environments: { production: { functionApp, policy: app } } } },
  policies: policies(pace),
});

/** A host that finds no queue looks for it again and again in real time; here each life looks once. */
async function createQueues(storage: string): Promise<void> {
  const queues = QueueServiceClient.fromConnectionString(storage);
  for (const name of [rolloutsQueue, rolloutsPoisonQueue]) await queues.createQueue(name);
}

/** `byUrl`: on Consumption on Linux, where both slots fetch what they run; the stranger's package too has an address. */
async function createSite(azure: LocalAzure, site: string, storage: string, byUrl: boolean): Promise<void> {
  const identities = { SystemAssigned: { readsContainers: ['slipway-packages', 'strangers'] } };
  const { zip } = await releaseOf('1.0.0');
  const settings = (slot: string): Record<string, string> => ({
    AzureWebJobsStorage: storage,
    FUNCTIONS_EXTENSION_VERSION: '~4',
    FUNCTIONS_WORKER_RUNTIME: 'node',
    WEBSITE_SWAP_WARMUP_PING_PATH: '/api/hello',
    WEBSITE_SWAP_WARMUP_PING_STATUSES: '200',
    AzureFunctionsWebHost__hostid: `${site}-${slot}`,
  });
  await azure.createSite({
    subscriptionId: subscription,
    resourceGroup,
    name: site,
    location: 'westeurope',
    planSku: byUrl ? 'Y1' : 'EP1',
    ...(byUrl && { identities }),
    kind: 'functionapp,linux',
    appSettings: { ...settings('production'), ...(byUrl && { WEBSITE_RUN_FROM_PACKAGE: await uploadFirst(storage, zip) }) },
    stickyNames: ['AzureFunctionsWebHost__hostid'],
    slots: [{ name: 'staging', appSettings: settings('staging'), ...(byUrl && { identities }) }],
    ...(byUrl ? {} : { package: zip }),
  });
}

async function uploadFirst(storage: string, zip: Buffer): Promise<string> {
  const container = BlobServiceClient.fromConnectionString(storage).getContainerClient('strangers');
  await container.createIfNotExists();
  const blob = container.getBlockBlobClient('1.0.0.zip');
  await blob.uploadData(zip);
  return blob.url;
}

function placesOf(azure: LocalAzure, site: string, storage: string, slipwayPort: number): Map<number, Service> {
  const portOf = (url: string): number => Number(new URL(url).port);
  const endpoint = (service: string): number => portOf(new RegExp(`${service}Endpoint=([^;]+)`).exec(storage)?.[1] ?? '');
  return new Map<number, Service>([
    [portOf(azure.armUrl), 'arm'],
    [portOf(azure.mail.endpoint), 'mail'],
    [portOf(azure.identity.endpoint), 'identity'],
    [portOf(azure.itsm.servicenow.url), 'servicenow'],
    [portOf(azure.itsm.jira.url), 'jira'],
    [endpoint('Table'), 'tables'],
    [endpoint('Blob'), 'blobs'],
    [endpoint('Queue'), 'queues'],
    ...azure
      .sites()
      .filter(({ name }) => name === site)
      .flatMap(({ slot, url, scmUrl }): [number, Service][] => [
        [portOf(url), slot === 'production' ? 'production' : 'staging'],
        [portOf(scmUrl), 'scm'],
      ]),
    [slipwayPort, 'slipway'],
  ]);
}

export interface BuiltRelease {
  version: string;
  zip: Buffer;
  sha256: string;
  functions: { name: string; trigger: string }[];
}

const built = new Map<string, Promise<BuiltRelease>>();

/** The smallest package that the local Azure's stand-in serves: it answers with its version. */
export function releaseOf(version: string): Promise<BuiltRelease> {
  const found = built.get(version) ?? buildRelease(version);
  built.set(version, found);
  return found;
}

async function buildRelease(version: string): Promise<BuiltRelease> {
  const zip = new yazl.ZipFile();
  const files = {
    'host.json': '{"version":"2.0"}',
    'package.json': '{"name":"hello","main":"functions.js"}',
    'functions.js': "app.http('hello'); app.storageQueue('greet');",
    VERSION: version,
  };
  for (const [name, text] of Object.entries(files)) zip.addBuffer(Buffer.from(text), name, { mtime: new Date(2024, 0, 1) });
  zip.end();
  const bytes = await buffer(zip.outputStream);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const functions = [
    { name: 'hello', trigger: 'http' },
    { name: 'greet', trigger: 'queue' },
  ];
  return { version, zip: bytes, sha256, functions };
}

/** A folder of its own for the state of one rollout's host: in memory where the system has such a place, since nothing here cuts the disk's power. */
export function stateFolder(): string {
  const memory = '/dev/shm';
  try {
    return mkdtempSync(path.join(memory, 'slipway-faults-'));
  } catch {
    const folder = path.join(tmpdir(), `slipway-faults-${randomBytes(6).toString('hex')}`);
    mkdirSync(folder);
    return folder;
  }
}
