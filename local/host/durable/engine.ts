import type { Clock } from '../clock';
import type { Work } from '../work';
import { dueTimer, endedActivity, type Arrival } from './arrival';
import type { Committer } from './committer';
import { activityEvent } from './run-activity';
import type { ActivityTask, DurableTimer } from './open-work';
import { takeTurn } from './turn';
import type { TurnEffects, TurnWorld } from './turn-world';
import { createWorkPool } from './work-pool';

export interface EngineOptions {
  world: TurnWorld;
  committer: Committer;
  clock: Clock;
  work: Work;
  maxTurns: number;
  maxActivities: number;
  /** The host itself is at fault, or `onTurn` rejected. */
  broken(error: unknown): void;
}

/**
 * Runs turns, activities and timers. Everything that is to be done stands in the store; what is here besides says only what runs now, so that a
 * new engine on the same store goes on where the old one was. Nothing that a turn decided is begun before the turn is on the disk.
 */
export interface Engine {
  /** Takes up what the store holds. */
  start(): void;
  /** Says that an instance may have a turn to take. */
  wake(instanceId: string): void;
  /** Hands an instance a message, and wakes it. */
  deliver(instanceId: string, arrival: Arrival): void;
  /** Lets a timer's message come when it is due. */
  arm(timer: DurableTimer): void;
  /** Takes nothing new. Resolves when what runs is over. */
  stop(): Promise<void>;
  /** Drops everything at once: results that still come in are not written. */
  kill(): void;
}

export function createEngine(options: EngineOptions): Engine {
  const { world, committer, clock, work } = options;
  const { store } = world;
  const turns = createWorkPool(options.maxTurns);
  const activities = createWorkPool(options.maxActivities);
  const ready = new Set<string>();
  const inTurn = new Map<string, Promise<void>>();
  const arrivals = new Map<string, Arrival[]>();
  const cancels = new Map<string, Map<string, () => void>>();
  let stopped = false;
  let dead = false;

  /** Counts as work until it is over; a failure is the host's own. */
  const hold = async (run: () => Promise<void>): Promise<void> => {
    const done = work.begin();
    try {
      await run();
    } catch (error) {
      if (dead) return;
      // What others have asked for is none of this fault's doing.
      committer.flush();
      options.broken(error);
    } finally {
      done();
    }
  };

  const wake = (instanceId: string): void => {
    if (stopped || ready.has(instanceId)) return;
    ready.add(instanceId);
    // A turn that runs now is followed by another when it is over.
    if (!inTurn.has(instanceId)) queueTurn(instanceId);
  };

  const queueTurn = (instanceId: string): void => {
    // Before it begins, so that what it does at once finds it there.
    inTurn.set(instanceId, Promise.resolve());
    const over = hold(async () => {
      try {
        await runTurn(instanceId);
      } finally {
        inTurn.delete(instanceId);
        if (ready.delete(instanceId)) wake(instanceId);
      }
    });
    inTurn.set(instanceId, over);
  };

  /** The place in the pool is given back before the commit, so that all that is computed in one round is committed in one. */
  const runTurn = async (instanceId: string): Promise<void> => {
    const turn = await turns(async () => {
      ready.delete(instanceId);
      if (stopped) return undefined;
      const arrived = arrivals.get(instanceId) ?? [];
      arrivals.delete(instanceId);
      return takeTurn(world, instanceId, arrived);
    });
    const effects = turn && (await committer.commit(turn.write));
    if (effects && !dead) bringAbout(instanceId, effects);
  };

  const bringAbout = (instanceId: string, effects: TurnEffects): void => {
    for (const timer of effects.timers) arm(timer);
    if (effects.timersDropped) disarm(instanceId);
    for (const woken of effects.woken) wake(woken);
    for (const task of effects.activities) takeUp(task);
  };

  const deliver = (instanceId: string, arrival: Arrival): void => {
    if (dead) return;
    if (stopped) {
      keep([arrival]);
      return;
    }
    const waiting = arrivals.get(instanceId);
    // What came for an instance that is replaced is gone with it.
    if (waiting && !arrival.newborn) waiting.push(arrival);
    else arrivals.set(instanceId, [arrival]);
    wake(instanceId);
  };

  /** At once: no turn takes them now, and what else runs may outlast the host. */
  const keep = (left: Arrival[]): void => void hold(() => committer.commit(() => left.forEach((arrival) => arrival.keep())));

  const takeUp = (task: ActivityTask): void => {
    if (stopped) return;
    void hold(() =>
      activities(async () => {
        if (!stopped) deliver(task.instanceId, endedActivity(store, task, await activityEvent(world, task)));
      }),
    );
  };

  const arm = (timer: DurableTimer): void => {
    if (stopped) return;
    const armed = cancels.get(timer.instanceId) ?? new Map<string, () => void>();
    cancels.set(timer.instanceId, armed);
    const key = `${timer.executionId} ${timer.eventId}`;
    const fire = (): void => {
      armed.delete(key);
      if (armed.size === 0) cancels.delete(timer.instanceId);
      if (!stopped) deliver(timer.instanceId, dueTimer(store, timer));
    };
    armed.set(key, clock.at(world.schedule?.timerComesMs?.(timer.fireAtMs, clock.now()) ?? timer.fireAtMs, fire));
  };

  /** Nobody waits for the timers of an instance that ended; they would only wake the clock for nothing. */
  const disarm = (instanceId: string): void => {
    for (const cancel of cancels.get(instanceId)?.values() ?? []) cancel();
    cancels.delete(instanceId);
  };

  const halt = (): void => {
    stopped = true;
    for (const instanceId of [...cancels.keys()]) disarm(instanceId);
  };

  return {
    start() {
      const open = store.openWork();
      for (const timer of open.timers) arm(timer);
      for (const instanceId of store.ready()) wake(instanceId);
      for (const task of open.activities) takeUp(task);
    },
    wake,
    deliver,
    arm,
    async stop() {
      halt();
      keep([...arrivals.values()].flat());
      arrivals.clear();
      await activities.idle();
      await Promise.all(inTurn.values());
      committer.flush();
    },
    kill() {
      dead = true;
      halt();
      committer.kill();
    },
  };
}
