import type { BindingData } from '../binding-data';
import type { LogLevel, OrchestratorTurn } from '../contract';
import type { InvocationResponse, RegisteredFunction, Registry, TypedData } from '../functions-core';
import type { OrchestratorState } from './state';
import type { DurableTimer, Store } from './store';
import type { VersionRules } from './versions';

export interface TurnWorld {
  registry: Registry;
  store: Store;
  now(): number;
  isActivity(name: string): boolean;
  isOrchestrator(name: string): boolean;
  orchestratorNames(): string[];
  storeInputs: boolean;
  versions: VersionRules;
  /** What a function's input bindings besides its trigger receive (the durable client). */
  extraInputs(fn: RegisteredFunction): { name: string; data: TypedData }[];
  /** What its inputs in storage hold when it is called; `data` has the names for binding expressions. */
  storageInputs(fn: RegisteredFunction, data: BindingData): Promise<{ name: string; data: TypedData }[]>;
  /** Sends what a function's output bindings were given. */
  writeOutputs(fn: RegisteredFunction, response: InvocationResponse, data?: BindingData): Promise<void>;
  onTurn?: ((turn: OrchestratorTurn) => void | Promise<void>) | undefined;
  log(level: LogLevel, text: string, functionName?: string): void;
}

/** What a committed turn set going. */
export interface TurnEffects {
  /** Instances that got a message. */
  woken: string[];
  activities: boolean;
  timers: DurableTimer[];
  /** The instance ended or began a new generation: its timers are gone. */
  timersDropped: boolean;
}

export interface Answer {
  state: OrchestratorState | undefined;
  /** Set when the instance fails without the orchestrator's own doing. */
  failure?: string;
}

/** The whole output of an instance of a version that is not taken; every other failure begins with the orchestrator's name. */
export const mismatchOutput = 'VersionMismatch: Orchestration version did not comply with Worker Versioning';
export const versionMismatch: Answer = { state: undefined, failure: mismatchOutput };
