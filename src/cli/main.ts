#!/usr/bin/env node
import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { exitCodes } from './exit-codes';
import { run } from './program';

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort(new Error('interrupted')));
// Whoever reads may have read enough: `slipway list | head`.
for (const out of [process.stdout, process.stderr]) out.on('error', () => process.exit(exitCodes.done));

async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  // Without this the line editor keeps Ctrl-C, and Ctrl-D, to itself.
  terminal.once('SIGINT', () => process.emit('SIGINT'));
  terminal.once('close', () => {
    if (!answered) interrupted.abort(new Error('interrupted'));
  });
  let answered = false;
  try {
    const typed = await terminal.question(question, { signal: interrupted.signal });
    answered = true;
    return typed;
  } finally {
    terminal.close();
  }
}

run(process.argv.slice(2), {
  out: process.stdout,
  err: process.stderr,
  environment: process.env,
  workingDirectory: process.cwd(),
  nowMs: Date.now,
  sleep: (milliseconds) => sleep(milliseconds, undefined, { signal: interrupted.signal }),
  signal: interrupted.signal,
  ...(process.stdin.isTTY && process.stdout.isTTY ? { ask } : {}),
}).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`slipway failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = exitCodes.notGood;
  },
);
