import path from 'node:path';
import { startBenchHost, type BenchHost } from './bench-host';
import { openFloor, type Floor } from './floor';
import { compare, type Compared, type Pair } from './medians';
import type { Signals } from './nine-steps';

const pairs = 5;
const runs = 500;
const atOnce = 50;

/** Runs a second, 500 runs with 50 under way at a time; from the first start to the last end on the disk. */
export async function measureThroughput(folder: string): Promise<Compared> {
  const signals = createSignals();
  const host = await startBenchHost(path.join(folder, 'throughput-host'), signals);
  const floor = openFloor(path.join(folder, 'throughput-floor.db'));
  const measured: Pair[] = [];
  try {
    // The first pair warms both up.
    for (let pair = 0; pair <= pairs; pair += 1) {
      const one = { host: await hostRate(host, signals, `pair-${pair}`), floor: await floorRate(floor, `pair-${pair}`) };
      if (pair > 0) measured.push(one);
    }
    return compare(measured);
  } finally {
    await host.host.stop();
    floor.close();
  }
}

interface Awaited extends Signals {
  untilWaits(id: string): Promise<void>;
  untilEnds(id: string): Promise<void>;
}

function createSignals(): Awaited {
  const waiters = new Map<string, () => void>();
  const until = (key: string): Promise<void> => new Promise((resolve) => waiters.set(key, resolve));
  const come = (key: string): void => {
    waiters.get(key)?.();
    waiters.delete(key);
  };
  return {
    waits: (id) => come(`${id} waits`),
    ends: (id) => come(`${id} ends`),
    untilWaits: (id) => until(`${id} waits`),
    untilEnds: (id) => until(`${id} ends`),
  };
}

/** Takes the next of `runs` as soon as one of `atOnce` is over. */
async function inTurns(one: (run: number) => Promise<void>): Promise<number> {
  let next = 0;
  const startedMs = performance.now();
  const lane = async (): Promise<void> => {
    while (next < runs) await one(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return startedMs;
}

async function hostRate(host: BenchHost, signals: Awaited, prefix: string): Promise<number> {
  const startedMs = await inTurns(async (run) => {
    const id = `${prefix}-${run}`;
    const [waits, ends] = [signals.untilWaits(id), signals.untilEnds(id)];
    await host.start(id);
    await waits;
    await host.raise(id);
    await ends;
  });
  // Its turns were computed; what counts is that they are on the disk.
  await host.host.whenIdle();
  return (1000 * runs) / (performance.now() - startedMs);
}

async function floorRate(floor: Floor, prefix: string): Promise<number> {
  const startedMs = await inTurns(async (run) => {
    const id = `${prefix}-${run}`;
    floor.accept(id);
    await floor.finish(id, () => Promise.resolve());
  });
  return (1000 * runs) / (performance.now() - startedMs);
}
