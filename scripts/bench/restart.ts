import path from 'node:path';
import { runChild } from './child';
import { compare, type Compared, type Pair } from './medians';

const pairs = 5;
const runs = 500;

/** From the start of the next process, after a kill -9 with 500 runs in flight, to the end of the last of them, in milliseconds. */
export async function measureRestart(folder: string): Promise<Compared> {
  const measured: Pair[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const at = (side: string): string => path.join(folder, `restart-${side}-${pair}`);
    measured.push({ host: await finishMs('host', at('host')), floor: await finishMs('floor', at('floor')) });
  }
  return compare(measured);
}

async function finishMs(side: 'host' | 'floor', folder: string): Promise<number> {
  const { signal } = await runChild('restart-process', [side, 'begin', folder, String(runs)]);
  if (signal !== 'SIGKILL') throw new Error(`The ${side} was to be killed, and ended before that.`);
  const { said, tookMs } = await runChild('restart-process', [side, 'finish', folder, String(runs)]);
  const { inFlight } = said as { inFlight: number };
  if (inFlight !== runs) throw new Error(`${inFlight} runs of the ${side} were in flight when it was killed, not ${runs}.`);
  return tookMs;
}
