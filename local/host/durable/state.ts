import type { FailureDetails } from './history';

/** Numbers of the package's `ActionType`; recorded in what it answers. */
export const ActionKind = {
  callActivity: 0,
  callActivityWithRetry: 1,
  callSubOrchestrator: 2,
  callSubOrchestratorWithRetry: 3,
  continueAsNew: 4,
  createTimer: 5,
  waitForExternalEvent: 6,
  callEntity: 7,
  callHttp: 8,
  signalEntity: 9,
  whenAny: 11,
  whenAll: 12,
  lockEntities: 13,
  releaseEntities: 14,
} as const;

export interface RetryPolicy {
  firstRetryIntervalInMilliseconds: number;
  maxNumberOfAttempts: number;
  backoffCoefficient?: number;
  maxRetryIntervalInMilliseconds?: number;
  retryTimeoutInMilliseconds?: number;
}

/** What `callHttp` asks for. */
export interface HttpCall {
  method: string;
  uri: string;
  content?: string;
  headers?: Record<string, string>;
  tokenSource?: { kind?: string; resource?: string };
  asynchronousPatternEnabled: boolean;
}

export interface Action {
  actionType: number;
  functionName?: string;
  input?: unknown;
  instanceId?: string;
  version?: string;
  retryOptions?: RetryPolicy;
  fireAt?: string | null;
  isCanceled?: boolean;
  externalEventName?: string;
  compoundActions?: Action[];
  operation?: string;
  lockSet?: { name: string; key: string }[];
  httpRequest?: HttpCall;
}

/** What an orchestrator's turn answers: all its actions since its start, every time. */
export interface OrchestratorState {
  isDone: boolean;
  actions: Action[][];
  schemaVersion?: number;
  output?: unknown;
  customStatus?: unknown;
  error?: string;
  /** Where the error that ended it was a TaskFailedError. */
  failureDetails?: Partial<FailureDetails>;
}
