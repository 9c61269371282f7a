import path from 'node:path';
import { runChild } from './child';
import { median } from './medians';

export interface Waiting {
  /** Of the whole process, resident. */
  megabytes: number;
  /** Of one core. */
  cpuPercent: number;
}

const waiting = 5000;
const seconds = 8;
const times = 3;

/** Memory and CPU of a host with 5,000 runs that wait for an event or a timer. */
export async function measureWaiting(folder: string): Promise<Waiting> {
  const measured: Waiting[] = [];
  for (let time = 0; time < times; time += 1) {
    const { said } = await runChild('waiting-process', [path.join(folder, `waiting-${time}`), String(waiting), String(seconds)]);
    measured.push(said as Waiting);
  }
  return { megabytes: median(measured.map((one) => one.megabytes)), cpuPercent: median(measured.map((one) => one.cpuPercent)) };
}
