import { bindingData, jsonProperties } from '../binding-data';
import type { Clock } from '../clock';
import { findFunction, invoke } from '../invoke';
import { toLevel } from '../log-level';
import type { Work } from '../work';
import { activityFailure, activityInput, activityResult } from './activity-data';
import { bindingOfType } from './compute-turn';
import { taskCompleted, taskFailed, timerFired, type HistoryEvent } from './history';
import { httpActivityEvent } from './http-activity';
import { httpActivity } from './http-call';
import { isFinished, type ActivityTask, type DurableTimer } from './store';
import { takeTurn } from './turn';
import type { TurnWorld } from './turn-world';

export interface EngineOptions {
  world: TurnWorld;
  clock: Clock;
  work: Work;
  maxTurns: number;
  maxActivities: number;
  /** The host itself is at fault, or `onTurn` rejected. */
  broken(error: unknown): void;
}

/**
 * Runs turns, activities and timers. Everything that is to be done stands in the store; what is here besides says only what runs now, so that a
 * new engine on the same store goes on where the old one was.
 */
export interface Engine {
  /** Takes up what the store holds. */
  start(): void;
  /** Says that an instance may have a turn to take. */
  wake(instanceId: string): void;
  /** Takes nothing new. Resolves when what runs is over. */
  stop(): Promise<void>;
  /** Drops everything at once: results that still come in are not written. */
  kill(): void;
}

export function createEngine(options: EngineOptions): Engine {
  const { world, clock, work } = options;
  const { store } = world;
  const turns = pool(options.maxTurns);
  const activities = pool(options.maxActivities);
  const ready = new Set<string>();
  const inTurn = new Set<string>();
  const knownActivities = new Set<string>();
  const cancels = new Map<string, () => void>();
  let stopped = false;
  let dead = false;

  const wake = (instanceId: string): void => {
    if (stopped || ready.has(instanceId)) return;
    ready.add(instanceId);
    // A turn that runs now is followed by another when it is over.
    if (!inTurn.has(instanceId)) queueTurn(instanceId);
  };

  const queueTurn = (instanceId: string): void => {
    inTurn.add(instanceId);
    const done = work.begin();
    void turns(async () => {
      ready.delete(instanceId);
      if (stopped) return;
      const effects = await takeTurn(world, instanceId);
      if (!effects || dead) return;
      for (const timer of effects.timers) arm(timer);
      if (effects.timersDropped) disarm(instanceId);
      for (const woken of effects.woken) wake(woken);
      if (effects.activities) takeUpActivities();
    })
      .catch((error: unknown) => {
        if (!dead) options.broken(error);
      })
      .finally(() => {
        inTurn.delete(instanceId);
        if (ready.delete(instanceId)) wake(instanceId);
        done();
      });
  };

  const keyOf = (task: { instanceId: string; executionId: string; eventId: number }): string =>
    `${task.instanceId}\n${task.executionId}\n${task.eventId}`;

  const takeUpActivities = (): void => {
    for (const task of store.activities()) {
      const key = keyOf(task);
      if (stopped || knownActivities.has(key)) continue;
      knownActivities.add(key);
      const done = work.begin();
      void activities(() => (stopped ? Promise.resolve() : runActivity(task)))
        .catch((error: unknown) => {
          if (!dead) options.broken(error);
        })
        .finally(() => {
          knownActivities.delete(key);
          done();
        });
    }
  };

  const runActivity = async (task: ActivityTask): Promise<void> => {
    const event = await activityEvent(world, task);
    if (dead) return;
    const kept = store.transaction(() => {
      if (!store.removeActivity(task)) return false;
      const instance = store.instance(task.instanceId);
      if (!instance || isFinished(instance.status) || instance.executionId !== task.executionId) return false;
      store.post(task.instanceId, task.executionId, event);
      return true;
    });
    if (kept) wake(task.instanceId);
  };

  const arm = (timer: DurableTimer): void => {
    if (stopped) return;
    const key = keyOf(timer);
    const fire = (): void => {
      cancels.delete(key);
      if (stopped) return;
      const isDue = store.transaction(() => {
        if (!store.removeTimer(timer)) return false;
        store.post(timer.instanceId, timer.executionId, timerFired(timer.eventId, timer.fireAtMs, timer.createdMs));
        return true;
      });
      if (isDue) wake(timer.instanceId);
    };
    cancels.set(key, clock.at(world.schedule?.timerComesMs?.(timer.fireAtMs, clock.now()) ?? timer.fireAtMs, fire));
  };

  /** Timers of an instance that ended are gone from the store; here they would only wake the clock for nothing. */
  const disarm = (instanceId: string): void => {
    for (const [key, cancel] of cancels) {
      if (!key.startsWith(`${instanceId}\n`)) continue;
      cancel();
      cancels.delete(key);
    }
  };

  const halt = (): void => {
    stopped = true;
    for (const cancel of cancels.values()) cancel();
    cancels.clear();
  };

  return {
    start() {
      for (const timer of store.timers()) arm(timer);
      for (const instanceId of store.ready()) wake(instanceId);
      takeUpActivities();
    },
    wake,
    async stop() {
      halt();
      await Promise.all([turns.idle(), activities.idle()]);
    },
    kill() {
      dead = true;
      halt();
    },
  };
}

/** Runs an activity and answers the event that tells of it. */
async function activityEvent(world: TurnWorld, task: ActivityTask): Promise<HistoryEvent> {
  if (task.name === httpActivity) return httpActivityEvent(world, task);
  const fn = findFunction(world.registry, task.name);
  const binding = fn && bindingOfType(fn, 'activityTrigger');
  // Known when it was scheduled, and gone since: the app changed under a running instance.
  if (!fn || !binding) {
    const { reason, details } = activityFailure(task.name, new Error(`No activity named "${task.name}" is registered any more.`));
    return taskFailed(task.eventId, reason, details, world.now());
  }
  const { data, metadata } = activityInput(task.input);
  const names = bindingData({ instanceId: task.instanceId }, jsonProperties(data.string ?? undefined));
  try {
    const response = await invoke(world.registry, fn, {
      inputs: [{ name: binding, data }, ...world.extraInputs(fn), ...(await world.storageInputs(fn, names))],
      triggerMetadata: { instanceId: { string: task.instanceId }, ...(metadata && { [binding]: data, data: metadata }) },
      log: (level, message) => world.log(toLevel(level), message, fn.metadata.name),
    });
    await world.writeOutputs(fn, response, names);
    return taskCompleted(task.eventId, activityResult(response.returnValue), world.now());
  } catch (error) {
    const { reason, details } = activityFailure(fn.metadata.name, error);
    world.log('warn', reason, fn.metadata.name);
    return taskFailed(task.eventId, reason, details, world.now());
  }
}

interface Pool {
  (run: () => Promise<void>): Promise<void>;
  idle(): Promise<void>;
}

/** Runs at most `size` at a time, in the order asked. */
function pool(size: number): Pool {
  let running = 0;
  const queue: (() => void)[] = [];
  const all = new Set<Promise<void>>();
  const run = async (task: () => Promise<void>): Promise<void> => {
    if (running >= size) await new Promise<void>((resolve) => queue.push(resolve));
    else running += 1;
    try {
      await task();
    } finally {
      const next = queue.shift();
      // The place goes straight to the next in line.
      if (next) next();
      else running -= 1;
    }
  };
  return Object.assign(
    (task: () => Promise<void>) => {
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
