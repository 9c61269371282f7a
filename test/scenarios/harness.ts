import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WebSiteManagementClient } from '@azure/arm-appservice';
import { ManagedIdentityCredential } from '@azure/identity';
import { QueueServiceClient } from '@azure/storage-queue';
import * as df from 'durable-functions';
import { bundleOrchestrators } from './bundled-orchestrators';
import { runInProcess } from './in-process-slot';
import { startLocalAzure, type LocalAzure } from '../../local/azure';
import { checkTurns, startHost, virtualClock, type Host, type OrchestratorTurn, type Registry, type VirtualClock } from '../../local/host';
import { currentRegistry } from '../../local/host/functions-core';
import type { Ports } from '../../src/azure/ports';
import { composePorts } from '../../src/compose';
import { registerEverything } from '../../src/registrations';
import { startAzurite, type Azurite } from '../azurite';
import { freePort } from '../free-port';
import { ownAppSettings, type newKeys } from '../own-app';
import { standBefore, type StorageOutage } from './storage-outage';

const repository = path.join(__dirname, '../..');
export const sponsor = { subscriptionId: '00000000-0000-0000-0000-000000000001', resourceGroup: 'scenarios' };

export const approver = 'ann@example.com';
export const team = 'team@example.com';

/** As it could be written in slipway.yaml. Merged over one that is quick and has one approver. */
export type PolicyInput = Record<string, unknown>;

const helloCheck = {
  name: 'says hello',
  path: '/api/hello',
  expect: { json: { '/app': 'hello', '/version': '{version}' } },
  timeout: '5s',
  budget: '20s',
};

const usualPolicy: PolicyInput = {
  gates: [{ name: 'release', kind: 'signed-link', approvers: [approver] }],
  expiry: '30m',
  checks: [helloCheck],
  watch: { for: '30s', every: '5s', window: '10s' },
  swap: { settle: '10s', poll: '1s' },
  deployment: { within: '2m', poll: '1s' },
};

