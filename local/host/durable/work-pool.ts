export interface WorkPool {
  <T>(run: () => Promise<T>): Promise<T>;
  /** Resolves when nothing runs or waits for its turn. */
  idle(): Promise<void>;
}

/** Runs at most `size` at a time, in the order asked. */
export function createWorkPool(size: number): WorkPool {
  let running = 0;
  const queue: (() => void)[] = [];
  const idle: (() => void)[] = [];
  const run = async <T>(task: () => Promise<T>): Promise<T> => {
    if (running >= size) await new Promise<void>((resolve) => queue.push(resolve));
    else running += 1;
    try {
      return await task();
    } finally {
      const next = queue.shift();
      // The place goes straight to the next in line.
      if (next) next();
      else running -= 1;
      if (running === 0) for (const tell of idle.splice(0)) tell();
    }
  };
  return Object.assign(run, {
    idle: () => (running === 0 ? Promise.resolve() : new Promise<void>((resolve) => idle.push(resolve))),
  });
}
