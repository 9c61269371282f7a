import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ManagedIdentityCredential } from '@azure/identity';
import { BlobServiceClient } from '@azure/storage-blob';
import { startLocalAzure, type LocalAzure, type SiteSpec } from '../azure';
import { armAppControl } from '../../src/azure/app-control-arm';
import { scmPackagePush } from '../../src/azure/package-push-scm';
import { createClient, type SlipwayClient } from '../../src/client/slipway-client';
import type { Outcome } from '../../src/domain/rollout';
import type { RolloutView } from '../../src/domain/rollout-view';
import type { Screen } from '../../src/cli/screen';
import { startAzurite } from './azurite';
import type { Folder } from './folder';
import { keysOf } from './keys';
import { startOwnApp } from './laptop';
import { playApprovers } from './play-approvers';
import type { RehearsalFault } from './rehearsal-faults';
import type { Rehearsal } from './rehearsal-settings';
import { endedHere } from './rehearsal-words';

export interface Rehearsed {
  outcome: Outcome;
  rollout: RolloutView;
  startedAt: string;
  endedAt: string;
  fault?: RehearsalFault & { asked: string; struck: boolean };
  /** What production answered at a check's path: status and the first of its text. */
  production: { path: string; before: string; after: string };
  asItShould: boolean;
}

interface Rehearsing {
  folder: Folder;
  settings: Rehearsal;
  zip: Buffer;
  /** What serves when the rehearsal begins; nothing that Slipway brought. */
  before: Buffer;
  version: string;
  fault: (RehearsalFault & { asked: string }) | undefined;
  screen: Screen;
  signal: AbortSignal;
  /** How to end each part, newest last. */
  stops: (() => Promise<void>)[];
}

/** Brings everything up, plays everybody, and answers how the rollout ended. */
export async function rehearse(rehearsing: Rehearsing): Promise<Rehearsed> {
  const { settings, fault, screen } = rehearsing;
  screen.say(
    `Rehearsing ${settings.app} to ${settings.environment}: your slipway.yaml and your package, against a local Azure. Nothing of yours in Azure is touched.`,
  );
  if (settings.changed.length > 0) screen.say(`Otherwise than in the file: ${settings.changed.join('; ')}.`);
  if (fault) screen.say(`Fault ${fault.asked}: ${fault.says}`);
  const stage = await build(rehearsing);
  const path = settings.policy.checks[0]?.path ?? '/';
  const url = stage.azure.siteUrl(settings.target.functionApp);
  const before = await answerOf(url + path);
  if (fault && fault.name !== 'production-503') turnOn(stage.azure, rehearsing, fault);
  const startedAt = new Date().toISOString();
  const rollout = await playRollout(stage, rehearsing);
  const struck = fault !== undefined && hasStruck(stage.azure, fault);
  if (fault) stage.azure.faults.off(fault.name);
  const outcome = rollout.outcome ?? 'needs-attention';
  return {
    outcome,
    rollout,
    startedAt,
    endedAt: rollout.ending?.at ?? startedAt,
    ...(fault && { fault: { ...fault, struck } }),
    production: { path, before, after: await answerOf(url + path) },
    asItShould: fault ? struck && outcome === fault.outcome : outcome === 'deployed' || outcome === 'unchanged',
  };
}

interface Stage {
  azure: LocalAzure;
  client: SlipwayClient;
  storage: string;
}

async function build({ folder, settings, before, screen, signal, stops }: Rehearsing): Promise<Stage> {
  const keys = keysOf(folder);
  const azurite = await startAzurite(folder, keys, { patienceMs: 0, say: () => undefined });
  stops.push(azurite.stop);
  signal.throwIfAborted();
  const log: string[] = [];
  const azure = await startLocalAzure({ directory: folder.at('azure'), runSlot: 'process', log: (line) => log.push(line) });
  stops.push(() => azure.stop());
  await azure.createSite({ ...siteOf(settings, azurite.storage), package: before });
  signal.throwIfAborted();
  const settingsFile = folder.at('slipway.json');
  writeFileSync(settingsFile, settings.text, { mode: 0o600 });
  const { publicUrl } = await startOwnApp(
    {
      folder,
      keys,
      afterKill: false,
      fromPackage: false,
      say: (line) => screen.say(line),
      signal,
      onStart: () => undefined,
      onStop: (stop) => stops.push(stop),
    },
    folder.repository,
    azurite,
    azure,
    settingsFile,
  );
  return { azure, client: createClient({ baseUrl: publicUrl }), storage: azurite.storage };
}

