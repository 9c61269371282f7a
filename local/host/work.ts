import type { Clock, VirtualClock } from './clock';

/** What is ready or running in the host. Each piece holds the clock, so that virtual time stands still for it. */
export interface Work {
  /** Answers the end of this piece, which may be called twice. */
  begin(): () => void;
  /** Resolves once nothing is ready or running, or all that runs sleeps on a virtual clock. */
  whenIdle(): Promise<void>;
}

const isVirtual = (clock: Clock): clock is VirtualClock => 'quiet' in clock;

export function createWork(clock: Clock): Work {
  let running = 0;
  let waiting: (() => void)[] = [];
  const isIdle = (): boolean => running === 0 || (isVirtual(clock) && clock.quiet());
  const check = (): void => {
    if (!isIdle()) return;
    const done = waiting;
    waiting = [];
    for (const resolve of done) resolve();
  };
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  return {
    begin() {
      let open = true;
      running += 1;
      const release = clock.hold();
      return () => {
        if (!open) return;
        open = false;
        running -= 1;
        release();
        check();
      };
    },
    async whenIdle() {
      const stop = isVirtual(clock) ? clock.onChange(check) : undefined;
      try {
        // One look is not enough: what ends may start the next thing in its own continuation.
        for (let quietRounds = 0; quietRounds < 3;) {
          if (isIdle()) {
            quietRounds += 1;
            await settled();
          } else {
            quietRounds = 0;
            await new Promise<void>((resolve) => waiting.push(resolve));
          }
        }
      } finally {
        stop?.();
      }
    },
  };
}
