import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Folder } from './folder';

interface Holder {
  pid: number;
  startedAt: string;
  /** The holder answers its token here. A process id alone proves nothing: the system gives it to another process one day. */
  port: number;
  token: string;
  /** Processes that end with the holder. */
  children: number[];
}

export type Locked =
  | {
      kind: 'ours';
      /** The start before did not end by itself: it was killed. */
      afterKill: boolean;
      remember(child: number): void;
      release(): Promise<void>;
    }
  | { kind: 'held'; pid: number; startedAt: string };

/** One start at a time in a folder. A lock whose holder is gone is taken over, after waiting for the holder's children to end as well. */
export async function takeLock(folder: Folder, say: (line: string) => void): Promise<Locked> {
  const file = folder.at('lock');
  const token = randomUUID();
  const server = createServer((socket) => socket.on('error', () => undefined).end(token));
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  server.unref();
  const own: Holder = {
    pid: process.pid,
    startedAt: new Date().toISOString(),
    port: (server.address() as AddressInfo).port,
    token,
    children: [],
  };
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));

  let afterKill = false;
  while (!create(file, own)) {
    const text = textOf(file);
    const other = holderIn(text);
    if (other && (await answers(other))) {
      await close();
      return { kind: 'held', pid: other.pid, startedAt: other.startedAt };
    }
    // What is no whole lock may be one that is being written just now.
    if (other) await ended(other.children, say);
    else await sleep(200);
    // Meanwhile another start may have taken it over.
    if (textOf(file) !== text) continue;
    afterKill = true;
    rmSync(file, { force: true });
  }
  return {
    kind: 'ours',
    afterKill,
    remember(child) {
      own.children.push(child);
      folder.write('lock', own);
    },
    async release() {
      rmSync(file, { force: true });
      await close();
    },
  };
}

function create(file: string, holder: Holder): boolean {
  try {
    writeFileSync(file, `${JSON.stringify(holder)}\n`, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Undefined for a lock that is gone, or was cut off while it was being written. */
function holderIn(text: string | undefined): Holder | undefined {
  try {
    return JSON.parse(text ?? '') as Holder;
  } catch {
    return undefined;
  }
}

/** A holder that takes the call and says nothing is stopped (Ctrl-Z), and holds on. */
function answers({ pid, port, token }: Holder): Promise<boolean> {
  return new Promise((resolve) => {
    let text = '';
    let silent = false;
    const socket = connect(port, '127.0.0.1');
    socket.setTimeout(2000, () => {
      silent = text === '';
      socket.destroy();
    });
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    socket.on('error', () => undefined).on('close', () => resolve(text === token || (silent && isRunning(pid))));
  });
}

/** Waits, within reason, until none of the processes runs any more. */
async function ended(pids: number[], say: (line: string) => void): Promise<void> {
  const until = Date.now() + 10_000;
  while (pids.some(isRunning)) {
    if (Date.now() > until) {
      say(`Process ${pids.filter(isRunning).join(', ')} of an earlier start may still run. If this start fails, end it first.`);
      return;
    }
    await sleep(100);
  }
}

/** Whether there is such a process. One that has ended and waits to be reaped, as orphans do in containers without an init, is none. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function isZombie(pid: number): boolean {
  if (process.platform !== 'linux') return false;
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ');
  } catch {
    return true;
  }
}
