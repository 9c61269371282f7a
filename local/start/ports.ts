import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Folder } from './folder';

export interface LocalPorts {
  slipway: number;
  blob: number;
  queue: number;
  table: number;
}

/** Tried first at the first start; where one is busy the next free one is taken. */
const firstChoice: LocalPorts = { slipway: 7071, blob: 10000, queue: 10001, table: 10002 };

/** Whether a port of 127.0.0.1 can be listened on right now. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * The ports of an earlier start, taken again so that links in mails stay true. A busy one is stepped over, and said. After a start that was
 * killed its children may hold theirs for a moment: `patienceMs` waits for that.
 */
export async function takePorts(
  folder: Folder,
  names: readonly (keyof LocalPorts)[],
  { patienceMs, say }: { patienceMs: number; say: (line: string) => void },
): Promise<LocalPorts> {
  const remembered = folder.read<LocalPorts>('ports.json');
  const ports = { ...(remembered ?? firstChoice) };
  for (const name of names) {
    const wanted = ports[name];
    ports[name] = await takeOne(wanted, new Set(Object.values(ports)), remembered ? patienceMs : 0);
    if (ports[name] !== wanted) say(moved(name, wanted, ports[name], remembered !== undefined));
  }
  folder.write('ports.json', ports);
  return ports;
}

async function takeOne(wanted: number, taken: ReadonlySet<number>, patienceMs: number): Promise<number> {
  const until = Date.now() + patienceMs;
  while (!(await isFree(wanted))) {
    if (Date.now() < until) {
      await sleep(100);
      continue;
    }
    for (let port = wanted + 1; port < 65_536; port++) if (!taken.has(port) && (await isFree(port))) return port;
    throw new Error(`No port of 127.0.0.1 above ${wanted} is free. End a program that listens there, then npm start again.`);
  }
  return wanted;
}

function moved(name: keyof LocalPorts, from: number, to: number, wasOurs: boolean): string {
  const what = name === 'slipway' ? 'Slipway' : `Azurite's ${name} service`;
  const said = `Port ${from} is taken by another program; ${what} listens on ${to}.`;
  return name === 'slipway' && wasOurs ? `${said} Mails that wait for an answer are sent again with the new address.` : said;
}
