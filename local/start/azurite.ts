import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { QueueServiceClient } from '@azure/storage-queue';
import { azuriteAccounts, childEnvironment, storageConnectionString } from './environment';
import type { Folder } from './folder';
import type { LocalKeys } from './keys';
import { isRunning } from './lock';
import { takePorts, type LocalPorts } from './ports';

export interface Azurite {
  ports: LocalPorts;
  storage: string;
  takenUp: boolean;
  /** Resolves when it no longer runs, with how. */
  ended: Promise<string>;
  stop(): Promise<void>;
}

/** Azurite writes its tables and queues every 5 s: one that can't be asked to stop is left alone for so long first. */
const autosaveMs = 6000;

/**
 * Azurite acknowledges before it writes, so it outlives this process: a process of its own, which the next start takes up again. Only an
 * orderly stop ends it, and waits for its flush.
 */
export async function startAzurite(
  folder: Folder,
  keys: LocalKeys,
  options: { patienceMs: number; say: (line: string) => void },
): Promise<Azurite> {
  const running = await runningAzurite(folder, keys);
  if (running) {
    const ports = await takePorts(folder, ['slipway'], options);
    const storage = storageConnectionString(keys, ports);
    return { ports, storage, takenUp: true, ended: endOf(running.pid), stop: () => stopAzurite(folder, running.pid) };
  }
  // The note is removed by an orderly stop alone.
  if (folder.read('azurite.json'))
    options.say(
      'Azurite was ended without being asked: what it acknowledged in its last five seconds may be lost. If a rollout stands still, begin anew with npm start -- --fresh.',
    );
  let ports = await takePorts(folder, allPorts, options);
  for (;;) {
    const child = spawnAzurite(folder, keys, ports);
    const storage = storageConnectionString(keys, ports);
    const pid = child.pid ?? 0;
    if (await comesUp(child, storage))
      return { ports, storage, takenUp: false, ended: endOf(pid), stop: () => stopAzurite(folder, pid, child) };
    // Another program may have taken a port after we had found it free.
    const others = hasEnded(child) ? await takePorts(folder, allPorts, options) : ports;
    if (allPorts.every((name) => others[name] === ports[name]))
      throw new Error(`Azurite did not come up. What it said is in ${folder.at('logs', 'azurite.log')}; npm start tries again.`);
    ports = others;
  }
}

const allPorts = ['slipway', 'blob', 'queue', 'table'] as const;

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/** Looked after once a second: one that was taken up is no child of this process, which nobody would tell of its end. */
function endOf(pid: number): Promise<string> {
  return new Promise((resolve) => {
    const look = setInterval(() => {
      if (isRunning(pid)) return;
      clearInterval(look);
      resolve('has ended');
    }, 1000);
    look.unref();
  });
}

async function comesUp(child: ChildProcess, storage: string): Promise<boolean> {
  const until = Date.now() + 30_000;
  while (!(await answersWith(storage))) {
    if (hasEnded(child) || Date.now() > until) return false;
    await sleep(50);
  }
  return true;
}

/** Ends an Azurite that an earlier start left running, if it is really ours. */
export async function stopStaleAzurite(folder: Folder, keys: LocalKeys): Promise<void> {
  const running = await runningAzurite(folder, keys);
  if (running) await stopAzurite(folder, running.pid);
}

function spawnAzurite(folder: Folder, keys: LocalKeys, ports: LocalPorts): ChildProcess {
  const log = openSync(folder.at('logs', 'azurite.log'), 'a', 0o600);
  const child = spawn(
    process.execPath,
    [
      require.resolve('azurite/dist/src/azurite.js'),
      ...['--location', folder.at('azurite'), '--silent', '--disableTelemetry', '--skipApiVersionCheck'],
      ...['--blobHost', '127.0.0.1', '--blobPort', String(ports.blob)],
      ...['--queueHost', '127.0.0.1', '--queuePort', String(ports.queue)],
      ...['--tableHost', '127.0.0.1', '--tablePort', String(ports.table)],
    ],
    {
      env: childEnvironment(process.env, { AZURITE_ACCOUNTS: azuriteAccounts(keys) }),
      // On Windows a signal is a kill, and a message the only order; elsewhere a channel held open would keep it from ending.
      stdio: process.platform === 'win32' ? ['ignore', log, log, 'ipc'] : ['ignore', log, log],
      detached: true,
      windowsHide: true,
    },
  );
  closeSync(log);
  child.on('error', () => undefined);
  child.unref();
  child.channel?.unref();
  if (child.pid !== undefined) folder.write('azurite.json', { pid: child.pid });
  return child;
}

/** Only our own account's key opens it: whoever answers to that is our Azurite. */
async function runningAzurite(folder: Folder, keys: LocalKeys): Promise<{ pid: number } | undefined> {
  const noted = folder.read<{ pid: number }>('azurite.json');
  const ports = folder.read<LocalPorts>('ports.json');
  if (!noted || !ports || !isRunning(noted.pid)) return undefined;
  const until = Date.now() + 5000;
  do {
    if (await answersWith(storageConnectionString(keys, ports))) return noted;
    await sleep(100);
    // A start that was killed at once may have left it in the middle of coming up.
  } while (Date.now() < until && isRunning(noted.pid));
  return undefined;
}

async function answersWith(storage: string): Promise<boolean> {
  const client = QueueServiceClient.fromConnectionString(storage, { retryOptions: { maxTries: 1, tryTimeoutInMs: 2000 } });
  try {
    await client.getProperties();
    return true;
  } catch {
    return false;
  }
}

async function stopAzurite(folder: Folder, pid: number, child?: ChildProcess): Promise<void> {
  if (!isRunning(pid)) {
    // Somebody else has ended it.
  } else if (child?.connected) {
    child.send('shutdown', () => child.disconnect());
  } else if (process.platform === 'win32') {
    await sleep(autosaveMs);
    signal(pid, 'SIGTERM');
  } else {
    signal(pid, 'SIGTERM');
  }
  // An ended child of this process keeps its id until it is reaped.
  const lives = () => isRunning(pid) && (child ? child.exitCode === null : true);
  const until = Date.now() + 15_000;
  while (lives() && Date.now() < until) await sleep(50);
  if (lives()) signal(pid, 'SIGKILL');
  folder.remove('azurite.json');
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // It ended meanwhile: that is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
