import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { startBenchHost } from './bench-host';
import { say } from './child';
import { openFloor } from './floor';

/**
 * `restart-process.js host|floor begin|finish FOLDER RUNS`. `begin` accepts the runs, lets them go and kills itself once they have taken a step each
 * on the average; `finish` is the next process: it answers when all have ended.
 */
async function main([side = '', part = '', folder = '', runs = '0']: string[]): Promise<void> {
  const count = Number(runs);
  const ids = Array.from({ length: count }, (_none, at) => `run-${at}`);
  await (side === 'host' ? onHost : onFloor)(folder, part === 'begin', ids);
  process.exit(0);
}

/** As a power cut, so that nothing is finished or tidied. */
function countDown(from: number): () => void {
  let left = from;
  return () => {
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  };
}

async function onHost(folder: string, isFirst: boolean, ids: string[]): Promise<void> {
  let waiting = 0;
  const waits: string[] = [];
  const step = isFirst ? countDown(ids.length) : () => undefined;
  const bench = await startBenchHost(folder, { step, ends: () => undefined, waits: (id) => void waits.push(id) });
  if (isFirst) await Promise.all(ids.map((id) => bench.start(id)));
  const inFlight = isFirst ? 0 : await bench.unfinished(ids.length);
  while (waiting < ids.length) {
    await bench.host.whenIdle();
    const these = waits.splice(0);
    if (these.length === 0) throw new Error(`${ids.length - waiting} runs never came to wait for their event.`);
    await Promise.all(these.map((id) => bench.raise(id)));
    waiting += these.length;
  }
  await bench.host.whenIdle();
  const left = await bench.unfinished(ids.length);
  if (left > 0) throw new Error(`${left} of ${ids.length} runs had not ended.`);
  say({ inFlight });
}

async function onFloor(folder: string, isFirst: boolean, ids: string[]): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const floor = openFloor(path.join(folder, 'floor.db'));
  if (isFirst) for (const id of ids) floor.accept(id);
  const left = floor.unfinished();
  const step = isFirst ? countDown(ids.length) : () => undefined;
  await Promise.all(left.map((id) => floor.finish(id, () => Promise.resolve(), step)));
  if (floor.unfinished().length > 0) throw new Error(`${floor.unfinished().length} of ${ids.length} runs had not ended.`);
  say({ inFlight: left.length });
}

void main(process.argv.slice(2));
