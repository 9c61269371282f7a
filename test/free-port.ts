import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Outside the range from which systems give ports to outgoing connections: one of those would take it while its owner is down. */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer();
    const isFree = new Promise<boolean>((resolve) => server.once('listening', () => resolve(true)).once('error', () => resolve(false)));
    const port = randomInt(20_000, 32_000);
    server.listen(port, '127.0.0.1');
    if (!(await isFree)) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}
