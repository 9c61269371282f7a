import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Call } from '../../src/activities/activity';
import type { AppControl } from '../../src/azure/app-control';
import type { Instances } from '../../src/azure/instances';
import type { MailSender } from '../../src/azure/mail';
import { createOutgoing } from '../../src/azure/outgoing';
import type { PackagePush } from '../../src/azure/package-push';
import type { Packages } from '../../src/azure/packages';
import type { Ports } from '../../src/azure/ports';
import type { Rows } from '../../src/azure/rows';
import type { GateRow } from '../../src/domain/gate';
import type { LaneRow } from '../../src/domain/lane';
import { pushMessage, type SlotState, type Slots } from '../../src/domain/live';
import type { GoPlan } from '../../src/domain/plan';
import type { TargetFacts } from '../../src/domain/preflight';
import { markerOf } from '../../src/domain/release';
import type { RolloutRow } from '../../src/domain/rollout';
import { settingsSchema, type Policy } from '../../src/domain/settings';
import { gateKey, laneKey, lanePartition, rolloutKey } from '../../src/domain/tables';
import { ann, ben, digest, gate, iso, keys, opened, plan, rollout, rolloutId } from '../mail/world';
import { rowsInMemory } from '../rows-in-memory';
import { fitTarget } from '../target-facts';

export const lane = lanePartition('hello', 'production');
export const older = 'hello-production-1-0-0-01d01d01';

const settings = settingsSchema.parse({
  azure: { subscription: 'sub', resourceGroup: 'rg' },
  people: { team: ['team@example.com'], 'on-call': ['night@example.com'] },
  apps: { hello: { environments: { production: { functionApp: 'hello-production', policy: 'careful' } } } },
  policies: {
    careful: {
      onNewer: 'supersede',
      gates: [{ name: 'release', kind: 'signed-link', approvers: [ann, ben] }],
      checks: [{ name: 'says hello', path: '/api/hello', expect: { json: { '/version': '{version}' } } }],
      watch: { for: '10s', every: '5s', window: '5s' },
    },
  },
});
export const policy = settings.policies['careful'] as Policy;

/** What was done to the world outside of the rows. */
export interface Effects {
  pushes: string[];
  swapPosts: number;
  /** The staging slot's settings, and which of them stay there. */
  settings: Record<string, string>;
  sticky: string[];
  kept: string[];
  /** By the id that keeps the service from sending twice. */
  mails: Record<string, string>;
  started: string[];
  terminated: string[];
}

export interface World {
  ports: Ports;
  call: Call;
  rows: Rows;
  slots: Slots;
  effects: Effects;
  /** Every row there is, without the times of the last sign of life. */
  dump(): Promise<Record<string, unknown>>;
}

/** Runs around each call of a port: what an interleaving and a power cut are made of. */
export type Around = (call: () => Promise<unknown>) => Promise<unknown>;

export interface Given {
  row?: Partial<RolloutRow>;
  lane?: LaneRow;
  gate?: Partial<GateRow>;
  /** The rollout's row lacks these. */
  without?: (keyof RolloutRow)[];
}

