import { nothingNoticed, type Noticed } from './astray';
import type { EntityKey, EntityRelease, EntityRequest } from './entity-message';
import { future, type Future } from './future';
import type { HistoryEvent } from './history';
import type { MessageOrder } from './message-order';
import type { Action } from './state';

/** A message to an entity. */
export type Sent = { target: string } & ({ name: 'op'; message: EntityRequest } | { name: 'release'; message: EntityRelease });

export type Decision =
  | { kind: 'activity'; id: number; name: string; input: unknown }
  | { kind: 'subOrchestration'; id: number; name: string; input: unknown; instanceId: string | null; version: string | null }
  | { kind: 'timer'; id: number; fireAtMs: number }
  | ({ kind: 'send'; id: number } & Sent);

export interface ReplayRules {
  isActivity(name: string): boolean;
  isOrchestrator(name: string): boolean;
  isEntity(name: string): boolean;
  entityNames(): string[];
  /** How long `callHttp` waits before it polls, where the answer does not say. */
  httpSleepMs: number;
  /** A timer longer than `longestTimerMs` is made of pieces. */
  longTimerPieceMs: number;
  longestTimerMs: number;
}

/** What one replay has come to so far. */
export interface Script {
  rules: ReplayRules;
  actions: Action[];
  /** Which of the actions is running. */
  at: number;
  instanceId: string;
  executionId: string;
  parentId?: string | undefined;
  nextId: number;
  /** The time of the turn that the events are of. */
  nowMs: number;
  /** Decisions that no event of the history has confirmed yet. */
  made: Map<number, Decision>;
  /** Tasks that are scheduled and not settled. An instance cannot end while there are any. */
  open: Map<number, Future>;
  waiters: Map<string, Future[]>;
  /** How many events of a name came before anybody waited. */
  buffered: Map<string, number>;
  /** Stamps of the messages to entities. */
  order: MessageOrder;
  /** Entities that this orchestration holds, or has asked for. */
  lock?: { id: string; entities: EntityKey[] };
  /** Events that came while suspended. */
  held: HistoryEvent[];
  /** Decisions that a suspension keeps from being carried out. */
  withheld: Map<number, Decision>;
  /** A timer that is made of pieces runs: until any timer is over, others are made in the same way. */
  isLongTimer: boolean;
  /** The orchestrator has returned, and did not fail. */
  isDone: boolean;
  /** All actions have run to their end. */
  returned: boolean;
  continued?: { input: unknown; carried: HistoryEvent[] };
  isSuspended: boolean;
  /** What the extension threw at an action: it runs no further one. */
  breach?: Breach;
  terminated?: { reason: string | null };
  warnings: string[];
  noticed: Noticed;
}

/** An action that the extension does not take: the instance fails once nothing is open. */
export class Breach extends Error {}

export function newScript(actions: Action[], rules: ReplayRules): Script {
  return {
    rules,
    actions,
    at: 0,
    instanceId: '',
    executionId: '',
    nextId: 0,
    nowMs: 0,
    made: new Map(),
    open: new Map(),
    waiters: new Map(),
    buffered: new Map(),
    order: {},
    held: [],
    withheld: new Map(),
    returned: false,
    isSuspended: false,
    isLongTimer: false,
    isDone: false,
    warnings: [],
    noticed: nothingNoticed(),
  };
}

/** Gives a decision its number, and answers what settles when its result comes. */
export function decide(script: Script, decision: (id: number) => Decision): { id: number; result: Future } {
  const id = script.nextId++;
  const result = future();
  script.made.set(id, decision(id));
  script.open.set(id, result);
  return { id, result };
}

/** A message needs no answer to let the instance end, so it is never open. */
export function send(script: Script, sent: Sent): void {
  const id = script.nextId++;
  script.made.set(id, { kind: 'send', id, ...sent });
}