/** The function app as it must be before Slipway comes; its plan takes slots. */
function siteOf({ target, policy }: Rehearsal, storage: string): SiteSpec {
  const settings = (slot: string) => ({
    AzureWebJobsStorage: storage,
    FUNCTIONS_EXTENSION_VERSION: '~4',
    FUNCTIONS_WORKER_RUNTIME: 'node',
    WEBSITE_SWAP_WARMUP_PING_PATH: policy.checks[0]?.path ?? '/',
    WEBSITE_SWAP_WARMUP_PING_STATUSES: '200',
    AzureFunctionsWebHost__hostid: `rehearsal-${slot}`,
  });
  return {
    subscriptionId: target.subscription,
    resourceGroup: target.resourceGroup,
    name: target.functionApp,
    location: 'westeurope',
    planSku: 'EP1',
    kind: 'functionapp,linux',
    appSettings: settings('production'),
    stickyNames: ['AzureFunctionsWebHost__hostid'],
    slots: [{ name: target.slot, appSettings: settings('staging') }],
  };
}

async function playRollout({ azure, client, storage }: Stage, rehearsing: Rehearsing): Promise<RolloutView> {
  const { settings, zip, version, screen, signal, fault } = rehearsing;
  const { app, environment } = settings;
  const sha256 = createHash('sha256').update(zip).digest('hex');
  const releases = BlobServiceClient.fromConnectionString(storage).getContainerClient('releases');
  await releases.createIfNotExists();
  const blob = releases.getBlockBlobClient(`${sha256}.zip`);
  await blob.uploadData(zip);
  const functions = await functionsOf(azure, settings);
  const { id } = await client.start(
    { app, environment, version, package: { url: blob.url, sha256 }, functions, actor: 'the rehearsal' },
    randomUUID(),
  );
  screen.say('');
  const played = new Set<string>();
  for (;;) {
    const view = endedHere(await client.rollout(id, signal), fault?.outcome);
    // Before the swap it would break the checks of whoever looks at production.
    if (fault?.name === 'production-503' && view.phase === 'watching' && azure.faults.active().length === 0)
      turnOn(azure, rehearsing, fault);
    if (view.phase === 'undoing' && fault?.name === 'production-503') azure.faults.off(fault.name);
    screen.show(view);
    if (view.phase === 'done') {
      screen.settle();
      return view;
    }
    await playApprovers(azure, view, played, screen);
    await sleep(300, undefined, { signal });
  }
}

/** What the package holds, as the host that runs it in production found: that is the same package, or the one before. */
async function functionsOf(azure: LocalAzure, { target }: Rehearsal): Promise<{ name: string; trigger: string }[]> {
  // This process is the app's identity for so long.
  process.env['IDENTITY_ENDPOINT'] = azure.identity.endpoint;
  process.env['IDENTITY_HEADER'] = azure.identity.header;
  const access = { credential: new ManagedIdentityCredential(), armEndpoint: azure.armUrl, ca: readFileSync(azure.caFile, 'utf8') };
  const control = armAppControl({ ...access, contentOf: scmPackagePush(access).contentOf, digestAt: () => undefined });
  const found = await control.listFunctions(target, 'production');
  return found.map(({ name, trigger }) => ({ name, trigger }));
}

function turnOn(azure: LocalAzure, { settings }: Rehearsing, { name, options }: RehearsalFault): void {
  const { functionApp, slot } = settings.target;
  const place = options.slot === 'staging' ? { site: functionApp, slot } : options.slot === undefined ? {} : { site: functionApp };
  azure.faults.on(name, { ...options, ...place });
}

/** One that is used up is not active any more; one that goes on did so all the time. */
const hasStruck = (azure: LocalAzure, { name }: RehearsalFault): boolean =>
  azure.faults.active().every((active) => active.name !== name || active.left === null);

/** Status and the first of the text, as a person would see it. */
async function answerOf(url: string): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    const text = (await response.text()).replace(/\s+/g, ' ').trim();
    return `${response.status} ${text.length > 200 ? `${text.slice(0, 200)}…` : text}`.trim();
  } catch {
    return 'nothing';
  }
}
