/** Time as the host sees it. Nothing in the host reads the wall clock directly, so that tests can move it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /**
   * Runs `run` once at `dueMs` (at once, but never inside this call, if that has passed). `background`: never a reason for a virtual clock
   * to advance (cron ticks). Answers a function that cancels.
   */
  at(dueMs: number, run: () => void, options?: { background?: boolean }): () => void;
  /** For work that is held: its hold counts as given back while it sleeps. */
  sleep(ms: number): Promise<void>;
  /** Work is in flight: a virtual clock does not advance by itself while any hold is out. Answers the release, which may be called twice. */
  hold(): () => void;
}

export interface VirtualClock extends Clock {
  /** Moves on by `ms`, running everything that falls due on the way, in order of its time. */
  advance(ms: number): Promise<void>;
  advanceTo(ms: number): Promise<void>;
  /** The time is another at once, as on a machine that slept or was set right: what fell due on the way runs late, at the next move. */
  jump(ms: number): void;
  /** While on and nothing is held, the clock jumps from one non-background due time to the next by itself. */
  auto(on: boolean): void;
  /** True while no hold is out, or only those of sleepers. */
  quiet(): boolean;
  /** Calls `listener` whenever `quiet()` may have changed. Answers a function that ends this. */
  onChange(listener: () => void): () => void;
}

/** setTimeout takes at most 2^31 - 1 ms (24.8 days); a longer wait is made of several. */
const longestTimeoutMs = 2_147_000_000;

export const systemClock: Clock = {
  now: () => Date.now(),
  at(dueMs, run) {
    let handle: NodeJS.Timeout;
    const arm = (): void => {
      const leftMs = Math.min(longestTimeoutMs, Math.max(0, dueMs - Date.now()));
      // A timeout may come a millisecond early; a durable timer must not.
      handle = setTimeout(() => (Date.now() < dueMs ? arm() : run()), leftMs);
    };
    arm();
    return () => clearTimeout(handle);
  },
  sleep: (ms) => new Promise((resolve) => systemClock.at(Date.now() + ms, resolve)),
  hold: () => () => {},
};

interface Due {
  dueMs: number;
  order: number;
  background: boolean;
  run: () => void;
}

/** How many rounds of the event loop must pass without new work before an automatic jump: enough for promises and loopback sockets to settle. */
const settleRounds = 6;

/** A clock that stands still until it is moved. It starts at a fixed date unless told, so that tests are the same every day. */
export function virtualClock(startMs: number = Date.UTC(2026, 0, 5, 9)): VirtualClock {
  let nowMs = startMs;
  let order = 0;
  let holds = 0;
  let sleepers = 0;
  let automatic = false;
  let settling = false;
  const dues = new Set<Due>();
  const listeners = new Set<() => void>();

  const quiet = (): boolean => holds - sleepers <= 0;
  const changed = (): void => {
    for (const listener of [...listeners]) listener();
    settle();
  };
  const next = (untilMs: number, foreground: boolean): Due | undefined => {
    let first: Due | undefined;
    for (const due of dues) {
      if (due.dueMs > untilMs || (foreground && due.background)) continue;
      if (!first || due.dueMs < first.dueMs || (due.dueMs === first.dueMs && due.order < first.order)) first = due;
    }
    return first;
  };
  const runUntil = (untilMs: number): void => {
    for (let due = next(untilMs, false); due; due = next(untilMs, false)) {
      dues.delete(due);
      nowMs = Math.max(nowMs, due.dueMs);
      due.run();
    }
    nowMs = Math.max(nowMs, untilMs);
  };
  const settle = (): void => {
    if (!automatic || settling || !quiet()) return;
    settling = true;
    let left = settleRounds;
    const round = (): void => {
      if (!automatic || !quiet()) {
        settling = false;
        return;
      }
      if (--left > 0) {
        setImmediate(round);
        return;
      }
      settling = false;
      const due = next(Infinity, true);
      if (!due) return;
      runUntil(Math.max(nowMs, due.dueMs));
      settle();
    };
    setImmediate(round);
  };

  return {
    now: () => nowMs,
    at(dueMs, run, options = {}) {
      const due: Due = { dueMs, order: order++, background: options.background ?? false, run };
      dues.add(due);
      // What is due already runs soon without a move of the clock: a real clock would not wait either.
      if (dueMs <= nowMs) setImmediate(() => dues.delete(due) && run());
      else settle();
      return () => void dues.delete(due);
    },
    sleep(ms) {
      return new Promise((resolve) => {
        sleepers += 1;
        this.at(nowMs + ms, () => {
          sleepers -= 1;
          changed();
          resolve();
        });
        changed();
      });
    },
    hold() {
      let out = true;
      holds += 1;
      return () => {
        if (!out) return;
        out = false;
        holds -= 1;
        changed();
      };
    },
    async advance(ms) {
      await this.advanceTo(nowMs + ms);
    },
    async advanceTo(ms) {
      // One due time after the other, so that what a due starts (an activity, a turn) happens at its own time and not at the end of the move.
      for (let due = next(ms, false); due; due = next(ms, false)) {
        runUntil(Math.max(nowMs, due.dueMs));
        await settled(quiet, listeners);
      }
      nowMs = Math.max(nowMs, ms);
      await settled(quiet, listeners);
    },
    jump(ms) {
      nowMs += ms;
    },
    auto(on) {
      automatic = on;
      settle();
    },
    quiet,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** Waits until nothing is held and stays so for a few rounds of the event loop. */
async function settled(quiet: () => boolean, listeners: Set<() => void>): Promise<void> {
  for (let left = settleRounds; left > 0;) {
    if (quiet()) {
      await new Promise((resolve) => setImmediate(resolve));
      left -= 1;
      continue;
    }
    left = settleRounds;
    await new Promise<void>((resolve) => {
      const listener = (): void => {
        if (!quiet()) return;
        listeners.delete(listener);
        resolve();
      };
      listeners.add(listener);
    });
  }
}
