import { afterEach } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as df from 'durable-functions';
import { app, type HttpRequest, type InvocationContext } from '@azure/functions';
import { startHost, virtualClock, type Host, type HostOptions, type LogEntry, type VirtualClock } from '../../local/host';

/** A folder with a host.json, removed by `removeFolders`. */
const folders: string[] = [];

export function appFolder(hostJson: unknown = { version: '2.0' }): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'host-test-'));
  folders.push(folder);
  writeFileSync(path.join(folder, 'host.json'), JSON.stringify(hostJson));
  return folder;
}

export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export interface Bench {
  host: Host;
  clock: VirtualClock;
  log: LogEntry[];
  client(op: string, ...args: unknown[]): Promise<unknown>;
  status(id: string, query?: string): Promise<Status>;
  /** Lets everything run that is due or becomes due, then answers the status. */
  finish(id: string): Promise<Status>;
}

export interface Status {
  httpStatus: number;
  name: string;
  runtimeStatus: string;
  input: unknown;
  customStatus: unknown;
  output: unknown;
  historyEvents?: Record<string, unknown>[];
}

/** A function that calls the durable client: `POST /api/client/{op}` with the arguments as a JSON array. */
export function registerClient(): void {
  app.http('client', {
    methods: ['POST'],
    route: 'client/{op}',
    extraInputs: [df.input.durableClient()],
    handler: async (request: HttpRequest, context: InvocationContext) => {
      const client = df.getClient(context) as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
      const args = (await request.json()) as unknown[];
      try {
        return { jsonBody: { ok: true, result: (await client[request.params['op'] ?? '']?.(...args)) ?? null } };
      } catch (error) {
        return { jsonBody: { ok: false, error: (error as Error).message } };
      }
    },
  });
}

export async function bench(
  register: () => void,
  options: Partial<HostOptions> & { hostJson?: unknown; virtual?: VirtualClock } = {},
): Promise<Bench> {
  const { hostJson, virtual, ...rest } = options;
  const clock = virtual ?? virtualClock();
  const log: LogEntry[] = [];
  const host = await startHost({
    appDirectory: options.appDirectory ?? appFolder(hostJson),
    stateFile: ':memory:',
    settings: {},
    clock,
    log: (entry) => log.push(entry),
    load: () => {
      registerClient();
      register();
    },
    ...rest,
  });
  const code = host.keys().systemKeys['durabletask_extension'] ?? '';
  const status = async (id: string, query = ''): Promise<Status> => {
    const response = await fetch(`${host.url}/runtime/webhooks/durabletask/instances/${encodeURIComponent(id)}?${query}&code=${code}`);
    return { httpStatus: response.status, ...((await response.json()) as Omit<Status, 'httpStatus'>) };
  };
  return {
    host,
    clock,
    log,
    status,
    async client(op, ...args) {
      const response = await fetch(`${host.url}/api/client/${op}`, { method: 'POST', body: JSON.stringify(args) });
      const answer = (await response.json()) as { ok: boolean; result: unknown; error?: string };
      if (!answer.ok) throw new Error(answer.error);
      return answer.result;
    },
    async finish(id) {
      clock.auto(true);
      try {
        for (let looks = 0; looks < 300; looks += 1) {
          await host.whenIdle();
          const now = await status(id);
          if (!['Pending', 'Running'].includes(now.runtimeStatus)) return now;
        }
      } finally {
        clock.auto(false);
      }
      throw new Error(`Instance ${id} did not end.`);
    },
  };
}

/** The management API as a client with the system's key uses it. */
export function webhook(one: Bench) {
  const code = one.host.keys().systemKeys['durabletask_extension'] ?? '';
  return async (method: string, path: string, body?: string, headers: Record<string, string> = { 'content-type': 'application/json' }) => {
    const url = `${one.host.url}/runtime/webhooks/durabletask/${path}${path.includes('?') ? '&' : '?'}code=${code}`;
    const response = await fetch(url, { method, headers, ...(body !== undefined && { body }) });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
  };
}

/** `bench` for a whole file: what a test opens with it is stopped after that test. */
export function benches(): typeof bench {
  const open: Bench[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.host.stop()));
    removeFolders();
  });
  return async (...args) => {
    const one = await bench(...args);
    open.push(one);
    return one;
  };
}
