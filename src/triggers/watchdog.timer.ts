import type { TimerHandler } from '@azure/functions';
import { createWatchOver } from '../commands/watch-over';
import { instancesOf } from '../azure/durable-instances';
import type { Ports } from '../azure/ports';
import { logFault } from './problem-json';

/** Every five minutes: wakes, deliveries and stories that got lost. */
export const watchdogHandler = (ports: Ports, instances = instancesOf): TimerHandler => {
  const watchOver = createWatchOver(ports);
  return async (_timer, context) => {
    for (const { what, error } of await watchOver(instances(context), (line) => context.log(line))) {
      context.error(`The watchdog could not look after ${what}; it tries again in five minutes.`);
      logFault(context, error);
    }
  };
};
