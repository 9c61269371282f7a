import { future, settledFuture, type Future } from './future';
import type { Script } from './script';

/** Settles with the next event of that name, which may be here already. Names are compared without regard to case. */
export function waitForEvent(script: Script, name: string): Future {
  const key = name.toLowerCase();
  const early = script.buffered.get(key) ?? 0;
  if (early > 0) {
    script.buffered.set(key, early - 1);
    return settledFuture();
  }
  const one = future();
  script.waiters.set(key, [...(script.waiters.get(key) ?? []), one]);
  return one;
}
