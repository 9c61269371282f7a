import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { startHost, type Host } from '../../local/host';
import { eventName, orchestrator, registerManySteps, registerNineSteps, type Signals } from './nine-steps';

/** The embedded host with the measured app, and what a client does to it. Nothing goes over a socket: in the floors nothing does either. */
export interface BenchHost {
  host: Host;
  /** What its open handle says about journal mode and `synchronous`. */
  durability: string;
  start(id: string, name?: string, input?: unknown): Promise<void>;
  raise(id: string): Promise<void>;
  status(id: string): Promise<{ runtimeStatus: string; output: unknown }>;
  /** How many of at most `most` runs have not completed. */
  unfinished(most: number): Promise<number>;
}

export async function startBenchHost(folder: string, signals?: Signals, afterLoad?: () => void): Promise<BenchHost> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'host.json'), JSON.stringify({ version: '2.0' }));
  let durability = '';
  const host = await startHost({
    appDirectory: folder,
    stateFile: path.join(folder, 'state.db'),
    settings: {},
    log({ level, text }) {
      if (text.includes('journal mode')) durability = text;
      if (level === 'error') throw new Error(text);
    },
    load() {
      registerNineSteps(signals);
      registerManySteps();
      afterLoad?.();
    },
  });
  const code = `code=${host.keys().systemKeys['durabletask_extension'] ?? ''}`;
  const ask = async (method: string, at: string, body?: string, query = ''): Promise<string> => {
    const path = `/runtime/webhooks/durabletask/${at}?${code}${query}`;
    const answer = await host.ask({ method, path, ...(body !== undefined && { body }) });
    if (answer.status >= 300) throw new Error(`${method} ${at} answered ${answer.status}: ${answer.body}`);
    return answer.body;
  };
  return {
    host,
    durability,
    async start(id, name = orchestrator, input = {}) {
      await ask('POST', `orchestrators/${name}/${id}`, JSON.stringify(input));
    },
    async raise(id) {
      await ask('POST', `instances/${id}/raiseEvent/${eventName}`, 'null');
    },
    status: async (id) => JSON.parse(await ask('GET', `instances/${id}`)) as { runtimeStatus: string; output: unknown },
    async unfinished(most) {
      const all = JSON.parse(await ask('GET', 'instances', undefined, `&top=${most}`)) as { runtimeStatus: string }[];
      return all.filter(({ runtimeStatus }) => runtimeStatus !== 'Completed').length;
    },
  };
}
