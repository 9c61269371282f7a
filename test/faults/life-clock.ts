import type { Clock } from '../../local/host';
import { resting } from './effects';

/** The clock of one life of a host: whatever that life holds or waits for is forgotten at its end. */
export interface LifeClock extends Clock {
  end(): void;
}

/**
 * `inLife` runs what falls due in the life's own surroundings: it is the clock that calls. While the life is busy, the clock below is held once,
 * however much is under way.
 */
export function lifeClock(clock: Clock, inLife: (run: () => void) => void): LifeClock {
  let holds = 0;
  let sleepers = 0;
  let ended = false;
  let release: (() => void) | undefined;
  const cancels = new Set<() => void>();
  const balance = (): void => {
    const isBusy = !ended && holds > sleepers;
    if (isBusy) release ??= clock.hold();
    else {
      release?.();
      release = undefined;
    }
  };
  const at: Clock['at'] = (dueMs, run, options) => {
    if (ended) return () => undefined;
    const cancel = clock.at(
      dueMs,
      () => {
        cancels.delete(cancel);
        if (!ended) inLife(run);
      },
      options,
    );
    cancels.add(cancel);
    return () => {
      cancels.delete(cancel);
      cancel();
    };
  };
  return {
    now: () => clock.now(),
    at,
    sleep: (ms) =>
      resting(
        new Promise((resolve) => {
          sleepers += 1;
          balance();
          at(clock.now() + ms, () => {
            sleepers -= 1;
            balance();
            resolve();
          });
        }),
      ),
    hold() {
      let isOut = true;
      holds += 1;
      balance();
      return () => {
        if (!isOut) return;
        isOut = false;
        holds -= 1;
        balance();
      };
    },
    end() {
      ended = true;
      for (const cancel of cancels) cancel();
      cancels.clear();
      balance();
    },
  };
}
