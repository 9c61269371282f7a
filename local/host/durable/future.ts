/**
 * A promise that settles synchronously, so that a whole history is replayed in one go and in the order of its events.
 * `failed` alone is kept of a failure: the error itself is known to the orchestrator's own package from the history.
 * `value`: an activity's result as JSON text.
 */
export interface Future {
  settled: boolean;
  failed: boolean;
  /** It failed, and is not to be tried again. */
  isFinal?: boolean;
  value?: string;
  then(run: () => void): void;
  settle(failed?: boolean, value?: string): void;
}

export function future(): Future {
  const waiting: (() => void)[] = [];
  return {
    settled: false,
    failed: false,
    then(run) {
      if (this.settled) run();
      else waiting.push(run);
    },
    settle(failed = false, value?: string) {
      if (this.settled) return;
      this.settled = true;
      this.failed = failed;
      if (value !== undefined) this.value = value;
      for (const run of waiting.splice(0)) run();
    },
  };
}

export function settledFuture(failed = false): Future {
  const one = future();
  one.settle(failed);
  return one;
}

/** Settles when all have, as .NET's Task.WhenAll: it waits for every member even after a failure. */
export function whenAll(members: Future[]): Future {
  const all = future();
  let open = members.length;
  const settleIfLast = (): void => {
    if (open === 0) all.settle(members.some((member) => member.failed));
  };
  for (const member of members) {
    member.then(() => {
      open -= 1;
      settleIfLast();
    });
  }
  settleIfLast();
  return all;
}

export function whenAny(members: Future[]): Future {
  const any = future();
  for (const member of members) member.then(() => any.settle());
  return any;
}
