import type { BindingData } from '../binding-data';
import type { LogLevel, OrchestratorTurn, TurnSchedule } from '../contract';
import type { InvocationResponse, RegisteredFunction, Registry, TypedData } from '../functions-core';
import { failureDetails } from './history';
import type { IdentityEndpoint } from './identity-token';
import type { ActivityTask, DurableTimer } from './open-work';
import type { Store } from './store';
import type { VersionRules } from './versions';

export interface TurnWorld {
  registry: Registry;
  store: Store;
  now(): number;
  isActivity(name: string): boolean;
  isOrchestrator(name: string): boolean;
  orchestratorNames(): string[];
  entities: { has(name: string): boolean; names(): string[]; largestBatch: number };
  /** How long `callHttp` waits between two polls where the answer does not say. */
  httpSleepMs: number;
  /** Where `callHttp` gets tokens. */
  identity: IdentityEndpoint | undefined;
  storeInputs: boolean;
  versions: VersionRules;
  /** What a function's input bindings besides its trigger receive (the durable client). */
  extraInputs(fn: RegisteredFunction): { name: string; data: TypedData }[];
  /** What its inputs in storage hold when it is called; `data` has the names for binding expressions. */
  storageInputs(fn: RegisteredFunction, data: BindingData): Promise<{ name: string; data: TypedData }[]>;
  /** Sends what a function's output bindings were given. */
  writeOutputs(fn: RegisteredFunction, response: InvocationResponse, data?: BindingData): Promise<void>;
  onTurn?: ((turn: OrchestratorTurn) => void | Promise<void>) | undefined;
  schedule?: TurnSchedule | undefined;
  log(level: LogLevel, text: string, functionName?: string): void;
  /** Warnings that were given: an execution's id and the sentence. */
  said: Set<string>;
}

/** A turn that was computed and is not committed yet. */
export interface Turn {
  /** Writes it, inside a transaction. Undefined if nothing is to be begun: its instance was purged or replaced meanwhile, say. */
  write(): TurnEffects | undefined;
}

/** What a committed turn set going. */
export interface TurnEffects {
  /** Instances that got a message. */
  woken: string[];
  activities: ActivityTask[];
  timers: DurableTimer[];
  /** The instance ended or began a new generation: its timers are gone. */
  timersDropped: boolean;
}

/** The state's JSON text, or why there is none; both where the state does not tell of what was thrown. */
export type Answer = { text: string; failure?: string } | { text: undefined; failure: string };

/** With what an instance of a version that is not taken fails. */
export const versionMismatch = failureDetails({
  ErrorType: 'VersionMismatch',
  ErrorMessage: 'Orchestration version did not comply with Worker Versioning',
  IsNonRetriable: true,
});
