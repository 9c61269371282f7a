import { HttpRequest, InvocationContext, type HttpHandler } from '@azure/functions';
import type { Instances } from '../../src/azure/instances';
import type { Ports } from '../../src/azure/ports';
import { settingsSchema } from '../../src/domain/settings';
import type { RolloutRow } from '../../src/domain/rollout';
import { rolloutKey } from '../../src/domain/tables';
import type { RolloutRequest } from '../../src/domain/rollout-request';
import { rowsInMemory } from '../rows-in-memory';

const settings = settingsSchema.parse({
  azure: { subscription: 's', resourceGroup: 'g' },
  people: { team: ['team@example.com'], 'on-call': ['on-call@example.com', 'team@example.com'] },
  apps: { hello: { environments: { production: { functionApp: 'hello-production', policy: 'careful' } } } },
  policies: { careful: {} },
});

const untouched = (name: string) =>
  new Proxy(
    {},
    { get: (_target, property) => () => Promise.reject(new Error(`${name}.${String(property)} is none of the front door's business`)) },
  );

/** Ports as the front door has them: rows in memory and a clock that is moved; nothing else may be reached. */
export function frontDoorPorts() {
  const time = { nowMs: Date.parse('2026-11-23T10:00:00Z') };
  const ports: Ports = {
    settings,
    rows: rowsInMemory(),
    clock: { now: () => time.nowMs, sleep: () => Promise.reject(new Error('nobody sleeps at the front door')) },
    appControl: untouched('appControl') as Ports['appControl'],
    packagePush: untouched('packagePush') as Ports['packagePush'],
    packages: untouched('packages') as Ports['packages'],
    outgoing: untouched('outgoing') as Ports['outgoing'],
    mail: untouched('mail') as Ports['mail'],
    mailBudget: { perHour: 100, keptForFailures: 30 },
    sms: untouched('sms') as Ports['sms'],
    channels: {},
    services: { logins: {}, endpoints: {} },
    linkKeys: [{ id: 'l1', key: new Uint8Array(32) }],
    ledgerKeys: [{ id: 'k1', key: new Uint8Array(32) }],
    publicUrl: 'https://slipway.example',
  };
  return { ports, time };
}

/** Instances that remember what was asked of them; `failNextStart` stands for a crash between row and start. */
export function recordedInstances() {
  const started: { orchestrator: string; id: string; input: object }[] = [];
  const woken: string[] = [];
  const gone = new Set<string>();
  let failures = 0;
  const instances: Instances = {
    async start(orchestrator, id, input) {
      await Promise.resolve();
      if (failures > 0) {
        failures -= 1;
        throw new Error('crashed before the start, at https://host/x?code=SECRETCODE');
      }
      gone.delete(id);
      if (!started.some((one) => one.id === id)) started.push({ orchestrator, id, input });
    },
    wake: (id, round) => Promise.resolve(void woken.push(`${id} ${round}`)),
    status: (id) => Promise.resolve(started.some((one) => one.id === id) && !gone.has(id) ? 'running' : 'unknown'),
    terminate: () => Promise.resolve(),
  };
  return { instances, started, woken, failNextStart: () => (failures += 1) };
}

export const sha256 = 'ab'.repeat(32);

export function requestOf(changes: Partial<RolloutRequest> = {}): RolloutRequest {
  return {
    app: 'hello',
    environment: 'production',
    version: '2.0.0',
    package: { url: 'https://builds.example/hello.zip?sig=URLSECRET', sha256 },
    functions: [],
    settings: {},
    ...changes,
  };
}

export const requester = { name: 'ann@example.com', verified: true, via: 'http' } as const;

export async function rolloutRow(ports: Ports, id: string): Promise<RolloutRow> {
  const found = await ports.rows.read<RolloutRow>(id, rolloutKey);
  if (!found) throw new Error(`no row for ${id}`);
  return found.value;
}

/** Changes a rollout's row as its story would. */
export async function tell(ports: Ports, id: string, changes: Partial<RolloutRow>): Promise<void> {
  const found = await ports.rows.read<RolloutRow>(id, rolloutKey);
  if (!found) throw new Error(`no row for ${id}`);
  await ports.rows.write([{ kind: 'replace', partition: id, row: rolloutKey, value: { ...found.value, ...changes }, etag: found.etag }]);
}

export const endedAs = (outcome: 'deployed' | 'failed' | 'cancelled' | 'needs-attention') => ({
  phase: 'done' as const,
  ending: { outcome, at: '2026-11-23T11:00:00.000Z', reason: 'It was so.', next: 'Look at it.', serves: '2.0.0' },
});

interface Sent {
  method?: string;
  url?: string;
  headers?: Record<string, string>;
  json?: unknown;
  text?: string;
  params?: Record<string, string>;
  query?: Record<string, string>;
}

/** Calls a handler with a real request, and reads its answer. */
export async function call(handler: HttpHandler, { json, text, headers = {}, ...sent }: Sent) {
  const body = text ?? (json === undefined ? undefined : JSON.stringify(json));
  const request = new HttpRequest({
    method: body === undefined ? 'GET' : 'POST',
    url: 'http://127.0.0.1:7071/api/x',
    headers: { ...(json === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...sent,
    ...(body === undefined ? {} : { body: { string: body } }),
  });
  const logged: string[] = [];
  const context = new InvocationContext({ functionName: 'underTest', logHandler: (_level, ...args) => logged.push(args.join(' ')) });
  const response = await handler(request, context);
  if (!('body' in response) || typeof response.body !== 'string') throw new Error('no body');
  const answer = JSON.parse(response.body) as Record<string, unknown>;
  return {
    status: response.status,
    headers: new Headers(response.headers),
    body: answer,
    text: response.body,
    logged,
  };
}

/** Whoever calls in a file's tests is the laptop's operator, olga; afterwards it is as it was. */
export function callAsOperator(): void {
  const before = process.env['SLIPWAY_LOCAL_OPERATOR'];
  beforeEach(() => {
    process.env['SLIPWAY_LOCAL_OPERATOR'] = 'olga';
  });
  afterAll(() => {
    if (before === undefined) delete process.env['SLIPWAY_LOCAL_OPERATOR'];
    else process.env['SLIPWAY_LOCAL_OPERATOR'] = before;
  });
}
