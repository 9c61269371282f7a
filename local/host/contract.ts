import type { Clock } from './clock';
import type { CommitWatch } from './commit-watch';
import type { HistoryEvent } from './durable/history';
import type { OrchestratorState } from './durable/state';
import type { Person } from './site-sign-in';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LogEntry {
  level: LogLevel;
  text: string;
  functionName?: string;
}

/** What one orchestrator turn was given and what it answered. */
export interface OrchestratorTurn {
  functionName: string;
  instanceId: string;
  /** The exact JSON text that the orchestration trigger received. */
  payload: string;
  /** The state that the package returned; with `error` when the orchestrator threw. */
  response: OrchestratorState;
}

/**
 * Says when an instance takes a turn and with which of the messages that wait for it, so that a recorded order can be followed. Without one, a turn takes all.
 */
export interface TurnSchedule {
  /**
   * Positions in `waiting`, in the order in which the turn is to see them. Undefined: the instance waits until it is woken.
   * `waiting` is empty where a generation begins after continue-as-new, which is a turn without messages.
   */
  choose(instanceId: string, waiting: readonly HistoryEvent[]): readonly number[] | undefined;
  /** When a timer's message comes that is due at `fireAtMs`; on time unless told. The real extension's come up to a second early. */
  timerComesMs?(fireAtMs: number, nowMs: number): number;
  /** Called when the host starts: `wake` makes it ask `choose` again. */
  connect(wake: (instanceId: string) => void): void;
}

export interface HostOptions {
  /** Holds host.json and package.json, whose `main` is a file, a glob, or several with braces and commas. */
  appDirectory: string;
  /** Registers the functions instead of loading package.json's `main`. */
  load?: () => void | Promise<void>;
  /** SQLite file; `:memory:` keeps nothing. */
  stateFile: string;
  /** 0 or absent: any free one. Binds 127.0.0.1 only. */
  port?: number;
  /** App settings; default `process.env`. */
  settings?: NodeJS.ProcessEnv;
  /** Site authentication is on, and these can sign in; then, as in Azure, the setting WEBSITE_AUTH_ENABLED should say so to the app. Absent: it is off. */
  people?: readonly Person[];
  clock?: Clock;
  log?: (entry: LogEntry) => void;
  /** After each orchestrator turn, before it is committed. A rejection fails the turn and breaks the host (see `Host.whenBroken`). */
  onTurn?: (turn: OrchestratorTurn) => void | Promise<void>;
  schedule?: TurnSchedule;
  /** Told of each commit of the state file; where it throws `PowerCut`, the host ends there as in a power cut (see `cutPowerAt`). Whatever else it throws breaks the host besides. */
  onCommit?: CommitWatch;
}

export interface FunctionInfo {
  name: string;
  trigger: string;
  route?: string;
  methods?: string[];
  authLevel?: string;
  disabled: boolean;
}

export interface HostKeys {
  masterKey: string;
  /** They open every function of level `function`. */
  functionKeys: Record<string, string>;
  systemKeys: Record<string, string>;
  /** Keys of single functions, by the function's name in lower case. */
  ofFunctions: Record<string, Record<string, string>>;
}

/** A request to the host that takes no socket: what a test or a bench asks, without the cost of HTTP. */
export interface Question {
  method: string;
  /** From the root, with its query. */
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

export interface Host {
  url: string;
  port: number;
  /** Answers as it would over HTTP. Not for the functions of an app that streams HTTP. */
  ask(question: Question): Promise<{ status: number; body: string }>;
  functions(): FunctionInfo[];
  keys(): HostKeys;
  /** Resolves when no turn, activity or trigger invocation is ready or running; sleepers on a virtual clock count as idle. Rejects if the host broke. */
  whenIdle(): Promise<void>;
  /** Never resolves; rejects once with the first fault of the host itself or rejection of `onTurn`. */
  whenBroken: Promise<never>;
  /** Graceful: takes nothing new, finishes what runs (bounded), closes. */
  stop(): Promise<void>;
  /** As a power cut: drops everything at once; the state file is left as committed. */
  kill(): void;
}
