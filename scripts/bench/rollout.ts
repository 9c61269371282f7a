import path from 'node:path';
import { currentRegistry, type Registry } from '../../local/host/functions-core';
import { compare, type Compared, type Pair } from './medians';
import { startRolloutStack } from './rollout-stack';

const rollouts = 5;

/**
 * The wall of a whole rollout beside that of a bare script which makes the same calls: the time, of that very rollout, in which one of its activities
 * or its trigger was at work. A script that does them one after another, and at once where the rollout did, takes no less. In milliseconds.
 */
export async function measureRollout(folder: string): Promise<Compared> {
  const calls = createCallTime();
  const stack = await startRolloutStack(path.join(folder, 'rollout'), () => calls.watch(currentRegistry()));
  const measured: Pair[] = [];
  try {
    // The first one warms up.
    for (let rollout = 0; rollout <= rollouts; rollout += 1) {
      const request = await stack.request(`2.${rollout}.0`);
      const startedMs = performance.now();
      const before = calls.busyMs();
      await stack.rollOut(request);
      const pair = { host: performance.now() - startedMs, floor: calls.busyMs() - before };
      if (rollout > 0) measured.push(pair);
    }
    return compare(measured);
  } finally {
    await stack.stop();
  }
}

/** The time in which at least one call was under way. */
function createCallTime() {
  let underWay = 0;
  let sinceMs = 0;
  let busyMs = 0;
  const begin = (): void => {
    if (underWay === 0) sinceMs = performance.now();
    underWay += 1;
  };
  const end = (): void => {
    underWay -= 1;
    if (underWay === 0) busyMs += performance.now() - sinceMs;
  };
  return {
    busyMs: () => busyMs,
    watch({ functions }: Registry): void {
      for (const fn of functions.values()) {
        const isCall = Object.values(fn.metadata.bindings).some(({ type }) => /^(activity|http)Trigger$/i.test(type));
        const { callback } = fn;
        if (!isCall) continue;
        fn.callback = async (...given) => {
          begin();
          try {
            return await callback(...given);
          } finally {
            end();
          }
        };
      }
    },
  };
}
