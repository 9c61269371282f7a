import { createRequire } from 'node:module';
import path from 'node:path';
import { startHost, type Host, type VirtualClock } from '../../local/host';
import { composePorts } from '../../src/compose';
import { registerEverything } from '../../src/registrations';
import { PowerCut, underWarden, type Effect, type Warden } from './effects';
import { lifeClock } from './life-clock';
import { Turnstile, type Dice } from './turnstile';

export type Side = 'before' | 'after';

/** What becomes of the lives of one rollout's host: who is told of each effect says whether the power goes. */
export interface Fate {
  cutsAt(effect: Effect, side: Side): boolean;
  /** An instance's name that is the same in every run of a seed: ids are not. */
  nameOf(subject: string): string;
  strange(what: string): void;
  failed(point: string, error: Error): void;
}

/** From a start of the embedded host to its power cut, or to the end of its rollout. */
export interface Life {
  host: Host | undefined;
  isDead(): boolean;
  /** Resolves when whatever needs no more time is over, or when its power was cut. */
  settled(): Promise<void>;
  /** Resolves when nothing of it is on its way any more. */
  drained(): Promise<void>;
  /** Ends it now, wherever it is. */
  cut(): void;
}

export interface LifeOptions {
  clock: VirtualClock;
  stateFile: string;
  port: number;
  draw: Dice;
  fate: Fate;
}

const quietLooks = 6;

const repository = path.join(__dirname, '../../..');

/** Answers when the host serves, or when its power was cut on the way there. */
export async function live(options: LifeOptions): Promise<Life> {
  const { clock, stateFile, port, fate } = options;
  const state = { isDead: false, out: 0, host: undefined as Host | undefined };
  const waiting: (() => void)[] = [];
  const turnstile = new Turnstile(options.draw);
  const cut = (): void => {
    if (state.isDead) return;
    state.isDead = true;
    turnstile.close();
    ownClock.end();
    // Not here and now: a transaction may be on the stack, and its file must not be closed under it.
    setImmediate(() => state.host?.kill());
  };
  const inside = new Set<Effect>();
  const nameOf = ({ point, subject }: Effect): string => `${point} ${fate.nameOf(subject)}`;
  const passes = async (effect: Effect, passed: Promise<boolean>): Promise<boolean> => {
    const goes = await passed;
    if (goes) inside.add(effect);
    return goes;
  };
  const goesOn = (effect: Effect, side: Side): boolean => {
    if (!state.isDead && fate.cutsAt(effect, side)) cut();
    return !state.isDead;
  };
  const warden: Warden = {
    beforeCommit: (effect) => goesOn(effect, 'before'),
    afterCommit: (effect) => goesOn(effect, 'after'),
    async beforeCall(effect) {
      // The queues are polled in real time: a poll waits for nobody, and nobody for it.
      if (!isTake(effect)) await passes(effect, turnstile.pass(nameOf(effect)));
      const goes = !state.isDead && (isTake(effect) || goesOn(effect, 'before'));
      if (goes) state.out += 1;
      return goes;
    },
    arrives: (effect) => passes(effect, turnstile.arrive(nameOf(effect))),
    begins: (run) => turnstile.begins(run),
    afterCall: (effect, { isEmpty }) => (isEmpty ? !state.isDead : goesOn(effect, 'after')),
    failed: ({ point }, error) => fate.failed(point, error),
    callOver(effect) {
      state.out -= 1;
      if (inside.delete(effect)) turnstile.back();
      if (state.out === 0) for (const resolve of waiting.splice(0)) resolve();
    },
    isDead: () => state.isDead,
    strange: (what) => (state.isDead ? undefined : fate.strange(what)),
  };
  const ownClock = lifeClock(clock, (run) => {
    try {
      underWarden(warden, run);
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
    }
  });
  try {
    state.host = await underWarden(warden, () =>
      bringUp({ ownClock, stateFile, port, isDead: () => state.isDead, strange: warden.strange }),
    );
    if (state.isDead) state.host.kill();
    state.host.whenBroken.catch((error: unknown) => warden.strange(`the host broke: ${String(error)}`));
  } catch (error) {
    if (!state.isDead) throw error;
  }
  return {
    host: state.host,
    isDead: () => state.isDead,
    cut,
    async settled() {
      for (let quiet = 0; quiet < quietLooks && !state.isDead;) {
        quiet = turnstile.isIdle() ? quiet + 1 : 0;
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    drained: () => (state.out === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
}

/** A poll that finds nothing is no event: whether one finds something is known afterwards. */
const isTake = ({ point }: Effect): boolean => point.endsWith(': queue take');

async function bringUp(parts: {
  ownClock: ReturnType<typeof lifeClock>;
  stateFile: string;
  port: number;
  isDead: () => boolean;
  strange: (what: string) => void;
}): Promise<Host> {
  const { ownClock, stateFile, port } = parts;
  forgetTokens();
  const ports = { ...composePorts(process.env), clock: ownClock };
  return startHost({
    appDirectory: repository,
    stateFile,
    port,
    clock: ownClock,
    load: () => registerEverything(ports),
    log({ level, text }) {
      if (level === 'error') parts.strange(`an error in the log: ${text}`);
    },
  });
}

const identitiesPackage = '@azure/msal-node';

interface ManagedIdentities {
  new (): { managedIdentityClient: { constructor: { identitySource?: unknown } } };
  nodeStorage?: unknown;
}

/** The package for managed identities keeps tokens, and where they come from, for the whole process; a process that is gone keeps neither. */
function forgetTokens(): void {
  // Found from where it is used: it is no dependency of ours.
  const { ManagedIdentityApplication } = createRequire(require.resolve('@azure/identity'))(identitiesPackage) as {
    ManagedIdentityApplication: ManagedIdentities;
  };
  delete new ManagedIdentityApplication().managedIdentityClient.constructor.identitySource;
  delete ManagedIdentityApplication.nodeStorage;
}
