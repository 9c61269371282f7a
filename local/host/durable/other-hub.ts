import type { Hub } from './management-api';

/** A task hub that is not this host's. There, it is made when it is asked for, and is empty; what is started in it waits for a host of its own. */
export function nowhere(hub: string): Hub {
  const reason = `This host has no task hub "${hub}": what is started there would never run.`;
  const unknown = (): Promise<{ kind: 'unknown' }> => Promise.resolve({ kind: 'unknown' });
  return {
    store: { instance: () => undefined, instances: () => [], history: () => [] },
    management: {
      start: () => Promise.resolve({ kind: 'refused', reason }),
      raise: unknown,
      terminate: unknown,
      suspend: unknown,
      resume: unknown,
      restart: unknown,
      rewind: unknown,
      purge: () => Promise.resolve(false),
    },
    entities: { signal: () => ({ kind: 'refused', reason }), read: () => undefined, list: () => [] },
  };
}
