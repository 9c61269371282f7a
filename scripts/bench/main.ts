import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { goals, isMet, tableOf, type Figures } from './goals';
import { measureGrowth } from './growth';
import { measureLatency } from './latency';
import { measurePackages } from './packages';
import { measureRestart } from './restart';
import { measureRollout } from './rollout';
import { measureThroughput } from './throughput';
import { measureWaiting } from './waiting';

/** `npm run bench [-- --json]`: how fast the embedded host is, beside floors measured in the same run. Exit code 1 when a goal is missed. */
async function main(asJson: boolean): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-bench-'));
  try {
    const measured = await measureAll(folder, (what) => process.stderr.write(`measuring ${what}\n`));
    const figures: Figures = {
      latencyRatio: measured.latency.ratio,
      throughputRatio: measured.throughput.ratio,
      waitingMegabytes: measured.waiting.megabytes,
      waitingCpuPercent: measured.waiting.cpuPercent,
      restartRatio: measured.restart.ratio,
      rolloutRatio: measured.rollout.ratio,
    };
    process.stdout.write(asJson ? `${JSON.stringify({ ...figures, medians: measured }, null, 2)}\n` : shown(figures, measured));
    return goals.every((goal) => isMet(goal, figures)) ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

async function measureAll(folder: string, tell: (what: string) => void) {
  tell('the latency of one run');
  const latency = await measureLatency(folder);
  tell('what the packages alone take for a run');
  const packages = await measurePackages(folder);
  tell('the throughput of 500 runs, 50 at once');
  const throughput = await measureThroughput(folder);
  tell('what 5,000 waiting runs cost');
  const waiting = await measureWaiting(folder);
  tell('the restart after kill -9');
  const restart = await measureRestart(folder);
  tell('how the cost of a turn grows');
  const growth = await measureGrowth(folder);
  tell('a whole rollout');
  const rollout = await measureRollout(folder);
  return { latency, packages, throughput, waiting, restart, growth, rollout };
}

function shown(figures: Figures, measured: Awaited<ReturnType<typeof measureAll>>): string {
  const { latency, packages, throughput, restart, growth, rollout } = measured;
  const ms = (value: number): string => `${value.toFixed(2)} ms`;
  return [
    tableOf(figures),
    '',
    'Medians of five interleaved pairs. A run is nine durable steps: eight activities, and an event raced with a timer.',
    `host:  ${latency.durability.host}`,
    `floor: ${latency.durability.floor}`,
    `latency: host ${ms(latency.host)}, a commit a step ${ms(latency.floor)}, a bare async function ${ms(latency.bare)}`,
    // A step waits for the commit before it, so a run takes at least the floor's commits and what the packages do in between.
    `packages: ${ms(packages)} of a run are the unmodified packages' own; with the floor's commits and nothing of a host's its latency would be ` +
      `${((latency.floor + packages) / latency.floor).toFixed(2)} ×, and without any commit its throughput ${(1000 / packages / throughput.floor).toFixed(2)} ×`,
    `throughput: host ${throughput.host.toFixed(0)} runs a second, a commit a step ${throughput.floor.toFixed(0)}`,
    `restart: host ${ms(restart.host)}, a commit a step ${ms(restart.floor)}`,
    `rollout: ${ms(rollout.host)}, the same calls ${ms(rollout.floor)}`,
    ...growth.map(
      ({ steps, hostMs, packageMs }) =>
        `one step after ${steps}: the host's own part ${ms(hostMs)}, replay in the packages ${ms(packageMs)}`,
    ),
    '',
  ].join('\n');
}

main(process.argv.includes('--json')).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
