import { randomUUID } from 'node:crypto';
import { entityOf, requestText, schedulerId, type EntityKey } from './entity-message';
import { entityState } from './entity-turn';
import { eventRaised } from './history';
import type { Store } from './store';
import { unknownEntity } from './unknown-function';

/** What a client asks of entities. Names are matched without regard to case; keys are not. */
export interface Entities {
  /** `inputJson` is JSON text. */
  signal(
    name: string,
    key: string,
    operation: string,
    inputJson: string | undefined,
  ): { kind: 'accepted' } | { kind: 'refused'; reason: string };
  /** JSON text; undefined when there is no such entity, or it has no state. */
  read(name: string, key: string): string | undefined;
  /** All that are kept, in order of their ids; also those that do not exist, or exist no more. */
  list(): EntityEntry[];
}

export interface EntityEntry {
  id: string;
  entity: EntityKey;
  exists: boolean;
  lastOperationMs: number;
  /** JSON text. */
  state: string | undefined;
}

export interface EntitiesWorld {
  store: Store;
  now(): number;
  wake(instanceId: string): void;
  /** The app's entities: small letters to the name as registered. */
  names: Map<string, string>;
  hasOrchestrators: boolean;
}

export function createEntities({ store, now, wake, names, hasOrchestrators }: EntitiesWorld): Entities {
  return {
    signal(name, key, operation, inputJson) {
      const id = schedulerId({ name: name.toLowerCase(), key });
      const isKnown = names.has(name.toLowerCase());
      const reason = unfitKey(key) ?? (isKnown ? undefined : unknownEntity(name, [...names.values()], hasOrchestrators));
      if (reason !== undefined) return { kind: 'refused', reason };
      const request = { op: operation, signal: true, ...(inputJson !== undefined && { input: inputJson }), id: randomUUID() } as const;
      store.transaction(() => store.post(id, null, eventRaised('op', requestText(request), now())));
      wake(id);
      return { kind: 'accepted' };
    },
    read(name, key) {
      const { exists, state } = entityState(store.instance(schedulerId({ name: name.toLowerCase(), key })));
      return exists ? state : undefined;
    },
    list: () =>
      store
        .instances()
        .filter((one) => one.name.startsWith('@'))
        .flatMap((one) => {
          const entity = entityOf(one.id);
          const { exists = false, state } = entityState(one);
          // The name is shown in small letters also where a signal of another entity kept its case (recorded).
          return entity
            ? [{ id: one.id, entity: { ...entity, name: entity.name.toLowerCase() }, exists, lastOperationMs: one.updatedMs, state }]
            : [];
        })
        .sort((a, b) => (a.id < b.id ? -1 : Number(a.id > b.id))),
  };
}

/** The extension's exception has its two texts in each other's place. */
const unfitKey = (key: string): string | undefined =>
  /[/\\#?]|\p{Cc}/u.test(key) ? "entityKey (Parameter 'Entity keys must not contain /, \\, #, ?, or control characters.')" : undefined;
