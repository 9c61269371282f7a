/** How a start is asked to end. */

/** Exit codes of a program that a signal ended, as shells have them. */
const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** npm passes Ctrl-C on though the terminal has sent it to everybody: what follows the first so closely is the same keypress. */
const sameKeypressMs = 1000;

/** Why everything is to end: somebody asked for it. */
export class AskedToStop extends Error {
  constructor(readonly exitCode: number) {
    super('asked to stop');
  }
}

/** Aborts at Ctrl-C, a terminal that closes or a request to end, and has that acknowledged; a second one calls `atOnce`. */
export function endOnSignals(
  on: (signal: keyof typeof codes, listener: () => void) => unknown,
  { nowMs, acknowledge, atOnce }: { nowMs: () => number; acknowledge: () => void; atOnce: (exitCode: number) => void },
): AbortController {
  const ending = new AbortController();
  let askedAtMs: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    on(signal, () => {
      if (askedAtMs === undefined) {
        askedAtMs = nowMs();
        ending.abort(new AskedToStop(codes[signal]));
        acknowledge();
      } else if (nowMs() - askedAtMs > sameKeypressMs) atOnce(codes[signal]);
    });
  }
  return ending;
}
