const longestMs = 60_000;

/** How long to wait before asking again: longer and longer while nothing answers. */
export const pauseMs = (everyMs: number, failures: number): number => Math.min(longestMs, everyMs * 2 ** Math.min(failures, 10));
