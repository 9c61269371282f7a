import path from 'node:path';
import { durabilityOf } from '../../local/host/database';
import { startBenchHost, type BenchHost } from './bench-host';
import { bareRun, openFloor, type Floor } from './floor';
import { compare, median, type Compared, type Pair } from './medians';

export interface Latency extends Compared {
  /** A bare async function, in milliseconds. */
  bare: number;
  durability: { host: string; floor: string };
}

const pairs = 5;
const runsAPair = 60;
const warmUpRuns = 150;

/** How long one run of nine steps takes when nothing else runs, in milliseconds: from being asked for to its end being on the disk. */
export async function measureLatency(folder: string): Promise<Latency> {
  const host = await startBenchHost(path.join(folder, 'latency-host'));
  const floor = openFloor(path.join(folder, 'latency-floor.db'));
  const bare: number[] = [];
  const measured: Pair[] = [];
  let run = 0;
  const oneOfEach = async (): Promise<Pair> => {
    run += 1;
    const pair = { host: await hostRun(host, `run-${run}`), floor: await floorRun(floor, `run-${run}`) };
    bare.push(await timed(() => bareRun(() => Promise.resolve())));
    return pair;
  };
  try {
    for (let warm = 0; warm < warmUpRuns; warm += 1) await oneOfEach();
    for (let pair = 0; pair < pairs; pair += 1) {
      const runs: Pair[] = [];
      for (let one = 0; one < runsAPair; one += 1) runs.push(await oneOfEach());
      measured.push({ host: median(runs.map((one) => one.host)), floor: median(runs.map((one) => one.floor)) });
    }
    const done = await host.status(`run-${run}`);
    if (done.runtimeStatus !== 'Completed') throw new Error(`The run that was measured is ${done.runtimeStatus}, not Completed.`);
    return {
      ...compare(measured),
      bare: median(bare),
      durability: { host: host.durability, floor: durabilityText(durabilityOf(floor.db)) },
    };
  } finally {
    await host.host.stop();
    floor.close();
  }
}

const durabilityText = ({ journalMode, synchronous }: ReturnType<typeof durabilityOf>): string =>
  `The state file's journal mode is ${journalMode}, its synchronous is ${synchronous}.`;

async function timed(run: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await run();
  return performance.now() - startedMs;
}

/** The event is raised when the run waits for it and nothing else is left to do. */
const hostRun = ({ host, start, raise }: BenchHost, id: string): Promise<number> =>
  timed(async () => {
    await start(id);
    await host.whenIdle();
    await raise(id);
    await host.whenIdle();
  });

const floorRun = (floor: Floor, id: string): Promise<number> =>
  timed(async () => {
    floor.accept(id);
    await floor.finish(id, () => Promise.resolve());
  });
