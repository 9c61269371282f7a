import type { Store } from './store';

/**
 * Writes what many have to write in one transaction: whatever came up in one round of the event loop shares one sync of the disk. Units keep their
 * order, and none sees the outside before it is on the disk.
 */
export interface Committer {
  /**
   * Resolves with what `write` answered once that is committed. `write` may run twice, never with the first run's effects in the store, so it
   * touches nothing else but the log, which then says it twice. Rejects with what it threw, or with what the commit failed with: then nothing of
   * it is kept, and the others are.
   */
  commit<T>(write: () => T): Promise<T>;
  /** Writes what waits now. */
  flush(): void;
  /** As a power cut: what waits is never written. */
  kill(): void;
}

interface Unit {
  write(): unknown;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

export function createCommitter(store: Pick<Store, 'transaction'>): Committer {
  let waiting: Unit[] = [];
  let dead = false;
  const lost = (): Error => new Error('The host was killed before this was written.');

  const flush = (): void => {
    const units = waiting;
    waiting = [];
    if (!writeTogether(store, units)) for (const unit of units) writeAlone(store, unit);
  };

  return {
    commit<T>(write: () => T) {
      return new Promise<T>((resolve, reject) => {
        if (dead) {
          reject(lost());
          return;
        }
        waiting.push({ write, resolve, reject });
        if (waiting.length === 1) setImmediate(flush);
      });
    },
    flush,
    kill() {
      dead = true;
      for (const unit of waiting.splice(0)) unit.reject(lost());
    },
  };
}

/** False if nothing was written because one of them, or the commit, failed. */
function writeTogether(store: Pick<Store, 'transaction'>, units: Unit[]): boolean {
  if (units.length < 2) return false;
  let values: unknown[];
  try {
    values = store.transaction(() => units.map((unit) => unit.write()));
  } catch {
    return false;
  }
  for (const [at, unit] of units.entries()) unit.resolve(values[at]);
  return true;
}

function writeAlone(store: Pick<Store, 'transaction'>, unit: Unit): void {
  try {
    unit.resolve(store.transaction(() => unit.write()));
  } catch (error) {
    unit.reject(error);
  }
}
