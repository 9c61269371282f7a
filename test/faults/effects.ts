import { AsyncLocalStorage } from 'node:async_hooks';

export { PowerCut } from '../../local/host';

/**
 * One thing by which Slipway changes or asks the world outside its memory: a commit of its SQLite file, or a call that leaves the process.
 * `point` is the fault point it belongs to: who does what (`postSwap: arm swap`).
 */
export interface Effect {
  kind: 'commit' | 'call';
  point: string;
  /** Other points that are come to by the same effect: a commit writes together what came up at once. */
  also: string[];
  /** The orchestration on whose behalf it is made, if any: tells apart what runs at the same time. */
  subject: string;
  /** Before and after it the world is the same. */
  isRead: boolean;
}

/** All points of an effect. */
export const pointsOf = ({ point, also }: Pick<Effect, 'point' | 'also'>): string[] => [...new Set([point, ...also])];

/**
 * Decides about each effect of one process, or of one life of a host in this process. Every method answers whether life goes on; `false` means that
 * everything has ended at this instant: nothing is sent, written, or learned any more.
 */
export interface Warden {
  beforeCommit(effect: Effect): boolean;
  afterCommit(effect: Effect): boolean;
  /** May take its time: the call leaves when it resolves. */
  beforeCall(effect: Effect): Promise<boolean> | boolean;
  /** A queue has answered a poll with a message. May take its time: it is heard of when this resolves. */
  arrives(effect: Effect): Promise<boolean> | boolean;
  /** The answer has arrived, and nobody has seen it yet. `isEmpty`: a queue that had no message. */
  afterCall(effect: Effect, answer: { isEmpty: boolean }): boolean;
  /** No answer came, though nobody cut anything: whoever asked may well ask again. */
  failed(effect: Effect, error: Error): void;
  /** The call is over, answer and all, or failed. */
  callOver(effect: Effect): void;
  isDead(): boolean;
  /** A function begins to run. Answers what to call when it is over. */
  begins(run: Run): () => void;
  /** An effect that no rule names, or a way out of the process that is not watched. */
  strange(what: string): void;
}

/** One function that runs, while something in it may still be computed. */
export interface Run {
  /** How many of its calls wait to be let out, and how often it sleeps. */
  resting: number;
}

interface Surroundings {
  warden: Warden;
  /** The function that runs; `host` outside of any. */
  by: string;
  subject: string;
  /** Whether time goes on by a virtual clock. */
  isVirtual: boolean;
  run?: Run;
}

const surroundings = new AsyncLocalStorage<Surroundings>();
let ofThisProcess: Surroundings | undefined;

export const currently = (): Surroundings | undefined => surroundings.getStore() ?? ofThisProcess;

/** Everything that `run` begins is this warden's, however long it takes, and on a virtual clock. */
export const underWarden = <T>(warden: Warden, run: () => T): T =>
  surroundings.run({ warden, by: 'host', subject: '', isVirtual: true }, run);

/** Everything in this process is this warden's. */
export function wardenOfThisProcess(warden: Warden): void {
  ofThisProcess = { warden, by: 'host', subject: '', isVirtual: false };
}

/** Whatever `work` does is done by that function. */
export function asFunction<T>(by: string, subject: string, work: () => Promise<T>): Promise<T> {
  const now = currently();
  if (!now) return work();
  const run: Run = { resting: 0 };
  const over = now.warden.begins(run);
  return surroundings.run({ ...now, by, subject, run }, work).finally(over);
}

/** The function that runs here waits for something else than itself. */
export async function resting<T>(wait: Promise<T>): Promise<T> {
  const run = currently()?.run ?? { resting: 0 };
  run.resting += 1;
  try {
    return await wait;
  } finally {
    run.resting -= 1;
  }
}
