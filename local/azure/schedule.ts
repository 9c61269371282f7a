import type { Clock } from '../host/clock';

export interface Schedule {
  now(): number;
  sleep(ms: number): Promise<void>;
  /** Runs work at a time of the clock, which is held meanwhile. A rejection is logged. */
  at(dueMs: number, work: () => Promise<void> | void): void;
  /** Holds the clock while `work` does real things. */
  busy<T>(work: () => Promise<T>): Promise<T>;
  /** Nothing starts any more; resolves when what runs has ended. */
  stop(): Promise<void>;
}

export function openSchedule(clock: Clock, log: (line: string) => void): Schedule {
  const cancels = new Set<() => void>();
  const running = new Set<Promise<void>>();
  let stopped = false;
  const busy = async <T>(work: () => Promise<T>): Promise<T> => {
    const release = clock.hold();
    try {
      return await work();
    } finally {
      release();
    }
  };
  return {
    now: () => clock.now(),
    sleep: (ms) => clock.sleep(ms),
    busy,
    at(dueMs, work) {
      if (stopped) return;
      const cancel = clock.at(dueMs, () => {
        cancels.delete(cancel);
        if (stopped) return;
        const turn = busy(async () => work()).catch((error: unknown) =>
          log(`local Azure: ${error instanceof Error ? error.message : String(error)}`),
        );
        running.add(turn);
        void turn.finally(() => running.delete(turn));
      });
      cancels.add(cancel);
    },
    async stop() {
      stopped = true;
      for (const cancel of cancels) cancel();
      await Promise.all(running);
    },
  };
}
