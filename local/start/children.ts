import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';

export interface Child {
  name: string;
  pid: number;
  /** The JSON line it wrote when it was ready. */
  ready: Record<string, unknown>;
  /** Resolves when it has ended, with how. */
  ended: Promise<string>;
  /** Closes its standard input, which it takes as the order to end, and waits; a child that does not end in time is killed. */
  stop(): Promise<void>;
}

export interface ChildOptions {
  name: string;
  script: string;
  args: string[];
  environment: NodeJS.ProcessEnv;
  workingDirectory: string;
  logFile: string;
  onStart: (pid: number) => void;
  /** Ends it before it is ready. */
  signal: AbortSignal;
}

const readyWithinMs = 40_000;
const stopWithinMs = 15_000;

/**
 * Starts a Node script that ends when its standard input closes (`--with-parent`): the one order that arrives on every system, also when
 * this process is killed. Ready is its first line of JSON on standard output. Throws a sentence when it ends or dawdles before.
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const { name, script, args, environment, workingDirectory, logFile, onStart, signal } = options;
  signal.throwIfAborted();
  const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  const child = spawn(process.execPath, [script, ...args, '--with-parent'], {
    cwd: workingDirectory,
    env: environment,
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
    // A group of its own: Ctrl-C reaches this process alone, which then ends its children in order. (On Windows that would open a console.)
    detached: process.platform !== 'win32',
  });
  child.stdin.on('error', () => undefined);
  child.stderr.pipe(log, { end: false });
  let lastWords = '';
  createInterface({ input: child.stderr }).on('line', (line) => (lastWords = line));
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('exit', (code, by) => resolve(by ? `was ended by ${by}` : `ended with exit code ${code}`));
  });
  const stop = async () => {
    child.stdin.end();
    const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
    await ended;
    clearTimeout(timer);
    log.end();
  };
  const ready = new Promise<Record<string, unknown>>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const said = jsonObject(line);
      if (said) resolve(said);
      else log.write(`${line}\n`);
    });
  });
  const enough = AbortSignal.any([signal, AbortSignal.timeout(readyWithinMs)]);
  const givenUp = new Promise<'given up'>((resolve) => enough.addEventListener('abort', () => resolve('given up')));
  if (child.pid !== undefined) onStart(child.pid);
  const first = await Promise.race([ready, ended, givenUp]);
  if (typeof first === 'object') return { name, pid: child.pid ?? 0, ready: first, ended, stop };
  await stop();
  signal.throwIfAborted();
  const how = first === 'given up' ? `was not ready within ${readyWithinMs / 1000} s` : first;
  throw new Error(`${name} ${how}${lastWords && `, saying: ${lastWords}`}. All that it said is in ${logFile}; npm start tries again.`);
}

function jsonObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
