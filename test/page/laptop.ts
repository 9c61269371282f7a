import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openFolder } from '../../local/start/folder';
import { keysOf } from '../../local/start/keys';
import { startLaptop, type Laptop } from '../../local/start/laptop';

const repository = path.join(__dirname, '../..');

/** Everything that `npm start` brings up, in processes of their own and in real time, with its state in a folder of its own. Needs a build. */
export async function startAll(): Promise<Laptop & { repository: string; stop: () => Promise<void> }> {
  const root = mkdtempSync(path.join(tmpdir(), 'slipway-page-'));
  const folder = openFolder(repository, path.join(root, 'state'));
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const one of stops.splice(0)) await one();
    rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  try {
    const laptop = await startLaptop({
      folder,
      keys: keysOf(folder),
      afterKill: false,
      fromPackage: false,
      say: () => undefined,
      signal: new AbortController().signal,
      onStart: () => undefined,
      onStop: (one) => stops.unshift(one),
    });
    return { ...laptop, repository, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