/** An app that answers its version, for checks that really ask. */
export async function startHello(): Promise<{ hostName: string; stop(): Promise<void> }> {
  const server = http.createServer((_request, response) => response.end(JSON.stringify({ version: '2.0.0' })));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    hostName: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** One rollout in the middle of its story, in memory. `arrange` writes more rows, around which nothing runs. */
export async function openWorld(hostName: string, given: Given, arrange: (world: World) => Promise<void>): Promise<World> {
  const memory = rowsInMemory();
  const seen = new Set<string>();
  const rows: Rows = {
    ...memory,
    write(changes) {
      for (const { partition, row } of changes) seen.add(JSON.stringify([partition, row]));
      return memory.write(changes);
    },
  };
  const slotOf = (id: string, sha256: string): SlotState => ({
    marker: markerOf(id, sha256),
    content: { kind: 'read', deploymentId: id, message: pushMessage(id, 1) },
    swapStatus: null,
    operationInProgress: false,
    running: true,
    hostName,
  });
  const slots: Slots = { production: slotOf(older, 'a'.repeat(64)), staging: slotOf(rolloutId, digest) };
  const effects: Effects = {
    pushes: [],
    swapPosts: 0,
    settings: { COLOUR: 'blue' },
    sticky: [],
    kept: [],
    mails: {},
    started: [],
    terminated: [],
  };
  const world: World = {
    rows,
    slots,
    effects,
    ports: portsOf(rows, slots, effects),
    call: { instances: instancesOf(effects) },
    async dump() {
      const all = await Promise.all(
        [...seen].sort().map(async (key) => {
          const [partition = '', row = ''] = JSON.parse(key) as string[];
          const found = await memory.read<Record<string, unknown>>(partition, row);
          const { lastWriteAt: _last, roundOpenedAt: _opened, ...value } = found?.value ?? {};
          return found ? [[key, value] as const] : [];
        }),
      );
      return Object.fromEntries(all.flat());
    },
  };
  await putRows(rows, slots, given);
  await arrange(world);
  return world;
}

async function putRows(rows: Rows, slots: Slots, given: Given): Promise<void> {
  const frozen: GoPlan = { ...plan, policy, gates: policy.gates, live: slots };
  const row: Partial<RolloutRow> = { ...rollout, plan: frozen, epoch: 3, ...given.row };
  for (const name of given.without ?? []) Reflect.deleteProperty(row, name);
  const held: LaneRow = { v: 1, state: 'held', holder: rolloutId, holderAdmittedAt: iso(-90), epoch: 3, queue: [] };
  await rows.write([
    { kind: 'insert', partition: rolloutId, row: rolloutKey, value: row },
    ...(given.without?.includes('ask')
      ? []
      : [{ kind: 'insert' as const, partition: rolloutId, row: gateKey('release'), value: { ...gate, ...given.gate } }]),
  ]);
  await rows.write([{ kind: 'insert', partition: lane, row: laneKey, value: given.lane ?? held }]);
  const before = { ...rollout, id: older, release: { ...rollout.release, version: '1.0.0', sha256: 'a'.repeat(64) } };
  await rows.write([{ kind: 'insert', partition: older, row: rolloutKey, value: before }]);
}

function portsOf(rows: Rows, slots: Slots, effects: Effects): Ports {
  let nowMs = opened + 60_000;
  const facts: TargetFacts = { ...fitTarget, travelling: ['COLOUR'], warmUpAcceptsAnyStatus: true };
  const appControl: AppControl = {
    readFacts: async () => facts,
    readHosting: async () => facts,
    syncTriggers: async () => ({ kind: 'synced' }),
    readSlots: async () => structuredClone(slots),
    async writeStickySettings(_target, settings) {
      effects.sticky = [...new Set([...effects.sticky, ...Object.keys(settings)])].sort();
      Object.assign(effects.settings, settings);
    },
    async writeSlotSettings(_target, { reset, write }) {
      const before = JSON.stringify(effects.settings);
      for (const name of reset) Reflect.deleteProperty(effects.settings, name);
      Object.assign(effects.settings, write);
      return { changed: JSON.stringify(effects.settings) !== before };
    },
    listFunctions: async () => [{ name: 'greet', trigger: 'queue', disabled: false }],
    functionKey: async () => 'key',
    listSlots: async () => ['staging'],
    clockAheadMs: async () => 0,
    async postSwap() {
      effects.swapPosts += 1;
      return { kind: 'accepted' };
    },
    slotUrl: (host) => `http://${host}`,
  };
  const packagePush: PackagePush = {
    isReady: async () => true,
    refusalOf: async () => undefined,
    async push(_target, _zip, message) {
      effects.pushes.push(message);
      return { kind: 'accepted', deploymentId: 'd' };
    },
    readDeployment: async () => ({ kind: 'succeeded' }),
  };
  const packages: Packages = {
    addressOf: (sha256) => `https://slipway.blob.core.windows.net/slipway-packages/${sha256}`,
    digestAt: () => undefined,
    has: async (sha256) => effects.kept.includes(sha256),
    async fetchAndKeep(_url, sha256) {
      effects.kept = [...new Set([...effects.kept, sha256])];
      return { kind: 'kept', sizeBytes: 3 };
    },
    read: async () => Buffer.from('zip'),
  };
  const mail: MailSender = {
    async send(message, operationId) {
      effects.mails[operationId] = JSON.stringify(message);
      return { kind: 'sent' };
    },
  };
  return {
    ...{ settings, rows, appControl, packagePush, packages, mail, linkKeys: keys, ledgerKeys: keys, publicUrl: 'http://127.0.0.1:7071' },
    mailBudget: { perHour: 100, keptForFailures: 30 },
    sms: { send: () => Promise.reject(new Error('No channel of this world sends texts.')) },
    channels: {},
    services: { logins: {}, endpoints: {} },
    outgoing: createOutgoing({ packages: [], private: [], loopback: true }),
    clock: { now: () => nowMs, sleep: async (milliseconds) => void (nowMs += milliseconds) },
  };
}

/** Nudges are no effect: whoever is woken looks at the rows. */
function instancesOf(effects: Effects): Instances {
  return {
    async start(orchestrator, instanceId) {
      effects.started = [...new Set([...effects.started, `${orchestrator} ${instanceId}`])].sort();
    },
    wake: async () => undefined,
    async status(instanceId) {
      if (effects.terminated.length > 0) return 'ended';
      return instanceId === rolloutId || effects.started.includes(`rollout ${instanceId}`) ? 'running' : 'unknown';
    },
    async terminate(instanceId) {
      effects.terminated = [instanceId];
    },
  };
}

const around = <Port extends object>(port: Port, run: Around): Port =>
  new Proxy(port, {
    get(target, name, receiver) {
      const found: unknown = Reflect.get(target, name, receiver);
      // The clock is asked, and an address is put together, without leaving the process.
      if (typeof found !== 'function' || name === 'now' || name === 'slotUrl' || name === 'refusalOf') return found;
      return (...given: unknown[]) => run(async () => (found as (...all: unknown[]) => Promise<unknown>).apply(target, given));
    },
  });

/** The same world through ports that `run` stands around. */
export function through({ ports, call }: World, run: Around): { ports: Ports; call: Call } {
  const { rows, appControl, packagePush, packages, outgoing, mail, clock } = ports;
  return {
    ports: {
      ...ports,
      rows: around(rows, run),
      appControl: around(appControl, run),
      packagePush: around(packagePush, run),
      packages: around(packages, run),
      outgoing: around(outgoing, run),
      mail: around(mail, run),
      clock: around(clock, run),
    },
    call: { instances: around(call.instances, run) },
  };
}
