export interface WorkPool {
  <T>(run: () => Promise<T>): Promise<T>;
  idle(): Promise<void>;
}

/** Runs at most `size` at a time, in the order asked. */
export function createWorkPool(size: number): WorkPool {
  let running = 0;
  const queue: (() => void)[] = [];
  const all = new Set<Promise<unknown>>();
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
    }
  };
  return Object.assign(
    <T>(task: () => Promise<T>) => {
      const one = run(task);
      all.add(one);
      void one.catch(() => {}).finally(() => all.delete(one));
      return one;
    },
    {
      idle: async () => {
        await Promise.allSettled([...all]);
      },
    },
  );
}
