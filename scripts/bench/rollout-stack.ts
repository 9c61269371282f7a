import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BlobServiceClient } from '@azure/storage-blob';
import { startLocalAzure } from '../../local/azure';
import { startHost, virtualClock, type OrchestratorTurn } from '../../local/host';
import { buildHello } from '../../local/start/release';
import { composePorts } from '../../src/compose';
import { registerEverything } from '../../src/registrations';
import { startAzurite } from '../../test/azurite';
import { freePort } from '../../test/free-port';
import { atOnce } from '../../test/local-azure/cloud';
import { ownAppSettings } from '../../test/own-app';
import { runInProcess } from '../../test/scenarios/in-process-slot';

/** Slipway on the embedded host, its file on disk, before a local Azure that takes no time of its own. */
export interface RolloutStack {
  /** Builds a release and uploads it; answers what asks for its rollout. */
  request(version: string): Promise<string>;
  /** From the asking to the end of the story on the disk. */
  rollOut(request: string): Promise<void>;
  stop(): Promise<void>;
}

const repository = path.resolve(__dirname, '../../..');
const site = { subscriptionId: '00000000-0000-0000-0000-000000000001', resourceGroup: 'bench', name: 'site-hello' };
/** Every wait is a jump of the clock: these are the least that the rules of the settings let through. */
const policy = {
  checks: [{ name: 'says hello', path: '/api/hello', expect: { json: { '/app': 'hello', '/version': '{version}' } } }],
  watch: { for: '30s', every: '5s', window: '10s' },
  swap: { settle: '10s', poll: '1s' },
  deployment: { within: '2m', poll: '1s' },
};
/** @param afterLoad is called when all functions are registered and none has run */
export async function startRolloutStack(folder: string, afterLoad: () => void): Promise<RolloutStack> {
  mkdirSync(folder, { recursive: true });
  const clock = virtualClock();
  const azurite = await startAzurite();
  const storage = azurite.connectionString;
  const azure = await startLocalAzure({
    directory: path.join(folder, 'azure'),
    clock,
    runSlot: runInProcess,
    pace: { ...atOnce, swapRetryAfterSeconds: 1 },
  });
  const port = await freePort();
  Object.assign(process.env, ownAppSettings({ storage, azure, port, config: writeConfig(folder), taskHub: 'Bench' }));
  const ports = { ...composePorts(process.env), clock };
  const ends = new Map<string, () => void>();
  const host = await startHost({
    appDirectory: repository,
    stateFile: path.join(folder, 'slipway.db'),
    port,
    clock,
    load() {
      registerEverything(ports);
      afterLoad();
    },
    onTurn: ({ functionName, instanceId, response }: OrchestratorTurn) => {
      if (functionName === 'rollout' && response.isDone) ends.get(instanceId)?.();
    },
    log({ level, text }) {
      if (level === 'error') throw new Error(text);
    },
  });
  const { zip } = await buildHello(repository, '1.0.0');
  const slot = { AzureWebJobsStorage: storage, FUNCTIONS_EXTENSION_VERSION: '~4', FUNCTIONS_WORKER_RUNTIME: 'node' };
  const warmUp = { WEBSITE_SWAP_WARMUP_PING_PATH: '/api/hello', WEBSITE_SWAP_WARMUP_PING_STATUSES: '200' };
  const appSettings = (name: string) => ({ ...slot, ...warmUp, AzureFunctionsWebHost__hostid: `hello-${name}` });
  await azure.createSite({
    ...site,
    location: 'westeurope',
    planSku: 'EP1',
    kind: 'functionapp,linux',
    appSettings: appSettings('production'),
    stickyNames: ['AzureFunctionsWebHost__hostid'],
    slots: [{ name: 'staging', appSettings: appSettings('staging') }],
    package: zip,
  });
  await clock.advance(1000);
  clock.auto(true);
  return {
    request: (version) => requestFor(version, storage),
    async rollOut(body) {
      const headers = { 'content-type': 'application/json' };
      const answer = await host.ask({ method: 'POST', path: '/api/rollouts', headers, body });
      if (answer.status !== 202) throw new Error(`The rollout was not taken: ${answer.status} ${answer.body}`);
      const { id } = JSON.parse(answer.body) as { id: string };
      await Promise.race([new Promise<void>((resolve) => ends.set(id, resolve)), host.whenBroken]);
      await host.whenIdle();
      const after = await host.ask({ method: 'GET', path: `/api/rollouts/${id}` });
      const { outcome } = JSON.parse(after.body) as { outcome?: string };
      if (outcome !== 'deployed')
        throw new Error(`The rollout that was measured ended ${outcome ?? 'without an outcome'}: ${after.body.slice(0, 1000)}`);
    },
    async stop() {
      host.kill();
      await azure.stop();
      await azurite.stop();
    },
  };
}

async function requestFor(version: string, storage: string): Promise<string> {
  const release = await buildHello(repository, version);
  const digest = createHash('sha256').update(release.zip).digest('hex');
  const container = BlobServiceClient.fromConnectionString(storage).getContainerClient('releases');
  await container.createIfNotExists();
  const blob = container.getBlockBlobClient(`${digest}.zip`);
  await blob.uploadData(release.zip);
  const asked = {
    app: 'hello',
    environment: 'production',
    version,
    package: { url: blob.url, sha256: digest },
    functions: release.functions,
  };
  return JSON.stringify(asked);
}

function writeConfig(folder: string): string {
  const config = path.join(folder, 'slipway.yaml');
  // JSON is YAML.
  const written = {
    azure: { subscription: site.subscriptionId, resourceGroup: site.resourceGroup },
    outgoing: { loopback: true },
    people: { team: ['team@example.com'], 'on-call': ['on-call@example.com'] },
    apps: { hello: { environments: { production: { functionApp: site.name, policy: 'hello' } } } },
    policies: { hello: policy },
  };
  writeFileSync(config, JSON.stringify(written));
  return config;
}
