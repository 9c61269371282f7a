/** Where faults of the host itself end: each is reported, and the first rejects `whenBroken`. */
export interface FaultLine {
  whenBroken: Promise<never>;
  report(error: unknown): void;
}

export function createFaultLine(log: (error: unknown) => void): FaultLine {
  let reject: (error: unknown) => void = () => {};
  const whenBroken = new Promise<never>((_resolve, no) => (reject = no));
  // Nobody has to wait for it.
  whenBroken.catch(() => {});
  return {
    whenBroken,
    report(error) {
      log(error);
      reject(error);
    },
  };
}
