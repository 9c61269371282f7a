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
 * Lets out one call at a time. Which of those that wait goes next is drawn, so that a seed gives the same order of everything in each run, and other
 * seeds give other orders.
 */
export class Turnstile {
  private waiting: Waiting[] = [];
  private isOut = false;
  private rounds = 0;
  private order = 0;
  private isClosed = false;

  constructor(private readonly draw: Dice) {}

  pass(label: string): Promise<boolean> {
    if (this.isClosed) return new Promise(() => undefined);
    return new Promise((go) => {
      this.waiting.push({ label, order: this.order++, go });
      this.rest();
    });
  }

  /** The call that was let out is over. */
  back(): void {
    this.isOut = false;
    this.rest();
  }

  /** Nobody passes any more. */
  close(): void {
    this.isClosed = true;
    this.waiting = [];
  }

  private rest(): void {
    const isResting = this.rounds > 0;
    this.rounds = quietRounds;
    if (!isResting) setImmediate(() => this.round());
  }

  private round(): void {
    this.rounds -= 1;
    if (this.rounds > 0) {
      setImmediate(() => this.round());
      return;
    }
    if (this.isOut || this.waiting.length === 0) return;
    if (worksElsewhere()) {
      this.rest();
      return;
    }
    const sorted = [...this.waiting].sort((a, b) => (a.label < b.label ? -1 : a.label > b.label ? 1 : a.order - b.order));
    const next = sorted[Math.floor(this.draw() * sorted.length)];
    if (!next) return;
    this.waiting = this.waiting.filter((one) => one !== next);
    this.isOut = true;
    next.go(true);
  }
}