export interface Stack {
  clock: VirtualClock;
  host: Host;
  azure: LocalAzure;
  ports: Ports;
  storage: string;
  /** The resource manager, for whoever else works in the same subscription. */
  arm: WebSiteManagementClient;
  /** Slipway over HTTP. */
  call(
    path: string,
    options?: { method?: string; body?: unknown; headers?: Record<string, string> },
  ): Promise<{ status: number; headers: Headers; json: Json }>;
  /** Moves virtual time on in steps until `isSo`. Fails after `withinSeconds` (default two hours) with a sentence that says what it waited for. */
  until(what: string, isSo: () => boolean | Promise<boolean>, options?: { stepSeconds?: number; withinSeconds?: number }): Promise<void>;
  /** Everything that was begun and needs no more time has been done. */
  settle(): Promise<void>;
  advance(seconds: number): Promise<void>;
  enqueue(text: string): Promise<void>;
  /** Runs before a turn of a story is committed: the place of what happens between two steps that take no time. */
  onTurn(look: (turn: OrchestratorTurn) => void | Promise<void>): void;
  /** Storage does so for so long, of virtual time. */
  storageFails(how: 'refuses' | 'stalls' | 'cuts', seconds: number): void;
  /** What failed in triggers until now; answered once, and no longer a reason for `stop` to fail. */
  failures(): string[];
  /** The programming model of the host's registry: it is set once in a process. */
  model(): Registry['model'];
  /** Everything Slipway left in the histories of its orchestrations and in its log. */
  left(): string[];
  /** Fails when a trigger, or the host, failed meanwhile. */
  stop(): Promise<void>;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers are looked into by tests
export type Json = any;

/**
 * Everything real but Azure and the time: Azurite, the local Azure, Slipway's function app on the embedded host, one virtual clock. Each app has
 * an environment `production`. `slots: 'process'` runs what is pushed in child processes, as a laptop does (needs a build).
 */
export async function startStack(options: {
  apps?: Record<string, PolicyInput>;
  /** Apps with several environments, each with a policy of its own; their sites are `site-<app>-<environment>`. */
  environments?: Record<string, Record<string, PolicyInput>>;
  slots?: 'process' | 'in-process' | 'none';
  /** Real milliseconds after which Slipway gives up the answer to a swap; 120,000 in earnest. */
  swapAnswerWithinMs?: number;
  /** Storage is reached through something that can fail. */
  storageCanFail?: boolean;
  /** Other parts of slipway.yaml, such as who is in which audience and over which channels. */
  more?: Record<string, unknown>;
  /** When virtual time begins; on a Monday in January where nothing is said. */
  beginsAt?: string;
  /** Where the apps are; the sponsor's where nothing is said. */
  resourceGroup?: string;
  /** Keys of links and ledger; new ones where nothing is said. */
  keys?: ReturnType<typeof newKeys>;
}): Promise<Stack> {
  const directory = mkdtempSync(path.join(tmpdir(), 'slipway-scenarios-'));
  const clock = options.beginsAt === undefined ? virtualClock() : virtualClock(Date.parse(options.beginsAt));
  const azurite = await startAzurite();
  const outage = options.storageCanFail ? await standBefore(azurite.connectionString, clock) : undefined;
  const storage = outage?.connectionString ?? azurite.connectionString;
  const runSlot = options.slots === 'process' || options.slots === 'none' ? options.slots : runInProcess;
  const azure = await startLocalAzure({ directory: path.join(directory, 'azure'), clock, runSlot, storage, pace: { scmWakesMs: 0 } });
  const port = await freePort();
  const { swapAnswerWithinMs, keys } = options;
  const config = writeConfig(directory, options);
  Object.assign(process.env, ownAppSettings({ storage, azure, port, config, taskHub: 'Scenarios', ...(keys && { keys }) }));
  const ports = { ...composePorts(process.env, swapAnswerWithinMs === undefined ? {} : { swapAnswerWithinMs }), clock };
  const errors: string[] = [];
  const left: string[] = [];
  const looks: ((turn: OrchestratorTurn) => void | Promise<void>)[] = [];
  const registered: Pick<Registry, 'model'> = {};
  const host = await startSlipway({ ports, clock, port, errors, left, looks, registered });
  return stackOf({ clock, host, azure, ports, azurite, storage, outage, directory, errors, left, looks, registered });
}

async function startSlipway({
  ports,
  clock,
  port,
  errors,
  left,
  looks,
  registered,
}: {
  ports: Ports;
  clock: VirtualClock;
  port: number;
  errors: string[];
  left: string[];
  looks: ((turn: OrchestratorTurn) => void | Promise<void>)[];
  registered: Pick<Registry, 'model'>;
}): Promise<Host> {
  const checkTurn = checkTurns({ load: await bundleOrchestrators(), register: df.app.orchestration, model: () => registered.model });
  return startHost({
    appDirectory: repository,
    stateFile: ':memory:',
    port,
    clock,
    async onTurn(turn) {
      left.push(turn.payload, JSON.stringify(turn.response));
      await checkTurn(turn);
      for (const look of looks) await look(turn);
    },
    load() {
      registerEverything(ports);
      Object.assign(registered, { model: currentRegistry().model });
    },
    log({ level, text }) {
      left.push(text);
      if (level === 'error') errors.push(text);
    },
  });
}

function stackOf(parts: {
  clock: VirtualClock;
  host: Host;
  azure: LocalAzure;
  ports: Ports;
  azurite: Azurite;
  storage: string;
  outage: StorageOutage | undefined;
  directory: string;
  errors: string[];
  left: string[];
  looks: ((turn: OrchestratorTurn) => void | Promise<void>)[];
  registered: Pick<Registry, 'model'>;
}): Stack {
  const { clock, host, azure, ports, azurite, storage, outage, directory, errors, left, looks, registered } = parts;
  const orBroken = <T>(work: Promise<T>): Promise<T> => Promise.race([work, host.whenBroken]);
  const advance = (seconds: number): Promise<void> => orBroken(clock.advance(seconds * 1000));
  return {
    clock,
    host,
    azure,
    ports,
    storage,
    arm: new WebSiteManagementClient(new ManagedIdentityCredential(), sponsor.subscriptionId, {
      endpoint: azure.armUrl,
      credentials: { scopes: ['https://management.azure.com/.default'] },
      tlsOptions: { ca: readFileSync(azure.caFile, 'utf8') },
    }),
    onTurn: (look) => void looks.push(look),
    storageFails(how, seconds) {
      if (!outage) throw new Error('This stack reaches its storage directly: start it with storageCanFail.');
      outage.begin(how, seconds);
    },
    failures: () => errors.splice(0),
    advance,
    settle: () => advance(0),
    model: () => registered.model,
    left: () => left,
    async call(at, { method = 'GET', body, headers = {} } = {}) {
      const answer = await orBroken(
        fetch(host.url + at, {
          method,
          headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      );
      const text = await answer.text();
      return { status: answer.status, headers: answer.headers, json: text === '' ? undefined : JSON.parse(text) };
    },
    async until(what, isSo, { stepSeconds = 1, withinSeconds = 7200 } = {}) {
      const endMs = clock.now() + withinSeconds * 1000;
      await advance(0);
      while (!(await isSo())) {
        if (clock.now() >= endMs)
          throw new Error(`${withinSeconds} s of virtual time went by, and it never came about that ${what}. ${errors.at(-1) ?? ''}`);
        await advance(stepSeconds);
      }
    },
    async enqueue(text) {
      const queue = QueueServiceClient.fromConnectionString(storage).getQueueClient('slipway-rollouts');
      await queue.createIfNotExists();
      await queue.sendMessage(text);
    },
    async stop() {
      host.kill();
      await azure.stop();
      await outage?.stop();
      await azurite.stop();
      rmSync(directory, { recursive: true, force: true });
      if (errors.length > 0)
        throw new Error(`A trigger of Slipway, or its host, failed, and no scenario meant it to:\n${[...new Set(errors)].join('\n')}`);
    },
  };
}

function writeConfig(
  directory: string,
  {
    apps = {},
    environments = {},
    resourceGroup = sponsor.resourceGroup,
    more = {},
  }: Pick<Parameters<typeof startStack>[0], 'apps' | 'environments' | 'resourceGroup' | 'more'>,
): string {
  const all = { ...Object.fromEntries(Object.entries(apps).map(([app, policy]) => [app, { production: policy }])), ...environments };
  const nameOf = (app: string, environment: string): string => (app in apps ? app : `${app}-${environment}`);
  const policies = Object.entries(all).flatMap(([app, each]) =>
    Object.entries(each).map(([environment, policy]) => [nameOf(app, environment), { ...usualPolicy, ...policy }]),
  );
  const config = {
    azure: { subscription: sponsor.subscriptionId, resourceGroup },
    outgoing: { loopback: true },
    // Hours go by in seconds here.
    mail: { perHour: 1000 },
    people: { team: [team], 'on-call': ['on-call@example.com'] },
    apps: Object.fromEntries(
      Object.entries(all).map(([app, each]) => [
        app,
        {
          environments: Object.fromEntries(
            Object.keys(each).map((name) => [name, { functionApp: siteOf(nameOf(app, name)), policy: nameOf(app, name) }]),
          ),
        },
      ]),
    ),
    policies: Object.fromEntries(policies) as Record<string, PolicyInput>,
    ...more,
  };
  const file = path.join(directory, 'slipway.yaml');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(config, null, 2));
  return file;
}

export const siteOf = (app: string): string => `site-${app}`;
