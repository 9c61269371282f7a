import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const lookEveryMs = 500;
/** Of one core, between two looks: less than that is a host that waits. */
const restingPercent = 2;

/**
 * V8 keeps what a burst of work left behind until more work comes: a host that only waits would hold on to it for days. Once it has come to rest
 * after work, this process collects once. For a process that is a host; not for a library in somebody else's.
 */
export function giveBackMemory(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  let before = process.cpuUsage();
  let hasWorked = true;
  const look = (): void => {
    const { user, system } = process.cpuUsage(before);
    before = process.cpuUsage();
    const isResting = (user + system) / 10 / lookEveryMs < restingPercent;
    if (isResting && hasWorked) {
      collect();
      before = process.cpuUsage();
    }
    hasWorked = !isResting;
  };
  setInterval(look, lookEveryMs).unref();
}
