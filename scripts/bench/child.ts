import { spawn } from 'node:child_process';
import path from 'node:path';

export interface Ended {
  /** The last line that it wrote, as JSON; undefined if it wrote none. */
  said: unknown;
  signal: NodeJS.Signals | null;
  /** From its being started to its end, in milliseconds. */
  tookMs: number;
}

/** Runs one of the scripts beside this file as a process of its own, to its end. */
export async function runChild(script: string, args: string[]): Promise<Ended> {
  const startedMs = performance.now();
  const child = spawn(process.execPath, [path.join(__dirname, `${script}.js`), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  const { code, signal } = await new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  if (code !== 0 && signal !== 'SIGKILL') throw new Error(`The measured process ${script} ended with code ${code}, signal ${signal}.`);
  const last = text.trim().split('\n').at(-1);
  return { said: last ? (JSON.parse(last) as unknown) : undefined, signal, tookMs: performance.now() - startedMs };
}

/** For such a script: its one line of answer. */
export const say = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
