import { executionStarted } from './history';
import type { Instance, Store } from './store';

export interface NewInstance {
  id: string;
  executionId: string;
  name: string;
  version: string | null;
  input: string | null;
  parent: Instance['parent'];
  generation: number | null;
  nowMs: number;
}

/** Writes an instance and its first message; whatever bore that id before is gone. Inside a transaction. */
export function startInstance(store: Store, one: NewInstance): void {
  const { nowMs, generation, ...rest } = one;
  store.removeInstance(one.id);
  store.putInstance({
    ...rest,
    status: 'Pending',
    customStatus: null,
    output: null,
    generationStarted: false,
    createdMs: nowMs,
    updatedMs: nowMs,
  });
  store.post(one.id, one.executionId, executionStarted({ ...rest, instanceId: one.id, generation }, nowMs));
}
