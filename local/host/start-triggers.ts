import { startBlobs, type BlobWorld } from './blob-trigger';
import type { AppFunction } from './app-functions';
import { startQueues, type QueueWorld } from './queue-trigger';
import { startTimers, type TimerWorld } from './timer-trigger';

/** All that calls functions of itself: queues, blobs and timers. */
export interface Triggers {
  /** Takes nothing more. Resolves when what is worked on is done. */
  stop(): Promise<void>;
  kill(): void;
}

/** @throws Error naming the function whose trigger cannot be started; those started before it are dropped */
export function startTriggers(functions: AppFunction[], worlds: { queues: QueueWorld; blobs: BlobWorld; timers: TimerWorld }): Triggers {
  const started: Triggers[] = [];
  const kill = (): void => {
    for (const one of started) one.kill();
  };
  try {
    started.push(...startQueues(functions, worlds.queues));
    started.push(...startBlobs(functions, worlds.blobs));
    started.push(startTimers(functions, worlds.timers));
  } catch (error) {
    kill();
    throw error;
  }
  return {
    async stop() {
      await Promise.all(started.map((one) => one.stop()));
    },
    kill,
  };
}
