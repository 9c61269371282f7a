import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';
import type { ItsmAddresses, MessageAddresses } from '../azure';
import { slipwayApi, type Api } from './api';
import { whatIsMissing } from './agree';
import { startAzurite, type Azurite } from './azurite';
import { startChild, type Child } from './children';
import { childEnvironment, slipwaySettings } from './environment';
import type { Folder } from './folder';
import type { LocalKeys } from './keys';
import { loginsOf } from './logins';
import { unpackOwnApp } from './own-package';
import { peopleOf } from './people';
import { takePorts } from './ports';
import { buildHello } from './release';
import { helloSite } from './site';

/** Everything that runs: Azurite, the local Azure, Slipway. */
export interface Laptop {
  api: Api;
  slipwayUrl: string;
  inboxUrl: string;
  helloUrl: string;
  storage: string;
  /** Resolves with a sentence when one of them ends without being asked to. */
  broken: Promise<string>;
}

export interface LaptopOptions {
  folder: Folder;
  keys: LocalKeys;
  /** Wait for ports that children of a killed start may still hold. */
  afterKill: boolean;
  /** Run Slipway from its zip instead of from what was compiled. */
  fromPackage: boolean;
  say: (line: string) => void;
  /** Nothing more is started after it. */
  signal: AbortSignal;
  onStart: (pid: number) => void;
  /** Is told how to stop each part as soon as it runs: also parts of a start that fails half-way are to be stopped. */
  onStop: (stop: () => Promise<void>) => void;
}

/** What the local Azure says of itself when it is ready. */
interface AzureReady {
  armUrl: string;
  caFile: string;
  identity: { endpoint: string; header: string };
  mail: { endpoint: string };
  messaging: MessageAddresses;
  itsm: ItsmAddresses;
  inboxUrl: string;
  movedPorts: { name: string; before: number; now: number }[];
  sites: { name: string; slot: string; url: string }[];
}

export async function startLaptop(options: LaptopOptions): Promise<Laptop> {
  const { folder, keys, say, signal } = options;
  signal.throwIfAborted();
  const azurite = await startAzurite(folder, keys, { patienceMs: options.afterKill ? 10_000 : 0, say });
  options.onStop(azurite.stop);
  if (azurite.takenUp) say('Azurite still runs since the last start; it is taken up again.');
  signal.throwIfAborted();
  const missing = await whatIsMissing(folder, azurite.storage);
  if (missing.length > 0) throw new Error(`${missing.join('\n')}\nPut back what is missing, or begin anew with npm start -- --fresh.`);

  const azure = await startAzure(options, azurite.storage);
  const said = azure.ready as unknown as AzureReady;
  for (const { name, before, now } of said.movedPorts)
    say(`Port ${before} is taken by another program; ${name} of the local Azure listens on ${now}.`);
  const production = said.sites.find(({ name, slot }) => name === 'hello-production' && slot === 'production');
  if (!production) throw new Error('The local Azure came up without the app hello-production. Begin anew with npm start -- --fresh.');

  const app = options.fromPackage ? await unpackOwnApp(folder, say) : folder.repository;
  const settingsFile = path.join(folder.repository, 'examples', 'slipway.yaml');
  const { slipway, publicUrl } = await startOwnApp(options, app, azurite, said, settingsFile);
  return {
    api: slipwayApi(publicUrl),
    slipwayUrl: publicUrl,
    inboxUrl: said.inboxUrl,
    helloUrl: `${production.url}/api/hello`,
    storage: azurite.storage,
    broken: Promise.race(
      [{ name: 'Azurite', ended: azurite.ended }, azure, slipway].map(
        async ({ name, ended }) => `${name} ${await ended}. What it said is in ${folder.shown}/logs/. npm start goes on.`,
      ),
    ),
  };
}

async function startAzure(options: LaptopOptions, storage: string): Promise<Child> {
  const { folder } = options;
  const { zip } = await buildHello(folder.repository, '1.0.0');
  folder.write('site.json', { ...helloSite(storage), package: zip.toString('base64') });
  return start(options, {
    name: 'The local Azure',
    part: 'azure',
    args: ['--directory', folder.at('azure'), '--site-spec', folder.at('site.json')],
    settings: {},
  });
}

/** Its port was free when the start began; where another program has taken it since, the next free one is tried. */
export async function startOwnApp(
  options: LaptopOptions,
  app: string,
  { ports, storage }: Pick<Azurite, 'ports' | 'storage'>,
  azure: Omit<AzureReady, 'inboxUrl' | 'movedPorts' | 'sites'>,
  settingsFile: string,
): Promise<{ slipway: Child; publicUrl: string }> {
  const { folder, keys, say } = options;
  const publicUrl = `http://127.0.0.1:${ports.slipway}`;
  try {
    const slipway = await start(options, {
      name: 'Slipway',
      part: 'host',
      args: [
        ...['--app', app, '--state', folder.at('slipway.db'), '--port', String(ports.slipway)],
        ...['--people', JSON.stringify(peopleOf(readFileSync(settingsFile, 'utf8')))],
      ],
      settings: slipwaySettings({
        ...{ storage, keys, publicUrl, settingsFile, azure },
        operator: userInfo().username,
        logins: loginsOf(settingsFile, azure.itsm),
      }),
    });
    return { slipway, publicUrl };
  } catch (error) {
    options.signal.throwIfAborted();
    const others = await takePorts(folder, ['slipway'], { patienceMs: 0, say });
    if (others.slipway === ports.slipway) throw error;
    return startOwnApp(options, app, { ports: others, storage }, azure, settingsFile);
  }
}

interface Part {
  name: string;
  part: 'azure' | 'host';
  args: string[];
  settings: Record<string, string>;
}

async function start({ folder, signal, onStart, onStop }: LaptopOptions, { name, part, args, settings }: Part): Promise<Child> {
  const child = await startChild({
    name,
    script: path.join(folder.repository, 'dist', 'local', part, 'main.js'),
    args,
    environment: childEnvironment(process.env, settings),
    workingDirectory: folder.repository,
    logFile: folder.at('logs', `${part === 'host' ? 'slipway' : 'azure'}.log`),
    onStart,
    signal,
  });
  onStop(child.stop);
  return child;
}
