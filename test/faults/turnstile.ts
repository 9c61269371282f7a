import { resting, type Run } from './effects';

/** Draws from 0 to 1, the same ones for the same seed. */
export type Dice = () => number;

/** Mulberry32: small, and good enough to choose with. */
export function dice(seed: number): Dice {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Rounds of the event loop after which whoever was told something has asked for the next thing. */
const quietRounds = 4;

let signing = 0;

/** Signatures are made on threads of their own; nothing of Node's says when one is under way. */
export function watchSigning(): void {
  const { subtle } = globalThis.crypto;
  const kept = Object.getPrototypeOf(subtle) as Record<string, (...given: unknown[]) => Promise<unknown>>;
  for (const name of ['digest', 'importKey', 'sign', 'verify']) {
    const original = kept[name];
    if (!original) throw new Error(`crypto.subtle has no ${name} to be watched.`);
    kept[name] = async function (this: unknown, ...given) {
      signing += 1;
      try {
        return await original.apply(this, given);
      } finally {
        signing -= 1;
      }
    };
  }
}

/** Whether files are read, names looked up or signatures made: whoever waits for these may ask for the next thing soon. */
const worksElsewhere = (): boolean => signing > 0 || process.getActiveResourcesInfo().some((name) => /^(?:FSReq|GetAddrInfo)/.test(name));

interface Waiting {
  /** The same in every run of a seed. */
  label: string;
  order: number;
  go: (goes: boolean) => void;
}

/**
 * A function may wait for what another asked for (a token, say): after so many looks in a row at which nothing was new, and nothing worked elsewhere, it is
 * taken to do so. Counted, not timed: how loaded the machine is must not decide who goes first.
 */
const patientLooks = 1000;

/**
 * Lets out one call at a time, when every function that runs waits or sleeps. Which of those that wait goes next is drawn, so that a seed gives the same
 * order of everything in each run, and other seeds give other orders. What a queue has comes when it comes: it is let in once nothing else is to be done.
 */
export class Turnstile {
  private waiting: Waiting[] = [];
  private arrivals: Waiting[] = [];
  private readonly running = new Set<Run>();
  private isOut = false;
  private rounds = 0;
  private order = 0;
  private isClosed = false;
  private quietLooks = 0;

  constructor(private readonly draw: Dice) {}

  pass(label: string): Promise<boolean> {
    return resting(this.stand(this.waiting, label));
  }

  arrive(label: string): Promise<boolean> {
    return this.stand(this.arrivals, label);
  }

  /** The call that was let out is over. */
  back(): void {
    this.isOut = false;
    this.rest();
  }

  begins(run: Run): () => void {
    this.running.add(run);
    return () => {
      this.running.delete(run);
      this.rest();
    };
  }

  /** Nobody waits, nothing is out, and every function that runs sleeps. */
  isIdle(): boolean {
    return !this.isOut && this.waiting.length + this.arrivals.length === 0 && !this.isComputing() && !worksElsewhere();
  }

  /** Nobody passes any more; what has arrived is not heard of. */
  close(): void {
    this.isClosed = true;
    this.waiting.length = 0;
    for (const { go } of this.arrivals.splice(0)) go(false);
  }

  private stand(line: Waiting[], label: string): Promise<boolean> {
    return new Promise((go) => {
      if (this.isClosed) {
        if (line === this.arrivals) go(false);
        return;
      }
      line.push({ label, order: this.order++, go });
      this.rest();
    });
  }

  private isComputing(): boolean {
    return [...this.running].some((run) => run.resting === 0);
  }

  private rest(): void {
    this.quietLooks = 0;
    this.look();
  }

  private look(): void {
    const isLooking = this.rounds > 0;
    this.rounds = quietRounds;
    if (!isLooking) setImmediate(() => this.round());
  }

  private round(): void {
    this.rounds -= 1;
    if (this.rounds > 0) {
      setImmediate(() => this.round());
      return;
    }
    if (this.isOut || this.waiting.length + this.arrivals.length === 0) return;
    this.quietLooks = worksElsewhere() ? 0 : this.quietLooks + 1;
    if (this.quietLooks === 0 || (this.isComputing() && this.quietLooks < patientLooks)) {
      this.look();
      return;
    }
    const line = this.waiting.length > 0 ? this.waiting : this.arrivals;
    line.sort((a, b) => (a.label < b.label ? -1 : a.label > b.label ? 1 : a.order - b.order));
    const [next] = line.splice(Math.floor(this.draw() * line.length), 1);
    this.isOut = true;
    next?.go(true);
  }
}
