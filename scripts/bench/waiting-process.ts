import { setTimeout as sleep } from 'node:timers/promises';
import { giveBackMemory } from '../../local/host/give-back-memory';
import { startBenchHost } from './bench-host';
import { say } from './child';

/** `waiting-process.js FOLDER COUNT SECONDS`: a host with so many runs that wait, measured by itself. Ends by a kill, as a laptop does. */
async function main([folder = '', count = '0', seconds = '0']: string[]): Promise<void> {
  // As the host's own process does.
  giveBackMemory();
  const { host, start, status } = await startBenchHost(folder);
  for (let run = 0; run < Number(count); run += 50)
    await Promise.all(Array.from({ length: Math.min(50, Number(count) - run) }, (_none, at) => start(`waiting-${run + at}`)));
  await host.whenIdle();
  const last = await status(`waiting-${Number(count) - 1}`);
  if (last.runtimeStatus !== 'Running') throw new Error(`A run that should wait is ${last.runtimeStatus}.`);
  // What the start-up left behind is not what waiting costs.
  await sleep(5000);
  const startedMs = performance.now();
  const before = process.cpuUsage();
  await sleep(Number(seconds) * 1000);
  const { user, system } = process.cpuUsage(before);
  say({
    megabytes: process.memoryUsage().rss / 1_000_000,
    cpuPercent: (user + system) / 10 / (performance.now() - startedMs),
  });
  process.exit(0);
}

void main(process.argv.slice(2));
